//! For the grids down to one level: from which zoom is each vertex of their borders drawn?

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use geo::Coord;
use rayon::prelude::*;

use super::BorderIndex;
use super::chain::Chain;
use super::frames::Frames;
use super::links::Links;
use crate::atlas::coverage::Coverage;
use crate::atlas::{Atlas, Envelope, GridTable};
use crate::geom::{mercator, simplification_reach, zooms_drawn};
use crate::model::Level;

/// Borders a chunk: what is copied when one of them changes.
const CHUNK: usize = 512;
/// Borders that one core works out while others work out others: neighbours may be of one chain, which is worked out once.
const ONE_BY_ONE: usize = 256;
/// A smaller share of the borders that is left is worked out without a tree of all.
const SHARE: usize = 16;
/// Of a border that nobody has asked for yet.
pub(super) const UNKNOWN: u8 = u8::MAX;

/// A byte for each vertex of the borders of grids down to a level.
#[derive(Debug, Clone)]
pub(super) struct Depth {
    deepest: Level,
    first_zoom: u8,
    links: Links,
    /// By place of the border; none where no border counts.
    chunks: Vec<Option<Arc<Chunk>>>,
}

/// The first zooms of the vertices of some borders, one after the other.
///
/// Whoever needs those of a border that nobody has asked for works them out and writes them down; two who do so at a time write the
/// same. The first byte of a border is written last, so who finds it finds the others.
#[derive(Debug)]
struct Chunk {
    /// Where those of each border begin, and where the last ends.
    starts: Box<[u32]>,
    zooms: Box<[AtomicU8]>,
}

impl Clone for Chunk {
    fn clone(&self) -> Self {
        // A border that is being written meanwhile has its first byte unknown or is whole, as for any reader.
        let firsts: Vec<u8> = self.firsts().collect();
        let zooms: Box<[AtomicU8]> =
            self.zooms.iter().map(|zoom| AtomicU8::new(zoom.load(Ordering::Relaxed))).collect();
        for (range, first) in self.ranges().filter(|range| !range.is_empty()).zip(firsts) {
            zooms[range.start].store(first, Ordering::Relaxed);
        }
        Self { starts: self.starts.clone(), zooms }
    }
}

impl Chunk {
    fn ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        self.starts.windows(2).map(|pair| pair[0] as usize..pair[1] as usize)
    }

    /// The first bytes of the borders that have any.
    fn firsts(&self) -> impl Iterator<Item = u8> + '_ {
        self.ranges()
            .filter(|range| !range.is_empty())
            .map(|range| self.zooms[range.start].load(Ordering::Acquire))
    }

    fn of(&self, border: BorderIndex) -> &[AtomicU8] {
        let at = border.0 as usize % CHUNK;
        &self.zooms[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// A chunk whose borders have so many vertices that count.
    fn new(lengths: impl Iterator<Item = usize>) -> Option<Self> {
        let mut starts = vec![0_u32];
        let mut end = 0;
        for length in lengths {
            end += length as u32;
            starts.push(end);
        }
        let zooms = (0..end).map(|_| AtomicU8::new(UNKNOWN)).collect();
        (end > 0).then(|| Self { starts: starts.into(), zooms })
    }
}

impl Depth {
    /// Nothing is worked out yet but which borders follow one another. O(borders).
    pub(super) fn new(grids: &GridTable, deepest: Level, first_zoom: u8) -> Self {
        let mut counts = vec![false; grids.coverage().places()];
        for grid in grids.all().take_while(|grid| grids.level(*grid) <= deepest) {
            grids.borders(grid).for_each(|border| counts[border.0 as usize] = true);
        }
        let length = |border: usize| match counts[border] {
            true => grids.coverage().line(BorderIndex(border as u32)).len(),
            false => 0,
        };
        let chunks = (0..counts.len()).step_by(CHUNK).map(|start| {
            let places = start..(start + CHUNK).min(counts.len());
            // Of the first levels hardly any has a border that counts.
            if !counts[places.clone()].contains(&true) {
                return None;
            }
            Chunk::new(places.map(length)).map(Arc::new)
        });
        Self { deepest, first_zoom, links: Links::new(grids, deepest), chunks: chunks.collect() }
    }

    /// The zooms from which the vertices of a border are drawn; empty for a border that does not count here.
    pub(super) fn zooms(&self, atlas: &Atlas, border: BorderIndex) -> &[AtomicU8] {
        if self.is_open(border) {
            self.settle(atlas.grids.coverage(), border, |envelope| atlas.borders_in(self.deepest, envelope));
        }
        self.known(border)
    }

    /// Does it count, and has nobody asked for it yet?
    fn is_open(&self, border: BorderIndex) -> bool {
        self.known(border).first().is_some_and(|first| first.load(Ordering::Acquire) == UNKNOWN)
    }

    pub(super) fn known(&self, border: BorderIndex) -> &[AtomicU8] {
        let chunk = self.chunks.get(border.0 as usize / CHUNK);
        chunk.and_then(Option::as_ref).map_or(&[], |chunk| chunk.of(border))
    }

    /// Works out every border that nobody has asked for, on every core of the current rayon pool.
    pub(super) fn prepare(&self, atlas: &Atlas) {
        let coverage = atlas.grids.coverage();
        let places = (0..coverage.places() as u32).map(BorderIndex);
        let counted: Vec<BorderIndex> = places.filter(|border| !self.known(*border).is_empty()).collect();
        let each = counted.par_iter().with_min_len(ONE_BY_ONE);
        if counted.iter().filter(|border| self.is_open(**border)).count() * SHARE < counted.len() {
            return each.for_each(|border| _ = self.zooms(atlas, *border));
        }
        let frames = Frames::of(coverage, counted.iter().copied());
        each.filter(|border| self.is_open(**border)).for_each(|border| {
            self.settle(coverage, *border, |envelope| frames.meeting(envelope));
        });
    }

    pub(super) fn deepest(&self) -> Level {
        self.deepest
    }

    pub(super) fn bytes(&self) -> usize {
        let chunks = self.chunks.iter().flatten().map(|chunk| chunk.zooms.len() + 4 * chunk.starts.len());
        chunks.sum::<usize>()
            + self.chunks.len() * size_of::<usize>()
            + self.links.len() * 2 * size_of::<u64>()
    }

    /// Works out the chain of a border; `near` gives the borders that count here of which a part may be in an envelope.
    fn settle<I: IntoIterator<Item = BorderIndex>>(
        &self,
        coverage: &Coverage,
        border: BorderIndex,
        near: impl Fn(&Envelope) -> I,
    ) {
        let chain = Chain::through(&self.links, border);
        let vertices = chain.vertices(coverage);
        let order = chain.order(&vertices);
        let line: Vec<_> = (0..vertices.len()).map(|step| projected(vertices[order.vertex(step)])).collect();
        let ends = [0, vertices.len() - 1].map(|step| vertices[order.vertex(step)]);
        let others = envelope(&vertices).map_or_else(Vec::new, |envelope| {
            others(coverage, &chain, ends, &envelope, near(&envelope).into_iter())
        });
        let mut zooms = vec![0; vertices.len()];
        for (step, zoom) in zooms_drawn(&line, &others, self.first_zoom).into_iter().enumerate() {
            zooms[order.vertex(step)] = zoom;
        }
        // The last vertex of an endless chain is its first.
        if vertices.first() == vertices.last() {
            zooms[vertices.len() - 1] = zooms[0];
        }
        self.write(coverage, &chain, &zooms);
    }

    fn write(&self, coverage: &Coverage, chain: &Chain, zooms: &[u8]) {
        let mut start = 0;
        for (border, reversed) in &chain.parts {
            let count = coverage.line(*border).len();
            let places = self.known(*border);
            let at = |place: usize| if *reversed { start + count - 1 - place } else { start + place };
            for place in (1..places.len()).rev() {
                places[place].store(zooms[at(place)], Ordering::Relaxed);
            }
            if let Some(first) = places.first() {
                first.store(zooms[at(0)], Ordering::Release);
            }
            start += count - 1;
        }
    }

    /// The same of a new atlas in which some borders are other than before: forgotten is what may be drawn differently. With the
    /// envelopes of that.
    pub(super) fn updated(
        &self,
        old: &GridTable,
        new: &Atlas,
        borders: &BTreeSet<BorderIndex>,
    ) -> (Self, Vec<Envelope>) {
        let mut next = self.clone();
        next.remake_chunks(new, borders);
        let ends = next.links.update(old, &new.grids, self.deepest, borders);
        let mut near: BTreeSet<BorderIndex> = ends.iter().map(|end| end.border()).collect();
        let around = 360.0 * simplification_reach(self.first_zoom);
        for envelope in self.changes(old, &new.grids, borders) {
            let wide = Envelope {
                min: [envelope.min[0] - around, envelope.min[1] - around],
                max: [envelope.max[0] + around, envelope.max[1] + around],
            };
            near.extend(new.borders_in(self.deepest, &wide));
        }
        let forgotten = next.forget(&near, new.grids.coverage());
        (next, forgotten)
    }

    /// Makes room for the borders that are there now.
    fn remake_chunks(&mut self, new: &Atlas, borders: &BTreeSet<BorderIndex>) {
        let coverage = new.grids.coverage();
        self.chunks.resize(coverage.places().div_ceil(CHUNK), None);
        let touched: BTreeSet<usize> = borders.iter().map(|border| border.0 as usize / CHUNK).collect();
        for number in touched {
            let places = number * CHUNK..((number + 1) * CHUNK).min(coverage.places());
            let length = |place: usize| {
                let border = BorderIndex(place as u32);
                let counts = coverage.users(border).iter().any(|grid| new.grids.level(*grid) <= self.deepest);
                if counts { coverage.line(border).len() } else { 0 }
            };
            let remade = Chunk::new(places.clone().map(length));
            for border in
                places.map(|place| BorderIndex(place as u32)).filter(|border| !borders.contains(border))
            {
                let Some(remade) = &remade else { continue };
                for (place, zoom) in remade.of(border).iter().zip(self.known(border)) {
                    place.store(zoom.load(Ordering::Acquire), Ordering::Relaxed);
                }
            }
            self.chunks[number] = remade.map(Arc::new);
        }
    }

    /// The chains of some borders are to be worked out anew; returns their envelopes.
    ///
    /// Also where nobody has asked for them yet: a reader of the old atlas may do so right now, and must not write into the new one.
    fn forget(&mut self, borders: &BTreeSet<BorderIndex>, coverage: &Coverage) -> Vec<Envelope> {
        let mut forgotten: BTreeSet<BorderIndex> = BTreeSet::new();
        let mut envelopes = Vec::new();
        for border in borders {
            if self.known(*border).is_empty() || forgotten.contains(border) {
                continue;
            }
            let parts = Chain::through(&self.links, *border).parts;
            for (part, _) in &parts {
                forgotten.insert(*part);
                if !self.known(*part).is_empty()
                    && let Some(chunk) = &mut self.chunks[part.0 as usize / CHUNK]
                {
                    Arc::make_mut(chunk).of(*part)[0].store(UNKNOWN, Ordering::Relaxed);
                }
            }
            let lines = parts.iter().filter_map(|(part, _)| envelope(coverage.line(*part)));
            envelopes.extend(lines.reduce(|a, b| a.union(&b)));
        }
        envelopes
    }

    /// Where vertices came or went, border by border.
    fn changes(&self, old: &GridTable, new: &GridTable, borders: &BTreeSet<BorderIndex>) -> Vec<Envelope> {
        let lines = |grids: &GridTable| -> Vec<Vec<Coord<f64>>> {
            let counts = |border: &&BorderIndex| {
                grids.coverage().users(**border).iter().any(|grid| grids.level(*grid) <= self.deepest)
            };
            borders.iter().filter(counts).map(|border| grids.coverage().line(*border).to_vec()).collect()
        };
        let keys = |lines: &[Vec<Coord<f64>>]| -> BTreeSet<[u64; 2]> {
            lines.iter().flatten().map(|vertex| [vertex.x.to_bits(), vertex.y.to_bits()]).collect()
        };
        let (before, after) = (lines(old), lines(new));
        let (had, has) = (keys(&before), keys(&after));
        let changed = |line: &Vec<Coord<f64>>, others: &BTreeSet<[u64; 2]>| {
            let fresh =
                line.iter().filter(|vertex| !others.contains(&[vertex.x.to_bits(), vertex.y.to_bits()]));
            envelope(&fresh.copied().collect::<Vec<_>>())
        };
        let gone = before.iter().filter_map(|line| changed(line, &has));
        gone.chain(after.iter().filter_map(|line| changed(line, &had))).collect()
    }
}

/// The vertices of other borders in the envelope of a chain: those that may lie in a triangle of it. Its ends, where others end too, are not said
/// again: they stay.
fn others(
    coverage: &Coverage,
    chain: &Chain,
    ends: [Coord<f64>; 2],
    envelope: &Envelope,
    near: impl Iterator<Item = BorderIndex>,
) -> Vec<Coord<f64>> {
    let mut own: Vec<BorderIndex> = chain.parts.iter().map(|(border, _)| *border).collect();
    own.sort_unstable();
    let mut others = Vec::new();
    for border in near.filter(|border| own.binary_search(border).is_err()) {
        let line = coverage.line(border).iter();
        let near = line
            .filter(|vertex| Envelope::of_edge(**vertex, **vertex).meets(envelope) && !ends.contains(vertex));
        others.extend(near.map(|vertex| projected(*vertex)));
    }
    others
}

fn projected(vertex: Coord<f64>) -> Coord<f64> {
    let (u, v) = mercator::unit(vertex.x, vertex.y);
    Coord { x: u, y: v }
}

fn envelope(vertices: &[Coord<f64>]) -> Option<Envelope> {
    let corners = vertices.iter().map(|vertex| Envelope::of_edge(*vertex, *vertex));
    corners.reduce(|a, b| a.union(&b))
}
