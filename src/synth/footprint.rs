//! Footprints: rectangles and L-shapes, in metres.

use geo::{LineString, Polygon};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::plane::round;
use super::shape::Shape;

/// A building's outline around its middle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Footprint {
    /// Width and depth in metres, 8 to 40.
    pub(super) size: [f64; 2],
    /// Radians from east.
    pub(super) turn: f64,
    /// Is the north-east quarter left out?
    pub(super) bent: bool,
}

impl Footprint {
    /// A small house, the last resort where nothing else fits.
    pub(super) const HUT: Self = Self { size: [8.0, 8.0], turn: 0.0, bent: false };

    /// A building of a town or of a village.
    pub(super) fn draw(urban: bool, turn: f64, rng: &mut ChaCha8Rng) -> Self {
        let size = if urban {
            [rng.random_range(16.0..40.0), rng.random_range(10.0..18.0)]
        } else {
            [rng.random_range(9.0..17.0), rng.random_range(8.0..13.0)]
        };
        Self {
            size,
            turn: turn + rng.random_range(-0.04..0.04),
            bent: rng.random_bool(if urban { 0.15 } else { 0.35 }),
        }
    }

    /// Radius of the circle around it in metres.
    pub(super) fn radius(&self) -> f64 {
        self.size[0].hypot(self.size[1]) / 2.0
    }

    /// Ground area in square metres.
    pub(super) fn area(&self) -> f64 {
        self.size[0] * self.size[1] * if self.bent { 0.75 } else { 1.0 }
    }

    /// The polygon in degrees, counter-clockwise, when the middle stands at a place of the shape.
    pub(super) fn polygon(&self, shape: &Shape, at: [f64; 2]) -> Polygon<f64> {
        let [w, d] = [self.size[0] / 2.0, self.size[1] / 2.0];
        let corners: &[[f64; 2]] = if self.bent {
            &[[-w, -d], [w, -d], [w, 0.0], [0.0, 0.0], [0.0, d], [-w, d]]
        } else {
            &[[-w, -d], [w, -d], [w, d], [-w, d]]
        };
        let (sin, cos) = self.turn.sin_cos();
        let place =
            |[x, y]: [f64; 2]| round(shape.degrees([at[0] + x * cos - y * sin, at[1] + x * sin + y * cos]));
        Polygon::new(LineString(corners.iter().map(|corner| place(*corner)).collect()), Vec::new())
    }
}
