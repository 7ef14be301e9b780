//! Facilities: schools, clinics, hydrants and the like.

use std::collections::BTreeMap;

use geo::{Coord, Point};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::Map;

use super::buildings::Site;
use super::counts::share_out;
use super::grids::{Leaf, identity, numeral};
use super::names::SOURCE;
use super::places::PlaceNames;
use super::plan::Plan;
use super::plane::round;
use super::random::stream;
use super::shape::Shape;
use crate::model::{Grid, Resource, ResourceId};

/// How a class of facilities is named and spread.
struct Class {
    name: &'static str,
    /// Its share of all facilities.
    share: f64,
    /// Named after the town (else the village).
    of_town: bool,
    /// What it is called.
    title: &'static str,
    /// Numbered like schools (第三小学), else at the end (3号) from the first on or from the second.
    numbering: Numbering,
    /// How much it prefers dense leaves.
    urban: f64,
}

#[derive(Clone, Copy)]
enum Numbering {
    Ordinal,
    Always,
    Repeated,
}

const fn class(
    name: &'static str,
    share: f64,
    of_town: bool,
    title: &'static str,
    numbering: Numbering,
    urban: f64,
) -> Class {
    Class { name, share, of_town, title, numbering, urban }
}

const CLASSES: [Class; 20] = [
    class("primary_school", 5.0, true, "小学", Numbering::Ordinal, 0.0),
    class("middle_school", 1.6, true, "中学", Numbering::Ordinal, 0.2),
    class("kindergarten", 5.0, true, "幼儿园", Numbering::Ordinal, 0.2),
    class("hospital", 1.4, true, "医院", Numbering::Ordinal, 0.3),
    class("clinic", 13.0, false, "卫生室", Numbering::Repeated, 0.0),
    class("pharmacy", 6.0, false, "便民药店", Numbering::Repeated, 0.3),
    class("shelter", 4.0, false, "应急避难场所", Numbering::Repeated, 0.0),
    class("hydrant", 15.0, false, "消火栓", Numbering::Always, 0.4),
    class("fire_station", 0.6, true, "消防救援站", Numbering::Repeated, 0.1),
    class("police_station", 1.5, true, "派出所", Numbering::Repeated, 0.1),
    class("service_station", 4.0, false, "网格服务站", Numbering::Repeated, 0.0),
    class("community_centre", 6.0, false, "文化活动中心", Numbering::Repeated, 0.0),
    class("elderly_care", 2.0, false, "居家养老服务中心", Numbering::Repeated, 0.1),
    class("market", 2.4, true, "农贸市场", Numbering::Repeated, 0.2),
    class("bus_stop", 9.0, false, "公交站", Numbering::Repeated, 0.3),
    class("camera", 13.0, false, "视频监控点", Numbering::Always, 0.4),
    class("park", 1.5, true, "公园", Numbering::Ordinal, 0.3),
    class("substation", 1.2, true, "变电站", Numbering::Repeated, 0.0),
    class("toilet", 4.3, false, "公共厕所", Numbering::Repeated, 0.2),
    class("charging_station", 3.5, false, "充电站", Numbering::Repeated, 0.4),
];

/// Exactly the plan's number of facilities, class by class.
pub(super) fn invent_facilities(
    grids: &[Grid],
    leaves: &[Leaf],
    sites: &[Vec<Site>],
    names: &PlaceNames,
    plan: &Plan,
) -> Vec<Resource> {
    let shares: Vec<f64> = CLASSES.iter().map(|class| class.share).collect();
    let counts = share_out(plan.facilities, &shares, 1);
    let mut rng = stream(plan.seed, "facilities");
    let mut facilities: Vec<Resource> = Vec::with_capacity(plan.facilities);
    for (class, count) in CLASSES.iter().zip(counts) {
        let sums = running_weights(grids, leaves, class.urban);
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for _ in 0..count {
            let target = rng.random_range(0.0..1.0) * sums.last().copied().unwrap_or(0.0);
            let index = sums.partition_point(|sum| *sum <= target).min(leaves.len() - 1);
            let (leaf, grid) = (leaves[index], &grids[leaves[index].grid]);
            let place = if class.of_town { names.town(leaf.village) } else { names.short(leaf.village) };
            let number = numbers.entry(place).and_modify(|n| *n += 1).or_insert(1);
            let source_id = format!("F{:06}", facilities.len() + 1);
            facilities.push(Resource {
                id: ResourceId(identity("facility", &source_id)),
                county: grid.county.clone(),
                source: SOURCE.to_owned(),
                source_id,
                class: class.name.to_owned(),
                name: Some(title(class, place, *number)),
                address: Some(names.full(leaf.village)),
                properties: Map::new(),
                geometry: Point(somewhere(grid, &sites[index], &mut rng)).into(),
                leaf: Some(grid.id),
                invented: true,
            });
        }
    }
    facilities
}

fn running_weights(grids: &[Grid], leaves: &[Leaf], urban: f64) -> Vec<f64> {
    let mut sum = 0.0;
    leaves
        .iter()
        .map(|leaf| {
            sum += f64::from(grids[leaf.grid].households.unwrap_or(0) + 1) * leaf.density.powf(urban);
            sum
        })
        .collect()
}

fn title(class: &Class, place: &str, number: usize) -> String {
    match class.numbering {
        Numbering::Ordinal if number == 1 => format!("{place}中心{}", class.title),
        Numbering::Ordinal => format!("{place}第{}{}", numeral(number), class.title),
        Numbering::Repeated if number == 1 => format!("{place}{}", class.title),
        Numbering::Repeated | Numbering::Always => format!("{place}{}{number}号", class.title),
    }
}

/// Beside a building where there is room within the leaf, else anywhere in it.
fn somewhere(grid: &Grid, sites: &[Site], rng: &mut ChaCha8Rng) -> Coord<f64> {
    let shape = Shape::new(&grid.geometry);
    for _ in 0..8 {
        let Some(site) = (!sites.is_empty()).then(|| &sites[rng.random_range(0..sites.len())]) else { break };
        let (distance, angle) = (rng.random_range(14.0..32.0), rng.random_range(0.0..std::f64::consts::TAU));
        let [x, y] = shape.metres(site.at);
        let at = [x + distance * f64::cos(angle), y + distance * f64::sin(angle)];
        if shape.clearance(at) > 1.0 {
            return round(shape.degrees(at));
        }
    }
    round(shape.degrees(shape.place(1, rng)))
}
