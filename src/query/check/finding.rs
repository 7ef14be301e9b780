//! What a check finds, as data: the command line puts it into words.

use chrono::{DateTime, Duration, Utc};
use geo::{Geometry, MultiPolygon};

use crate::atlas::{GridIndex, Sharing};
use crate::model::Level;

/// What a check may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Only grids of this level (and their children, where they must cover them); `None`: all.
    pub level: Option<Level>,
    /// Gaps, overlaps and parts outside of less than this, in square metres, are counted and not listed.
    pub tolerance_m2: f64,
    /// So are those whose mean width is less than this, in metres.
    pub tolerance_m: f64,
    /// A part of a territory whose mean width is less than this, in metres, is a sliver.
    pub sliver_m: f64,
    /// The fewest and the most resident households of a base grid.
    pub base_households: [u32; 2],
    /// The fewest and the most resident households of a micro-grid.
    pub micro_households: [u32; 2],
    /// The instant at which somebody must be responsible.
    pub at: DateTime<Utc>,
    /// How long after it somebody must be, too.
    pub ahead: Duration,
}

impl Settings {
    /// The usual ones, at an instant.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self {
            level: None,
            tolerance_m2: 1.0,
            tolerance_m: 0.01,
            sliver_m: 1.0,
            base_households: [300, 500],
            micro_households: [50, 80],
            at,
            ahead: Duration::days(30),
        }
    }
}

/// A rule for grids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The children of a grid cover it: no gap, no overlap.
    Seamless,
    /// A child lies inside its parent.
    Nested,
    /// Territories are valid, no slivers, one part.
    ClearBounds,
    /// A code follows its scheme and begins with its parent's.
    OneCode,
    /// Not too many households, not too few.
    ModerateSize,
    /// Exactly one primary responsible worker, and somebody full-time.
    OneOwner,
}

impl Rule {
    /// Every rule, in the order of a report.
    pub const ALL: [Self; 6] =
        [Self::Seamless, Self::Nested, Self::ClearBounds, Self::OneCode, Self::ModerateSize, Self::OneOwner];
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It must be mended.
    Error,
    /// It deserves a look.
    Warning,
}

/// What was found. Areas in square metres on the ellipsoid.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Land of a grid that is in none of its children; one finding a piece.
    Gap {
        /// Area of the piece.
        area_m2: f64,
    },
    /// Land that two siblings both hold.
    Overlap {
        /// Area that both hold.
        area_m2: f64,
    },
    /// Land of a grid that its parent does not hold; the second grid of the finding is the parent.
    Outside {
        /// Area outside.
        area_m2: f64,
        /// Its share of the area of the grid.
        share: f64,
    },
    /// A grid below the top without a parent.
    NoParent,
    /// Rings that cross or touch themselves, holes outside, parts within each other.
    Invalid {
        /// In how many places.
        places: usize,
    },
    /// A part that is too narrow to be meant.
    Sliver {
        /// Twice the area over the perimeter.
        width_m: f64,
        /// Area of the part.
        area_m2: f64,
    },
    /// A territory in more than one part.
    Parts {
        /// How many.
        count: usize,
    },
    /// A code that is none of its scheme.
    CodeForm {
        /// The scheme.
        scheme: String,
    },
    /// A code that does not begin with that of the parent, the second grid of the finding.
    CodePrefix {
        /// What it should begin with.
        expected: String,
    },
    /// Too many or too few households.
    Households {
        /// How many there are.
        count: u32,
        /// The fewest and the most.
        range: [u32; 2],
    },
    /// Nobody of its own is on duty.
    Nobody,
    /// Somebody is on duty, but no primary.
    NoPrimary,
    /// Several are primary at once.
    Primaries {
        /// How many.
        count: usize,
    },
    /// Nobody on duty is full-time.
    NoFullTime,
    /// There is a primary now, and will be none later.
    WillLackPrimary {
        /// From when on.
        from: DateTime<Utc>,
    },
}

impl What {
    /// Its name in GeoJSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "gap",
            Self::Overlap { .. } => "overlap",
            Self::Outside { .. } => "outside",
            Self::NoParent => "no_parent",
            Self::Invalid { .. } => "invalid",
            Self::Sliver { .. } => "sliver",
            Self::Parts { .. } => "parts",
            Self::CodeForm { .. } => "code_form",
            Self::CodePrefix { .. } => "code_prefix",
            Self::Households { .. } => "households",
            Self::Nobody => "nobody",
            Self::NoPrimary => "no_primary",
            Self::Primaries { .. } => "primaries",
            Self::NoFullTime => "no_full_time",
            Self::WillLackPrimary { .. } => "will_lack_primary",
        }
    }

    fn rule(&self) -> Rule {
        match self {
            Self::Gap { .. } | Self::Overlap { .. } => Rule::Seamless,
            Self::Outside { .. } | Self::NoParent => Rule::Nested,
            Self::Invalid { .. } | Self::Sliver { .. } | Self::Parts { .. } => Rule::ClearBounds,
            Self::CodeForm { .. } | Self::CodePrefix { .. } => Rule::OneCode,
            Self::Households { .. } => Rule::ModerateSize,
            Self::Nobody
            | Self::NoPrimary
            | Self::Primaries { .. }
            | Self::NoFullTime
            | Self::WillLackPrimary { .. } => Rule::OneOwner,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::Gap { .. }
            | Self::Overlap { .. }
            | Self::Outside { .. }
            | Self::Invalid { .. }
            | Self::CodeForm { .. }
            | Self::CodePrefix { .. } => Severity::Error,
            _ => Severity::Warning,
        }
    }
}

/// Something that a rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The grids that it concerns, the one to look at first.
    pub grids: Vec<GridIndex>,
    /// The level of the first.
    pub level: Level,
    /// What it is.
    pub what: What,
    /// The land or the places that it is about, in degrees; `None`: the grid as a whole.
    pub geometry: Option<Geometry<f64>>,
}

impl super::Check<'_> {
    /// A finding about grids as a whole.
    pub(super) fn finding<const N: usize>(&self, grids: [GridIndex; N], what: What) -> Finding {
        let level = grids.first().map_or(Level::TOP, |grid| self.atlas.grids().level(*grid));
        let (rule, severity) = (what.rule(), what.severity());
        Finding { rule, severity, grids: grids.to_vec(), level, what, geometry: None }
    }

    /// A finding about a piece of land.
    pub(super) fn finding_on<const N: usize>(
        &self,
        grids: [GridIndex; N],
        what: What,
        land: MultiPolygon<f64>,
    ) -> Finding {
        Finding { geometry: Some(Geometry::MultiPolygon(land)), ..self.finding(grids, what) }
    }
}

/// Gaps, overlaps and parts outside that are below the tolerance.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Slivers {
    /// How many.
    pub count: usize,
    /// Their area in square metres, together.
    pub area_m2: f64,
}

impl std::ops::Add for Slivers {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { count: self.count + other.count, area_m2: self.area_m2 + other.area_m2 }
    }
}

/// How the grids of a level lie in their parents: where they are proven nested, parent links and a lookup on each level agree
/// everywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelNesting {
    /// The level.
    pub level: Level,
    /// Grids of this level that have a parent.
    pub grids: usize,
    /// Of these, those whose parent is proven by borders to be made up of its children.
    pub proven: usize,
    /// Area of the level in square metres that lies outside of its parent: there the two disagree. Slivers count, too.
    pub outside_m2: f64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The revision that was examined.
    pub revision: i64,
    /// The instant at which duty was examined.
    pub at: DateTime<Utc>,
    /// Grids examined.
    pub grids: usize,
    /// By rule, errors first, then by level and code.
    pub findings: Vec<Finding>,
    /// What was below the tolerance: gaps and overlaps.
    pub slivers: Slivers,
    /// The levels asked for, from the top down, without those that have no parents.
    pub levels: Vec<LevelNesting>,
    /// How well borders are shared.
    pub sharing: Sharing,
}

impl Report {
    /// How many findings of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Are all levels examined proven nested and seamless by their borders?
    pub fn all_proven(&self) -> bool {
        self.levels.iter().all(|level| level.proven == level.grids)
    }
}
