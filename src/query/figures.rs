//! One row of numbers a grid: what a tree, a ranking or a choropleth shows of many grids at once.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Withheld, check, facility_classes, gaps_below};
use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::model::{GridKind, Level};
use crate::resolve::{GridSummary, summarize};

/// A number that every grid has, counted in it and everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// Resident households, where known.
    Households,
    /// People, as far as their count may be shown.
    People,
    /// Buildings.
    Buildings,
    /// Facilities of a class, or all.
    Facilities(Option<String>),
    /// Grids below.
    Grids,
    /// Leaf grids, the grid itself when it is one.
    Leaves,
    /// Leaf grids in which nobody of their own is on duty.
    Vacant,
    /// People on duty, each once.
    Workers,
    /// Grids of a kind whose households are known, the grid itself included: those that the size rule judges.
    Sized(GridKind),
    /// Grids of a kind with more households than the size rule allows, the grid itself included.
    TooLarge(GridKind),
    /// Grids of a kind with fewer.
    TooSmall(GridKind),
}

impl Figure {
    /// Those without a class.
    const PLAIN: [(&'static str, Self); 14] = [
        ("households", Self::Households),
        ("people", Self::People),
        ("buildings", Self::Buildings),
        ("facilities", Self::Facilities(None)),
        ("grids", Self::Grids),
        ("leaves", Self::Leaves),
        ("vacant", Self::Vacant),
        ("workers", Self::Workers),
        ("base_grids", Self::Sized(GridKind::Base)),
        ("micro_grids", Self::Sized(GridKind::Micro)),
        ("too_large", Self::TooLarge(GridKind::Base)),
        ("too_small", Self::TooSmall(GridKind::Base)),
        ("micro_too_large", Self::TooLarge(GridKind::Micro)),
        ("micro_too_small", Self::TooSmall(GridKind::Micro)),
    ];

    /// The figure of a name, as `people` or `facilities.clinic`; or which there are.
    pub fn parse(name: &str, atlas: &Atlas) -> Result<Self, String> {
        if let Some((_, figure)) = Self::PLAIN.iter().find(|(known, _)| *known == name) {
            return Ok(figure.clone());
        }
        let classes = facility_classes(atlas);
        match name.strip_prefix("facilities.") {
            Some(class) if classes.contains_key(class) => Ok(Self::Facilities(Some(class.to_owned()))),
            Some(class) => {
                let known: Vec<_> = classes.into_keys().collect();
                Err(format!("no facility has the class {class:?}; there are {}", known.join(", ")))
            }
            None => {
                let known: Vec<_> = Self::PLAIN.iter().map(|(known, _)| *known).collect();
                Err(format!("there is no figure {name:?}; there are {}, facilities.CLASS", known.join(", ")))
            }
        }
    }

    /// Is it known of this moment only?
    pub fn is_of_now(&self) -> bool {
        matches!(self, Self::People | Self::Buildings | Self::Facilities(_))
    }
}

/// Which grids get a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// The children of a grid; of none: those without a parent.
    Children(Option<GridIndex>),
    /// The grids of a level, inside a grid or all.
    Level(Level, Option<GridIndex>),
}

/// The fewest and the most households of a grid, by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SizeRule {
    /// Of a base grid.
    pub base: [u32; 2],
    /// Of a micro-grid.
    pub micro: [u32; 2],
}

/// A grid with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FigureRow<'a> {
    /// The grid.
    #[serde(flatten)]
    pub grid: GridSummary<'a>,
    /// The code of the grid above; null at the top.
    pub parent: Option<&'a str>,
    /// Has it no children?
    pub leaf: bool,
    /// West, south, east, north in degrees.
    pub bbox: [f64; 4],
    /// The figures, in the order asked for; null: households not known, or people withheld.
    pub values: Vec<Option<u32>>,
}

/// Numbers of many grids.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Figures<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// The instant that it holds for.
    pub at: DateTime<Utc>,
    /// By which rule grids are too large or too small.
    pub size_rule: SizeRule,
    /// The grid that `parent` or `within` names; null where none is named.
    pub whole: Option<FigureRow<'a>>,
    /// A row a grid, in ascending order of code.
    pub rows: Vec<FigureRow<'a>>,
}

/// Reads figures of many grids at an instant, which `atlas` must hold at. O(n) a figure in the grids below all rows.
pub fn figures<'a>(
    atlas: &'a Atlas,
    who: &Principal,
    withheld: &Withheld,
    asked: &[Figure],
    rows: Rows,
    at: DateTime<Utc>,
) -> Figures<'a> {
    let settings = check::Settings::at(at);
    let size_rule = SizeRule { base: settings.base_households, micro: settings.micro_households };
    let reader = Reader { atlas, who, withheld, size_rule, at };
    let (Rows::Children(whole) | Rows::Level(_, whole)) = rows;
    Figures {
        revision: atlas.revision(),
        at,
        size_rule,
        whole: whole.map(|grid| reader.row(grid, asked)),
        rows: chosen(atlas, rows).into_iter().map(|grid| reader.row(grid, asked)).collect(),
    }
}

fn chosen(atlas: &Atlas, rows: Rows) -> Vec<GridIndex> {
    let grids = atlas.grids();
    let mut chosen: Vec<GridIndex> = match rows {
        Rows::Children(Some(parent)) => grids.children(parent).to_vec(),
        Rows::Children(None) => grids.all().filter(|grid| grids.parent(*grid).is_none()).collect(),
        Rows::Level(level, within) => grids
            .at_level(level)
            .filter(|grid| within.is_none_or(|top| grids.is_within(*grid, top)))
            .collect(),
    };
    grids.sort(&mut chosen);
    chosen
}

struct Reader<'a, 'w> {
    atlas: &'a Atlas,
    who: &'w Principal,
    withheld: &'w Withheld,
    size_rule: SizeRule,
    at: DateTime<Utc>,
}

impl<'a> Reader<'a, '_> {
    fn row(&self, grid: GridIndex, asked: &[Figure]) -> FigureRow<'a> {
        let grids = self.atlas.grids();
        let envelope = grids.envelope(grid);
        FigureRow {
            grid: summarize(self.atlas, grid),
            parent: grids.parent(grid).map(|parent| grids.code(parent).as_str()),
            leaf: grids.is_leaf(grid),
            bbox: [envelope.min[0], envelope.min[1], envelope.max[0], envelope.max[1]],
            values: asked.iter().map(|figure| self.value(grid, figure)).collect(),
        }
    }

    fn value(&self, grid: GridIndex, figure: &Figure) -> Option<u32> {
        let counts = self.atlas.resources().counts(grid);
        match figure {
            Figure::Households => self.atlas.grids().households(grid),
            Figure::People => (!self.withheld.contains(grid)).then_some(counts.people),
            Figure::Buildings => Some(counts.buildings.values().sum()),
            Figure::Facilities(class) => Some(of_class(&counts.facilities, class.as_deref())),
            Figure::Grids => Some(number(self.atlas.grids().descendants(grid).len())),
            Figure::Leaves => Some(gaps_below(self.atlas, self.who, grid, self.at).0.leaves),
            Figure::Vacant => Some(gaps_below(self.atlas, self.who, grid, self.at).0.vacant),
            Figure::Workers => Some(self.workers(grid)),
            Figure::Sized(kind) => Some(self.sized(grid, *kind, |_, _| true)),
            Figure::TooLarge(kind) => {
                Some(self.sized(grid, *kind, |households, [_, most]| households > most))
            }
            Figure::TooSmall(kind) => {
                Some(self.sized(grid, *kind, |households, [least, _]| households < least))
            }
        }
    }

    /// How many people are on duty in a grid and below it, each once.
    fn workers(&self, grid: GridIndex) -> u32 {
        let staff = self.atlas.staff();
        let on_duty = |grid| staff.on_duty(self.atlas.grids().id(grid), self.at, &[]);
        let workers: HashSet<_> = self.with_below(grid).flat_map(on_duty).map(|duty| duty.worker).collect();
        number(workers.len())
    }

    /// How many grids of a kind hold against the size rule in one way.
    fn sized(&self, grid: GridIndex, kind: GridKind, holds: impl Fn(u32, [u32; 2]) -> bool) -> u32 {
        let grids = self.atlas.grids();
        let range = if kind == GridKind::Micro { self.size_rule.micro } else { self.size_rule.base };
        let is_wrong = |grid: &GridIndex| {
            grids.kind(*grid) == Some(kind)
                && grids.households(*grid).is_some_and(|households| holds(households, range))
        };
        number(self.with_below(grid).filter(is_wrong).count())
    }

    fn with_below(&self, grid: GridIndex) -> impl Iterator<Item = GridIndex> {
        std::iter::once(grid).chain(self.atlas.grids().descendants(grid))
    }
}

fn of_class(classes: &BTreeMap<String, u32>, class: Option<&str>) -> u32 {
    match class {
        Some(class) => classes.get(class).copied().unwrap_or(0),
        None => classes.values().sum(),
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
