//! Neighbours made to share vertices: near ones become one, and those on a neighbour's edge go into it.
//!
//! Neighbours drawn one by one, exported with rounded numbers or digitised at different times have corners a fraction of a
//! millimetre apart, and corners in the middle of each other's edges. The atlas shares borders where vertices are the same,
//! bit for bit, and answers what PostGIS would, so it may not change any; the import may, and says so.
//!
//! No vertex moves farther than the tolerance, and no border farther than twice that. What has no partner stays as it is.

mod edges;
mod local;
mod near;
mod node;
mod snap;
#[cfg(test)]
mod tests;
mod vertices;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use geo::orient::Direction;
use geo::{MultiPolygon, Orient};
use rayon::prelude::*;

use self::edges::Edges;
use self::near::{Near, look_around};
use self::node::{Insertion, node, noded};
use self::snap::{Snapped, snap};
use self::vertices::{Vertex, Vertices};
use crate::model::Level;

/// A territory among its neighbours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// In degrees, valid.
    pub territory: &'a MultiPolygon<f64>,
    pub level: Level,
    /// It is in the database, and does not change.
    pub stored: bool,
}

/// A row that was changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub territory: MultiPolygon<f64>,
    /// Vertices that moved.
    pub snapped: usize,
    /// Vertices of others that were put into its edges.
    pub noded: usize,
}

/// Vertices of two rows off each other's border.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Tally {
    pub count: usize,
    pub farthest_m: f64,
}

/// What became of the rows.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// By row.
    pub changes: BTreeMap<usize, Change>,
    /// Rows left as they were because they would have become invalid.
    pub kept: BTreeSet<usize>,
    /// Edges of rows that two rows or more have in common; stored ones count as partners.
    pub shared_edges: usize,
    /// Edges of rows that no other row has.
    pub single_edges: usize,
    /// Pairs of rows of one level that come within a metre of each other, beyond the tolerance, without sharing vertices.
    pub unshared: BTreeMap<(usize, usize), Tally>,
}

/// After so many attempts rows that would become invalid are put back without telling their neighbours.
const ATTEMPTS: usize = 8;

/// Makes rows share vertices that are within `tolerance` metres of each other, and gives edges the vertices that lie on them;
/// 0 changes nothing and only counts.
///
/// A row that would become invalid is left as it was, and its neighbours are tried again with it as with a stored one.
/// The order of rows does not matter. O(vertices log vertices).
pub(super) fn share(
    rows: &[Row<'_>],
    tolerance: f64,
    is_valid: impl Fn(&MultiPolygon<f64>) -> bool + Sync,
) -> Shared {
    let vertices = Vertices::new(rows);
    let rings = |row: usize| vertices.rings(row).map(move |ring| (row, ring));
    let edges = Edges::new((0..rows.len()).flat_map(rings));
    let mut near = look_around(rows, &vertices, &edges, tolerance);
    let unshared = std::mem::take(&mut near.unshared);
    let mut work = Work { rows, vertices: &vertices, edges: &edges, near, tolerance, drawn: HashMap::new() };
    let mut shared = work.settle(is_valid);
    (shared.shared_edges, shared.single_edges) = work.count_edges();
    shared.unshared = unshared.into_iter().map(|((a, b), tally)| ((a as usize, b as usize), tally)).collect();
    shared
}

/// A row with other vertices, valid or not.
struct Drawn {
    rings: Vec<Vec<Vertex>>,
    change: Change,
}

struct Work<'a> {
    rows: &'a [Row<'a>],
    vertices: &'a Vertices,
    edges: &'a Edges,
    near: Near,
    tolerance: f64,
    /// The rows that change, as they were last drawn.
    drawn: HashMap<usize, Drawn>,
}

impl Work<'_> {
    fn settle(&mut self, is_valid: impl Fn(&MultiPolygon<f64>) -> bool + Sync) -> Shared {
        let mut kept = BTreeSet::new();
        for attempt in 1..=ATTEMPTS {
            let drawn = self.draw(&kept);
            let as_before = |row: &usize, drawn: &Drawn| {
                self.drawn.get(row).is_some_and(|before| before.change.territory == drawn.change.territory)
            };
            let invalid: Vec<usize> = drawn
                .par_iter()
                .filter(|(row, drawn)| !as_before(row, drawn) && !is_valid(&drawn.change.territory))
                .map(|(row, _)| *row)
                .collect();
            self.drawn = drawn;
            if invalid.is_empty() {
                break;
            }
            if attempt == ATTEMPTS {
                self.drawn.retain(|row, _| !invalid.contains(row));
            }
            kept.extend(invalid);
        }
        let changes = self.drawn.iter().map(|(row, drawn)| (*row, drawn.change.clone())).collect();
        Shared { changes, kept, ..Shared::default() }
    }

    /// Draws the rows that change when the given ones may not.
    fn draw(&self, kept: &BTreeSet<usize>) -> HashMap<usize, Drawn> {
        let is_fixed = |row: u32| self.rows[row as usize].stored || kept.contains(&(row as usize));
        let snapped = snap(&self.near, self.vertices, |vertex| {
            self.vertices.users(vertex).iter().any(|row| is_fixed(*row))
        });
        let insertions = node(&self.near, self.vertices, self.edges, &snapped, self.tolerance, is_fixed);
        let moved = snapped.moved().flat_map(|vertex| self.vertices.users(vertex)).copied();
        let changing: BTreeSet<u32> = moved.chain(insertions.iter().map(|insertion| insertion.row)).collect();
        let of_row = |row: u32| {
            let first = insertions.partition_point(|insertion| insertion.row < row);
            let end = insertions.partition_point(|insertion| insertion.row <= row);
            &insertions[first..end]
        };
        changing
            .into_par_iter()
            .map(|row| (row as usize, self.draw_row(row as usize, &snapped, of_row(row))))
            .collect()
    }

    fn draw_row(&self, row: usize, snapped: &Snapped, insertions: &[Insertion]) -> Drawn {
        let rings: Vec<Vec<Vertex>> =
            self.vertices.rings(row).map(|ring| noded(ring, snapped, insertions)).collect();
        let moved: BTreeSet<Vertex> =
            self.vertices.rings(row).flatten().copied().filter(|vertex| snapped.is_moved(*vertex)).collect();
        let territory = self.vertices.redraw(self.rows[row].territory, &rings).orient(Direction::Default);
        Drawn { rings, change: Change { territory, snapped: moved.len(), noded: insertions.len() } }
    }

    /// Edges of rows that are not stored: those with a partner, and those without.
    fn count_edges(&self) -> (usize, usize) {
        let now;
        let edges = if self.drawn.is_empty() {
            self.edges
        } else {
            let rings = |row: usize| {
                let drawn = self.drawn.get(&row);
                let before = self.vertices.rings(row).filter(move |_| drawn.is_none());
                let after = drawn.into_iter().flat_map(|drawn| drawn.rings.iter().map(Vec::as_slice));
                before.chain(after).map(move |ring| (row, ring))
            };
            now = Edges::new((0..self.rows.len()).flat_map(rings));
            &now
        };
        let users = edges.all().map(|(edge, _)| edges.users(edge));
        let users = users.filter(|users| users.iter().any(|row| !self.rows[*row as usize].stored));
        users.fold((0, 0), |(shared, single), users| match users.len() {
            1 => (shared, single + 1),
            _ => (shared + 1, single),
        })
    }
}
