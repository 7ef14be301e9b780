//! What lies around a point, nearest first, and which grids answer for it?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::thing::{Looking, Thing};
use crate::access::Principal;
use crate::atlas::{Atlas, Envelope, Neighbor};
use crate::geom::millimetres;
use crate::model::LonLat;
use crate::resolve::{GridSummary, Place, ResponsibleWorker, responsible, summarize};

/// The largest radius that is answered, in metres.
pub const MAX_RADIUS_M: f64 = 20_000.0;
/// The most grids that are listed.
pub const MAX_TOUCHED: usize = 100;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbyQuestion {
    /// Where, in degrees of CGCS2000.
    pub point: LonLat,
    /// How far, in metres.
    pub radius_m: f64,
    /// Outer edges of the rings that are counted, ascending, in metres; none beyond the radius.
    pub rings: Vec<f64>,
    /// What to look for.
    pub looking: Looking,
}

/// Something near.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Near<'a> {
    /// Metres from the point to it; 0 inside a footprint.
    pub distance_m: f64,
    /// What it is.
    #[serde(flatten)]
    pub thing: Found<'a>,
}

/// A building or a facility, in brief.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Found<'a> {
    /// buildings, facilities.
    pub collection: &'static str,
    /// Identity.
    pub id: Uuid,
    /// Class.
    pub class: &'a str,
    /// Name, where it has one.
    pub name: Option<&'a str>,
    /// Where it is; of a building, a place inside the footprint.
    pub at: Place,
    /// The code of the leaf that holds it; null: none does.
    pub grid_code: Option<&'a str>,
}

/// What lies between two distances, the outer one included.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RingCount {
    /// From so many metres on.
    pub from_m: f64,
    /// To so many metres.
    pub to_m: f64,
    /// How many there are.
    pub count: u32,
    /// By collection and class.
    pub classes: BTreeMap<String, BTreeMap<String, u32>>,
}

/// A leaf that the circle reaches, and who is on duty for it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Touched<'a> {
    /// The leaf.
    #[serde(flatten)]
    pub grid: GridSummary<'a>,
    /// Metres from the point to it; 0 where it holds the point.
    pub distance_m: f64,
    /// Who is on duty, primary first.
    pub responsible: Vec<ResponsibleWorker<'a>>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Nearby<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// The instant that the people on duty are of.
    pub at: DateTime<Utc>,
    /// The point in CGCS2000.
    pub point: Place,
    /// How far was looked, in metres.
    pub radius_m: f64,
    /// Counts from the point outwards; together they count everything within the radius.
    pub rings: Vec<RingCount>,
    /// How many there are within the radius.
    pub total: usize,
    /// The nearest of them.
    pub resources: Vec<Near<'a>>,
    /// True: there are more than are listed, see `total` and `limit`.
    pub resources_cut: bool,
    /// How many leaves the circle reaches.
    pub grids_total: usize,
    /// The nearest of them.
    pub grids: Vec<Touched<'a>>,
    /// True: there are more than are listed.
    pub grids_cut: bool,
}

/// Looks around a point. `then`: the grids and the staff of the instant that is asked about (see [`crate::resolve::as_of`]); resources are
/// those of now. O(log n + k log k) for k resources within the radius.
pub fn nearby<'a>(
    atlas: &'a Atlas,
    then: &'a Atlas,
    who: &Principal,
    question: &NearbyQuestion,
) -> Nearby<'a> {
    let mut found = within_radius(atlas, question);
    let total = found.len();
    let rings = count_rings(question, &found);
    found.truncate(question.looking.limit);
    let mut reached = then.leaves_within(question.point, question.radius_m);
    let grids_total = reached.len();
    reached.truncate(MAX_TOUCHED);
    let touched = |Neighbor { grid, distance_m, .. }: Neighbor| Touched {
        grid: summarize(then, grid),
        distance_m: millimetres(distance_m),
        responsible: responsible(then, who, grid, question.looking.at, &question.looking.roles),
    };
    Nearby {
        revision: atlas.revision(),
        at: question.looking.at,
        point: Place { lon: question.point.lon(), lat: question.point.lat() },
        radius_m: question.radius_m,
        rings,
        total,
        resources_cut: total > found.len(),
        resources: found
            .into_iter()
            .map(|(distance_m, thing)| Near {
                distance_m: millimetres(distance_m),
                thing: thing.found(atlas),
            })
            .collect(),
        grids_total,
        grids_cut: grids_total > reached.len(),
        grids: reached.into_iter().map(touched).collect(),
    }
}

/// Everything that is asked for within the radius, nearest first; at the same distance in the order of identities.
fn within_radius<'a>(atlas: &'a Atlas, question: &NearbyQuestion) -> Vec<(f64, Thing<'a>)> {
    let envelope = Envelope::around(question.point, question.radius_m);
    let things = Thing::all_in(atlas, &question.looking, &envelope);
    let mut found: Vec<_> = things
        .map(|thing| (thing.distance_m(question.point), thing))
        .filter(|(distance_m, _)| *distance_m <= question.radius_m)
        .collect();
    found.sort_unstable_by(|(a, one), (b, other)| a.total_cmp(b).then(one.id().cmp(&other.id())));
    found
}

fn count_rings(question: &NearbyQuestion, found: &[(f64, Thing)]) -> Vec<RingCount> {
    let inner = question.rings.iter().copied().filter(|edge| *edge < question.radius_m);
    let edges: Vec<f64> = inner.chain([question.radius_m]).collect();
    let mut from_m = 0.0;
    let mut begun = 0;
    let mut ring = |to_m: f64| {
        let end = found.partition_point(|(distance_m, _)| *distance_m <= to_m);
        let mut count = RingCount { from_m, to_m, count: (end - begun) as u32, classes: BTreeMap::new() };
        for (_, thing) in &found[begun..end] {
            let classes = count.classes.entry(thing.collection().as_str().to_owned()).or_default();
            *classes.entry(thing.class().to_owned()).or_default() += 1;
        }
        (from_m, begun) = (to_m, end);
        count
    };
    edges.into_iter().map(&mut ring).collect()
}
