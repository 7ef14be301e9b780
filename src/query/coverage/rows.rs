//! What was counted, as an answer tells it.

use serde::Serialize;
use utoipa::ToSchema;

use super::people::PeopleOut;
use super::{Area, CoverageQuestion, Tally, at, services};
use crate::atlas::GridIndex;
use crate::query::{PEOPLE_THRESHOLD, Withheld};
use crate::resolve::{GridSummary, summarize};

/// How many there are, and how many of them are outside.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Outside {
    /// All of them.
    pub total: u32,
    /// Those that are farther than the radius from every facility of the classes.
    pub outside: u32,
    /// Their share, 0 to 1; null where there are none at all.
    pub share: Option<f64>,
}

/// How many people there are, and how many of them are outside: counted in groups of five and more of about the same distance, each outside or not
/// as a whole. So a count may be off by four, and no two counts differ by fewer than five.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct PeopleOutside {
    /// All of them; null when withheld.
    pub total: Option<u32>,
    /// Those outside; null when withheld.
    pub outside: Option<u32>,
    /// Their share, 0 to 1; null when withheld or where there are none at all.
    pub share: Option<f64>,
    /// True when withheld: the count of all is small, or a small one would follow from it.
    pub suppressed: bool,
}

/// A grid.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CoverageRow<'a> {
    /// The grid; null: what lies in none of the grids of the level.
    pub grid: Option<GridSummary<'a>>,
    /// Its buildings.
    pub buildings: Outside,
    /// The households of its buildings, as far as they are known.
    pub households: Outside,
    /// Its people.
    pub people: PeopleOutside,
}

/// The service circle, seen from the grids.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Coverage<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// The classes that serve.
    pub classes: Vec<String>,
    /// How many facilities of these classes there are, anywhere.
    pub services: usize,
    /// How distances are measured: straight, road.
    pub mode: &'static str,
    /// How long somebody walks.
    pub minutes: f64,
    /// How fast, in kilometres an hour.
    pub speed_kmh: f64,
    /// How far that is, in metres.
    pub radius_m: f64,
    /// The level of the rows; null: leaves.
    pub level: Option<u8>,
    /// The whole, which the rows add up to when none is cut off.
    pub total: CoverageRow<'a>,
    /// How many rows there are.
    pub rows_total: usize,
    /// True: more than are listed.
    pub rows_cut: bool,
    /// A row a grid: most households outside first, then most buildings, then by code. One more for what lies in none of them: `grid` is null.
    pub rows: Vec<CoverageRow<'a>>,
}

/// What was counted.
pub(super) struct Counted {
    /// By index of the grid, with everything below it.
    pub(super) tallies: Vec<Tally>,
    /// What no grid holds.
    pub(super) nowhere: Tally,
    pub(super) people: PeopleOut,
}

/// People of a row: all, outside; as far as both may be shown.
#[derive(Clone, Copy)]
struct Persons {
    total: u32,
    outside: Option<u32>,
    suppressed: bool,
}

pub(super) fn listed<'a>(
    area: &Area<'a>,
    withheld: &Withheld,
    question: &CoverageQuestion,
    mode: &'static str,
    counted: Counted,
) -> Coverage<'a> {
    let grids = area.atlas.grids();
    let tally = |grid: GridIndex| counted.tallies[at(grid)];
    let persons = |grid: GridIndex| Persons {
        total: area.atlas.resources().counts(grid).people,
        outside: counted.people.of(grid),
        suppressed: withheld.contains(grid),
    };
    let mut chosen: Vec<GridIndex> = grids
        .all()
        .filter(|grid| area.inside[at(*grid)])
        .filter(|grid| match question.level {
            Some(level) => grids.level(*grid) == level,
            None => grids.is_leaf(*grid),
        })
        .collect();
    let (whole, everybody) = match area.within {
        Some(top) => (tally(top), persons(top)),
        None => everything(area, withheld, &counted, persons),
    };
    let rest = chosen.iter().fold(whole, |rest, grid| rest.minus(tally(*grid)));
    let others = others(area, everybody, chosen.iter().map(|grid| persons(*grid)));
    chosen.sort_by_cached_key(|grid| {
        let Tally { households_outside, buildings_outside, .. } = tally(*grid);
        let worst = std::cmp::Reverse((households_outside, buildings_outside));
        (worst, grids.level(*grid), grids.code(*grid).clone())
    });
    let rows_total = chosen.len() + 1;
    let listed = chosen.iter().take(question.limit);
    let mut rows: Vec<_> =
        listed.map(|grid| row(Some(summarize(area.atlas, *grid)), tally(*grid), persons(*grid))).collect();
    rows.push(row(None, rest, others));
    Coverage {
        revision: area.atlas.revision(),
        classes: question.classes.iter().cloned().collect(),
        services: services::places(area.atlas, &question.classes).count(),
        mode,
        minutes: question.minutes,
        speed_kmh: question.speed_kmh,
        radius_m: question.radius_m(),
        level: question.level.map(crate::model::Level::number),
        total: row(area.within.map(|top| summarize(area.atlas, top)), whole, everybody),
        rows_cut: rows.len() < rows_total,
        rows_total,
        rows,
    }
}

/// All buildings and everybody, in a grid or in none.
fn everything(
    area: &Area,
    withheld: &Withheld,
    counted: &Counted,
    persons: impl Fn(GridIndex) -> Persons,
) -> (Tally, Persons) {
    let grids = area.atlas.grids();
    let roots: Vec<_> = grids.all().filter(|grid| grids.parent(*grid).is_none()).collect();
    let nobodys = area.atlas.resources().unassigned().people;
    let whole = roots.iter().fold(counted.nowhere, |sum, root| sum.plus(counted.tallies[at(*root)]));
    let everybody = Persons {
        total: roots.iter().map(|root| persons(*root).total).sum::<u32>() + nobodys,
        outside: counted.people.of_all(roots.iter().copied()),
        suppressed: withheld.is_of_all()
            || is_small(nobodys)
            || roots.iter().any(|root| persons(*root).suppressed),
    };
    (whole, everybody)
}

/// Those in none of the rows. What follows from counts that are shown may be shown.
fn others(area: &Area, everybody: Persons, rows: impl Iterator<Item = Persons>) -> Persons {
    let rest = Persons { suppressed: everybody.suppressed, ..everybody };
    let rest = rows.fold(rest, |rest, row| Persons {
        total: rest.total - row.total,
        outside: rest.outside.zip(row.outside).map(|(rest, row)| rest.saturating_sub(row)),
        suppressed: rest.suppressed || row.suppressed,
    });
    let is_small = area.within.is_none() && is_small(rest.total);
    Persons { suppressed: rest.suppressed || is_small, ..rest }
}

fn is_small(count: u32) -> bool {
    (1..PEOPLE_THRESHOLD).contains(&count)
}

fn row<'a>(grid: Option<GridSummary<'a>>, tally: Tally, people: Persons) -> CoverageRow<'a> {
    let outside = |total, outside| Outside { total, outside, share: share(total, outside) };
    let shown = people.outside.filter(|_| !people.suppressed);
    CoverageRow {
        grid,
        buildings: outside(tally.buildings, tally.buildings_outside),
        households: outside(tally.households, tally.households_outside),
        people: PeopleOutside {
            total: shown.map(|_| people.total),
            outside: shown,
            share: shown.and_then(|outside| share(people.total, outside)),
            suppressed: shown.is_none(),
        },
    }
}

/// To four places: a ten-thousandth says nothing of a walk.
fn share(total: u32, outside: u32) -> Option<f64> {
    (total > 0).then(|| (f64::from(outside) / f64::from(total) * 10_000.0).round() / 10_000.0)
}
