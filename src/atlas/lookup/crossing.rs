//! Does a path from a corner of a cell to a point cross an edge? Exact, by signs of orientation alone.
//!
//! The path goes from the corner north or south along the corner's meridian to the point's parallel, then along that parallel to
//! the point. So that it never passes through a vertex, it is thought moved by an infinitesimal step: its meridian to the east by
//! e, its parallel to the north by d, with d far smaller than e (simulation of simplicity, Edelsbrunner and Mücke 1990). A point
//! that lies on no edge is in the same faces before and after the step.

use geo::Coord;
use robust::orient2d;

/// What an edge does to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossing {
    /// The point lies on the edge.
    Holds,
    /// The path crosses it an odd number of times.
    Odd,
    /// Not at all, or twice.
    Even,
}

fn side(a: Coord<f64>, b: Coord<f64>, of: Coord<f64>) -> f64 {
    let point = |c: Coord<f64>| robust::Coord { x: c.x, y: c.y };
    orient2d(point(a), point(b), point(of))
}

/// The path from a corner to a point against the edge from `a` to `b`.
#[inline]
pub(super) fn crossing(a: Coord<f64>, b: Coord<f64>, corner: Coord<f64>, point: Coord<f64>) -> Crossing {
    let mut odd = along_meridian(a, b, corner, point.y);
    let (a_above, b_above) = (a.y > point.y, b.y > point.y);
    if a_above != b_above {
        let side = side(a, b, point);
        if side == 0.0 {
            return Crossing::Holds;
        }
        let west_of_point = (side < 0.0) == b_above;
        odd ^= west_of_point != west_of(a, b, b_above, Coord { x: corner.x, y: point.y });
    } else if (a.y == point.y || b.y == point.y) && touches(a, b, point) {
        return Crossing::Holds;
    }
    if odd { Crossing::Odd } else { Crossing::Even }
}

/// Does a step along the meridian of `from` to the latitude `to` cross the edge?
pub(super) fn along_meridian(a: Coord<f64>, b: Coord<f64>, from: Coord<f64>, to: f64) -> bool {
    let (a_east, b_east) = (a.x > from.x, b.x > from.x);
    if a_east == b_east {
        return false;
    }
    let below = |y: f64| {
        // Both ends on one side of the latitude: no arithmetic needed.
        if a.y.max(b.y) < y {
            return true;
        }
        if a.y.min(b.y) > y {
            return false;
        }
        match side(a, b, Coord { x: from.x, y }) {
            0.0 => {
                if b_east {
                    b.y <= a.y
                } else {
                    a.y <= b.y
                }
            }
            side => (side > 0.0) == b_east,
        }
    };
    below(to) != below(from.y)
}

/// Does a step along the parallel of `from` to the longitude `to` cross the edge?
pub(super) fn along_parallel(a: Coord<f64>, b: Coord<f64>, from: Coord<f64>, to: f64) -> bool {
    let (a_above, b_above) = (a.y > from.y, b.y > from.y);
    a_above != b_above && west_of(a, b, b_above, from) != west_of(a, b, b_above, Coord { x: to, y: from.y })
}

/// Is the edge, where it crosses the parallel of a place, west of the place or at it?
pub(super) fn west_of(a: Coord<f64>, b: Coord<f64>, b_above: bool, place: Coord<f64>) -> bool {
    if a.x.min(b.x) > place.x {
        return false;
    }
    if a.x.max(b.x) <= place.x {
        return true;
    }
    match side(a, b, place) {
        0.0 => true,
        side => (side < 0.0) == b_above,
    }
}

/// An edge that does not cross the point's parallel holds it only at an end, or along its length when level.
fn touches(a: Coord<f64>, b: Coord<f64>, point: Coord<f64>) -> bool {
    let level = a.y == point.y && b.y == point.y;
    a == point || b == point || (level && (a.x < point.x) != (b.x < point.x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Location, locate};
    use proptest::prelude::*;

    fn coord((x, y): (i32, i32)) -> Coord<f64> {
        Coord { x: f64::from(x), y: f64::from(y) }
    }

    /// In the ring after the infinitesimal step to the north-east, seen from far to the west.
    fn holds_corner(ring: &[Coord<f64>], corner: Coord<f64>) -> bool {
        let edges = (0..ring.len()).map(|at| (ring[at], ring[(at + 1) % ring.len()]));
        let crossed = edges.filter(|(a, b)| {
            let (a_above, b_above) = (a.y > corner.y, b.y > corner.y);
            a_above != b_above && west_of(*a, *b, b_above, corner)
        });
        crossed.count() % 2 == 1
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// Whole numbers, so that corners, points and vertices fall on one another and on edges all the time.
        #[test]
        fn from_any_corner_a_point_is_found_where_a_ray_finds_it(
            vertices in prop::collection::vec((0..8i32, 0..8i32), 1..12), corner in (-1..9i32, -1..9i32)
        ) {
            let ring: Vec<_> = vertices.into_iter().map(coord).collect();
            let corner = coord(corner);
            let start = holds_corner(&ring, corner);
            for x in -1..9 {
                for y in -1..9 {
                    let point = coord((x, y));
                    let crossings: Vec<_> = (0..ring.len()).map(|at| crossing(ring[at], ring[(at + 1) % ring.len()], corner, point)).collect();
                    let odd = crossings.iter().filter(|c| **c == Crossing::Odd).count() % 2 == 1;
                    let found = match crossings.contains(&Crossing::Holds) {
                        true => Location::Boundary,
                        false if start != odd => Location::Inside,
                        false => Location::Outside,
                    };
                    prop_assert_eq!(found, locate(&ring, point), "from {:?} to {:?}", corner, point);
                }
            }
        }

        #[test]
        fn steps_from_corner_to_corner_carry_membership_along(
            vertices in prop::collection::vec((0..8i32, 0..8i32), 1..12), from in (-1..9i32, -1..9i32), to in (-1..9i32, -1..9i32)
        ) {
            let ring: Vec<_> = vertices.into_iter().map(coord).collect();
            let (from, to) = (coord(from), coord(to));
            let edges = || (0..ring.len()).map(|at| (ring[at], ring[(at + 1) % ring.len()]));
            let up = edges().filter(|(a, b)| along_meridian(*a, *b, from, to.y)).count();
            let across = edges().filter(|(a, b)| along_parallel(*a, *b, Coord { x: from.x, y: to.y }, to.x)).count();
            prop_assert_eq!(holds_corner(&ring, from) != ((up + across) % 2 == 1), holds_corner(&ring, to));
        }
    }
}
