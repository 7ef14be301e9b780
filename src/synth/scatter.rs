//! Blue noise: points in a polygon, as dense as asked, none too near to another.

use geo::Coord;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rstar::RTree;

use super::border::BorderRing;
use super::density::Density;

/// Cells along each side of the raster that candidates are drawn from.
const SIDE: usize = 192;
/// Candidates thrown for each point wanted; more saturate the sample at a cost in time.
const THROWS: f64 = 7.0;

/// A raster over the polygon's box: where to throw, and where the polygon's inside is certain.
struct Raster {
    low: Coord<f64>,
    cell: Coord<f64>,
    /// Running sum of expected points; one entry a cell.
    mass: Vec<f64>,
    border: Vec<bool>,
}

/// Points inside the rings (interior to the left), at [`Density::spacing`] from each other and from the rings' vertices.
pub(super) fn scatter(rings: &[BorderRing], density: &Density, rng: &mut ChaCha8Rng) -> Vec<Coord<f64>> {
    let plane = density.plane();
    let raster = Raster::new(rings, density);
    let total = raster.mass.last().copied().unwrap_or(0.0);
    let on_border = rings.iter().flat_map(|ring| ring.points.iter().map(|p| plane.km(p.at))).collect();
    let mut taken: RTree<[f64; 2]> = RTree::bulk_load(on_border);
    let mut points = Vec::new();
    for _ in 0..(total * THROWS).ceil() as usize {
        let target = rng.random_range(0.0..1.0) * total;
        let index = raster.mass.partition_point(|sum| *sum <= target).min(raster.mass.len() - 1);
        let at = raster.place(index, rng.random_range(0.0..1.0), rng.random_range(0.0..1.0));
        let here = plane.km(at);
        let spacing = density.spacing(at);
        let nearest =
            taken.nearest_neighbor(here).map_or(f64::MAX, |p| (p[0] - here[0]).hypot(p[1] - here[1]));
        if nearest < spacing || (raster.border[index] && !is_inside(rings, at)) {
            continue;
        }
        taken.insert(here);
        points.push(at);
    }
    points
}

/// Even-odd rule over all rings.
pub(super) fn is_inside(rings: &[BorderRing], c: Coord<f64>) -> bool {
    let mut inside = false;
    for ring in rings {
        let points = &ring.points;
        let mut last = points[points.len() - 1].at;
        for next in points.iter().map(|p| p.at) {
            if (last.y > c.y) != (next.y > c.y)
                && c.x < (next.x - last.x) * (c.y - last.y) / (next.y - last.y) + last.x
            {
                inside = !inside;
            }
            last = next;
        }
    }
    inside
}

impl Raster {
    fn new(rings: &[BorderRing], density: &Density) -> Self {
        let all = || rings.iter().flat_map(|ring| ring.points.iter().map(|p| p.at));
        let low =
            all().fold(Coord { x: f64::MAX, y: f64::MAX }, |m, c| Coord { x: m.x.min(c.x), y: m.y.min(c.y) });
        let high =
            all().fold(Coord { x: f64::MIN, y: f64::MIN }, |m, c| Coord { x: m.x.max(c.x), y: m.y.max(c.y) });
        let cell = Coord { x: (high.x - low.x) / SIDE as f64, y: (high.y - low.y) / SIDE as f64 };
        let mut raster = Self { low, cell, mass: Vec::new(), border: vec![false; SIDE * SIDE] };
        raster.mark_border(rings);
        let [width, height] = density.plane().km(cell);
        let mut sum = 0.0;
        for index in 0..SIDE * SIDE {
            let middle = raster.place(index, 0.5, 0.5);
            if raster.border[index] || is_inside(rings, middle) {
                sum += density.at(middle) * width * height;
            }
            raster.mass.push(sum);
        }
        raster
    }

    /// The place in a cell, from its south-west corner.
    fn place(&self, index: usize, u: f64, v: f64) -> Coord<f64> {
        let (column, row) = ((index % SIDE) as f64, (index / SIDE) as f64);
        Coord { x: self.low.x + (column + u) * self.cell.x, y: self.low.y + (row + v) * self.cell.y }
    }

    /// Marks every cell that an edge may pass, with its neighbours.
    fn mark_border(&mut self, rings: &[BorderRing]) {
        for ring in rings {
            let points = &ring.points;
            for (i, point) in points.iter().enumerate() {
                let (a, b) = (point.at, points[(i + 1) % points.len()].at);
                let steps = ((b.x - a.x).abs() / self.cell.x).max((b.y - a.y).abs() / self.cell.y).ceil()
                    as usize
                    + 1;
                for step in 0..=steps {
                    let t = step as f64 / steps as f64;
                    let column = ((a.x + (b.x - a.x) * t - self.low.x) / self.cell.x).floor() as i64;
                    let row = ((a.y + (b.y - a.y) * t - self.low.y) / self.cell.y).floor() as i64;
                    self.mark_around(column, row);
                }
            }
        }
    }

    fn mark_around(&mut self, column: i64, row: i64) {
        let side = SIDE as i64;
        for r in (row - 1).max(0)..=(row + 1).min(side - 1) {
            for c in (column - 1).max(0)..=(column + 1).min(side - 1) {
                self.border[(r * side + c) as usize] = true;
            }
        }
    }
}
