//! What lies near a vertex: other rows' vertices and edges.

use std::collections::HashMap;

use geo::Coord;
use rayon::prelude::*;
use rstar::{AABB, Envelope, RTree, RTreeObject};
use smallvec::SmallVec;

use super::edges::{EdgeIndex, Edges};
use super::local::Local;
use super::vertices::{Vertex, Vertices};
use super::{Row, Tally};

/// A vertex farther than this from a neighbour's border is not meant to lie on it, metres.
const NEAR_M: f64 = 1.0;
/// Nearer than this it does lie on it, metres: coordinates are seldom written finer.
const EXACT_M: f64 = 1e-3;

/// What was found around all vertices.
#[derive(Debug, Default)]
pub(super) struct Near {
    /// Vertices of different rows within the tolerance of each other, the lesser first, and how far, metres.
    pub pairs: Vec<(Vertex, Vertex, f64)>,
    /// Vertices with the edges of other rows within twice the tolerance, in order of vertices: the ends of an edge may
    /// yet move as far as one.
    pub touches: Vec<(Vertex, EdgeIndex)>,
    /// Pairs of rows of one level, the lesser first, whose vertices come within a metre of each other's border and do not
    /// lie on it.
    pub unshared: HashMap<(u32, u32), Tally>,
}

/// An edge by its place.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: Coord<f64>,
    to: Coord<f64>,
    edge: EdgeIndex,
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.from.x, self.from.y], [self.to.x, self.to.y])
    }
}

struct Search<'a> {
    rows: &'a [Row<'a>],
    vertices: &'a Vertices,
    edges: &'a Edges,
    tree: RTree<Segment>,
    snap: f64,
}

/// Looks around every vertex, on all cores: O((vertices + found) log edges). `snap` is the tolerance, metres; 0 for none.
pub(super) fn look_around(rows: &[Row<'_>], vertices: &Vertices, edges: &Edges, snap: f64) -> Near {
    // Stored territories matter only as far as incoming ones reach.
    let incoming = (0..vertices.len() as Vertex)
        .filter(|vertex| vertices.users(*vertex).iter().any(|row| !rows[*row as usize].stored))
        .fold(AABB::new_empty(), |bounds: AABB<[f64; 2]>, vertex| {
            let mut bounds = bounds;
            bounds.merge(&Local::new(vertices.place(vertex)).envelope(NEAR_M.max(2.0 * snap)));
            bounds
        });
    let segments =
        edges.all().map(|(edge, [a, b])| Segment { from: vertices.place(a), to: vertices.place(b), edge });
    let tree =
        RTree::bulk_load(segments.filter(|segment| incoming.intersects(&segment.envelope())).collect());
    let search = Search { rows, vertices, edges, tree, snap };
    let mut near = (0..vertices.len() as Vertex)
        .into_par_iter()
        .filter(|vertex| {
            let Coord { x, y } = vertices.place(*vertex);
            incoming.contains_point(&[x, y])
        })
        .fold(Near::default, |mut near, vertex| {
            search.around(vertex, &mut near);
            near
        })
        .reduce(Near::default, Near::and);
    near.pairs.par_sort_unstable_by_key(|(a, b, _)| (*a, *b));
    near.pairs.dedup_by_key(|(a, b, _)| (*a, *b));
    near.touches.par_sort_unstable();
    near
}

impl Search<'_> {
    fn around(&self, vertex: Vertex, near: &mut Near) {
        let here = Local::new(self.vertices.place(vertex));
        let own = self.vertices.users(vertex);
        let reach = NEAR_M.max(2.0 * self.snap);
        let mut borders: SmallVec<[(u32, f64); 8]> = SmallVec::new();
        for segment in self.tree.locate_in_envelope_intersecting(here.envelope(reach)) {
            let users = self.edges.users(segment.edge);
            if users.iter().all(|row| own.contains(row)) {
                continue;
            }
            let (distance, _) = here.to_edge(segment.from, segment.to);
            if self.snap > 0.0 && distance <= 2.0 * self.snap {
                near.touches.push((vertex, segment.edge));
                self.pair_with_ends(vertex, segment.edge, near);
            }
            for row in users.iter().filter(|row| !own.contains(row)) {
                match borders.iter_mut().find(|(other, _)| other == row) {
                    Some((_, nearest)) => *nearest = nearest.min(distance),
                    None => borders.push((*row, distance)),
                }
            }
        }
        self.tally(own, &borders, near);
    }

    fn pair_with_ends(&self, vertex: Vertex, edge: EdgeIndex, near: &mut Near) {
        for end in self.edges.ends(edge).into_iter().filter(|end| *end != vertex) {
            let (a, b) = (vertex.min(end), vertex.max(end));
            // Measured from one of the two, so that both find the same.
            let distance = Local::new(self.vertices.place(a)).to_vertex(self.vertices.place(b));
            if distance <= self.snap {
                near.pairs.push((a, b, distance));
            }
        }
    }

    fn tally(&self, own: &[u32], borders: &[(u32, f64)], near: &mut Near) {
        let from = EXACT_M.max(self.snap);
        for (other, distance) in borders.iter().filter(|(_, distance)| (from..NEAR_M).contains(distance)) {
            let Row { level, stored, .. } = self.rows[*other as usize];
            let alike = |row: &&u32| {
                let row = &self.rows[**row as usize];
                !stored && !row.stored && row.level == level
            };
            for row in own.iter().filter(alike) {
                let tally = near.unshared.entry((*row.min(other), *row.max(other))).or_default();
                tally.count += 1;
                tally.farthest_m = tally.farthest_m.max(*distance);
            }
        }
    }
}

impl Near {
    fn and(mut self, other: Self) -> Self {
        self.pairs.extend(other.pairs);
        self.touches.extend(other.touches);
        for (pair, tally) in other.unshared {
            let whole = self.unshared.entry(pair).or_default();
            whole.count += tally.count;
            whole.farthest_m = whole.farthest_m.max(tally.farthest_m);
        }
        self
    }
}
