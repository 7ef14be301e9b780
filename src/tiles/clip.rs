//! Clips a polygon to the buffered tile, in tile units.
//!
//! Each ring is clipped by itself (Sutherland and Hodgman), which leaves one ring that runs along the tile's side between
//! the places where the shape left the tile, to and fro over the same line. Those runs are then added up: what is
//! run both ways cancels, and the rest is joined anew, so that a shape in several parts comes out as several rings
//! and an interior that reaches the side opens into it. The winding number of every place in the tile stays what it was.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use geo::{Coord, Rect};

use crate::geom::clip_ring;

/// A ring in tile units, open: the first vertex is not repeated.
pub(super) type Ring = Vec<Coord<i32>>;

/// A vertex in tile units.
pub(super) type Vertex = Coord<i32>;

/// The rings of a polygon inside a rectangle: exteriors of positive area by the surveyor's formula (y grows downwards),
/// interiors of negative, in no order.
pub(super) fn clip_polygon(exterior: Ring, interiors: Vec<Ring>, rect: Rect<i32>) -> Vec<Ring> {
    let Some(exterior) = clip(exterior, rect, 1) else { return Vec::new() };
    let mut rings = vec![exterior];
    rings.extend(interiors.into_iter().filter_map(|ring| clip(ring, rect, -1)));
    let side = Perimeter(rect);
    if rings.iter().map(|ring| side.runs(ring)).sum::<usize>() > 1 { rejoin(rings, side) } else { rings }
}

/// Twice the area of an open ring by the surveyor's formula, positive for an exterior of MVT 2.1.
pub(super) fn twice_area(ring: &[Vertex]) -> i64 {
    let cross = |a: Vertex, b: Vertex| i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y);
    let ([first, ..], [.., last]) = (ring, ring) else { return 0 };
    ring.windows(2).map(|edge| cross(edge[0], edge[1])).sum::<i64>() + cross(*last, *first)
}

/// The edges of an open ring, the closing one last.
pub(super) fn edges(ring: &[Vertex]) -> impl Iterator<Item = (Vertex, Vertex)> {
    let closing = ring.last().copied().zip(ring.first().copied());
    ring.windows(2).map(|edge| (edge[0], edge[1])).chain(closing)
}

/// Clips one ring and winds it so that its area has the sign asked for.
fn clip(ring: Ring, rect: Rect<i32>, sign: i64) -> Option<Ring> {
    let mut open = clip_ring(ring, rect)?;
    open.pop();
    Some(wound(open, sign))
}

/// The ring wound so that its area has the sign asked for.
pub(super) fn wound(mut ring: Ring, sign: i64) -> Ring {
    if twice_area(&ring).signum() != sign {
        ring.reverse();
    }
    ring
}

/// The sides of a rectangle as one line, run through in the direction of positive area.
#[derive(Clone, Copy)]
struct Perimeter(Rect<i32>);

impl Perimeter {
    /// How often a ring runs along the sides.
    fn runs(self, ring: &[Vertex]) -> usize {
        let ([first, ..], [.., last]) = (ring, ring) else { return 0 };
        let is_along = |(a, b): (Vertex, Vertex)| self.span(a, b).is_some();
        let (mut runs, mut was_along, mut all) = (0, is_along((*last, *first)), true);
        for along in edges(ring).map(is_along) {
            runs += usize::from(along && !was_along);
            all &= along;
            was_along = along;
        }
        runs.max(usize::from(all))
    }

    /// From where to where an edge runs along a side; `None` when it does not.
    fn span(self, a: Vertex, b: Vertex) -> Option<(i32, i32)> {
        let (min, max) = (self.0.min(), self.0.max());
        let (width, height) = (self.0.width(), self.0.height());
        let at = |place: fn(Vertex, Vertex, Vertex) -> i32, from: i32| {
            Some((from + place(a, min, max), from + place(b, min, max)))
        };
        match () {
            () if a.y == min.y && b.y == min.y => at(|v, min, _| v.x - min.x, 0),
            () if a.x == max.x && b.x == max.x => at(|v, min, _| v.y - min.y, width),
            () if a.y == max.y && b.y == max.y => at(|v, _, max| max.x - v.x, width + height),
            () if a.x == min.x && b.x == min.x => at(|v, _, max| max.y - v.y, 2 * width + height),
            () => None,
        }
    }

    /// The vertex at a place of the line.
    fn vertex(self, place: i32) -> Vertex {
        let (min, max) = (self.0.min(), self.0.max());
        let (width, height) = (self.0.width(), self.0.height());
        match place {
            p if p <= width => Coord { x: min.x + p, y: min.y },
            p if p <= width + height => Coord { x: max.x, y: min.y + p - width },
            p if p <= 2 * width + height => Coord { x: max.x - (p - width - height), y: max.y },
            p => Coord { x: min.x, y: max.y - (p - 2 * width - height) },
        }
    }
}

/// Takes the runs along the sides out of the rings, adds them up and joins what is left to rings again.
fn rejoin(rings: Vec<Ring>, side: Perimeter) -> Vec<Ring> {
    let mut done = Vec::new();
    let mut arcs = Vec::new();
    let mut turns = BTreeMap::<i32, i32>::new();
    for ring in rings {
        if side.runs(&ring) == 0 {
            done.push(ring);
            continue;
        }
        for (from, to) in edges(&ring).filter_map(|(a, b)| side.span(a, b)) {
            *turns.entry(from).or_default() += (to - from).signum();
            *turns.entry(to).or_default() -= (to - from).signum();
        }
        arcs.extend(inner_arcs(&ring, side));
    }
    arcs.extend(side_arcs(&turns, side));
    done.extend(join(&arcs));
    done
}

/// The stretches of a ring between its runs along the sides.
fn inner_arcs(ring: &[Vertex], side: Perimeter) -> Vec<Vec<Vertex>> {
    let along = |(a, b): (Vertex, Vertex)| side.span(a, b).is_some();
    let all: Vec<_> = edges(ring).collect();
    let first = all.iter().position(|edge| along(*edge)).unwrap_or_default();
    let mut arcs: Vec<Vec<Vertex>> = Vec::new();
    let mut open = false;
    for edge in all[first..].iter().chain(&all[..first]) {
        if along(*edge) {
            open = false;
        } else if let (true, Some(arc)) = (open, arcs.last_mut()) {
            arc.push(edge.1);
        } else {
            arcs.push(vec![edge.0, edge.1]);
            open = true;
        }
    }
    arcs
}

/// The edges along the sides that are left when runs in opposite directions have cancelled.
fn side_arcs(turns: &BTreeMap<i32, i32>, side: Perimeter) -> Vec<Vec<Vertex>> {
    let mut winding = 0;
    let mut arcs = Vec::new();
    for ((from, turn), to) in turns.iter().zip(turns.keys().skip(1)) {
        winding += turn;
        let mut arc = vec![side.vertex(*from), side.vertex(*to)];
        if winding < 0 {
            arc.reverse();
        }
        arcs.extend(std::iter::repeat_n(arc, winding.unsigned_abs() as usize));
    }
    arcs
}

/// Joins arcs end to start into rings. As many arcs end at a vertex as begin there, so none is left over; a walk that comes
/// back to a vertex closes a ring there at once.
pub(super) fn join(arcs: &[Vec<Vertex>]) -> Vec<Ring> {
    let mut leaving: HashMap<Vertex, Vec<usize>, RandomState> = HashMap::default();
    for (at, arc) in arcs.iter().enumerate().rev() {
        leaving.entry(arc[0]).or_default().push(at);
    }
    let mut rings = Vec::new();
    for arc in arcs {
        let mut at = arc[0];
        let mut walk: Vec<usize> = Vec::new();
        let mut reached: HashMap<Vertex, usize, RandomState> = HashMap::from_iter([(at, 0)]);
        while let Some(next) = leaving.get_mut(&at).and_then(Vec::pop) {
            walk.push(next);
            at = arcs[next][arcs[next].len() - 1];
            let Some(&since) = reached.get(&at) else {
                reached.insert(at, walk.len());
                continue;
            };
            let closed = walk.split_off(since);
            closed[1..].iter().for_each(|part| {
                reached.remove(&arcs[*part][0]);
            });
            rings.push(closed.iter().flat_map(|part| &arcs[*part][1..]).copied().collect());
        }
    }
    rings
}
