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
