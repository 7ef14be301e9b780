//! Distances around a vertex: a degree is as long there as it is, and a metre is far too near for the earth to be round.

use geo::Coord;
use rstar::AABB;

/// A degree of latitude, metres (110.6 to 111.7 km).
const DEGREE_M: f64 = 111_000.0;

/// The plane around a vertex.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local {
    origin: Coord<f64>,
    /// Degrees of longitude times this are as long as degrees of latitude.
    squeeze: f64,
}

impl Local {
    pub(super) fn new(origin: Coord<f64>) -> Self {
        Self { origin, squeeze: origin.y.to_radians().cos() }
    }

    /// Everything nearer than this, metres, and a little more.
    pub(super) fn envelope(&self, reach_m: f64) -> AABB<[f64; 2]> {
        let Coord { x, y } = self.origin;
        let (reach_x, reach_y) = (reach_m / DEGREE_M / self.squeeze, reach_m / DEGREE_M);
        AABB::from_corners([x - reach_x, y - reach_y], [x + reach_x, y + reach_y])
    }

    /// The distance to another vertex, metres.
    pub(super) fn to_vertex(self, other: Coord<f64>) -> f64 {
        let (x, y) = self.metres(other);
        x.hypot(y)
    }

    /// The distance to an edge, metres, and which share of the edge lies before the place nearest to here.
    pub(super) fn to_edge(self, from: Coord<f64>, to: Coord<f64>) -> (f64, f64) {
        let ((ax, ay), (bx, by)) = (self.metres(from), self.metres(to));
        let (dx, dy) = (bx - ax, by - ay);
        let length_2 = dx * dx + dy * dy;
        let share = if length_2 > 0.0 { (-(ax * dx + ay * dy) / length_2).clamp(0.0, 1.0) } else { 0.0 };
        ((ax + share * dx).hypot(ay + share * dy), share)
    }

    fn metres(self, c: Coord<f64>) -> (f64, f64) {
        ((c.x - self.origin.x) * self.squeeze * DEGREE_M, (c.y - self.origin.y) * DEGREE_M)
    }
}
