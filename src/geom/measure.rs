//! Areas and envelopes.

use geo::{BoundingRect, Coord, GeodesicArea, LineString, MultiPolygon, Polygon, Rect};

/// The planar area enclosed by a ring in the square of its own units: positive when counter-clockwise (y up), negative
/// when clockwise. Closed or not; fewer than three vertices give 0.
pub fn signed_area(ring: &[Coord<f64>]) -> f64 {
    let Some(&origin) = ring.first() else {
        return 0.0;
    };
    // Relative to a vertex, so that small rings far from the origin keep their digits.
    let twice: f64 = ring
        .windows(2)
        .map(|edge| {
            let (a, b) = (edge[0] - origin, edge[1] - origin);
            a.x * b.y - b.x * a.y
        })
        .sum();
    twice / 2.0
}

/// The envelope of a ring or line; none when it has no vertex.
pub fn ring_envelope(ring: &[Coord<f64>]) -> Option<Rect<f64>> {
    let first = *ring.first()?;
    let (min, max) = ring.iter().fold((first, first), |(min, max), c| {
        (Coord { x: min.x.min(c.x), y: min.y.min(c.y) }, Coord { x: max.x.max(c.x), y: max.y.max(c.y) })
    });
    Some(Rect::new(min, max))
}

/// The envelope of a multipolygon; none when it is empty.
pub fn envelope(multipolygon: &MultiPolygon<f64>) -> Option<Rect<f64>> {
    multipolygon.bounding_rect()
}

/// The area in square metres on the ellipsoid, holes subtracted, whatever the winding of the rings. Edges are taken
/// as geodesics (Karney 2013); against edges straight in longitude and latitude this differs by less than a millionth for
/// edges up to a kilometre.
pub fn area_m2(multipolygon: &MultiPolygon<f64>) -> f64 {
    multipolygon.iter().map(polygon_area_m2).sum()
}

/// [`area_m2`] of one polygon.
pub fn polygon_area_m2(polygon: &Polygon<f64>) -> f64 {
    let holes: f64 = polygon.interiors().iter().map(ring_area_m2).sum();
    ring_area_m2(polygon.exterior()) - holes
}

fn ring_area_m2(ring: &LineString<f64>) -> f64 {
    Polygon::new(ring.clone(), Vec::new()).geodesic_area_signed().abs()
}
