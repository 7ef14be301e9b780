//! What lies in a drawn area, and which grids does it cut?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use geo::{BooleanOps, Densify, Euclidean, Intersects, MultiPolygon};
use serde::Serialize;
use utoipa::ToSchema;

use super::nearby::Found;
use super::thing::{Looking, Thing};
use crate::access::Principal;
use crate::atlas::{Atlas, Envelope, GridIndex};
use crate::geom::{area_m2, locate_multipolygon};
use crate::resolve::{GridSummary, ResponsibleWorker, responsible, summarize};

/// The most vertices of a drawn area.
pub const MAX_AREA_VERTICES: usize = 10_000;
/// The most grids that are listed.
pub const MAX_CUT: usize = 200;
/// Less of a grid than this lies in the area by rounding only, in square metres.
const ROUNDING_M2: f64 = 1e-3;
/// Longer edges are cut, in degrees, some 100 m: they are straight in longitude and latitude, areas are measured between geodesics.
const LONGEST_EDGE: f64 = 1e-3;
/// What is left of the area without a grid counts from this share of it on; below, it is rounding.
const NOTABLE: f64 = 1e-6;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct WithinQuestion {
    /// Where: valid polygons in degrees of CGCS2000.
    pub area: MultiPolygon<f64>,
    /// What to look for.
    pub looking: Looking,
}

/// A leaf that the area cuts, by how much, and who is on duty for it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CutGrid<'a> {
    /// The leaf.
    #[serde(flatten)]
    pub grid: GridSummary<'a>,
    /// How much of it lies in the area, in square metres.
    pub area_m2: f64,
    /// The same as a share of the leaf, 0 to 1.
    pub share: f64,
    /// Who is on duty, primary first.
    pub responsible: Vec<ResponsibleWorker<'a>>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InArea<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// The instant that the people on duty are of.
    pub at: DateTime<Utc>,
    /// How large the area is, in square metres.
    pub area_m2: f64,
    /// How many there are.
    pub total: usize,
    /// How many, by collection and class.
    pub classes: BTreeMap<String, BTreeMap<String, u32>>,
    /// What lies in the area, in the order of collections, classes and identities.
    pub resources: Vec<Found<'a>>,
    /// True: there are more than are listed, see `total` and `limit`.
    pub resources_cut: bool,
    /// How many leaves the area cuts.
    pub grids_total: usize,
    /// Those of which the most lies in it, the most first.
    pub grids: Vec<CutGrid<'a>>,
    /// True: there are more than are listed.
    pub grids_cut: bool,
    /// How much of the area lies in no grid, in square metres; less than a millionth of it counts as none.
    pub nobodys_m2: f64,
}

/// Looks into an area: facilities that it covers, its edge included, and buildings of which a part lies in it.
pub fn within<'a>(atlas: &'a Atlas, who: &Principal, question: &WithinQuestion) -> InArea<'a> {
    let things = things(atlas, question);
    let mut classes: BTreeMap<_, BTreeMap<String, u32>> = BTreeMap::new();
    for thing in &things {
        let counts = classes.entry(thing.collection().as_str().to_owned()).or_default();
        *counts.entry(thing.class().to_owned()).or_default() += 1;
    }
    let whole_m2 = true_area_m2(&question.area);
    let cut = cut_leaves(atlas, &question.area);
    let held_m2: f64 = cut.iter().map(|(_, held)| held).sum();
    let tell = |&(grid, held_m2): &(GridIndex, f64)| CutGrid {
        grid: summarize(atlas, grid),
        area_m2: held_m2,
        share: (held_m2 / true_area_m2(&atlas.grids().geometry(grid))).min(1.0),
        responsible: responsible(atlas, who, grid, question.looking.at, &question.looking.roles),
    };
    InArea {
        revision: atlas.revision(),
        at: question.looking.at,
        area_m2: whole_m2,
        total: things.len(),
        classes,
        resources: things.iter().take(question.looking.limit).map(|thing| thing.found(atlas)).collect(),
        resources_cut: things.len() > question.looking.limit,
        grids_total: cut.len(),
        grids: cut.iter().take(MAX_CUT).map(tell).collect(),
        grids_cut: cut.len() > MAX_CUT,
        nobodys_m2: Some(whole_m2 - held_m2).filter(|left| *left > whole_m2 * NOTABLE + 1.0).unwrap_or(0.0),
    }
}

fn things<'a>(atlas: &'a Atlas, question: &WithinQuestion) -> Vec<Thing<'a>> {
    let area = &question.area;
    let Some(envelope) = Envelope::of(area) else { return Vec::new() };
    let holds = |thing: &Thing| match thing {
        Thing::Facility(facility) => locate_multipolygon(area, facility.position.into()).is_covered(),
        Thing::Building(building) => area.intersects(&building.footprint),
    };
    let all = Thing::all_in(atlas, &question.looking, &envelope);
    let mut found: Vec<_> = all.filter(holds).collect();
    found.sort_unstable_by_key(|thing| (thing.collection(), thing.class(), thing.id()));
    found
}

/// The leaves of which a part lies in an area, with how much, the most first.
fn cut_leaves(atlas: &Atlas, area: &MultiPolygon<f64>) -> Vec<(GridIndex, f64)> {
    let Some(envelope) = Envelope::of(area) else { return Vec::new() };
    let grids = atlas.grids();
    let leaves = atlas.grids_in(&envelope).filter(|grid| grids.is_leaf(*grid));
    let held = leaves.map(|grid| (grid, true_area_m2(&grids.geometry(grid).intersection(area))));
    let mut cut: Vec<_> = held.filter(|(_, held_m2)| *held_m2 > ROUNDING_M2).collect();
    cut.sort_by(|(one, a), (other, b)| b.total_cmp(a).then_with(|| grids.code(*one).cmp(grids.code(*other))));
    cut
}

/// Square metres between edges that are straight in longitude and latitude, however long.
fn true_area_m2(area: &MultiPolygon<f64>) -> f64 {
    area_m2(&Euclidean.densify(area, LONGEST_EDGE))
}
