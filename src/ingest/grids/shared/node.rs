//! Vertices put into the edges of other rows that they lie on.

use rayon::prelude::*;
use smallvec::SmallVec;

use super::edges::{EdgeIndex, Edges, ends, steps};
use super::local::Local;
use super::near::Near;
use super::snap::Snapped;
use super::vertices::{Vertex, Vertices};

/// A vertex that goes into an edge of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Insertion {
    pub row: u32,
    /// The edge as it is after snapping, the lesser end first.
    edge: [Vertex; 2],
    /// The share of the edge before the vertex, from the lesser end.
    share: f64,
    vertex: Vertex,
}

/// Finds the vertices that go into edges of rows that may change, in the order of rows, edges and along them.
///
/// A vertex goes into the nearest edge of a row, and into none where it is near a vertex of that row: its edge is no longer
/// than the tolerance there, and the two could not be made one.
pub(super) fn node(
    near: &Near,
    vertices: &Vertices,
    edges: &Edges,
    snapped: &Snapped,
    tolerance: f64,
    is_fixed: impl Fn(u32) -> bool + Sync,
) -> Vec<Insertion> {
    let of_vertex: Vec<&[(Vertex, EdgeIndex)]> = near.touches.chunk_by(|(a, _), (b, _)| a == b).collect();
    let mut found: Vec<Insertion> = of_vertex
        .into_par_iter()
        .filter(|touches| !snapped.is_moved(touches[0].0))
        .flat_map_iter(|touches| {
            let vertex = touches[0].0;
            let users = snapped.users(vertex, vertices);
            let may_change = |row: u32| !is_fixed(row) && !users.contains(&row);
            into_edges(vertex, touches, vertices, edges, snapped, tolerance, may_change)
        })
        .collect();
    found.par_sort_unstable_by(|a, b| {
        (a.row, a.edge).cmp(&(b.row, b.edge)).then(a.share.total_cmp(&b.share)).then(a.vertex.cmp(&b.vertex))
    });
    found
}

fn into_edges(
    vertex: Vertex,
    touches: &[(Vertex, EdgeIndex)],
    vertices: &Vertices,
    edges: &Edges,
    snapped: &Snapped,
    tolerance: f64,
    may_change: impl Fn(u32) -> bool,
) -> SmallVec<[Insertion; 4]> {
    let here = Local::new(vertices.place(vertex));
    let mut near_vertex: SmallVec<[u32; 4]> = SmallVec::new();
    let mut nearest: SmallVec<[(f64, Insertion); 4]> = SmallVec::new();
    for (_, index) in touches {
        let [a, b] = edges.ends(*index);
        let edge = ends(snapped.of(a), snapped.of(b));
        let [from, to] = edge.map(|end| vertices.place(end));
        let (distance, share) = here.to_edge(from, to);
        let at_end = here.to_vertex(from).min(here.to_vertex(to)) <= tolerance;
        for row in edges.users(*index).iter().copied().filter(|row| may_change(*row)) {
            if at_end {
                near_vertex.push(row);
            } else if distance <= tolerance {
                nearest.push((distance, Insertion { row, edge, share, vertex }));
            }
        }
    }
    nearest.retain(|(_, insertion)| !near_vertex.contains(&insertion.row));
    nearest
        .sort_by(|(x, a), (y, b)| a.row.cmp(&b.row).then(x.total_cmp(y)).then_with(|| a.edge.cmp(&b.edge)));
    nearest.dedup_by_key(|(_, insertion)| insertion.row);
    nearest.into_iter().map(|(_, insertion)| insertion).collect()
}

/// A ring of a row after snapping and with what goes into its edges: `insertions` are those of the row, in order.
pub(super) fn noded(ring: &[Vertex], snapped: &Snapped, insertions: &[Insertion]) -> Vec<Vertex> {
    let mut noded = Vec::with_capacity(ring.len() + insertions.len());
    for [a, b] in steps(ring).map(|step| step.map(|vertex| snapped.of(vertex))) {
        noded.push(a);
        let edge = ends(a, b);
        let first = insertions.partition_point(|insertion| insertion.edge < edge);
        let along = insertions[first..].iter().take_while(|insertion| insertion.edge == edge);
        let from = noded.len();
        noded.extend(along.map(|insertion| insertion.vertex));
        if a > b {
            noded[from..].reverse();
        }
    }
    noded
}
