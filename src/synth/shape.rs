//! The inside of a leaf in metres, for those who put things there.

use geo::{BoundingRect, Coord, MultiPolygon};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::plane::Plane;

/// A territory as seen from its south-west corner.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    plane: Plane,
    corner: [f64; 2],
    size: [f64; 2],
    rings: Vec<Vec<[f64; 2]>>,
}

impl Shape {
    /// The shape of a territory in degrees.
    pub(super) fn new(territory: &MultiPolygon<f64>) -> Self {
        let bounds = territory.bounding_rect();
        let (low, high) = bounds.map_or_else(Default::default, |rect| (rect.min(), rect.max()));
        let plane = Plane::at((low.y + high.y) / 2.0);
        let corner = plane.km(low);
        let mut shape = Self { plane, corner, size: [0.0; 2], rings: Vec::new() };
        let lines = territory.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        shape.rings = lines.map(|line| line.0.iter().map(|c| shape.metres(*c)).collect()).collect();
        shape.size = shape.metres(high);
        shape
    }

    /// Metres east and north of the corner.
    pub(super) fn metres(&self, c: Coord<f64>) -> [f64; 2] {
        let [x, y] = self.plane.km(c);
        [(x - self.corner[0]) * 1e3, (y - self.corner[1]) * 1e3]
    }

    /// Degrees of a place in metres.
    pub(super) fn degrees(&self, [x, y]: [f64; 2]) -> Coord<f64> {
        self.plane.degrees([self.corner[0] + x / 1e3, self.corner[1] + y / 1e3])
    }

    /// Metres to the border: below zero outside.
    pub(super) fn clearance(&self, p: [f64; 2]) -> f64 {
        let mut inside = false;
        let mut least = f64::MAX;
        for ring in &self.rings {
            for pair in ring.windows(2) {
                let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
                if (ay > p[1]) != (by > p[1]) && p[0] < (bx - ax) * (p[1] - ay) / (by - ay) + ax {
                    inside = !inside;
                }
                let (dx, dy) = (bx - ax, by - ay);
                let length = dx * dx + dy * dy;
                let t = if length > 0.0 {
                    (((p[0] - ax) * dx + (p[1] - ay) * dy) / length).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let square = (p[0] - ax - t * dx).powi(2) + (p[1] - ay - t * dy).powi(2);
                least = least.min(square);
            }
        }
        if inside { least.sqrt() } else { -least.sqrt() }
    }

    /// A place inside: the one farthest from the border of some that were tried. More tries, more to the middle.
    pub(super) fn place(&self, tries: usize, rng: &mut ChaCha8Rng) -> [f64; 2] {
        let mut best = ([0.0, 0.0], f64::MIN);
        let mut inside = 0;
        // a leaf fills a good part of its box; the limit only guards against a degenerate one
        for _ in 0..10_000 {
            let p = [rng.random_range(0.0..1.0) * self.size[0], rng.random_range(0.0..1.0) * self.size[1]];
            let clearance = self.clearance(p);
            inside += usize::from(clearance > 0.5);
            if clearance > best.1 {
                best = (p, clearance);
            }
            if inside >= tries {
                break;
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn clearance_is_the_distance_to_the_border_and_negative_outside() {
        let side = 0.01;
        let square = polygon![(x: 100.0, y: 25.0), (x: 100.0 + side, y: 25.0), (x: 100.0 + side, y: 25.0 + side), (x: 100.0, y: 25.0 + side)];
        let shape = Shape::new(&MultiPolygon(vec![square]));
        let width = shape.size[0];
        assert!((shape.clearance([width / 2.0, 100.0]) - 100.0).abs() < 1e-6);
        assert!((shape.clearance([width + 30.0, 200.0]) + 30.0).abs() < 1e-6);
    }
}
