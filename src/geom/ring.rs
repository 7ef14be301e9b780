//! Is a point inside a ring, on it, or outside? Exact, with the same verdict as PostGIS.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use robust::orient2d;

/// Where a point lies. PostGIS `ST_Covers` is true for `Inside` and `Boundary`, `ST_Contains` only for `Inside`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the interior.
    Inside,
    /// Exactly on a vertex or an edge.
    Boundary,
    /// Neither.
    Outside,
}

impl Location {
    /// True inside and on the boundary, as `ST_Covers` says.
    pub fn is_covered(self) -> bool {
        self != Self::Outside
    }
}

/// What one edge says about a point, looking along the ray from the point towards +x.
enum Edge {
    Holds,
    Crosses,
    Misses,
}

/// Locates a point in a ring by the even-odd rule, with exact arithmetic (Shewchuk's adaptive predicate). The ring may be closed or not
/// (the closing edge is implied), of either winding; repeated vertices count once. O(n).
pub fn locate(ring: &[Coord<f64>], point: Coord<f64>) -> Location {
    let Some((&first, &last)) = ring.first().zip(ring.last()) else {
        return Location::Outside;
    };
    let mut inside = false;
    let edges = ring.windows(2).map(|edge| (edge[0], edge[1]));
    for (a, b) in edges.chain(std::iter::once((last, first))) {
        match edge(a, b, point) {
            Edge::Holds => return Location::Boundary,
            Edge::Crosses => inside = !inside,
            Edge::Misses => {}
        }
    }
    if inside { Location::Inside } else { Location::Outside }
}

/// Locates a point in the area that lines bound together, in any order and direction, by the even-odd rule: the lines are not
/// closed one by one. For a valid multipolygon the verdict is that of [`locate_multipolygon`]. O(n).
pub fn locate_among_lines<'a>(lines: impl Iterator<Item = &'a [Coord<f64>]>, point: Coord<f64>) -> Location {
    let mut inside = false;
    for edges in lines.flat_map(|line| line.windows(2)) {
        match edge(edges[0], edges[1], point) {
            Edge::Holds => return Location::Boundary,
            Edge::Crosses => inside = !inside,
            Edge::Misses => {}
        }
    }
    if inside { Location::Inside } else { Location::Outside }
}

/// Half-open in y, so that a vertex on the ray counts for exactly one of its two edges.
fn edge(a: Coord<f64>, b: Coord<f64>, point: Coord<f64>) -> Edge {
    let (a_above, b_above) = (a.y > point.y, b.y > point.y);
    if a_above == b_above {
        return if touches_level_edge(a, b, point) { Edge::Holds } else { Edge::Misses };
    }
    let side = orient2d(robust_coord(a), robust_coord(b), robust_coord(point));
    if side == 0.0 {
        Edge::Holds
    } else if (side > 0.0) == b_above {
        Edge::Crosses
    } else {
        Edge::Misses
    }
}

/// An edge that the ray does not cross can hold the point only at an end, or along its length when horizontal.
fn touches_level_edge(a: Coord<f64>, b: Coord<f64>, point: Coord<f64>) -> bool {
    let level = a.y == point.y && b.y == point.y;
    a == point || b == point || (level && (a.x < point.x) != (b.x < point.x))
}

fn robust_coord(c: Coord<f64>) -> robust::Coord<f64> {
    robust::Coord { x: c.x, y: c.y }
}

/// Locates a point in a polygon; a point on the edge of a hole is on the boundary.
pub fn locate_polygon(polygon: &Polygon<f64>, point: Coord<f64>) -> Location {
    match locate(&polygon.exterior().0, point) {
        Location::Inside => locate_among_holes(polygon.interiors(), point),
        other => other,
    }
}

fn locate_among_holes(holes: &[LineString<f64>], point: Coord<f64>) -> Location {
    for hole in holes {
        match locate(&hole.0, point) {
            Location::Inside => return Location::Outside,
            Location::Boundary => return Location::Boundary,
            Location::Outside => {}
        }
    }
    Location::Inside
}

/// Locates a point in a multipolygon: inside if inside any polygon, else on the boundary if on any's.
pub fn locate_multipolygon(multipolygon: &MultiPolygon<f64>, point: Coord<f64>) -> Location {
    let mut location = Location::Outside;
    for polygon in multipolygon {
        match locate_polygon(polygon, point) {
            Location::Inside => return Location::Inside,
            Location::Boundary => location = Location::Boundary,
            Location::Outside => {}
        }
    }
    location
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;
    use proptest::prelude::*;

    type Vertex = (i64, i64);

    fn coord((x, y): Vertex) -> Coord<f64> {
        Coord { x: x as f64, y: y as f64 }
    }

    /// The oracle: integers only. On an edge if the cross product is zero and the point lies between the ends; else the winding
    /// is summed by quadrants turned through, an algorithm with nothing in common with a crossing count.
    fn oracle(ring: &[Vertex], p: Vertex) -> Location {
        let mut quarter_turns = 0i64;
        for i in 0..ring.len() {
            let ((ax, ay), (bx, by)) = (ring[i], ring[(i + 1) % ring.len()]);
            let (a, b) =
                ((i128::from(ax - p.0), i128::from(ay - p.1)), (i128::from(bx - p.0), i128::from(by - p.1)));
            let (cross, dot) = (a.0 * b.1 - a.1 * b.0, a.0 * b.0 + a.1 * b.1);
            if cross == 0 && dot <= 0 {
                return Location::Boundary;
            }
            quarter_turns += match (quadrant(b) - quadrant(a)).rem_euclid(4) {
                1 => 1,
                3 => -1,
                2 => 2 * cross.signum() as i64,
                _ => 0,
            };
        }
        if (quarter_turns / 4) % 2 == 0 { Location::Outside } else { Location::Inside }
    }

    fn quadrant((x, y): (i128, i128)) -> i64 {
        match (x > 0, y > 0) {
            _ if x > 0 && y >= 0 => 0,
            _ if x <= 0 && y > 0 => 1,
            _ if x < 0 && y <= 0 => 2,
            _ => 3,
        }
    }

    fn square_with_hole() -> Polygon<f64> {
        polygon!(
            exterior: [(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 0., y: 9.)],
            interiors: [[(x: 3., y: 3.), (x: 3., y: 6.), (x: 6., y: 6.), (x: 6., y: 3.)]]
        )
    }

    #[test]
    fn the_edge_of_a_hole_is_boundary_and_its_inside_is_outside() {
        let polygon = square_with_hole();
        let at = |x, y| locate_polygon(&polygon, Coord { x, y });
        assert_eq!(at(1.0, 1.0), Location::Inside);
        assert_eq!(at(3.0, 4.0), Location::Boundary);
        assert_eq!(at(6.0, 6.0), Location::Boundary);
        assert_eq!(at(4.0, 4.0), Location::Outside);
        assert_eq!(at(9.0, 4.0), Location::Boundary);
        assert_eq!(at(9.5, 4.0), Location::Outside);
        assert!(at(9.0, 9.0).is_covered() && !at(4.5, 4.5).is_covered());
    }

    #[test]
    fn an_island_in_a_hole_counts_as_inside() {
        let island = polygon![(x: 4., y: 4.), (x: 5., y: 4.), (x: 5., y: 5.), (x: 4., y: 5.)];
        let both = MultiPolygon(vec![square_with_hole(), island]);
        let at = |x, y| locate_multipolygon(&both, Coord { x, y });
        assert_eq!(at(4.5, 4.5), Location::Inside);
        assert_eq!(at(4.0, 4.5), Location::Boundary);
        assert_eq!(at(3.5, 3.5), Location::Outside);
        assert_eq!(
            locate_multipolygon(&MultiPolygon(Vec::new()), Coord { x: 0.0, y: 0.0 }),
            Location::Outside
        );
    }

    #[test]
    fn rings_that_enclose_nothing_hold_only_their_own_points() {
        let here = coord((2, 2));
        assert_eq!(locate(&[], here), Location::Outside);
        assert_eq!(locate(&[here], here), Location::Boundary);
        assert_eq!(locate(&[coord((1, 1)), coord((3, 3)), coord((1, 1))], here), Location::Boundary);
        assert_eq!(locate(&[coord((1, 1)), coord((1, 1))], here), Location::Outside);
    }

    #[test]
    fn a_point_a_rounding_away_from_a_slanted_edge_is_not_on_it() {
        // 0.3 / 0.1 is no exact line of doubles: the products of a plain cross product round to equality.
        let ring = [(0.1, 0.1), (12.0, 12.0), (0.1, 12.0)].map(|(x, y)| Coord { x, y });
        let above = Coord { x: 0.5, y: 0.5f64.next_up() };
        let below = Coord { x: 0.5, y: 0.5f64.next_down() };
        assert_eq!(locate(&ring, Coord { x: 0.5, y: 0.5 }), Location::Boundary);
        assert_eq!(locate(&ring, above), Location::Inside);
        assert_eq!(locate(&ring, below), Location::Outside);
    }

    /// Small numbers, so that points meet vertices, edges and horizontals all the time; crossings and repeats included.
    fn any_ring() -> impl Strategy<Value = Vec<Vertex>> {
        prop::collection::vec((0i64..12, 0i64..12), 1..14)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn every_lattice_point_agrees_with_integer_arithmetic(vertices in any_ring(), scale in 1i64..1_000_000) {
            let vertices: Vec<Vertex> = vertices.iter().map(|v| (v.0 * scale, v.1 * scale)).collect();
            let open: Vec<_> = vertices.iter().copied().map(coord).collect();
            let closed: Vec<_> = open.iter().chain(open.first()).copied().collect();
            for x in -1..13 {
                for y in -1..13 {
                    let point = (x * scale, y * scale);
                    let expected = oracle(&vertices, point);
                    prop_assert_eq!(locate(&open, coord(point)), expected, "at {:?}", point);
                    prop_assert_eq!(locate(&closed, coord(point)), expected, "closed, at {:?}", point);
                }
            }
        }

        #[test]
        fn neither_the_winding_nor_the_first_vertex_matters(vertices in any_ring(), turn in 0usize..14, p in (0i64..12, 0i64..12)) {
            let ring: Vec<_> = vertices.iter().copied().map(coord).collect();
            let mut other = ring.clone();
            other.rotate_left(turn % ring.len());
            other.reverse();
            prop_assert_eq!(locate(&ring, coord(p)), locate(&other, coord(p)));
        }
    }
}
