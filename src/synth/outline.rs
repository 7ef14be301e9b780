//! From parts of a mesh to polygons whose borders are exactly shared.

use std::collections::{BTreeMap, HashSet};

use geo::{Coord, LineString, MultiPolygon, Polygon};

use super::border::ring_area;
use super::mesh::{Mesh, OUTSIDE};
use super::plane::bits;

/// Places on given boundaries where a border between parts arrives, on whichever side.
///
/// Every polygon along that boundary gets a vertex there. Used for membership only, so its order cannot show.
pub(super) type Arrivals = HashSet<[u64; 2]>;

/// A ring without its repeated end.
pub(super) type Ring = Vec<Coord<f64>>;

/// Directed pieces of border, by the bits of their ends.
type Steps = BTreeMap<([u64; 2], [u64; 2]), (Coord<f64>, Coord<f64>)>;

/// The places where borders between these parts arrive at the border of the mesh.
pub(super) fn arrivals(mesh: &Mesh, labels: &[u32]) -> Vec<[u64; 2]> {
    let differs = |ends: [u32; 2]| labels[ends[0] as usize] != labels[ends[1] as usize];
    mesh.edges
        .iter()
        .zip(&mesh.edge_points)
        .filter(|(edge, _)| edge.right == OUTSIDE && differs(edge.ends))
        .map(|(_, point)| bits(*point))
        .collect()
}

/// The rings of each part, the inside to the left. `labels` gives the part of each node.
pub(super) fn outlines(mesh: &Mesh, labels: &[u32], arrivals: &Arrivals) -> BTreeMap<u32, Vec<Ring>> {
    let mut steps = border_steps(mesh, labels, arrivals);
    steps.sort_unstable();
    steps
        .chunk_by(|a, b| a.0 == b.0)
        .map(|part| (part[0].0, chain(part).into_iter().map(|ring| coordinates(mesh, &ring)).collect()))
        .collect()
}

/// Directed pieces of border as (part to the left, from, to). Vertices are numbered: triangle points,
/// edge points, nodes of the border.
fn border_steps(mesh: &Mesh, labels: &[u32], arrivals: &Arrivals) -> Vec<(u32, u32, u32)> {
    let first_edge = mesh.triangle_points.len() as u32;
    let first_node = first_edge + mesh.edge_points.len() as u32;
    let mut steps = Vec::new();
    for (index, edge) in mesh.edges.iter().enumerate() {
        let [from, to] = edge.ends;
        let (behind, ahead) = (labels[from as usize], labels[to as usize]);
        let crossing = first_edge + index as u32;
        if behind != ahead {
            steps.extend([(behind, crossing, edge.left), (ahead, edge.left, crossing)]);
        }
        if edge.right != OUTSIDE {
            if behind != ahead {
                steps.extend([(behind, edge.right, crossing), (ahead, crossing, edge.right)]);
            }
        } else if behind != ahead || arrivals.contains(&bits(mesh.edge_points[index])) {
            steps.extend([(behind, first_node + from, crossing), (ahead, crossing, first_node + to)]);
        } else {
            steps.push((behind, first_node + from, first_node + to));
        }
    }
    steps
}

/// Rings from the sorted steps of one part. Every vertex is left once: at most three cells meet anywhere.
fn chain(steps: &[(u32, u32, u32)]) -> Vec<Vec<u32>> {
    let mut used = vec![false; steps.len()];
    let mut rings = Vec::new();
    for start in 0..steps.len() {
        let mut ring = Vec::new();
        let mut at = start;
        while !std::mem::replace(&mut used[at], true) {
            ring.push(steps[at].1);
            match steps.binary_search_by_key(&steps[at].2, |step| step.1) {
                Ok(next) => at = next,
                Err(_) => break,
            }
        }
        if !ring.is_empty() {
            rings.push(ring);
        }
    }
    rings
}

/// The coordinates of a ring, without the nodes that only served the mesh, from its lowest vertex on.
fn coordinates(mesh: &Mesh, ring: &[u32]) -> Ring {
    let first_edge = mesh.triangle_points.len();
    let first_node = first_edge + mesh.edge_points.len();
    let mut ring: Ring = ring
        .iter()
        .filter_map(|vertex| match *vertex as usize {
            triangle if triangle < first_edge => Some(mesh.triangle_points[triangle]),
            edge if edge < first_node => Some(mesh.edge_points[edge - first_edge]),
            node => mesh.given[node - first_node].then(|| mesh.nodes[node - first_node]),
        })
        .collect();
    let lowest = (0..ring.len()).min_by_key(|i| bits(ring[*i])).unwrap_or(0);
    ring.rotate_left(lowest);
    ring
}

/// Polygons from rings: counter-clockwise ones are outer, each hole goes into the smallest outer ring around it.
pub(super) fn polygons(mut rings: Vec<Ring>) -> MultiPolygon<f64> {
    rings.sort_by(|a, b| ring_area(a).abs().total_cmp(&ring_area(b).abs()));
    let (outer, holes): (Vec<Ring>, Vec<Ring>) = rings.into_iter().partition(|ring| ring_area(ring) > 0.0);
    let mut inner: Vec<Vec<LineString<f64>>> = vec![Vec::new(); outer.len()];
    for hole in holes {
        if let Some(owner) = outer.iter().position(|ring| covers(ring, &hole)) {
            inner[owner].push(close(hole));
        }
    }
    let mut polygons: Vec<Polygon<f64>> =
        outer.into_iter().zip(inner).map(|(ring, holes)| Polygon::new(close(ring), holes)).collect();
    polygons.reverse();
    MultiPolygon(polygons)
}

fn close(mut ring: Ring) -> LineString<f64> {
    ring.extend(ring.first().copied());
    LineString(ring)
}

/// Does a ring hold a hole that does not cross it? Decided by a vertex of the hole that is none of the ring's.
fn covers(ring: &Ring, hole: &Ring) -> bool {
    let corners: HashSet<[u64; 2]> = ring.iter().map(|c| bits(*c)).collect();
    let Some(c) = hole.iter().find(|c| !corners.contains(&bits(**c))) else { return false };
    let mut inside = false;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        if (a.y > c.y) != (b.y > c.y) && c.x < (b.x - a.x) * (c.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

/// The union of polygons that share their borders exactly: borders used in both directions cancel.
///
/// Where several borders meet in a vertex, rings part there, so that none touches itself.
pub(super) fn union(parts: &[&MultiPolygon<f64>]) -> MultiPolygon<f64> {
    let mut steps = Steps::new();
    for part in parts {
        for polygon in part.iter() {
            for line in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                for pair in line.0.windows(2) {
                    let (from, to) = (bits(pair[0]), bits(pair[1]));
                    if steps.remove(&(to, from)).is_none() {
                        steps.insert((from, to), (pair[0], pair[1]));
                    }
                }
            }
        }
    }
    let mut rings = Vec::new();
    while let Some((_, (start, mut at))) = steps.pop_first() {
        let mut open = vec![start];
        while let Some(next) = next_step(&mut steps, at) {
            // a vertex passed before closes a ring of its own
            rings.extend(open.iter().position(|c| bits(*c) == bits(at)).map(|first| open.split_off(first)));
            open.push(at);
            at = next;
        }
        rings.extend(open.iter().position(|c| bits(*c) == bits(at)).map(|first| open.split_off(first)));
    }
    polygons(rings)
}

/// Takes a border that leaves this vertex, if one is left.
fn next_step(steps: &mut Steps, at: Coord<f64>) -> Option<Coord<f64>> {
    let here = bits(at);
    let key = steps.range((here, [0, 0])..=(here, [u64::MAX, u64::MAX])).next().map(|(key, _)| *key)?;
    steps.remove(&key).map(|(_, to)| to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, Validation, polygon};

    fn square(x: f64, y: f64) -> MultiPolygon<f64> {
        MultiPolygon(vec![
            polygon![(x: x, y: y), (x: x + 1.0, y: y), (x: x + 1.0, y: y + 1.0), (x: x, y: y + 1.0)],
        ])
    }

    #[test]
    fn the_union_of_two_neighbours_has_no_border_between_them() {
        let union = union(&[&square(0.0, 0.0), &square(1.0, 0.0)]);
        assert_eq!(union.0.len(), 1);
        assert_eq!(union.0[0].exterior().0.len(), 7);
        assert_eq!(union.unsigned_area(), 2.0);
    }

    #[test]
    fn a_frame_keeps_its_hole_and_squares_that_touch_stay_valid() {
        let ring: Vec<_> = [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2), (2, 2)]
            .into_iter()
            .map(|(x, y)| square(f64::from(x), f64::from(y)))
            .collect();
        let frame = union(&ring.iter().collect::<Vec<_>>());
        assert_eq!((frame.0.len(), frame.0[0].interiors().len(), frame.unsigned_area()), (1, 1, 8.0));
        let diagonal = union(&[&square(0.0, 0.0), &square(1.0, 1.0)]);
        assert!(diagonal.is_valid());
        assert_eq!(diagonal.unsigned_area(), 2.0);
    }
}
