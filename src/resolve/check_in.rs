//! Is a point inside a given grid?

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::geom::Location;
use crate::model::LonLat;

/// The verdict of a check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// The whole accuracy circle lies in the grid.
    Inside,
    /// The whole accuracy circle lies outside the grid.
    Outside,
    /// The accuracy circle reaches across the border.
    Uncertain,
}

/// A check-in and its distance to the border.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct CheckIn {
    /// The verdict.
    pub presence: Presence,
    /// Metres to the border of the grid, whichever side the point is on.
    pub distance_m: f64,
}

/// Compares a point with its accuracy circle against a grid; stores nothing. Grid boundaries are no personal data, so
/// every principal may ask.
pub fn check_in(atlas: &Atlas, _who: &Principal, grid: GridIndex, point: LonLat, accuracy_m: f64) -> CheckIn {
    let distance_m = atlas.border_distance(grid, point);
    let presence = match atlas.grids().locate(grid, point) {
        Location::Boundary if accuracy_m <= 0.0 => Presence::Inside,
        _ if distance_m <= accuracy_m => Presence::Uncertain,
        Location::Outside => Presence::Outside,
        Location::Inside | Location::Boundary => Presence::Inside,
    };
    CheckIn { presence, distance_m }
}
