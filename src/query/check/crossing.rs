//! Where a territory is not valid.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line, LineString, MultiPolygon, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::geom::{Location, envelope, locate, locate_polygon};

type Edge = GeomWithData<Rectangle<[f64; 2]>, EdgeOf>;

/// An edge, and where it comes from.
#[derive(Debug, Clone, Copy)]
struct EdgeOf {
    ring: usize,
    place: usize,
    /// Edges of the ring.
    of: usize,
    line: Line<f64>,
}

/// Places where a territory breaks the rules of simple features: a ring that crosses, touches or runs along itself or another, a ring
/// without an inside, a hole outside its polygon, a part within another part. Rings may touch others in points. Whether holes
/// that touch cut the inside in two is not looked at. O(n log n) in the edges, unless very many lie across each other.
pub(super) fn defects(territory: &MultiPolygon<f64>) -> Vec<Coord<f64>> {
    let rings: Vec<&LineString<f64>> =
        territory.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors())).collect();
    let mut places: Vec<_> =
        rings.iter().filter(|ring| is_flat(ring)).filter_map(|ring| first(ring)).collect();
    places.extend(crossings(&rings));
    places.extend(territory.iter().flat_map(stray_holes));
    places.extend(nested_parts(territory));
    places
}

fn first(ring: &LineString<f64>) -> Option<Coord<f64>> {
    ring.0.first().copied()
}

/// Fewer than three vertices, or not closed.
fn is_flat(ring: &LineString<f64>) -> bool {
    ring.0.len() < 4 || ring.0.first() != ring.0.last()
}

fn crossings(rings: &[&LineString<f64>]) -> Vec<Coord<f64>> {
    let edges: Vec<Edge> = rings.iter().enumerate().flat_map(|(ring, line)| edges(ring, line)).collect();
    let tree = RTree::bulk_load(edges.clone());
    let mut places = Vec::new();
    for edge in &edges {
        let (a, b) = (edge.data.line.start, edge.data.line.end);
        let near = AABB::from_corners([a.x.min(b.x), a.y.min(b.y)], [a.x.max(b.x), a.y.max(b.y)]);
        let later = tree.locate_in_envelope_intersecting(near);
        let later =
            later.filter(|other| (edge.data.ring, edge.data.place) < (other.data.ring, other.data.place));
        places.extend(later.filter_map(|other| clash(edge.data, other.data)));
    }
    places
}

/// The edges of a ring; a vertex that comes twice in a row is one.
fn edges(ring: usize, line: &LineString<f64>) -> Vec<Edge> {
    let lines: Vec<_> = line.lines().filter(|line| line.start != line.end).collect();
    let of = lines.len();
    let edge = |(place, line): (usize, Line<f64>)| {
        let corners = [[line.start.x, line.start.y], [line.end.x, line.end.y]];
        GeomWithData::new(Rectangle::from_corners(corners[0], corners[1]), EdgeOf { ring, place, of, line })
    };
    lines.into_iter().enumerate().map(edge).collect()
}

/// Where two edges lie as those of a valid territory never do.
fn clash(a: EdgeOf, b: EdgeOf) -> Option<Coord<f64>> {
    let same = a.ring == b.ring;
    let follow = same && (b.place == a.place + 1 || (a.place == 0 && b.place + 1 == a.of));
    match line_intersection(a.line, b.line)? {
        LineIntersection::Collinear { intersection } if intersection.start != intersection.end => {
            Some(intersection.start)
        }
        LineIntersection::Collinear { intersection } => (same && !follow).then_some(intersection.start),
        LineIntersection::SinglePoint { intersection, is_proper } => {
            (is_proper || (same && !follow)).then_some(intersection)
        }
    }
}

/// A vertex of each hole that lies outside the outer ring.
fn stray_holes(part: &Polygon<f64>) -> Vec<Coord<f64>> {
    let outside = |vertex: &&Coord<f64>| locate(&part.exterior().0, **vertex) == Location::Outside;
    part.interiors().iter().filter_map(|hole| hole.0.iter().find(outside).copied()).collect()
}

/// A vertex of each part that lies inside another.
fn nested_parts(territory: &MultiPolygon<f64>) -> Vec<Coord<f64>> {
    let bounds: Vec<_> = territory.iter().map(|part| envelope(&MultiPolygon(vec![part.clone()]))).collect();
    let apart = |a: usize, b: usize| match (bounds[a], bounds[b]) {
        (Some(a), Some(b)) => {
            a.max().x < b.min().x || b.max().x < a.min().x || a.max().y < b.min().y || b.max().y < a.min().y
        }
        _ => true,
    };
    let mut places = Vec::new();
    for (inner, part) in territory.iter().enumerate() {
        for (outer, around) in territory.iter().enumerate().filter(|(outer, _)| *outer != inner) {
            let inside = |vertex: &&Coord<f64>| locate_polygon(around, **vertex) == Location::Inside;
            if !apart(inner, outer) {
                places.extend(part.exterior().0.iter().find(inside));
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(vertices: &[(f64, f64)]) -> LineString<f64> {
        let mut ring = LineString::from(vertices.to_vec());
        ring.close();
        ring
    }

    fn count(outer: &[(f64, f64)], holes: &[&[(f64, f64)]]) -> usize {
        let holes = holes.iter().map(|hole| ring(hole)).collect();
        defects(&MultiPolygon(vec![Polygon::new(ring(outer), holes)])).len()
    }

    const SQUARE: [(f64, f64); 4] = [(0., 0.), (4., 0.), (4., 4.), (0., 4.)];

    #[test]
    fn a_valid_territory_has_no_defect() {
        assert_eq!(count(&SQUARE, &[&[(1., 1.), (1., 2.), (2., 2.)]]), 0);
        assert_eq!(
            count(&SQUARE, &[&[(0., 0.), (1., 2.), (2., 2.)]]),
            0,
            "a hole may touch the outer ring in a point"
        );
        assert_eq!(
            count(&[(0., 0.), (0., 0.), (4., 0.), (4., 4.)], &[]),
            0,
            "a repeated vertex is no defect"
        );
        assert_eq!(count(&SQUARE, &[&[(1., 1.), (2., 2.), (1., 2.)], &[(2., 2.), (3., 3.), (2., 3.)]]), 0);
    }

    #[test]
    fn rings_that_cross_touch_or_run_along_themselves_are_found() {
        assert_eq!(count(&[(0., 0.), (4., 4.), (4., 0.), (0., 4.)], &[]), 1, "a bow tie");
        assert!(count(&[(0., 0.), (4., 0.), (4., 4.), (2., 0.), (0., 4.)], &[]) > 0, "a vertex on an edge");
        assert!(count(&[(0., 0.), (4., 0.), (6., 0.), (4., 0.), (4., 4.)], &[]) > 0, "a spike");
        assert!(count(&[(0., 0.), (4., 0.)], &[]) > 0, "there and back");
    }

    #[test]
    fn holes_and_parts_are_where_they_belong() {
        assert!(count(&SQUARE, &[&[(3., 1.), (5., 1.), (5., 2.)]]) > 0, "across the outer ring");
        assert!(count(&SQUARE, &[&[(7., 1.), (9., 1.), (8., 2.)]]) > 0, "outside");
        assert!(count(&SQUARE, &[&[(0., 0.), (2., 0.), (1., 1.)]]) > 0, "along the outer ring");
        let part = |vertices: &[(f64, f64)]| Polygon::new(ring(vertices), vec![]);
        let within = [(1., 1.), (2., 1.), (2., 2.)];
        assert_eq!(defects(&MultiPolygon(vec![part(&SQUARE), part(&within)])).len(), 1);
        let beside = [(4., 4.), (5., 4.), (5., 5.)];
        assert_eq!(defects(&MultiPolygon(vec![part(&SQUARE), part(&beside)])).len(), 0);
    }
}
