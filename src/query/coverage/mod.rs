//! The service circle: what lies farther than so many minutes from the nearest facility of a class, and in which grids?

mod people;
mod roads;
mod rows;
mod services;

pub use roads::RoadNetwork;
pub use rows::{Coverage, CoverageRow, Outside, PeopleOutside};

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Withheld;
use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::model::{Building, GridId, Level, LonLat};
use people::PeopleOut;
use roads::AlongRoads;
use services::Services;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageQuestion {
    /// The classes of facilities that serve; the nearest of any of them counts.
    pub classes: BTreeSet<String>,
    /// How long somebody walks, in minutes.
    pub minutes: f64,
    /// How fast, in kilometres an hour.
    pub speed_kmh: f64,
    /// The level of the rows; `None`: a row a leaf.
    pub level: Option<Level>,
    /// Only inside this grid. Facilities count wherever they are.
    pub within: Option<GridIndex>,
    /// The most rows.
    pub limit: usize,
}

impl CoverageQuestion {
    /// How far somebody comes, in metres.
    pub fn radius_m(&self) -> f64 {
        self.minutes / 60.0 * self.speed_kmh * 1_000.0
    }
}

/// How far away things are from the nearest facility.
trait Reach: Sync {
    /// Metres from a place; infinite where there is no way.
    fn distance_m(&self, from: LonLat) -> f64;

    /// Is a building served within a radius?
    fn serves(&self, building: &Building, radius_m: f64) -> bool;
}

/// Counts of buildings, and of the households in them, as far as known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    buildings: u32,
    buildings_outside: u32,
    households: u32,
    households_outside: u32,
}

impl Tally {
    fn of(building: &Building, is_served: bool) -> Self {
        let households = building.households.unwrap_or(0);
        let outside = |count| if is_served { 0 } else { count };
        Self {
            buildings: 1,
            buildings_outside: outside(1),
            households,
            households_outside: outside(households),
        }
    }

    fn plus(self, other: Self) -> Self {
        self.joined(other, u32::saturating_add)
    }

    fn minus(self, other: Self) -> Self {
        self.joined(other, u32::saturating_sub)
    }

    fn joined(self, other: Self, join: fn(u32, u32) -> u32) -> Self {
        Self {
            buildings: join(self.buildings, other.buildings),
            buildings_outside: join(self.buildings_outside, other.buildings_outside),
            households: join(self.households, other.households),
            households_outside: join(self.households_outside, other.households_outside),
        }
    }
}

/// The classes that facilities have, each with how many there are.
pub fn facility_classes(atlas: &Atlas) -> BTreeMap<&str, usize> {
    let mut classes = BTreeMap::new();
    atlas.resources().facilities().for_each(|one| *classes.entry(one.class.as_str()).or_default() += 1);
    classes
}

/// Who and what is outside the service circle, by true distance in a straight line: of a building from its footprint, of a person from the address
/// point. People are counted in groups (see [`PeopleOutside`]). O((b + p) log f) for buildings, people and facilities of the classes, on every core.
pub fn coverage<'a>(
    atlas: &'a Atlas,
    _who: &Principal,
    withheld: &Withheld,
    question: &CoverageQuestion,
) -> Coverage<'a> {
    let services = Services::of(atlas, &question.classes);
    measured(atlas, withheld, question, "straight", &services)
}

/// The same by the way along roads: from the middle of a building, or from the address point, to the nearest road, along it, and to the facility.
pub fn coverage_by_road<'a>(
    atlas: &'a Atlas,
    _who: &Principal,
    withheld: &Withheld,
    question: &CoverageQuestion,
    network: &RoadNetwork,
) -> Coverage<'a> {
    measured(atlas, withheld, question, "road", &AlongRoads::of(atlas, &question.classes, network))
}

fn measured<'a>(
    atlas: &'a Atlas,
    withheld: &Withheld,
    question: &CoverageQuestion,
    mode: &'static str,
    reach: &impl Reach,
) -> Coverage<'a> {
    let area = Area::new(atlas, question.within);
    let (tallies, nowhere) = tally(&area, reach, question.radius_m());
    let people = PeopleOut::count(&area, withheld, reach, question.radius_m());
    rows::listed(&area, withheld, question, mode, rows::Counted { tallies, nowhere, people })
}

/// The grids that are asked about.
struct Area<'a> {
    atlas: &'a Atlas,
    within: Option<GridIndex>,
    /// By index: is the grid one of them?
    inside: Vec<bool>,
}

impl<'a> Area<'a> {
    fn new(atlas: &'a Atlas, within: Option<GridIndex>) -> Self {
        let grids = atlas.grids();
        let mut inside = vec![within.is_none(); grids.all().map(at).max().map_or(0, |last| last + 1)];
        if let Some(top) = within {
            std::iter::once(top).chain(grids.descendants(top)).for_each(|grid| inside[at(grid)] = true);
        }
        Self { atlas, within, inside }
    }

    /// The grid that holds what has this leaf; `None`: it is not asked about. `Some(None)`: it is in no grid.
    fn grid(&self, leaf: Option<GridId>) -> Option<Option<GridIndex>> {
        match leaf.and_then(|leaf| self.atlas.grids().find_id(leaf)) {
            Some(grid) => self.inside[at(grid)].then_some(Some(grid)),
            None => self.within.is_none().then_some(None),
        }
    }

    /// Adds up what was counted in each grid with everything below it.
    fn roll_up<T: Copy>(&self, own: &mut [T], plus: impl Fn(T, T) -> T) {
        let grids = self.atlas.grids();
        // The deepest level first.
        for grid in grids.all().rev().filter(|grid| self.inside[at(*grid)]) {
            if let Some(parent) = grids.parent(grid) {
                own[at(parent)] = plus(own[at(parent)], own[at(grid)]);
            }
        }
    }
}

fn at(grid: GridIndex) -> usize {
    grid.0 as usize
}

/// The buildings of each grid with everything below it, and those of no grid.
fn tally(area: &Area, reach: &impl Reach, radius_m: f64) -> (Vec<Tally>, Tally) {
    let buildings = area.atlas.resources().buildings();
    let asked: Vec<_> = buildings.filter_map(|one| Some((one, area.grid(one.leaf)?))).collect();
    let served: Vec<bool> = asked.par_iter().map(|(building, _)| reach.serves(building, radius_m)).collect();
    let mut tallies = vec![Tally::default(); area.inside.len()];
    let mut nowhere = Tally::default();
    for ((building, grid), is_served) in asked.into_iter().zip(served) {
        let own = grid.map_or(&mut nowhere, |grid| &mut tallies[at(grid)]);
        *own = own.plus(Tally::of(building, is_served));
    }
    area.roll_up(&mut tallies, Tally::plus);
    (tallies, nowhere)
}
