//! Vertices that are near each other made one.

use std::collections::HashMap;

use rayon::prelude::*;
use smallvec::SmallVec;

use super::near::Near;
use super::vertices::{Vertex, Vertices};

type RowSet = SmallVec<[u32; 8]>;

/// Which vertex became which.
#[derive(Debug)]
pub(super) struct Snapped {
    /// What each vertex became: itself, most often.
    to: Vec<Vertex>,
    /// The rows of the vertices that others were near to, with the rows of those that became it.
    joined: HashMap<Vertex, RowSet>,
}

impl Snapped {
    /// What a vertex became.
    pub(super) fn of(&self, vertex: Vertex) -> Vertex {
        self.to[vertex as usize]
    }

    /// Those that became another.
    pub(super) fn moved(&self) -> impl Iterator<Item = Vertex> + '_ {
        (0..self.to.len() as Vertex).filter(|vertex| self.is_moved(*vertex))
    }

    /// Did it become another?
    pub(super) fn is_moved(&self, vertex: Vertex) -> bool {
        self.of(vertex) != vertex
    }

    /// The rows that have a vertex now.
    pub(super) fn users<'a>(&'a self, vertex: Vertex, vertices: &'a Vertices) -> &'a [u32] {
        self.joined.get(&vertex).map_or_else(|| vertices.users(vertex), SmallVec::as_slice)
    }
}

/// Goes through the vertices that have others near them, those that may not move first, the rest by longitude and latitude:
/// each becomes the nearest of those that stand already, or stands itself.
///
/// So none moves farther than the tolerance however long a chain of near ones is, and the order of rows does not matter.
/// Two vertices of one row never become one: a border finer than the tolerance keeps its shape, and what neighbours share
/// already stays as it is.
pub(super) fn snap(near: &Near, vertices: &Vertices, is_fixed: impl Fn(Vertex) -> bool) -> Snapped {
    let both_ways =
        near.pairs.par_iter().flat_map_iter(|(a, b, distance)| [(*a, *b, *distance), (*b, *a, *distance)]);
    let mut both_ways: Vec<(Vertex, Vertex, f64)> = both_ways.collect();
    both_ways.par_sort_unstable_by_key(|(vertex, other, _)| (*vertex, *other));
    let around = both_ways.chunk_by(|(a, ..), (b, ..)| a == b);
    let (fixed, free): (Vec<_>, Vec<_>) = around.partition(|others| is_fixed(others[0].0));
    let standing = fixed.iter().map(|others| others[0].0);
    let standing = standing.map(|vertex| (vertex, RowSet::from_slice(vertices.users(vertex))));
    let mut snapped = Snapped { to: (0..vertices.len() as Vertex).collect(), joined: standing.collect() };
    for others in free {
        let vertex = others[0].0;
        let rows = vertices.users(vertex);
        let may_join = |(_, other, _): &&(Vertex, Vertex, f64)| {
            snapped.joined.get(other).is_some_and(|joined| !joined.iter().any(|row| rows.contains(row)))
        };
        let nearest =
            others.iter().filter(may_join).min_by(|(_, a, x), (_, b, y)| x.total_cmp(y).then(a.cmp(b)));
        match nearest {
            Some((_, nearest, _)) => {
                snapped.joined.entry(*nearest).or_default().extend_from_slice(rows);
                snapped.to[vertex as usize] = *nearest;
            }
            None => {
                snapped.joined.insert(vertex, RowSet::from_slice(rows));
            }
        }
    }
    snapped
}
