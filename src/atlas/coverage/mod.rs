//! Every border once: grids as rings of shared borders.
//!
//! A *border* is a run of vertices between two junctions, stored once however many grids, of whatever level, it bounds. The
//! *shape* of a grid says which borders, in which direction, make its rings. Borders are shared where neighbours have the same
//! vertices, bit for bit; where they do not, each keeps its own, so that a territory comes back exactly as it was stored.

mod edit;
mod junctions;
mod kept;
mod shape;
mod share;
#[cfg(test)]
mod tests;

pub(super) use edit::Shapes;
pub(super) use kept::Numbered;
pub(super) use shape::{MOST, Part, Shape};

use std::sync::Arc;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use smallvec::SmallVec;

use super::GridIndex;
use super::chunked::Chunked;

/// The place of a border in its coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BorderIndex(pub(super) u32);

impl BorderIndex {
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}

/// A line between two junctions, or a closed one without any.
#[derive(Debug, Clone)]
struct Border {
    /// Two vertices or more, degrees; the first and the last are equal when it is closed.
    line: Arc<[Coord<f64>]>,
    /// The grids that it bounds, of all levels; twice where a grid lies on both sides.
    users: SmallVec<[GridIndex; 4]>,
}

/// The borders of all grids.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverage {
    borders: Chunked<Option<Border>>,
    /// Places without a border, for the next ones.
    free: Vec<BorderIndex>,
    /// Places whose border or its users are other than before, since they were last asked for.
    touched: Vec<BorderIndex>,
}

/// How well grids share their borders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Borders stored.
    pub borders: usize,
    /// Their vertices.
    pub vertices: usize,
    /// Edges that bound one grid alone: the outer rim, and neighbours that do not have the same vertices.
    pub single_edges: usize,
    /// Edges that two grids or more have in common.
    pub shared_edges: usize,
}

impl Coverage {
    /// The territory that a shape stands for: the very vertices, rings and polygons that it was made from, in their order.
    pub(super) fn territory(&self, shape: &Shape) -> MultiPolygon<f64> {
        let mut polygons: Vec<(LineString<f64>, Vec<LineString<f64>>)> = Vec::new();
        for ring in shape.rings() {
            let line = LineString(self.ring(ring.uses, ring.rotation));
            match polygons.last_mut() {
                Some((_, holes)) if !ring.opens_polygon => holes.push(line),
                _ => polygons.push((line, Vec::new())),
            }
        }
        MultiPolygon(polygons.into_iter().map(|(outer, holes)| Polygon::new(outer, holes)).collect())
    }

    fn ring(&self, uses: &[u32], rotation: usize) -> Vec<Coord<f64>> {
        let mut ring = Vec::new();
        for part in uses.iter().map(|word| Part::read(*word)) {
            let line = self.line(part.border);
            match part.reversed {
                false => ring.extend_from_slice(&line[..line.len() - 1]),
                true => ring.extend(line[1..].iter().rev()),
            }
        }
        ring.rotate_left(rotation);
        ring.extend(ring.first().copied());
        ring
    }

    /// The vertices of a border.
    pub(super) fn line(&self, border: BorderIndex) -> &[Coord<f64>] {
        self.get(border).map_or(&[], |border| &border.line)
    }

    /// The grids that a border bounds, of all levels; twice where a grid lies on both sides.
    pub(super) fn users(&self, border: BorderIndex) -> &[GridIndex] {
        self.get(border).map_or(&[], |border| &border.users)
    }

    /// How well borders are shared. O(borders).
    pub(super) fn sharing(&self) -> Sharing {
        let mut sharing = Sharing::default();
        for border in self.borders.iter().flatten() {
            sharing.borders += 1;
            sharing.vertices += border.line.len();
            let edges = border.line.len() - 1;
            match border.users.len() {
                0 | 1 => sharing.single_edges += edges,
                _ => sharing.shared_edges += edges,
            }
        }
        sharing
    }

    /// How many places for borders there are, free ones included.
    pub(super) fn places(&self) -> usize {
        self.borders.len()
    }

    /// The places whose border or its users have changed since the last call, some of them more than once.
    pub(super) fn take_touched(&mut self) -> Vec<BorderIndex> {
        std::mem::take(&mut self.touched)
    }

    fn get(&self, border: BorderIndex) -> Option<&Border> {
        if (border.0 as usize) < self.borders.len() { self.borders[border.0 as usize].as_ref() } else { None }
    }

    fn add(&mut self, border: Border) -> BorderIndex {
        if let Some(place) = self.free.pop() {
            *self.borders.get_mut(place.0 as usize) = Some(border);
            self.touched.push(place);
            return place;
        }
        let place = BorderIndex(self.borders.len() as u32);
        self.borders.push(Some(border));
        self.touched.push(place);
        place
    }
}
