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

#[cfg(test)]
mod tests {
    use super::*;

    const METRES: Coord<f64> = Coord { x: 1.0, y: 1.0 };

    fn c(x: f64, y: f64) -> Coord<f64> {
        Coord { x, y }
    }

    #[test]
    fn the_nearest_point_is_the_foot_of_the_perpendicular_or_an_end() {
        let (a, b) = (c(0.0, 0.0), c(10.0, 0.0));
        assert_eq!(nearest_share(c(2.5, 7.0), a, b, METRES), 0.25);
        assert_eq!(squared_distance(c(2.5, 7.0), a, b, METRES), 49.0);
        assert_eq!(squared_distance(c(-3.0, 4.0), a, b, METRES), 25.0);
        assert_eq!(squared_distance(c(13.0, 4.0), a, b, METRES), 25.0);
    }

    #[test]
    fn a_segment_without_length_is_a_point() {
        assert_eq!(squared_distance(c(3.0, 4.0), c(0.0, 0.0), c(0.0, 0.0), METRES), 25.0);
    }

    #[test]
    fn the_scales_decide_what_is_perpendicular() {
        let share = nearest_share(c(0.0, 1.0), c(0.0, 0.0), c(1.0, 1.0), c(0.5, 1.0));
        assert_eq!(share, 0.8, "on the ground the segment runs 0.5 east and 1 north");
    }
}
