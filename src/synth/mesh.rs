//! The fine mesh that everything is made of.
//!
//! A constrained Delaunay triangulation of one polygon. Each node stands for a cell around it: the cell's
//! border runs from a point in each triangle around the node to a point on each edge from it and on to the next
//! triangle. Such cells tile the polygon without gap or overlap whatever the points chosen, because every piece
//! of a border stays inside its own triangle. At most three cells meet in a point, so that any union of cells has
//! borders that never touch themselves.

use std::collections::HashMap;

use geo::Coord;
use spade::{ConstrainedDelaunayTriangulation, Point2, Triangulation};

use super::border::BorderPart;
use super::plane::{point_in_triangle, point_on_edge, round};

/// No triangle: the outside.
pub(super) const OUTSIDE: u32 = u32::MAX;

/// An edge of the mesh.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Its nodes; on the border, the polygon lies to the left.
    pub(super) ends: [u32; 2],
    /// The triangle to the left.
    pub(super) left: u32,
    /// The triangle to the right, [`OUTSIDE`] on the border.
    pub(super) right: u32,
}

/// The mesh of one polygon.
#[derive(Debug)]
pub(super) struct Mesh {
    /// Positions in degrees; those on the border come first.
    pub(super) nodes: Vec<Coord<f64>>,
    /// For each node on the border: a vertex of the boundary as given?
    pub(super) given: Vec<bool>,
    /// All edges.
    pub(super) edges: Vec<Edge>,
    /// For each edge, the point where the border between the cells of its ends crosses it.
    pub(super) edge_points: Vec<Coord<f64>>,
    /// For each triangle, the point where the cells of its corners meet.
    pub(super) triangle_points: Vec<Coord<f64>>,
    first: Vec<u32>,
    fans: Vec<u32>,
}

impl Mesh {
    /// Triangulates a polygon with points strewn inside. The error says why, without the polygon's name.
    pub(super) fn new(part: &BorderPart, inner: &[Coord<f64>], seed: u64) -> Result<Self, String> {
        let given: Vec<bool> = part.iter().flat_map(|ring| ring.points.iter().map(|p| p.given)).collect();
        let mut nodes: Vec<Coord<f64>> =
            part.iter().flat_map(|ring| ring.points.iter().map(|p| p.at)).collect();
        nodes.extend(inner.iter().map(|c| round(*c)));
        let ring_edges = border_edges(part);
        let triangles = triangles_inside(&nodes, &ring_edges)?;
        let edges = edges_of(&triangles);
        let (first, fans) = fans(&nodes, given.len(), &triangles)?;
        let at = |node: u32| nodes[node as usize];
        let edge_points = edges.iter().map(|e| point_on_edge(seed, at(e.ends[0]), at(e.ends[1]))).collect();
        let triangle_points = triangles.iter().map(|t| point_in_triangle(seed, t.map(at))).collect();
        Ok(Self { nodes, given, edges, edge_points, triangle_points, first, fans })
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Is the node on the border of the polygon?
    pub(super) fn is_border(&self, node: u32) -> bool {
        (node as usize) < self.given.len()
    }

    /// The neighbours of a node, counter-clockwise; on the border, from border to border.
    pub(super) fn neighbours(&self, node: u32) -> &[u32] {
        &self.fans[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// The node nearest to a place.
    pub(super) fn nearest(&self, members: &[u32], to: Coord<f64>) -> u32 {
        let square = |node: u32| {
            let c = self.nodes[node as usize];
            (c.x - to.x).powi(2) + (c.y - to.y).powi(2)
        };
        members.iter().copied().min_by(|a, b| square(*a).total_cmp(&square(*b))).unwrap_or(0)
    }
}

fn border_edges(part: &BorderPart) -> Vec<[u32; 2]> {
    let mut start = 0;
    let mut edges = Vec::new();
    for ring in part {
        let count = ring.points.len() as u32;
        edges.extend((0..count).map(|i| [start + i, start + (i + 1) % count]));
        start += count;
    }
    edges
}

/// The triangles of the polygon's inside, counter-clockwise, in an order that depends on the input only.
fn triangles_inside(nodes: &[Coord<f64>], ring_edges: &[[u32; 2]]) -> Result<Vec<[u32; 3]>, String> {
    let points = nodes.iter().map(|c| Point2::new(c.x, c.y)).collect();
    let constraints = ring_edges.iter().map(|e| e.map(|n| n as usize)).collect();
    let mut conflicts = 0;
    let triangulation: ConstrainedDelaunayTriangulation<Point2<f64>> =
        ConstrainedDelaunayTriangulation::try_bulk_load_cdt(points, constraints, |_| conflicts += 1)
            .map_err(|error| format!("it cannot be triangulated: {error:?}"))?;
    if conflicts > 0 {
        return Err(format!("{conflicts} of its edges cross others"));
    }
    if triangulation.num_vertices() != nodes.len() {
        return Err("its rings touch each other or themselves".to_owned());
    }
    let all: Vec<[u32; 3]> =
        triangulation.inner_faces().map(|face| face.vertices().map(|v| v.fix().index() as u32)).collect();
    Ok(flood(&all, ring_edges))
}

/// Keeps the triangles that can be reached from the left of a border edge without crossing the border.
fn flood(triangles: &[[u32; 3]], ring_edges: &[[u32; 2]]) -> Vec<[u32; 3]> {
    let mut owner = HashMap::with_capacity(triangles.len() * 3);
    for (index, corners) in triangles.iter().enumerate() {
        for side in sides(corners) {
            owner.insert(side, index);
        }
    }
    let border: std::collections::HashSet<[u32; 2]> = ring_edges.iter().copied().collect();
    let mut inside = vec![false; triangles.len()];
    let mut queue: Vec<usize> = ring_edges.iter().filter_map(|edge| owner.get(edge).copied()).collect();
    while let Some(index) = queue.pop() {
        if std::mem::replace(&mut inside[index], true) {
            continue;
        }
        for side in sides(&triangles[index]) {
            let back = [side[1], side[0]];
            if !border.contains(&side) && !border.contains(&back) {
                queue.extend(owner.get(&back));
            }
        }
    }
    let mut kept: Vec<[u32; 3]> = triangles
        .iter()
        .zip(inside)
        .filter(|(_, inside)| *inside)
        .map(|(corners, _)| {
            let lowest = (0..3).min_by_key(|i| corners[*i]).unwrap_or(0);
            [corners[lowest], corners[(lowest + 1) % 3], corners[(lowest + 2) % 3]]
        })
        .collect();
    kept.sort_unstable();
    kept
}

fn sides([a, b, c]: &[u32; 3]) -> [[u32; 2]; 3] {
    [[*a, *b], [*b, *c], [*c, *a]]
}

fn edges_of(triangles: &[[u32; 3]]) -> Vec<Edge> {
    let mut half: Vec<([u32; 2], [u32; 2], u32)> = Vec::with_capacity(triangles.len() * 3);
    for (index, corners) in triangles.iter().enumerate() {
        for [a, b] in sides(corners) {
            half.push(([a.min(b), a.max(b)], [a, b], index as u32));
        }
    }
    half.sort_unstable();
    half.chunk_by(|a, b| a.0 == b.0)
        .map(|pair| Edge {
            ends: pair[0].1,
            left: pair[0].2,
            right: pair.get(1).map_or(OUTSIDE, |(_, _, triangle)| *triangle),
        })
        .collect()
}

/// The neighbours of each node in turning order, as one list and the start of each node in it.
fn fans(nodes: &[Coord<f64>], border: usize, triangles: &[[u32; 3]]) -> Result<(Vec<u32>, Vec<u32>), String> {
    let mut wedges: Vec<[u32; 3]> = Vec::with_capacity(triangles.len() * 3);
    for [a, b, c] in triangles {
        wedges.extend([[*a, *b, *c], [*b, *c, *a], [*c, *a, *b]]);
    }
    wedges.sort_unstable();
    let mut first = vec![0];
    let mut fans = Vec::with_capacity(wedges.len() + border);
    for group in wedges.chunk_by(|a, b| a[0] == b[0]) {
        let node = group[0][0] as usize;
        if node + 1 != first.len() {
            break;
        }
        let after = |from: u32| group.binary_search_by_key(&from, |wedge| wedge[1]).ok().map(|i| group[i][2]);
        let is_end = |n: &u32| !group.iter().any(|wedge| wedge[2] == *n);
        let start = group.iter().map(|wedge| wedge[1]).find(is_end).unwrap_or(group[0][1]);
        let before = fans.len();
        fans.push(start);
        let mut last = start;
        while let Some(next) = after(last).filter(|next| *next != start) {
            fans.push(next);
            last = next;
        }
        let expected = group.len() + usize::from(node < border);
        if fans.len() - before != expected {
            return Err(format!("it touches itself at {}, {}", nodes[node].x, nodes[node].y));
        }
        first.push(fans.len() as u32);
    }
    if first.len() != nodes.len() + 1 {
        return Err("the mesh has nodes without triangles".to_owned());
    }
    Ok((first, fans))
}
