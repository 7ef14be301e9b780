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
