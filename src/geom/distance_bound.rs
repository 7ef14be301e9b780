//! A quick lower bound of the distance to a box, for searches that prune.

use super::distance::{A, E2};
use crate::model::LonLat;
use geo::Rect;
use std::f64::consts::PI;

/// Metres taken off every bound, far above what rounding adds to coordinates of the Earth's size.
const ROUNDING_M: f64 = 1e-6;

/// A point from which boxes are looked at.
///
/// The bound is the straight line through the Earth: never longer than any way over the surface, and at 100 km only one
/// metre shorter. Valid at every latitude, poles and antimeridian included.
#[derive(Debug, Clone, Copy)]
pub struct DistanceBound {
    lon: f64,
    lat: f64,
    radius: f64,
    height: f64,
}

impl DistanceBound {
    /// Prepares a point.
    pub fn new(point: LonLat) -> Self {
        let (radius, height) = meridian_point(point.lat());
        Self { lon: point.lon(), lat: point.lat(), radius, height }
    }

    /// Metres that a box in longitude and latitude degrees is away at least; 0 when it holds the point.
    pub fn to_box(&self, envelope: Rect<f64>) -> f64 {
        let (south, north) = (envelope.min().y, envelope.max().y);
        let gap_lon = lon_gap(self.lon, envelope.min().x, envelope.max().x);
        if gap_lon == 0.0 && (south..=north).contains(&self.lat) {
            return 0.0;
        }
        let (south, north) = (meridian_point(south), meridian_point(north));
        let up = gap(self.height, south.1, north.1);
        let across_squared =
            self.across_squared(gap_lon, envelope, south.0.min(north.0), south.0.max(north.0));
        ((across_squared + up * up).sqrt() - ROUNDING_M).max(0.0)
    }

    /// The square of the distance, seen along the Earth's axis, to the box's shape there: a sector of a ring.
    fn across_squared(&self, gap_lon: f64, envelope: Rect<f64>, inner: f64, outer: f64) -> f64 {
        let straddles_equator = envelope.min().y < 0.0 && envelope.max().y > 0.0;
        let outer = if straddles_equator { A } else { outer };
        let (sin_half, cos) = ((gap_lon / 2.0).sin(), gap_lon.cos());
        let radius = (self.radius * cos).clamp(inner, outer);
        (self.radius - radius).powi(2) + 4.0 * self.radius * radius * sin_half * sin_half
    }
}

/// Distance from the Earth's axis and height above the equator's plane, in metres, of a latitude in degrees.
fn meridian_point(lat: f64) -> (f64, f64) {
    let (sin, cos) = lat.to_radians().sin_cos();
    let prime_vertical = A / (1.0 - E2 * sin * sin).sqrt();
    (prime_vertical * cos, prime_vertical * (1.0 - E2) * sin)
}

/// The angle in radians (0 to pi) from a longitude to the nearer side of an interval of longitudes, the short way round; 0 inside.
fn lon_gap(lon: f64, west: f64, east: f64) -> f64 {
    let eastwards = (west - lon).rem_euclid(360.0);
    let westwards = (lon - east).rem_euclid(360.0);
    let inside = (lon - west).rem_euclid(360.0) <= east - west;
    if inside { 0.0 } else { eastwards.min(westwards).to_radians().min(PI) }
}

fn gap(value: f64, low: f64, high: f64) -> f64 {
    (low - value).max(value - high).max(0.0)
}
