//! Everything that a panel shows of a grid, in one reading.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Withheld;
use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::resolve::{GridSummary, ResponsibleWorker, responsible, summarize};

/// The most gaps in duty that are listed by code.
const MAX_GAPS: usize = 100;

/// A collection, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassCounts {
    /// All classes together.
    pub total: u32,
    /// By class.
    pub classes: BTreeMap<String, u32>,
}

/// A count of people, or that it is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeopleCount {
    /// The count; null when withheld.
    pub count: Option<u32>,
    /// True when withheld: it is small, or a small one would follow from it.
    pub suppressed: bool,
}

/// Counts of one grid with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GridCounts {
    /// Buildings by class.
    pub buildings: ClassCounts,
    /// Facilities by class.
    pub facilities: ClassCounts,
    /// People, as a count only.
    pub people: PeopleCount,
}

/// Leaf grids in which nobody is on duty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gaps {
    /// How many leaves there are, the grid itself when it is one.
    pub leaves: u32,
    /// In how many of them nobody of their own is on duty.
    pub vacant: u32,
}

/// One child of a grid, counted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChildOverview<'a> {
    /// The child.
    #[serde(flatten)]
    pub grid: GridSummary<'a>,
    /// Resident households, where known.
    pub households: Option<u32>,
    /// Its counts.
    pub counts: GridCounts,
    /// Its gaps in duty.
    pub gaps: Gaps,
}

/// A grid in one reading.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Overview<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// The instant that it holds for.
    pub at: DateTime<Utc>,
    /// The grid.
    pub grid: GridSummary<'a>,
    /// Resident households, where known.
    pub households: Option<u32>,
    /// How many grids there are below, by level.
    #[schema(value_type = BTreeMap<String, u32>)]
    pub grids: BTreeMap<u8, u32>,
    /// Counts of the grid with everything below it.
    pub counts: GridCounts,
    /// Who is on duty: in the grid, or in the nearest ancestor that has someone.
    pub staff: Vec<ResponsibleWorker<'a>>,
    /// Leaves in which nobody is on duty.
    pub gaps: Gaps,
    /// The codes of those leaves, the first hundred.
    pub vacant_codes: Vec<String>,
    /// The children, in ascending order of code.
    pub children: Vec<ChildOverview<'a>>,
}

/// Reads everything that a panel shows of a grid at an instant.
pub fn overview<'a>(
    atlas: &'a Atlas,
    who: &Principal,
    withheld: &Withheld,
    grid: GridIndex,
    at: DateTime<Utc>,
) -> Overview<'a> {
    let grids = atlas.grids();
    let child = |child: &GridIndex| ChildOverview {
        grid: summarize(atlas, *child),
        households: grids.households(*child),
        counts: counts(atlas, who, withheld, *child),
        gaps: gaps_below(atlas, who, *child, at).0,
    };
    let mut below: BTreeMap<u8, u32> = BTreeMap::new();
    for descendant in grids.descendants(grid) {
        *below.entry(grids.level(descendant).number()).or_default() += 1;
    }
    let (gaps, vacant) = gaps_below(atlas, who, grid, at);
    Overview {
        revision: atlas.revision(),
        at,
        grid: summarize(atlas, grid),
        households: grids.households(grid),
        grids: below,
        counts: counts(atlas, who, withheld, grid),
        staff: responsible(atlas, who, grid, at, &[]),
        gaps,
        vacant_codes: vacant.iter().take(MAX_GAPS).map(|leaf| grids.code(*leaf).to_string()).collect(),
        children: grids.children(grid).iter().map(child).collect(),
    }
}

/// The counts of a grid with everything below it, people as far as they may be shown. Nobody sees a withheld count,
/// so the principal changes nothing yet.
pub fn counts(atlas: &Atlas, _who: &Principal, withheld: &Withheld, grid: GridIndex) -> GridCounts {
    let counts = atlas.resources().counts(grid);
    let suppressed = withheld.contains(grid);
    GridCounts {
        buildings: class_counts(&counts.buildings),
        facilities: class_counts(&counts.facilities),
        people: PeopleCount { count: (!suppressed).then_some(counts.people), suppressed },
    }
}

/// The leaves of a grid in which nobody of their own is on duty at an instant: how many, and which. Whether a grid is
/// served is no personal data, so every principal may ask.
pub fn gaps_below(
    atlas: &Atlas,
    _who: &Principal,
    grid: GridIndex,
    at: DateTime<Utc>,
) -> (Gaps, Vec<GridIndex>) {
    let grids = atlas.grids();
    let below = grids.descendants(grid);
    let leaves = std::iter::once(grid).chain(below).filter(|g| grids.is_leaf(*g));
    let mut gaps = Gaps::default();
    let mut vacant = Vec::new();
    for leaf in leaves {
        gaps.leaves += 1;
        if !atlas.staff().has_duty(grids.id(leaf), at) {
            gaps.vacant += 1;
            vacant.push(leaf);
        }
    }
    (gaps, vacant)
}

fn class_counts(classes: &BTreeMap<String, u32>) -> ClassCounts {
    ClassCounts { total: classes.values().sum(), classes: classes.clone() }
}
