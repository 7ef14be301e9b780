//! Buildings, in rows around the cores of settlements.

use geo::Coord;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::counts::{share_out, starts};
use super::footprint::Footprint;
use super::grids::{Leaf, identity};
use super::names::SOURCE;
use super::places::PlaceNames;
use super::plan::Plan;
use super::random::{pick, stream};
use super::shape::Shape;
use crate::model::{Grid, Resource, ResourceId};

/// Mesh nodes per square kilometre from which on a leaf looks like a town.
const URBAN: f64 = 40.0;

/// A building and what those need to know who put people and facilities there.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// Its middle in degrees, inside its leaf.
    pub(super) at: Coord<f64>,
    /// Households that live there.
    pub(super) households: u32,
    /// Its address.
    pub(super) address: String,
}

struct Standing {
    footprint: Footprint,
    at: [f64; 2],
    class: &'static str,
    floors: u16,
}

/// Exactly the plan's number of buildings, in the order of their leaves, and the sites of each leaf.
pub(super) fn invent_buildings(
    grids: &[Grid],
    leaves: &[Leaf],
    names: &PlaceNames,
    plan: &Plan,
) -> (Vec<Resource>, Vec<Vec<Site>>) {
    let weights: Vec<f64> =
        leaves.iter().map(|leaf| f64::from(grids[leaf.grid].households.unwrap_or(0)).powf(0.75)).collect();
    let counts = share_out(plan.buildings, &weights, 1);
    let firsts = starts(&counts);
    let per_leaf: Vec<(Vec<Resource>, Vec<Site>)> = (0..leaves.len())
        .into_par_iter()
        .map(|i| furnish(&grids[leaves[i].grid], leaves[i], counts[i], firsts[i], names, plan.seed))
        .collect();
    let (resources, sites): (Vec<_>, Vec<_>) = per_leaf.into_iter().unzip();
    (resources.into_iter().flatten().collect(), sites)
}

fn furnish(
    grid: &Grid,
    leaf: Leaf,
    count: usize,
    first: usize,
    names: &PlaceNames,
    seed: u64,
) -> (Vec<Resource>, Vec<Site>) {
    let mut rng = stream(seed, &format!("buildings {}", grid.code));
    let shape = Shape::new(&grid.geometry);
    let urban = leaf.density > URBAN;
    let standing = settle(&shape, urban, leaf.density, count, &mut rng);
    let room =
        |s: &Standing| if s.class == "residential" { s.footprint.area() * f64::from(s.floors) } else { 0.0 };
    let households =
        share_out(grid.households.unwrap_or(0) as usize, &standing.iter().map(room).collect::<Vec<_>>(), 0);
    let street = names.street(leaf.village, &mut rng);
    let mut resources = Vec::with_capacity(count);
    let mut sites = Vec::with_capacity(count);
    for (number, (standing, households)) in standing.iter().zip(households).enumerate() {
        let address = format!("{}{street}{}号", names.full(leaf.village), number + 1);
        let large = standing.floors >= 6 || standing.class != "residential";
        let mut properties = Map::new();
        properties.insert("floors".to_owned(), json!(standing.floors));
        properties.insert("height_m".to_owned(), json!(f64::from(standing.floors) * 3.0 + 0.6));
        properties.insert("households".to_owned(), Value::from(households));
        let source_id = format!("B{:07}", first + number + 1);
        resources.push(Resource {
            id: ResourceId(identity("building", &source_id)),
            county: grid.county.clone(),
            source: SOURCE.to_owned(),
            source_id,
            class: standing.class.to_owned(),
            name: large.then(|| title(standing.class, &street, number, names.short(leaf.village))),
            address: large.then(|| address.clone()),
            properties,
            geometry: standing.footprint.polygon(&shape, standing.at).into(),
            leaf: Some(grid.id),
            invented: true,
        });
        sites.push(Site { at: shape.degrees(standing.at), households: households as u32, address });
    }
    (resources, sites)
}

/// Buildings in rows around one or more cores, none over another or over the border where that can be had.
fn settle(shape: &Shape, urban: bool, density: f64, count: usize, rng: &mut ChaCha8Rng) -> Vec<Standing> {
    let mut standing: Vec<Standing> = Vec::with_capacity(count);
    let clusters = if urban { 1 } else { 1 + count / 14 };
    for cluster in 0..clusters {
        let until = count * (cluster + 1) / clusters;
        let core = shape.place(if cluster == 0 { 12 } else { 3 }, rng);
        let turn = rng.random_range(0.0..std::f64::consts::FRAC_PI_2);
        build_rows(shape, Rows { core, turn, urban, density }, until, &mut standing, rng);
        if urban {
            // what is left goes into the gaps, as smaller houses
            build_rows(shape, Rows { core, turn, urban: false, density }, until, &mut standing, rng);
        }
    }
    while standing.len() < count {
        let at = shape.place(1, rng);
        standing.push(Standing { footprint: Footprint::HUT, at, class: "residential", floors: 1 });
    }
    standing
}

/// Rows of buildings around a core.
#[derive(Clone, Copy)]
struct Rows {
    core: [f64; 2],
    turn: f64,
    urban: bool,
    density: f64,
}

/// Builds ring by ring around the core until so many stand, or no lattice place is left.
fn build_rows(shape: &Shape, rows: Rows, until: usize, standing: &mut Vec<Standing>, rng: &mut ChaCha8Rng) {
    let step = if rows.urban { [44.0, 25.0] } else { [24.0, 20.0] };
    let before = standing.len();
    let (sin, cos) = rows.turn.sin_cos();
    for [column, row] in spiral(1_000) {
        if standing.len() >= until {
            break;
        }
        if rng.random_bool(0.1) {
            continue;
        }
        let (x, y) = (f64::from(column) * step[0], f64::from(row) * step[1]);
        let wobble = [rng.random_range(-2.0..2.0), rng.random_range(-2.0..2.0)];
        let at = [rows.core[0] + x * cos - y * sin + wobble[0], rows.core[1] + x * sin + y * cos + wobble[1]];
        let footprint = Footprint::draw(rows.urban, rows.turn, rng);
        if shape.clearance(at) > footprint.radius() && is_free(&standing[..before], at, footprint) {
            standing.push(stand(footprint, at, rows.urban, rows.density, rng));
        }
    }
}

/// Is there room beside buildings of other rows? Those of the same rows keep their distance by their lattice.
fn is_free(others: &[Standing], at: [f64; 2], footprint: Footprint) -> bool {
    others.iter().all(|other| {
        let distance = (other.at[0] - at[0]).hypot(other.at[1] - at[1]);
        distance > other.footprint.radius() + footprint.radius()
    })
}

fn stand(footprint: Footprint, at: [f64; 2], urban: bool, density: f64, rng: &mut ChaCha8Rng) -> Standing {
    let class = match rng.random_range(0..100) {
        0..=83 => "residential",
        84..=92 => "commercial",
        93..=96 => "public",
        _ => "industrial",
    };
    let tallest = match density {
        d if d > 400.0 => 26,
        d if d > 150.0 => 15,
        _ if urban => 7,
        _ => 4,
    };
    // most are low, few reach the top
    let chance: f64 = rng.random_range(0.0..1.0);
    let floors = 1 + (f64::from(tallest) * chance.powi(2)).floor() as u16;
    Standing { footprint, at, class, floors: if class == "industrial" { floors.min(4) } else { floors } }
}

/// Places of a lattice, ring by ring around the middle.
fn spiral(count: usize) -> impl Iterator<Item = [i32; 2]> {
    let ring = |r: i32| {
        (-r..=r)
            .flat_map(move |y| (-r..=r).map(move |x| [x, y]))
            .filter(move |[x, y]| x.abs().max(y.abs()) == r)
    };
    (0..).flat_map(ring).take(count)
}

fn title(class: &str, street: &str, number: usize, village: &str) -> String {
    match class {
        "residential" => format!("{}小区{}栋", street.trim_end_matches(['路', '街', '巷']), number + 1),
        "commercial" => format!("{street}{}号商铺楼", number + 1),
        "public" => format!("{village}{}号公共服务楼", number + 1),
        _ => format!("{village}{}号厂房", number + 1),
    }
}

/// Street names, wholly invented.
pub(super) fn street_name(rng: &mut ChaCha8Rng) -> String {
    const FIRST: [&str; 16] =
        ["文", "兴", "福", "龙", "凤", "康", "安", "和", "泰", "清", "玉", "金", "雪", "洱", "苍", "茶"];
    const SECOND: [&str; 14] =
        ["华", "盛", "宁", "泉", "源", "山", "溪", "园", "苑", "平", "乐", "云", "林", "月"];
    const KIND: [&str; 4] = ["路", "街", "巷", "路"];
    format!("{}{}{}", pick(rng, &FIRST), pick(rng, &SECOND), pick(rng, &KIND))
}
