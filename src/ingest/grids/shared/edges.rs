//! Every edge once, whatever its direction, and the rows that it bounds.

use rayon::prelude::*;

use super::vertices::Vertex;

/// The place of an edge among [`Edges`].
pub(super) type EdgeIndex = u32;

/// The edges of all rows.
#[derive(Debug)]
pub(super) struct Edges {
    ends: Vec<[Vertex; 2]>,
    users: Vec<u32>,
    starts: Vec<usize>,
}

/// The ends of an edge, the lesser first.
pub(super) fn ends(a: Vertex, b: Vertex) -> [Vertex; 2] {
    [a.min(b), a.max(b)]
}

impl Edges {
    /// From rings, each with its row.
    pub(super) fn new<'a>(rings: impl Iterator<Item = (usize, &'a [Vertex])>) -> Self {
        let mut all: Vec<([Vertex; 2], u32)> = Vec::new();
        for (row, ring) in rings {
            all.extend(steps(ring).map(|[a, b]| (ends(a, b), row as u32)));
        }
        all.par_sort_unstable();
        let mut edges = Self { ends: Vec::new(), users: Vec::with_capacity(all.len()), starts: Vec::new() };
        for uses in all.chunk_by(|(a, _), (b, _)| a == b) {
            edges.starts.push(edges.users.len());
            edges.ends.push(uses[0].0);
            edges.users.extend(uses.iter().map(|(_, row)| *row));
        }
        edges.starts.push(edges.users.len());
        edges
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (EdgeIndex, [Vertex; 2])> + '_ {
        self.ends.iter().enumerate().map(|(edge, ends)| (edge as EdgeIndex, *ends))
    }

    pub(super) fn ends(&self, edge: EdgeIndex) -> [Vertex; 2] {
        self.ends[edge as usize]
    }

    /// The rows that an edge bounds, in order.
    pub(super) fn users(&self, edge: EdgeIndex) -> &[u32] {
        &self.users[self.starts[edge as usize]..self.starts[edge as usize + 1]]
    }
}

/// The edges of a ring, in its direction.
pub(super) fn steps(ring: &[Vertex]) -> impl Iterator<Item = [Vertex; 2]> + '_ {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| [*a, *b])
}
