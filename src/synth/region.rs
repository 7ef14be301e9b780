//! The whole region, put together.

use std::collections::HashSet;

use rayon::prelude::*;

use super::absences::invent_absences;
use super::border::cut_borders;
use super::buildings::invent_buildings;
use super::density::Density;
use super::divide::{CountyDivision, CountyTask, CountyTerritories, TownShare};
use super::error::SynthError;
use super::facilities::invent_facilities;
use super::grids::Assembly;
use super::inputs::RegionInputs;
use super::outline::{Arrivals, union};
use super::people::invent_people;
use super::places::PlaceNames;
use super::plan::{Plan, Step, level_scheme};
use super::quota::{Divisible, base_quotas, micro_counts};
use super::settle::settle;
use super::staff::invent_staff;
use crate::model::{Absence, Assignment, Grid, LevelScheme, Resource, Worker};

/// An invented region: everything that the store can hold of one.
#[derive(Debug, Clone, Default)]
pub struct Region {
    /// The six levels.
    pub levels: LevelScheme,
    /// Grids of all levels, parents before children.
    pub grids: Vec<Grid>,
    /// Workers, reporters included.
    pub workers: Vec<Worker>,
    /// Who serves where.
    pub assignments: Vec<Assignment>,
    /// Who is away.
    pub absences: Vec<Absence>,
    /// Buildings with footprints.
    pub buildings: Vec<Resource>,
    /// Facilities as points.
    pub facilities: Vec<Resource>,
    /// Residents at their address points.
    pub people: Vec<Resource>,
}

/// Invents a region below the given boundaries. `progress` hears of each step and the share of it that is done.
///
/// Deterministic: the same inputs and plan give the same region, whatever the number of threads.
pub fn sample_region(
    inputs: &RegionInputs,
    plan: &Plan,
    progress: &dyn Fn(Step, f32),
) -> Result<Region, SynthError> {
    let inputs = inputs.sorted()?;
    let assembly = divide_region(&inputs, plan, progress)?;
    let Assembly { grids, leaves } = &assembly;
    progress(Step::Staff, 0.0);
    let (workers, assignments) = invent_staff(grids, leaves, plan)?;
    let absences = invent_absences(&workers, assignments.len(), plan);
    let names = PlaceNames::new(&inputs);
    progress(Step::Buildings, 0.0);
    let (buildings, sites) = invent_buildings(grids, leaves, &names, plan);
    progress(Step::Facilities, 0.0);
    let facilities = invent_facilities(grids, leaves, &sites, &names, plan);
    progress(Step::People, 0.0);
    let people = invent_people(grids, leaves, &sites, plan);
    progress(Step::People, 1.0);
    let (levels, grids) = (level_scheme(), assembly.grids);
    Ok(Region { levels, grids, workers, assignments, absences, buildings, facilities, people })
}

/// Divides the region down to its leaves.
fn divide_region(
    inputs: &RegionInputs,
    plan: &Plan,
    progress: &dyn Fn(Step, f32),
) -> Result<Assembly, SynthError> {
    progress(Step::Grids, 0.0);
    let mut divisions = divide_counties(inputs, plan)?;
    progress(Step::Grids, 0.6);
    divide_bases(inputs, plan, &mut divisions)?;
    progress(Step::Grids, 0.75);
    let territories = outline_counties(&divisions);
    let whole = union(&territories.iter().map(|t| &t.county).collect::<Vec<_>>());
    let mut assembly = Assembly::new(inputs, &whole);
    for (county, (division, territories)) in divisions.iter().zip(&territories).enumerate() {
        assembly.add_county(inputs, county, division, territories, plan.seed);
    }
    assembly.roll_up();
    progress(Step::Grids, 1.0);
    Ok(assembly)
}

fn divide_counties(inputs: &RegionInputs, plan: &Plan) -> Result<Vec<CountyDivision>, SynthError> {
    let quotas = base_quotas(inputs, plan)?;
    let (seats, densities): (Vec<_>, Vec<Density>) = settle(inputs, &quotas, plan.seed).into_iter().unzip();
    let areas: Vec<_> = inputs.counties.iter().map(|c| (c.name.as_str(), &c.territory)).collect();
    let borders = cut_borders(&areas, &densities)?;
    let shares: Vec<Vec<TownShare>> =
        inputs.counties.iter().map(|c| town_shares(inputs, c.code.as_str())).collect();
    (0..inputs.counties.len())
        .into_par_iter()
        .map(|county| {
            CountyDivision::new(&CountyTask {
                code: inputs.counties[county].code.as_str(),
                parts: &borders[county],
                density: &densities[county],
                seat: seats[county],
                towns: &shares[county],
                quotas: &quotas,
                seed: plan.seed,
            })
        })
        .collect()
}

/// The towns of a county; the first one, and all that are called 街道, belong to its seat.
fn town_shares(inputs: &RegionInputs, county: &str) -> Vec<TownShare> {
    let of_county = inputs.towns.iter().filter(|town| town.code.as_str().starts_with(county));
    of_county
        .enumerate()
        .map(|(number, town)| {
            let start = inputs.villages.partition_point(|village| village.code < town.code);
            let belongs = |v: &&super::inputs::Place| v.code.as_str().starts_with(town.code.as_str());
            let count = inputs.villages[start..].iter().take_while(belongs).count();
            TownShare {
                villages: start..start + count, at_seat: number == 0 || town.name.ends_with("街道")
            }
        })
        .collect()
}

/// Divides base grids into micro-grids, so that the plan's total of grids is met.
fn divide_bases(
    inputs: &RegionInputs,
    plan: &Plan,
    divisions: &mut [CountyDivision],
) -> Result<(), SynthError> {
    let bases: Vec<Divisible> =
        divisions.iter().flat_map(|d| d.bases.iter().map(|base| base.divisible)).collect();
    let given = 1 + inputs.counties.len() + inputs.towns.len() + inputs.villages.len();
    let counts = micro_counts(&bases, plan.grids - given - bases.len())?;
    let mut rest = counts.as_slice();
    let mut tasks = Vec::new();
    for (division, county) in divisions.iter_mut().zip(&inputs.counties) {
        let (own, others) = rest.split_at(division.bases.len());
        rest = others;
        tasks.push((division, own, county.code.as_str()));
    }
    tasks.into_par_iter().for_each(|(division, counts, code)| division.divide_bases(counts, plan.seed, code));
    Ok(())
}

fn outline_counties(divisions: &[CountyDivision]) -> Vec<CountyTerritories> {
    let arrivals: Arrivals = divisions.iter().flat_map(CountyDivision::arrivals).collect::<HashSet<_>>();
    divisions.par_iter().map(|division| division.territories(&arrivals)).collect()
}
