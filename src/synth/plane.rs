//! A flat picture of a small area, in kilometres: good to 1 % over a county, which is all that invention needs.

use geo::Coord;

use super::random::{mix, unit};

/// Kilometres in a degree of latitude, near enough.
const KM_PER_DEGREE: f64 = 111.2;

/// An equirectangular plane with true scale along one parallel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    shrink: f64,
}

impl Plane {
    /// The plane that is true at this latitude in degrees.
    pub(super) fn at(latitude: f64) -> Self {
        Self { shrink: latitude.to_radians().cos() }
    }

    /// Degrees to kilometres.
    pub(super) fn km(self, c: Coord<f64>) -> [f64; 2] {
        [c.x * self.shrink * KM_PER_DEGREE, c.y * KM_PER_DEGREE]
    }

    /// Kilometres to degrees.
    pub(super) fn degrees(self, [x, y]: [f64; 2]) -> Coord<f64> {
        Coord { x: x / (self.shrink * KM_PER_DEGREE), y: y / KM_PER_DEGREE }
    }

    /// Distance in kilometres.
    pub(super) fn distance(self, a: Coord<f64>, b: Coord<f64>) -> f64 {
        let ([ax, ay], [bx, by]) = (self.km(a), self.km(b));
        (ax - bx).hypot(ay - by)
    }
}

/// Rounds to 1e-9 degrees (0.1 mm), so that every polygon that uses a vertex writes the same number.
pub(super) fn round(c: Coord<f64>) -> Coord<f64> {
    Coord { x: (c.x * 1e9).round() / 1e9, y: (c.y * 1e9).round() / 1e9 }
}

/// The bits of a coordinate, to compare and sort by.
pub(super) fn bits(c: Coord<f64>) -> [u64; 2] {
    // -0.0 and 0.0 are one place
    [(c.x + 0.0).to_bits(), (c.y + 0.0).to_bits()]
}

/// The point at share `t` of the way from `a` to `b`, rounded; both directions of an edge give the same
/// point when called with the ends in [`ordered`].
pub(super) fn between(a: Coord<f64>, b: Coord<f64>, t: f64) -> Coord<f64> {
    round(Coord { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t })
}

/// The ends of an edge in an order that does not depend on who asks.
pub(super) fn ordered(a: Coord<f64>, b: Coord<f64>) -> (Coord<f64>, Coord<f64>) {
    if bits(a) <= bits(b) { (a, b) } else { (b, a) }
}

/// A point on an edge, off its middle by chance: the same from both sides.
pub(super) fn point_on_edge(seed: u64, a: Coord<f64>, b: Coord<f64>) -> Coord<f64> {
    let (a, b) = ordered(a, b);
    let ([ax, ay], [bx, by]) = (bits(a), bits(b));
    between(a, b, 0.32 + 0.36 * unit(&[seed, ax, ay, bx, by]))
}

/// A point in a triangle, off its centre by chance, at least a fifth of each height away from the sides.
pub(super) fn point_in_triangle(seed: u64, corners: [Coord<f64>; 3]) -> Coord<f64> {
    let key = corners.iter().fold(0, |key: u64, c| key ^ mix(&bits(*c)));
    let free: [f64; 3] = std::array::from_fn(|i| 0.02 + unit(&[seed, key, i as u64]));
    let sum: f64 = free.iter().sum();
    let weight = |i: usize| 0.22 + 0.34 * free[i] / sum;
    round(Coord {
        x: (0..3).map(|i| corners[i].x * weight(i)).sum(),
        y: (0..3).map(|i| corners[i].y * weight(i)).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_an_edge_choose_the_same_point() {
        let (a, b) = (Coord { x: 100.240104, y: 26.692238 }, Coord { x: 100.238223, y: 26.659527 });
        assert_eq!(point_on_edge(5, a, b), point_on_edge(5, b, a));
    }

    #[test]
    fn the_plane_gives_back_the_degrees() {
        let plane = Plane::at(25.6);
        let c = Coord { x: 100.2676, y: 25.6065 };
        let back = plane.degrees(plane.km(c));
        assert!((back.x - c.x).abs() < 1e-12 && (back.y - c.y).abs() < 1e-12);
    }
}
