//! One point, all that is known of it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ResponsibleWorker, responsible};
use crate::access::Principal;
use crate::atlas::{Atlas, Cover, GridIndex, Neighbor};
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
pub struct GridSummary {
    /// Identity.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Level, 1 to 6.
    pub level: u8,
    /// Name.
    pub name: String,
    /// base, dedicated, micro; null for an administrative division.
    pub kind: Option<&'static str>,
}

/// One link of the chain from the top down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainLink {
    /// Level, 1 to 6.
    pub level: u8,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Identity.
    pub id: Uuid,
}

/// Another leaf that the point may belong to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Candidate {
    /// The leaf.
    #[serde(flatten)]
    pub grid: GridSummary,
    /// Metres from the point to it.
    pub distance_m: f64,
}

/// The closest leaf to a point outside.
pub type NearestGrid = Candidate;

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Resolution {
    /// The revision that it was given from.
    pub revision: i64,
    /// The instant that it holds for.
    pub at: DateTime<Utc>,
    /// How the point lies.
    pub status: Status,
    /// The point in CGCS2000.
    pub point: Place,
    /// The grid that the point belongs to.
    pub grid: Option<GridSummary>,
    /// From the top down to that grid.
    pub chain: Vec<ChainLink>,
    /// Metres from the point to the border of that grid.
    pub border_m: Option<f64>,
    /// Who is on duty, primary first.
    pub responsible: Vec<ResponsibleWorker>,
    /// Other leaves that the accuracy circle reaches or whose edge the point is on, nearest first.
    pub candidates: Vec<Candidate>,
    /// True when there were more candidates than are listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub candidates_cut: bool,
    /// The closest leaf, when the point is outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<NearestGrid>,
}

/// Resolves one point as of its instant: from the grids of now where they held then too, else from those that held then.
pub fn resolve(atlas: &Atlas, who: &Principal, question: &Question) -> Resolution {
    match atlas.holds_at(question.at) {
        true => resolve_in(atlas, who, question),
        false => {
            let then = atlas.at_point(question.at, question.point, question.accuracy_m);
            resolve_in(&then, who, question)
        }
    }
}

fn resolve_in(atlas: &Atlas, who: &Principal, question: &Question) -> Resolution {
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
pub fn summarize(atlas: &Atlas, grid: GridIndex) -> GridSummary {
    let grids = atlas.grids();
    GridSummary {
        id: grids.id(grid).0,
        code: grids.code(grid).to_string(),
        level: grids.level(grid).number(),
        name: grids.name(grid).to_owned(),
        kind: grids.kind(grid).map(crate::model::GridKind::as_str),
    }
}

fn chain(atlas: &Atlas, grid: GridIndex) -> Vec<ChainLink> {
    let grids = atlas.grids();
    let link = |g: GridIndex| ChainLink {
        level: grids.level(g).number(),
        code: grids.code(g).to_string(),
        name: grids.name(g).to_owned(),
        id: grids.id(g).0,
    };
    grids.chain(grid).into_iter().map(link).collect()
}

/// Distances are shown to the millimetre: digits beyond say nothing of a border on the ground.
fn millimetres(metres: f64) -> f64 {
    (metres * 1_000.0).round() / 1_000.0
}
