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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::distance_m;
    use geo::Coord;
    use proptest::prelude::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).unwrap()
    }

    fn envelope(west: f64, south: f64, east: f64, north: f64) -> Rect<f64> {
        Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north })
    }

    /// The distance to the nearest of a lattice of the box's points.
    fn nearest_of_lattice(point: LonLat, b: Rect<f64>, n: i32) -> f64 {
        let share = |i: i32| f64::from(i) / f64::from(n);
        let lattice = (0..=n).flat_map(|i| (0..=n).map(move |j| (i, j)));
        lattice
            .map(|(i, j)| (b.min().x + b.width() * share(i), b.min().y + b.height() * share(j)))
            .map(|(lon, lat)| distance_m(point, at(lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0))))
            .fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn inside_and_on_the_side_of_a_box_the_bound_is_zero() {
        let dali = envelope(98.8, 24.6, 101.1, 26.8);
        for point in [at(100.0, 25.0), at(98.8, 25.0), at(101.1, 26.8)] {
            assert_eq!(DistanceBound::new(point).to_box(dali), 0.0);
        }
    }

    #[test]
    fn the_short_way_round_the_antimeridian_and_over_the_pole_is_seen() {
        let fiji = envelope(-180.0, -17.0, -179.0, -16.0);
        assert!(DistanceBound::new(at(179.9, -16.5)).to_box(fiji) < 11_000.0);
        let beyond_the_pole = envelope(-80.0, 89.0, -79.0, 89.5);
        let bound = DistanceBound::new(at(100.0, 89.0)).to_box(beyond_the_pole);
        assert!(bound > 160_000.0 && bound < 168_000.0, "{bound}");
    }

    fn any_box(size: f64) -> impl Strategy<Value = Rect<f64>> {
        (-180.0..180.0f64, -90.0..90.0f64, 0.0..size, 0.0..size)
            .prop_map(|(w, s, dx, dy)| envelope(w, s, (w + dx).min(180.0), (s + dy).min(90.0)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_bound_never_exceeds_the_true_distance(
            lon in -180.0..=180.0f64, lat in -90.0..=90.0f64, b in prop_oneof![any_box(400.0), any_box(20.0), any_box(0.1)]
        ) {
            let point = at(lon, lat);
            let (bound, near) = (DistanceBound::new(point).to_box(b), nearest_of_lattice(point, b, 12));
            prop_assert!(bound <= near, "{} exceeds {}", bound, near);
        }

        #[test]
        fn nearby_the_bound_is_tight(
            lon in 73.0..135.0f64, lat in -60.0..60.0f64, (dx, dy) in (-0.5..0.5f64, -0.5..0.5f64), (w, h) in (0.001..0.2f64, 0.001..0.2f64)
        ) {
            let (point, b) = (at(lon, lat), envelope(lon + dx, lat + dy, lon + dx + w, lat + dy + h));
            let (bound, near) = (DistanceBound::new(point).to_box(b), nearest_of_lattice(point, b, 64));
            // The lattice misses the nearest point of a side by half a step each way.
            prop_assert!(bound <= near);
            let step = w.hypot(h) / 128.0 * 111_700.0;
            prop_assert!((bound / 0.9999).hypot(step) >= near - 1.0, "{} is far below {}", bound, near);
        }
    }
}
