//! One point, all that is known of it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ResponsibleWorker, responsible};
use crate::access::Principal;
use crate::atlas::{Atlas, Cover, GridIndex, Neighbor};
use crate::geom::millimetres;
use crate::model::{LonLat, Role};

/// The largest accuracy radius that is answered, in metres.
pub const MAX_ACCURACY_M: f64 = 10_000.0;
/// The most candidates that are listed.
pub const MAX_CANDIDATES: usize = 100;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Where, in degrees of CGCS2000.
    pub point: LonLat,
    /// Radius in metres of the circle in which the point may really be; 0: exactly there.
    pub accuracy_m: f64,
    /// When.
    pub at: DateTime<Utc>,
    /// Roles that count as responsible; empty: any.
    pub roles: Vec<Role>,
}

/// How a point lies among the grids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Strictly inside one leaf.
    Inside,
    /// Exactly on an edge; the lowest code is named.
    Border,
    /// The accuracy circle reaches other leaves.
    Ambiguous,
    /// Inside a grid, but in no child of it.
    ParentOnly,
    /// In no grid.
    Outside,
}

/// A position in degrees of CGCS2000 (WGS84 to 0.12 mm).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Place {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

/// The grid that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GridSummary<'a> {
    /// Identity.
    pub id: Uuid,
    /// Code.
    pub code: &'a str,
    /// Level, 1 to 6.
    pub level: u8,
    /// Name.
    pub name: &'a str,
    /// base, dedicated, micro; null for an administrative division.
    pub kind: Option<&'static str>,
}

/// One link of the chain from the top down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainLink<'a> {
    /// Level, 1 to 6.
    pub level: u8,
    /// Code.
    pub code: &'a str,
    /// Name.
    pub name: &'a str,
    /// Identity.
    pub id: Uuid,
}

/// A level at which the boundaries say another grid than the chain: grids that do not lie inside their parents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Disagreement<'a> {
    /// Level, 1 to 6.
    pub level: u8,
    /// The grid of the chain, whose boundary does not hold the point.
    pub chain_code: &'a str,
    /// The grid of this level whose boundary does; null: none.
    pub covered_by: Option<ChainLink<'a>>,
}

/// Another leaf that the point may belong to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Candidate<'a> {
    /// The leaf.
    #[serde(flatten)]
    pub grid: GridSummary<'a>,
    /// Metres from the point to it.
    pub distance_m: f64,
}

/// The closest leaf to a point outside.
pub type NearestGrid<'a> = Candidate<'a>;

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Resolution<'a> {
    /// The revision that it was given from.
    pub revision: i64,
    /// The instant that it holds for.
    pub at: DateTime<Utc>,
    /// How the point lies.
    pub status: Status,
    /// The point in CGCS2000.
    pub point: Place,
    /// The grid that the point belongs to.
    pub grid: Option<GridSummary<'a>>,
    /// From the top down to that grid.
    pub chain: Vec<ChainLink<'a>>,
    /// Where the boundaries do not bear out the chain, from the bottom up; absent where they do. The chain follows the parents,
    /// which answer for a grid wherever its land lies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement<'a>>,
    /// Metres from the point to the border of that grid.
    pub border_m: Option<f64>,
    /// Who is on duty, primary first.
    pub responsible: Vec<ResponsibleWorker<'a>>,
    /// Other leaves that the accuracy circle reaches or whose edge the point is on, nearest first.
    pub candidates: Vec<Candidate<'a>>,
    /// True when there were more candidates than are listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub candidates_cut: bool,
    /// The closest leaf, when the point is outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<NearestGrid<'a>>,
}

/// The grids of the instant that is asked about, around the point that is asked about: those of now where they held then too.
pub fn as_of<'a>(atlas: &'a Atlas, question: &Question) -> Cow<'a, Atlas> {
    match atlas.holds_at(question.at) {
        true => Cow::Borrowed(atlas),
        false => Cow::Owned(atlas.at_point(question.at, question.point, question.accuracy_m)),
    }
}

/// Resolves one point from the grids of its instant, see [`as_of`].
pub fn resolve<'a>(atlas: &'a Atlas, who: &Principal, question: &Question) -> Resolution<'a> {
    let cover = atlas.cover(question.point);
    let grid = cover.grid();
    let mut others = others(atlas, question, &cover, grid);
    let status = match cover {
        Cover::Inside(_) if !others.is_empty() => Status::Ambiguous,
        Cover::Inside(_) => Status::Inside,
        Cover::Border(_) => Status::Border,
        Cover::ParentOnly(_) => Status::ParentOnly,
        Cover::Outside => Status::Outside,
    };
    let candidates_cut = others.len() > MAX_CANDIDATES;
    others.truncate(MAX_CANDIDATES);
    let candidate =
        |n: Neighbor| Candidate { grid: summarize(atlas, n.grid), distance_m: millimetres(n.distance_m) };
    Resolution {
        revision: atlas.revision(),
        at: question.at,
        status,
        point: Place { lon: question.point.lon(), lat: question.point.lat() },
        grid: grid.map(|grid| summarize(atlas, grid)),
        chain: grid.map(|grid| chain(atlas, grid)).unwrap_or_default(),
        disagreements: grid.map(|grid| disagreements(atlas, grid, question.point)).unwrap_or_default(),
        border_m: grid.map(|grid| millimetres(atlas.border_distance(grid, question.point))),
        responsible: grid
            .map(|grid| responsible(atlas, who, grid, question.at, &question.roles))
            .unwrap_or_default(),
        candidates: others.into_iter().map(candidate).collect(),
        candidates_cut,
        nearest: match grid {
            None => atlas.nearest_leaf(question.point).map(candidate),
            Some(_) => None,
        },
    }
}

/// The leaves other than the answer that the accuracy circle reaches; on an edge also those that share it.
fn others(atlas: &Atlas, question: &Question, cover: &Cover, grid: Option<GridIndex>) -> Vec<Neighbor> {
    let on_edge = matches!(cover, Cover::Border(_));
    if question.accuracy_m <= 0.0 && !on_edge {
        return Vec::new();
    }
    let mut near = atlas.leaves_within(question.point, question.accuracy_m.max(0.0));
    near.retain(|neighbor| Some(neighbor.grid) != grid);
    near
}

/// A grid in brief.
pub fn summarize(atlas: &Atlas, grid: GridIndex) -> GridSummary<'_> {
    let grids = atlas.grids();
    GridSummary {
        id: grids.id(grid).0,
        code: grids.code(grid).as_str(),
        level: grids.level(grid).number(),
        name: grids.name(grid),
        kind: grids.kind(grid).map(crate::model::GridKind::as_str),
    }
}

/// From the top down to a grid.
pub fn chain(atlas: &Atlas, grid: GridIndex) -> Vec<ChainLink<'_>> {
    atlas.grids().chain(grid).into_iter().map(|grid| link(atlas, grid)).collect()
}

fn link(atlas: &Atlas, grid: GridIndex) -> ChainLink<'_> {
    let grids = atlas.grids();
    ChainLink {
        level: grids.level(grid).number(),
        code: grids.code(grid).as_str(),
        name: grids.name(grid),
        id: grids.id(grid).0,
    }
}

fn disagreements(atlas: &Atlas, grid: GridIndex, point: LonLat) -> Vec<Disagreement<'_>> {
    let found = atlas.disagreements(grid, point).into_iter();
    let tell = |(in_chain, by_boundary): (GridIndex, Option<GridIndex>)| Disagreement {
        level: atlas.grids().level(in_chain).number(),
        chain_code: atlas.grids().code(in_chain).as_str(),
        covered_by: by_boundary.map(|grid| link(atlas, grid)),
    };
    found.map(tell).collect()
}
