//! Residents: a name, a household, an address point, a telephone, and service tags. Nothing else is ever invented.

use geo::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::buildings::Site;
use super::counts::{share_out, starts};
use super::grids::{Leaf, identity};
use super::names::{SOURCE, person_name, phone};
use super::plan::Plan;
use super::plane::round;
use super::random::stream;
use crate::model::{Grid, Resource, ResourceId};

/// Exactly the plan's number of residents, in the order of their leaves.
pub(super) fn invent_people(
    grids: &[Grid],
    leaves: &[Leaf],
    sites: &[Vec<Site>],
    plan: &Plan,
) -> Vec<Resource> {
    let weights: Vec<f64> =
        leaves.iter().map(|leaf| f64::from(grids[leaf.grid].households.unwrap_or(0))).collect();
    let counts = share_out(plan.people, &weights, 0);
    let firsts = starts(&counts);
    (0..leaves.len())
        .into_par_iter()
        .flat_map_iter(|i| {
            let grid = &grids[leaves[i].grid];
            people_of(grid, &sites[i], counts[i], firsts[i], plan)
        })
        .collect()
}

fn people_of(grid: &Grid, sites: &[Site], count: usize, first: usize, plan: &Plan) -> Vec<Resource> {
    let mut rng = stream(plan.seed, &format!("people {}", grid.code));
    let weights: Vec<f64> = sites.iter().map(|site| f64::from(site.households)).collect();
    let shares = share_out(count, &weights, 0);
    let mut people = Vec::with_capacity(count);
    for (site, share) in sites.iter().zip(shares) {
        let mut household = 0;
        for _ in 0..share {
            // one to four of a household are on record
            if household == 0 || rng.random_bool(0.45) {
                household += 1;
            }
            people.push(person(grid, site, household, first + people.len(), plan, &mut rng));
        }
    }
    people
}

fn person(
    grid: &Grid,
    site: &Site,
    household: usize,
    number: usize,
    plan: &Plan,
    rng: &mut ChaCha8Rng,
) -> Resource {
    let source_id = format!("R{:07}", number + 1);
    let place = round(site.at);
    // the building is told by its place, to about a metre
    let building = format!("{:.5}-{:.5}", place.x, place.y);
    let mut properties = Map::new();
    properties.insert("household".to_owned(), json!(format!("{}-{building}-{household}", grid.code)));
    properties.insert("phone".to_owned(), json!(phone(plan.workers + number)));
    properties.insert("tags".to_owned(), tags(rng));
    Resource {
        id: ResourceId(identity("person", &source_id)),
        county: grid.county.clone(),
        source: SOURCE.to_owned(),
        source_id,
        class: "resident".to_owned(),
        name: Some(person_name(rng)),
        address: Some(format!("{}{household}户", site.address)),
        properties,
        geometry: Point(place).into(),
        leaf: Some(grid.id),
        invented: true,
    }
}

fn tags(rng: &mut ChaCha8Rng) -> Value {
    let odds = [("lives_alone", 0.04), ("mobility_impaired", 0.02), ("meal_delivery", 0.02)];
    odds.into_iter().filter(|(_, odds)| rng.random_bool(*odds)).map(|(tag, _)| json!(tag)).collect()
}
