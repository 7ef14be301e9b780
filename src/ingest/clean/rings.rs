//! Rings as drawn to rings as they should be: closed, without repeated vertices, of three corners at least.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::geom::wkb::RawPolygon;
use crate::ingest::Defect;

/// What a ring needed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    repeated: usize,
    unclosed: usize,
    degenerate: usize,
}

/// Closes rings, drops repeated vertices and rings without area; gives what was done.
///
/// A polygon whose outer ring is dropped goes as a whole. The result may still cross itself.
pub(crate) fn tidy(polygons: Vec<RawPolygon>) -> (MultiPolygon<f64>, Vec<Defect>) {
    let mut tally = Tally::default();
    let polygons = polygons.into_iter().filter_map(|polygon| tidy_polygon(polygon, &mut tally)).collect();
    (MultiPolygon::new(polygons), tally.defects())
}

impl Tally {
    fn defects(self) -> Vec<Defect> {
        let found = [
            (self.unclosed, Defect::UnclosedRing { count: self.unclosed }),
            (self.repeated, Defect::DuplicateVertices { count: self.repeated }),
            (self.degenerate, Defect::DegenerateRing { count: self.degenerate }),
        ];
        found.into_iter().filter(|(count, _)| *count > 0).map(|(_, defect)| defect).collect()
    }
}

fn tidy_polygon(rings: RawPolygon, tally: &mut Tally) -> Option<Polygon<f64>> {
    let mut rings = rings.into_iter();
    let outer = tidy_ring(rings.next()?, tally)?;
    let holes = rings.filter_map(|ring| tidy_ring(ring, tally)).collect();
    Some(Polygon::new(outer, holes))
}

fn tidy_ring(mut ring: Vec<Coord<f64>>, tally: &mut Tally) -> Option<LineString<f64>> {
    let before = ring.len();
    ring.dedup();
    tally.repeated += before - ring.len();
    if ring.first() != ring.last() {
        tally.unclosed += 1;
        ring.extend(ring.first().copied());
    }
    // Three corners and the first one again; a closed line there and back has no area.
    if ring.len() < 4 {
        tally.degenerate += 1;
        return None;
    }
    Some(LineString::new(ring))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(corners: &[(f64, f64)]) -> Vec<Coord<f64>> {
        corners.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect()
    }

    const SQUARE: [(f64, f64); 5] = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)];

    #[test]
    fn a_sound_ring_is_left_alone() {
        let (polygons, defects) = tidy(vec![vec![ring(&SQUARE)]]);
        assert_eq!(polygons.0[0].exterior().0, ring(&SQUARE));
        assert!(defects.is_empty());
    }

    #[test]
    fn an_unclosed_ring_is_closed_and_repeated_vertices_go() {
        let (polygons, defects) =
            tidy(vec![vec![ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])]]);
        assert_eq!(polygons.0[0].exterior().0, ring(&SQUARE));
        assert_eq!(defects, [Defect::UnclosedRing { count: 1 }, Defect::DuplicateVertices { count: 1 }]);
    }

    #[test]
    fn a_hole_without_area_goes_and_the_polygon_stays() {
        let (polygons, defects) =
            tidy(vec![vec![ring(&SQUARE), ring(&[(0.2, 0.2), (0.4, 0.2), (0.2, 0.2)])]]);
        assert_eq!((polygons.0.len(), polygons.0[0].interiors().len()), (1, 0));
        assert_eq!(defects, [Defect::DegenerateRing { count: 1 }]);
    }

    #[test]
    fn a_polygon_whose_outer_ring_has_no_area_goes() {
        let (polygons, _) = tidy(vec![vec![ring(&[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)])]]);
        assert!(polygons.0.is_empty());
    }
}
