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

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, polygon};
    use proptest::prelude::*;

    #[test]
    fn the_sign_of_the_area_is_the_winding() {
        let ring = [(0., 0.), (4., 0.), (4., 3.), (0., 0.)].map(Coord::from);
        let mut reversed = ring;
        reversed.reverse();
        assert_eq!(signed_area(&ring), 6.0);
        assert_eq!(signed_area(&reversed), -6.0);
        assert_eq!(signed_area(&ring[..3]), 6.0, "an open ring encloses the same");
        assert_eq!(signed_area(&[]), 0.0);
    }

    #[test]
    fn an_empty_shape_has_no_envelope() {
        assert_eq!(ring_envelope(&[]), None);
        assert_eq!(envelope(&MultiPolygon(Vec::new())), None);
        let one = Coord { x: 3.0, y: 4.0 };
        assert_eq!(ring_envelope(&[one]), Some(Rect::new(one, one)));
    }

    #[test]
    fn a_cell_of_degrees_measures_what_the_closed_formula_says() {
        // The zone between two parallels has a closed formula (Snyder, eq. 3-12); a hundredth of a degree of it is a cell whose
        // parallel sides are so short that geodesics and parallels enclose the same.
        let (south, north, width) = (25.0f64, 25.01f64, 0.01f64);
        let e = 0.006_694_379_990_141_317f64.sqrt();
        let q = |lat: f64| {
            let s = lat.to_radians().sin();
            (1.0 - e * e) * (s / (1.0 - e * e * s * s) - ((1.0 - e * s) / (1.0 + e * s)).ln() / (2.0 * e))
        };
        let expected = 6_378_137.0f64.powi(2) / 2.0 * width.to_radians() * (q(north) - q(south));
        let cell = polygon![(x: 100., y: south), (x: 100., y: north), (x: 100. + width, y: north), (x: 100. + width, y: south)];
        let found = polygon_area_m2(&cell);
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} is not {expected}");
    }

    #[test]
    fn holes_are_subtracted_whatever_their_winding() {
        let outer = [(0., 0.), (0.3, 0.), (0.3, 0.3), (0., 0.3), (0., 0.)];
        let mut inner = [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2), (0.1, 0.1)];
        let area = |hole: &[(f64, f64)]| {
            area_m2(&MultiPolygon(vec![Polygon::new(
                LineString::from(outer.to_vec()),
                vec![LineString::from(hole.to_vec())],
            )]))
        };
        let with_hole = area(&inner);
        inner.reverse();
        assert_eq!(area(&inner), with_hole);
        assert!((with_hole / area(&[]) - 8.0 / 9.0).abs() < 1e-4);
    }

    proptest! {
        #[test]
        fn the_planar_area_agrees_with_geo(ring in prop::collection::vec((-180.0..180.0f64, -90.0..90.0f64), 3..20)) {
            let coords: Vec<Coord<f64>> = ring.iter().copied().map(Coord::from).collect();
            let polygon = Polygon::new(LineString(coords.clone()), Vec::new());
            prop_assert!((signed_area(&coords) - polygon.signed_area()).abs() < 1e-6);
        }
    }
}
