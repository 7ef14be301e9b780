//! What is near a point, in true metres: nothing farther away is looked at closely.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use geo::{Coord, Rect};

use super::{GridIndex, GridTable, Lookup};
use crate::atlas::Envelope;
use crate::geom::{DistanceBound, nearest_on_lines};
use crate::model::LonLat;

/// A leaf and how far away it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// The leaf.
    pub grid: GridIndex,
    /// Metres on the ellipsoid; 0 when the leaf covers the point.
    pub distance_m: f64,
}

/// Something to look at, and the metres that it is away at least.
struct Open {
    bound_m: f64,
    what: What,
}

enum What {
    Sector(usize),
    Leaf(GridIndex),
}

impl Lookup {
    /// The leaves within `radius_m` metres, nearest first, then by code.
    pub(in crate::atlas) fn leaves_within(
        &self,
        grids: &GridTable,
        point: LonLat,
        radius_m: f64,
    ) -> Vec<Neighbor> {
        let Some(sectors) = &self.leaves else { return Vec::new() };
        let bound = DistanceBound::new(point);
        let mut found: Vec<_> = sectors
            .meeting(&Envelope::around(point, radius_m))
            .filter(|leaf| bound.to_box(rect(grids.envelope(*leaf))) <= radius_m)
            .map(|grid| Neighbor { grid, distance_m: territory_distance(grids, grid, point) })
            .filter(|neighbor| neighbor.distance_m <= radius_m)
            .collect();
        found.sort_by(|a, b| nearer(grids, a, b));
        found
    }

    /// The nearest leaf, of several as near the one of the lowest code.
    pub(in crate::atlas) fn nearest_leaf(&self, grids: &GridTable, point: LonLat) -> Option<Neighbor> {
        let sectors = self.leaves.as_ref()?;
        let bound = DistanceBound::new(point);
        let mut open: BinaryHeap<Reverse<Open>> = BinaryHeap::new();
        for (number, sector) in sectors.all().iter().enumerate().filter(|(_, s)| !s.leaves.is_empty()) {
            // Leaves reach beyond their sector, and then into the next, where they are found again.
            let bound_m = bound.to_box(rect(&sector.envelope));
            open.push(Reverse(Open { bound_m, what: What::Sector(number) }));
        }
        let mut best: Option<Neighbor> = None;
        while let Some(Reverse(next)) = open.pop() {
            if best.is_some_and(|best| next.bound_m > best.distance_m) {
                break;
            }
            match next.what {
                What::Sector(number) => {
                    for grid in sectors.all()[number].leaves.iter().copied() {
                        let bound_m = bound.to_box(rect(grids.envelope(grid)));
                        open.push(Reverse(Open { bound_m, what: What::Leaf(grid) }));
                    }
                }
                What::Leaf(grid) => {
                    let here = Neighbor { grid, distance_m: territory_distance(grids, grid, point) };
                    best = Some(match best {
                        Some(best) if nearer(grids, &best, &here) != Ordering::Greater => best,
                        _ => here,
                    });
                }
            }
        }
        best
    }
}

/// Metres from a point to the nearest edge of a grid, whichever side the point is on.
pub(in crate::atlas) fn border_distance(grids: &GridTable, grid: GridIndex, point: LonLat) -> f64 {
    nearest_on_lines(point, grids.lines(grid)).map_or(f64::INFINITY, |nearest| nearest.distance_m)
}

fn territory_distance(grids: &GridTable, grid: GridIndex, point: LonLat) -> f64 {
    if grids.locate(grid, point).is_covered() { 0.0 } else { border_distance(grids, grid, point) }
}

fn rect(envelope: &Envelope) -> Rect<f64> {
    let corner = |[x, y]: [f64; 2]| Coord { x, y };
    Rect::new(corner(envelope.min), corner(envelope.max))
}

fn nearer(grids: &GridTable, a: &Neighbor, b: &Neighbor) -> Ordering {
    a.distance_m.total_cmp(&b.distance_m).then_with(|| grids.code(a.grid).cmp(grids.code(b.grid)))
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Open {}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound_m.total_cmp(&other.bound_m)
    }
}
