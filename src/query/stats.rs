//! How much lies in each grid of a level, and in none of them?

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Withheld;
use crate::access::Principal;
use crate::atlas::{Atlas, Counts, GridIndex};
use crate::model::Level;
use crate::resolve::{GridSummary, summarize};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Buildings.
    Buildings,
    /// Facilities.
    Facilities,
    /// People, as far as counts of them may be shown.
    People,
}

impl Counted {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Buildings, Self::Facilities, Self::People];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buildings => "buildings",
            Self::Facilities => "facilities",
            Self::People => "people",
        }
    }

    /// The collection of a name, or which there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|counted| counted.as_str() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.map(Self::as_str).into();
            format!("there is no collection {name:?} to count; there are {}", known.join(", "))
        })
    }
}

/// One count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatsRow<'a> {
    /// The grid; null: what lies in none of the grids of the other rows.
    pub grid: Option<GridSummary<'a>>,
    /// How many; null when withheld.
    pub count: Option<u32>,
    /// True when withheld: it is small, or a small one would follow from it.
    pub suppressed: bool,
    /// How many by class, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<BTreeMap<String, u32>>,
}

/// Counts of a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stats<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// What was counted.
    pub collection: &'static str,
    /// The level of the rows.
    pub level: u8,
    /// The whole, which the rows add up to.
    pub total: StatsRow<'a>,
    /// A row a grid, in ascending order of code, and one more for what lies in none of them: `grid` is null.
    pub rows: Vec<StatsRow<'a>>,
}

/// Counts a collection by the grids of a level inside `within`, or by all of that level. O(n log n) in the grids of the level.
pub fn stats<'a>(
    atlas: &'a Atlas,
    _who: &Principal,
    withheld: &Withheld,
    counted: Counted,
    level: Level,
    within: Option<GridIndex>,
    by_class: bool,
) -> Stats<'a> {
    let grids = atlas.grids();
    let is_below = |grid: &GridIndex| within.is_none_or(|top| grids.is_within(*grid, top));
    let mut chosen: Vec<GridIndex> = grids.at_level(level).filter(is_below).collect();
    grids.sort(&mut chosen);
    let row = |grid: GridIndex| {
        let suppressed = counted == Counted::People && withheld.contains(grid);
        let cell = Cell::of(atlas.resources().counts(grid), counted);
        cell.row(Some(summarize(atlas, grid)), suppressed, by_class)
    };
    let cell = |grid: &GridIndex| Cell::of(atlas.resources().counts(*grid), counted);
    let whole = match &within {
        Some(top) => cell(top),
        None => grids
            .all()
            .filter(|grid| grids.parent(*grid).is_none())
            .map(|grid| cell(&grid))
            .fold(Cell::of(atlas.resources().unassigned(), counted), Cell::plus),
    };
    let rest = chosen.iter().map(cell).fold(whole.clone(), Cell::minus);
    let mut rows: Vec<_> = chosen.iter().copied().map(row).collect();
    // What follows from counts that are shown may be shown: the whole is, and so is each of the rows.
    let whole_suppressed = counted == Counted::People && within.is_some_and(|top| withheld.contains(top));
    let people_of_nobody = counted == Counted::People && within.is_none();
    let nobodys_suppressed = withheld.is_of_all() || rest.is_small();
    let rest_suppressed =
        whole_suppressed || rows.iter().any(|row| row.suppressed) || (people_of_nobody && nobodys_suppressed);
    rows.push(rest.row(None, rest_suppressed, by_class));
    let total_suppressed = whole_suppressed || (people_of_nobody && rest_suppressed);
    Stats {
        revision: atlas.revision(),
        collection: counted.as_str(),
        level: level.number(),
        total: whole.row(within.map(|top| summarize(atlas, top)), total_suppressed, by_class),
        rows,
    }
}

/// A count, all in all and by class.
#[derive(Debug, Clone, Default)]
struct Cell {
    count: u32,
    classes: BTreeMap<String, u32>,
}

impl Cell {
    fn of(counts: &Counts, counted: Counted) -> Self {
        let classes = match counted {
            Counted::Buildings => &counts.buildings,
            Counted::Facilities => &counts.facilities,
            Counted::People => return Self { count: counts.people, classes: BTreeMap::new() },
        };
        Self { count: classes.values().sum(), classes: classes.clone() }
    }

    fn plus(mut self, other: Self) -> Self {
        self.count += other.count;
        for (class, count) in other.classes {
            *self.classes.entry(class).or_default() += count;
        }
        self
    }

    fn minus(mut self, other: Self) -> Self {
        self.count -= other.count;
        for (class, count) in other.classes {
            if let Some(left) = self.classes.get_mut(&class) {
                *left -= count;
            }
        }
        self.classes.retain(|_, left| *left > 0);
        self
    }

    fn is_small(&self) -> bool {
        (1..super::PEOPLE_THRESHOLD).contains(&self.count)
    }

    fn row(self, grid: Option<GridSummary<'_>>, suppressed: bool, by_class: bool) -> StatsRow<'_> {
        StatsRow {
            grid,
            count: (!suppressed).then_some(self.count),
            suppressed,
            classes: (by_class && !suppressed).then_some(self.classes),
        }
    }
}
