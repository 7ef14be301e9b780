//! The borders of an atlas as a zoom shows them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use geo::Coord;

use super::depth::Depth;
use super::outline::{Blocks, Outline, beyond};
use crate::atlas::coverage::{BorderIndex, Part, Shape};
use crate::atlas::{Atlas, Envelope, GridIndex};

/// The borders of an atlas at a zoom, or with every vertex.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    atlas: &'a Atlas,
    depth: Option<(u8, &'a Depth)>,
}

/// The rings of a grid.
#[derive(Debug)]
pub struct DrawnShape<'a> {
    drawn: Drawn<'a>,
    shape: &'a Shape,
    outline: Option<Arc<Outline>>,
}

/// A part of a ring, as far as a tile needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stretch {
    /// A border, and whether it is followed backwards.
    Border(BorderIndex, bool),
    /// Several borders that all lie beyond the same sides of an envelope: only the first vertex drawn and the last.
    Beyond(Coord<f64>, Coord<f64>),
}

impl<'a> Drawn<'a> {
    pub(super) fn new(atlas: &'a Atlas, depth: Option<(u8, &'a Depth)>) -> Self {
        Self { atlas, depth }
    }

    /// One more than the highest index of a border.
    pub fn places(&self) -> usize {
        self.atlas.grids.coverage().places()
    }

    /// The envelope of a grid, degrees.
    pub fn envelope(&self, grid: GridIndex) -> &'a Envelope {
        self.atlas.grids.envelope(grid)
    }

    /// Hands out the vertices of a border that are drawn, in their order, degrees. The ends are among them only if they are drawn.
    pub fn vertices(&self, border: BorderIndex, mut each: impl FnMut(Coord<f64>)) {
        let line = self.atlas.grids.coverage().line(border);
        match self.depth {
            None => line.iter().copied().for_each(each),
            Some((zoom, depth)) => {
                for (vertex, first) in line.iter().zip(depth.zooms(self.atlas, border)) {
                    if first.load(Ordering::Relaxed) <= zoom {
                        each(*vertex);
                    }
                }
            }
        }
    }

    /// The rings of a grid.
    pub fn shape(&self, grid: GridIndex) -> DrawnShape<'a> {
        let (grids, detail) = (&self.atlas.grids, &self.atlas.detail);
        DrawnShape { drawn: *self, shape: grids.shape(grid), outline: detail.outline(grids, grid) }
    }

    /// The first vertex drawn of borders that follow one another.
    fn first(&self, parts: impl Iterator<Item = Part>) -> Option<Coord<f64>> {
        let mut parts = parts;
        parts.find_map(|part| {
            let (mut first, mut last) = (None, None);
            self.vertices(part.border, |vertex| {
                first = first.or(Some(vertex));
                last = Some(vertex);
            });
            if part.reversed { last } else { first }
        })
    }
}

impl DrawnShape<'_> {
    /// Walks the rings in order: `open` is told of each whether it is the outer one of a new polygon, `go` of its stretches. What
    /// lies far beyond one side of the envelope comes in few pieces.
    pub fn walk<S>(
        &self,
        envelope: &Envelope,
        state: &mut S,
        open: impl Fn(&mut S, bool),
        go: impl Fn(&mut S, Stretch),
    ) {
        for (number, ring) in self.shape.rings().enumerate() {
            open(state, ring.opens_polygon);
            match self.outline.as_ref().and_then(|outline| outline.ring(number)) {
                None => borders(ring.uses, |stretch| go(state, stretch)),
                Some(blocks) => self.walk_blocks(blocks, ring.uses, envelope, |stretch| go(state, stretch)),
            }
        }
    }

    fn walk_blocks(&self, blocks: &Blocks, uses: &[u32], envelope: &Envelope, mut go: impl FnMut(Stretch)) {
        const BLOCK: usize = super::outline::BLOCK;
        blocks.walk(uses, &mut |words, frame| {
            let parts = words.iter().map(|word| Part::read(*word));
            if beyond(frame, envelope) != 0 {
                let turned = parts.clone().rev().map(|part| Part { reversed: !part.reversed, ..part });
                if let (Some(first), Some(last)) = (self.drawn.first(parts), self.drawn.first(turned)) {
                    go(Stretch::Beyond(first, last));
                }
                return false;
            }
            if words.len() <= BLOCK {
                borders(words, &mut go);
            }
            true
        });
    }
}

fn borders(uses: &[u32], mut go: impl FnMut(Stretch)) {
    for part in uses.iter().map(|word| Part::read(*word)) {
        go(Stretch::Border(part.border, part.reversed));
    }
}
