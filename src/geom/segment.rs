//! A point and a segment in a plane with different scales along its axes.

use geo::Coord;

/// The share of the way from `a` to `b` (0 to 1) at which the segment is nearest to `point`, when a unit of x measures
/// `scale.x` and one of y `scale.y`.
pub(super) fn nearest_share(point: Coord<f64>, a: Coord<f64>, b: Coord<f64>, scale: Coord<f64>) -> f64 {
    let (along, to_point) = (scaled(b - a, scale), scaled(point - a, scale));
    let length_squared = along.x * along.x + along.y * along.y;
    if length_squared == 0.0 {
        return 0.0;
    }
    ((along.x * to_point.x + along.y * to_point.y) / length_squared).clamp(0.0, 1.0)
}

/// The square of the distance from `point` to the segment, in the units that `scale` converts to.
pub(super) fn squared_distance(point: Coord<f64>, a: Coord<f64>, b: Coord<f64>, scale: Coord<f64>) -> f64 {
    let nearest = at_share(a, b, nearest_share(point, a, b, scale));
    let gap = scaled(nearest - point, scale);
    gap.x * gap.x + gap.y * gap.y
}

/// The point at a share of the way from `a` to `b`.
pub(super) fn at_share(a: Coord<f64>, b: Coord<f64>, share: f64) -> Coord<f64> {
    a + (b - a) * share
}

fn scaled(vector: Coord<f64>, scale: Coord<f64>) -> Coord<f64> {
    Coord { x: vector.x * scale.x, y: vector.y * scale.y }
}
