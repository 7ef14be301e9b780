//! The rings of a grid with many borders, in blocks: so that what is far from a tile is passed by at a glance.

use geo::Coord;

use crate::atlas::coverage::{Part, Shape};
use crate::atlas::{Envelope, GridIndex, GridTable};

use super::BorderIndex;

/// Up to so many borders are looked at one by one.
const FEW: usize = 48;
/// Borders in a block, and blocks in a range.
pub(super) const BLOCK: usize = 16;

/// An envelope in single precision, rounded outwards: west, south, east, north.
pub(super) type Frame = [f32; 4];

/// Envelopes of the borders of each ring, in blocks and in ranges of blocks.
#[derive(Debug)]
pub(super) struct Outline {
    rings: Vec<Blocks>,
}

/// The envelopes along one ring.
#[derive(Debug)]
pub(super) struct Blocks {
    blocks: Vec<Frame>,
    ranges: Vec<Frame>,
}

impl Outline {
    /// Are there enough borders for blocks?
    pub(super) fn pays(shape: &Shape) -> bool {
        shape.len() > FEW
    }

    pub(super) fn new(grids: &GridTable, grid: GridIndex) -> Self {
        let frame = |word: &u32| frame(grids.coverage().line(Part::read(*word).border));
        let rings = grids.shape(grid).rings().map(|ring| {
            let frames: Vec<Frame> = ring.uses.iter().map(frame).collect();
            let blocks: Vec<Frame> = frames.chunks(BLOCK).map(union).collect();
            let ranges = blocks.chunks(BLOCK).map(union).collect();
            Blocks { blocks, ranges }
        });
        Self { rings: rings.collect() }
    }

    pub(super) fn ring(&self, number: usize) -> Option<&Blocks> {
        self.rings.get(number)
    }

    /// Adds the borders in those blocks that meet an envelope.
    pub(super) fn meeting(&self, shape: &Shape, envelope: &Envelope, found: &mut Vec<BorderIndex>) {
        for (ring, blocks) in shape.rings().zip(&self.rings) {
            blocks.walk(ring.uses, &mut |words, frame| {
                let meets = beyond(frame, envelope) == 0;
                if meets && words.len() <= BLOCK {
                    found.extend(words.iter().map(|word| Part::read(*word).border));
                }
                meets
            });
        }
    }
}

impl Blocks {
    /// Visits the borders of a ring in order, range by range; where the visitor says true, block by block.
    pub(super) fn walk<'a>(&self, uses: &'a [u32], visit: &mut impl FnMut(&'a [u32], &Frame) -> bool) {
        for ((words, range), blocks) in
            uses.chunks(BLOCK * BLOCK).zip(&self.ranges).zip(self.blocks.chunks(BLOCK))
        {
            if words.len() <= BLOCK || visit(words, range) {
                words.chunks(BLOCK).zip(blocks).for_each(|(words, block)| _ = visit(words, block));
            }
        }
    }
}

/// Beyond which sides of an envelope a frame lies, wholly: west 1, east 2, south 4, north 8.
pub(super) fn beyond(frame: &Frame, envelope: &Envelope) -> u8 {
    let [west, south, east, north] = frame.map(f64::from);
    u8::from(east < envelope.min[0])
        | u8::from(west > envelope.max[0]) << 1
        | u8::from(north < envelope.min[1]) << 2
        | u8::from(south > envelope.max[1]) << 3
}

/// That of a line.
pub(super) fn frame(line: &[Coord<f64>]) -> Frame {
    line.iter().fold(None, |frame, vertex| Some(around(frame, *vertex))).unwrap_or([0.0; 4])
}

fn around(frame: Option<Frame>, vertex: Coord<f64>) -> Frame {
    let (down, up) = (|value: f64| (value as f32).next_down(), |value: f64| (value as f32).next_up());
    let own = [down(vertex.x), down(vertex.y), up(vertex.x), up(vertex.y)];
    frame.map_or(own, |frame| both(&frame, &own))
}

fn both(a: &Frame, b: &Frame) -> Frame {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

fn union(frames: &[Frame]) -> Frame {
    frames.iter().copied().reduce(|a, b| both(&a, &b)).unwrap_or([0.0; 4])
}
