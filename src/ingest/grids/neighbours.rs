//! Neighbours that do not share vertices: between them a sliver of gap or overlap runs along the border.

use std::collections::{BTreeMap, HashMap, HashSet};

use geo::{Coord, CoordsIter, LinesIter};
use rayon::prelude::*;
use rstar::{AABB, RTree, RTreeObject};

use super::draft::Draft;
use crate::ingest::{Defect, Report};
use crate::model::Level;

/// A vertex farther than this from a neighbour's border is not meant to lie on it, metres.
const NEAR_M: f64 = 1.0;
/// Nearer than this it does lie on it, metres: coordinates are seldom written finer.
const EXACT_M: f64 = 1e-3;
const DEGREE_M: f64 = 111_000.0;

/// An edge, and the row that it belongs to.
#[derive(Debug, Clone, Copy)]
struct Edge {
    row: usize,
    from: Coord<f64>,
    to: Coord<f64>,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.from.x, self.from.y], [self.to.x, self.to.y])
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: usize,
    farthest_m: f64,
}

/// Names each pair of rows of one level whose vertices come within a metre of each other's border and do not lie on it.
pub(super) fn unshared_vertices(rows: &[Draft], report: &mut Report) {
    let mut by_level: BTreeMap<Level, Vec<usize>> = BTreeMap::new();
    for (row, draft) in rows.iter().enumerate() {
        by_level.entry(draft.level).or_default().push(row);
    }
    for members in by_level.into_values() {
        let mut pairs: Vec<_> = pairs_of_level(rows, &members).into_iter().collect();
        pairs.sort_by_key(|(pair, _)| *pair);
        for ((row, other), tally) in pairs {
            let (draft, other) = (&rows[row], &rows[other]);
            let Tally { count, farthest_m } = tally;
            let defect = Defect::UnsharedVertices { other_row: other.place.row, count, farthest_m };
            report.warn(&draft.place, Some(draft.code.as_str()), defect);
        }
    }
}

fn pairs_of_level(rows: &[Draft], members: &[usize]) -> HashMap<(usize, usize), Tally> {
    let edges = members.iter().flat_map(|row| {
        rows[*row].territory.lines_iter().map(|line| Edge { row: *row, from: line.start, to: line.end })
    });
    let tree = RTree::bulk_load(edges.collect());
    let found: Vec<((usize, usize), Tally)> =
        members.par_iter().flat_map_iter(|row| off_the_borders(rows, *row, &tree)).collect();
    let mut pairs: HashMap<(usize, usize), Tally> = HashMap::new();
    for ((row, other), tally) in found {
        let pair = pairs.entry((row.min(other), row.max(other))).or_default();
        pair.count += tally.count;
        pair.farthest_m = pair.farthest_m.max(tally.farthest_m);
    }
    pairs
}

fn off_the_borders(rows: &[Draft], row: usize, tree: &RTree<Edge>) -> Vec<((usize, usize), Tally)> {
    let mut tallies: HashMap<usize, Tally> = HashMap::new();
    let mut seen = HashSet::new();
    for vertex in rows[row].territory.coords_iter() {
        // A ring comes back to its first vertex.
        if !seen.insert((vertex.x.to_bits(), vertex.y.to_bits())) {
            continue;
        }
        for (other, distance) in nearest_borders(vertex, row, tree) {
            if (EXACT_M..NEAR_M).contains(&distance) {
                let tally = tallies.entry(other).or_default();
                tally.count += 1;
                tally.farthest_m = tally.farthest_m.max(distance);
            }
        }
    }
    tallies.into_iter().map(|(other, tally)| ((row, other), tally)).collect()
}

/// The distance in metres to the border of every other row nearby.
fn nearest_borders(vertex: Coord<f64>, row: usize, tree: &RTree<Edge>) -> HashMap<usize, f64> {
    let squeeze = vertex.y.to_radians().cos();
    let (reach_x, reach_y) = (NEAR_M / DEGREE_M / squeeze, NEAR_M / DEGREE_M);
    let around = AABB::from_corners(
        [vertex.x - reach_x, vertex.y - reach_y],
        [vertex.x + reach_x, vertex.y + reach_y],
    );
    let mut nearest: HashMap<usize, f64> = HashMap::new();
    for edge in tree.locate_in_envelope_intersecting(around).filter(|edge| edge.row != row) {
        let distance = distance_m(vertex, edge, squeeze);
        let best = nearest.entry(edge.row).or_insert(f64::INFINITY);
        *best = best.min(distance);
    }
    nearest
}

fn distance_m(vertex: Coord<f64>, edge: &Edge, squeeze: f64) -> f64 {
    let local = |c: Coord<f64>| ((c.x - vertex.x) * squeeze * DEGREE_M, (c.y - vertex.y) * DEGREE_M);
    let ((ax, ay), (bx, by)) = (local(edge.from), local(edge.to));
    let (dx, dy) = (bx - ax, by - ay);
    let length_2 = dx * dx + dy * dy;
    let share = if length_2 > 0.0 { (-(ax * dx + ay * dy) / length_2).clamp(0.0, 1.0) } else { 0.0 };
    (ax + share * dx).hypot(ay + share * dy)
}
