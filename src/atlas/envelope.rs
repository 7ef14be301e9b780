//! Envelopes in degrees.

use geo::{Coord, MultiPolygon};

use crate::model::LonLat;

/// An envelope in degrees: `min` is south-west, `max` north-east.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Envelope {
    /// Longitude and latitude of the south-west corner.
    pub min: [f64; 2],
    /// Longitude and latitude of the north-east corner.
    pub max: [f64; 2],
}

impl Envelope {
    /// The envelope of a multipolygon; `None` when it is empty.
    pub fn of(geometry: &MultiPolygon<f64>) -> Option<Self> {
        let rings = geometry.iter().filter_map(|polygon| Self::of_line(&polygon.exterior().0));
        rings.reduce(|a, b| a.union(&b))
    }

    /// The envelope of vertices; `None` when there are none.
    pub(super) fn of_line(vertices: &[Coord<f64>]) -> Option<Self> {
        let first = vertices.first()?;
        let start = Self::of_edge(*first, *first);
        // `f64::min` would take a look at what is no number: twice the time.
        let smaller = |a: f64, b: f64| if a < b { a } else { b };
        let larger = |a: f64, b: f64| if a > b { a } else { b };
        Some(vertices.iter().fold(start, |e, c| Self {
            min: [smaller(c.x, e.min[0]), smaller(c.y, e.min[1])],
            max: [larger(c.x, e.max[0]), larger(c.y, e.max[1])],
        }))
    }

    /// An envelope that holds everything within `radius_m` metres of a point, and a little more.
    pub fn around(point: LonLat, radius_m: f64) -> Self {
        /// No degree of latitude is shorter than this on the ellipsoid (equator: 110,574 m).
        const SHORTEST_DEGREE_M: f64 = 110_500.0;
        let north_south = radius_m / SHORTEST_DEGREE_M;
        let highest = (point.lat().abs() + north_south).min(90.0);
        let east_west = if highest > 89.0 { 360.0 } else { north_south / highest.to_radians().cos() };
        Self {
            min: [point.lon() - east_west, point.lat() - north_south],
            max: [point.lon() + east_west, point.lat() + north_south],
        }
    }

    /// The middle; an envelope lies on the earth.
    pub(super) fn middle(&self) -> LonLat {
        let [lon, lat] = [0, 1].map(|axis| (self.min[axis] + self.max[axis]) / 2.0);
        LonLat::new(lon, lat).expect("between two places on the earth there is another")
    }

    /// The envelope of an edge.
    pub(super) fn of_edge(a: Coord<f64>, b: Coord<f64>) -> Self {
        Self { min: [a.x.min(b.x), a.y.min(b.y)], max: [a.x.max(b.x), a.y.max(b.y)] }
    }

    /// Larger by a millionth on each side, far above any rounding of places to cells.
    pub(super) fn with_slack(&self) -> Self {
        let slack = [0, 1].map(|axis| 1e-6 * (self.max[axis] - self.min[axis]));
        Self {
            min: [self.min[0] - slack[0], self.min[1] - slack[1]],
            max: [self.max[0] + slack[0], self.max[1] + slack[1]],
        }
    }

    /// The smallest envelope that holds both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            min: [self.min[0].min(other.min[0]), self.min[1].min(other.min[1])],
            max: [self.max[0].max(other.max[0]), self.max[1].max(other.max[1])],
        }
    }

    /// Does it hold all of another?
    pub fn holds(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.min[axis] && other.max[axis] <= self.max[axis])
    }

    /// Do they share a point?
    pub fn meets(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.max[axis] && other.min[axis] <= self.max[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Destination, Distance, Geodesic, Point};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_envelope_around_a_point_holds_the_whole_circle_and_not_much_more(
            lon in 75.0..135.0_f64, lat in -60.0..60.0_f64, radius in 0.1..100_000.0_f64, bearing in 0.0..360.0_f64
        ) {
            let envelope = Envelope::around(LonLat::new(lon, lat).unwrap(), radius);
            let on_circle = Geodesic.destination(Point::new(lon, lat), bearing, radius);
            let at = [on_circle.x(), on_circle.y()];
            let there = Envelope { min: at, max: at };
            prop_assert!(envelope.meets(&there));
            let corner_m = Geodesic.distance(Point::new(lon, lat), Point::new(envelope.max[0], lat));
            prop_assert!(corner_m < radius * 1.08);
        }
    }
}
