//! A point well inside, for labels and for "somewhere in this grid".

use super::measure::{ring_envelope, signed_area};
use super::ring::{Location, locate_polygon};
use super::segment;
use geo::{Coord, InteriorPoint, MultiPolygon, Polygon, Rect};
use std::collections::BinaryHeap;

/// How close to the best distance the search goes, as a share of the smaller side of the polygon's envelope.
const PRECISION: f64 = 0.01;
/// Cells looked at before the best so far is good enough.
const MAX_CELLS: usize = 4_000;

/// A point well inside the largest polygon: the centre of nearly the largest circle that fits, as seen on the
/// ground at that latitude (pole of inaccessibility, found by quadtree search to 1 % of the envelope's
/// smaller side). None when no polygon has an interior.
pub fn interior_point(multipolygon: &MultiPolygon<f64>) -> Option<Coord<f64>> {
    let largest = multipolygon
        .iter()
        .max_by(|a, b| planar_area(a).total_cmp(&planar_area(b)))
        .filter(|polygon| planar_area(polygon) > 0.0)?;
    pole(largest)
        .filter(|&point| locate_polygon(largest, point) == Location::Inside)
        .or_else(|| largest.interior_point().map(Coord::from))
}

fn planar_area(polygon: &Polygon<f64>) -> f64 {
    signed_area(&polygon.exterior().0).abs()
}

/// A square of the search: its centre, half its side, the distance of its centre to the border (negative outside).
#[derive(Clone, Copy)]
struct Cell {
    centre: Coord<f64>,
    half: f64,
    distance: f64,
}

impl Cell {
    /// The best distance that any point of the cell can have.
    fn potential(&self) -> f64 {
        self.distance + self.half * std::f64::consts::SQRT_2
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.potential().total_cmp(&other.potential())
    }
}

/// The search runs in degrees of latitude: longitudes are multiplied by the cosine of the middle latitude.
struct Search<'a> {
    polygon: &'a Polygon<f64>,
    squeeze: f64,
}

impl Search<'_> {
    fn cell(&self, centre: Coord<f64>, half: f64) -> Cell {
        let position = Coord { x: centre.x / self.squeeze, y: centre.y };
        let scale = Coord { x: self.squeeze, y: 1.0 };
        let rings = std::iter::once(self.polygon.exterior()).chain(self.polygon.interiors());
        let nearest_squared = rings
            .flat_map(|ring| ring.0.windows(2))
            .map(|edge| segment::squared_distance(position, edge[0], edge[1], scale))
            .fold(f64::INFINITY, f64::min);
        let sign = if locate_polygon(self.polygon, position) == Location::Inside { 1.0 } else { -1.0 };
        Cell { centre, half, distance: sign * nearest_squared.sqrt() }
    }

    fn quarters(&self, cell: Cell) -> [Cell; 4] {
        let half = cell.half / 2.0;
        [(-half, -half), (half, -half), (-half, half), (half, half)]
            .map(|(dx, dy)| self.cell(cell.centre + Coord { x: dx, y: dy }, half))
    }

    /// Squares that cover the envelope, as wide as its smaller side but at most 64 along the longer.
    fn seeds(&self, envelope: Rect<f64>) -> Vec<Cell> {
        let (width, height) = (envelope.width() * self.squeeze, envelope.height());
        let side = width.min(height).max(width.max(height) / 64.0);
        let (columns, rows) = ((width / side).ceil() as usize, (height / side).ceil() as usize);
        let corner = Coord { x: envelope.min().x * self.squeeze, y: envelope.min().y };
        let centre = |i: usize, n: f64| (i as f64 + 0.5) * side + n;
        (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| {
                self.cell(Coord { x: centre(column, corner.x), y: centre(row, corner.y) }, side / 2.0)
            })
            .collect()
    }
}

fn pole(polygon: &Polygon<f64>) -> Option<Coord<f64>> {
    let envelope = ring_envelope(&polygon.exterior().0)?;
    let squeeze = envelope.center().y.to_radians().cos().max(0.01);
    let search = Search { polygon, squeeze };
    let precision = PRECISION * (envelope.width() * squeeze).min(envelope.height());
    let mut queue = BinaryHeap::from(search.seeds(envelope));
    let mut best = *queue.iter().max_by(|a, b| a.distance.total_cmp(&b.distance))?;
    for _ in 0..MAX_CELLS {
        let Some(cell) = queue.pop().filter(|cell| cell.potential() - best.distance > precision) else {
            break;
        };
        for quarter in search.quarters(cell) {
            if quarter.distance > best.distance {
                best = quarter;
            }
            queue.push(quarter);
        }
    }
    Some(Coord { x: best.centre.x / squeeze, y: best.centre.y })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{locate_multipolygon, nearest_on_lines};
    use crate::model::LonLat;
    use geo::{LineString, polygon};
    use proptest::prelude::*;

    fn point_of(polygon: Polygon<f64>) -> Coord<f64> {
        interior_point(&MultiPolygon(vec![polygon])).unwrap()
    }

    #[test]
    fn a_horseshoe_is_labelled_in_its_body_not_in_its_gap() {
        let horseshoe = polygon![(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 7., y: 9.), (x: 7., y: 3.), (x: 2., y: 3.),
            (x: 2., y: 9.), (x: 0., y: 9.)];
        let point = point_of(horseshoe.clone());
        assert_eq!(locate_polygon(&horseshoe, point), Location::Inside);
        assert!(point.y < 3.0, "{point:?}");
    }

    #[test]
    fn a_square_on_the_ground_is_labelled_at_its_centre() {
        let point = point_of(
            polygon![(x: 100., y: 60.), (x: 100.02, y: 60.), (x: 100.02, y: 60.01), (x: 100., y: 60.01)],
        );
        assert!((point.x - 100.01).abs() < 4e-4 && (point.y - 60.005).abs() < 2e-4, "{point:?}");
    }

    #[test]
    fn a_hole_in_the_middle_is_avoided_and_the_largest_part_is_chosen() {
        let ring = polygon!(
            exterior: [(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 0., y: 9.)],
            interiors: [[(x: 1., y: 1.), (x: 8., y: 1.), (x: 8., y: 8.), (x: 1., y: 8.)]]
        );
        let small = polygon![(x: 20., y: 0.), (x: 21., y: 0.), (x: 21., y: 1.)];
        let point = interior_point(&MultiPolygon(vec![small, ring.clone()])).unwrap();
        assert_eq!(locate_polygon(&ring, point), Location::Inside);
    }

    #[test]
    fn what_encloses_nothing_has_no_label() {
        assert_eq!(interior_point(&MultiPolygon(Vec::new())), None);
        let line = polygon![(x: 0., y: 0.), (x: 1., y: 1.), (x: 0., y: 0.)];
        assert_eq!(interior_point(&MultiPolygon(vec![line])), None);
    }

    #[test]
    fn a_sliver_still_has_its_point_inside() {
        let sliver = polygon![(x: 100., y: 25.), (x: 101., y: 25.3), (x: 101., y: 25.3000001), (x: 100., y: 25.0000001)];
        assert_eq!(locate_polygon(&sliver, point_of(sliver.clone())), Location::Inside);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn no_sampled_point_is_clearly_farther_from_the_border(
            radii in prop::collection::vec(0.1..1.0f64, 5..30), lat in 0.0..55.0f64, samples in prop::collection::vec((-1.0..1.0f64, -1.0..1.0f64), 60)
        ) {
            let n = radii.len() as f64;
            let ring = radii.iter().enumerate().map(|(i, r)| {
                let (sin, cos) = (i as f64 / n * std::f64::consts::TAU).sin_cos();
                Coord { x: 100.0 + r * cos * 0.02, y: lat + r * sin * 0.02 }
            });
            let star = MultiPolygon(vec![Polygon::new(LineString(ring.collect()), Vec::new())]);
            let rim = || std::iter::once(&star.0[0].exterior().0[..]);
            let depth = |at: Coord<f64>| nearest_on_lines(LonLat::new(at.x, at.y).unwrap(), rim()).unwrap().distance_m;
            let label = interior_point(&star).unwrap();
            prop_assert_eq!(locate_multipolygon(&star, label), Location::Inside);
            let size = ring_envelope(&star.0[0].exterior().0).unwrap();
            let slack = 2.0 * PRECISION * size.width().min(size.height()) * 111_400.0;
            for (dx, dy) in samples {
                let other = Coord { x: 100.0 + dx * 0.02, y: lat + dy * 0.02 };
                if locate_multipolygon(&star, other) == Location::Inside {
                    prop_assert!(depth(other) <= depth(label) + slack);
                }
            }
        }
    }
}
