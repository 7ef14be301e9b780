//! Where are rings cut?
//!
//! Junctions are found tile by tile: a vertex belongs to one tile, and a tile's vertices fit the cache.

use std::hash::{Hash, Hasher};

use geo::Coord;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;

use super::share::{BitHasher, Key, Ring, key};
use crate::atlas::Envelope;

/// Vertices that a tile should have.
const TILE_VERTICES: usize = 32_768;
/// Rings that one core divides into tiles while others divide others.
const RINGS_AT_ONCE: usize = 4_096;

/// Vertices of one ring, one after another, that lie in one tile.
#[derive(Clone, Copy)]
struct Run {
    ring: u32,
    from: u32,
    until: u32,
}

/// Every junction as (ring, place in the ring), in order.
pub(super) fn junctions(rings: &[Ring]) -> Vec<(u32, u32)> {
    let tiles = runs_by_tile(rings);
    // The room of a tile serves the next one: fresh memory takes as long as what is written into it.
    let of_tile = |known: &mut Vertices, runs: &Vec<Run>| junctions_of_tile(rings, runs, known);
    let mut found: Vec<_> = tiles.par_iter().map_init(Vertices::default, of_tile).flatten_iter().collect();
    found.par_sort_unstable();
    found
}

/// The runs of each tile, rings in their order.
fn runs_by_tile(rings: &[Ring]) -> Vec<Vec<Run>> {
    let envelopes: Vec<_> = rings.par_iter().map(|ring| Envelope::of_line(ring.vertices)).collect();
    let square = Square::around(rings, &envelopes);
    let parts = rings.par_chunks(RINGS_AT_ONCE).zip(envelopes.par_chunks(RINGS_AT_ONCE)).enumerate();
    let parts: Vec<_> = parts.map(|(part, (rings, envelopes))| square.runs(part, rings, envelopes)).collect();
    let of_tile = |tile: usize| parts.iter().flat_map(|part| &part[tile]).copied().collect();
    (0..square.tiles()).into_par_iter().map(of_tile).collect()
}

/// All that rings reach, divided into tiles.
struct Square {
    low: [f64; 2],
    /// Tiles a degree, in either direction.
    scale: [f64; 2],
    /// Tiles in either direction.
    side: f64,
}

impl Square {
    fn around(rings: &[Ring], envelopes: &[Option<Envelope>]) -> Self {
        let nothing = Envelope { min: [0.0; 2], max: [0.0; 2] };
        let whole = envelopes.iter().flatten().copied().reduce(|a, b| a.union(&b)).unwrap_or(nothing);
        let total: usize = rings.iter().map(|ring| ring.vertices.len()).sum();
        let side = ((total / TILE_VERTICES) as f64).sqrt().ceil().max(1.0);
        let scale = [0, 1].map(|axis| side / (whole.max[axis] - whole.min[axis]).max(f64::MIN_POSITIVE));
        Self { low: whole.min, scale, side }
    }

    fn tiles(&self) -> usize {
        self.side as usize * self.side as usize
    }

    fn tile(&self, [x, y]: [f64; 2]) -> usize {
        let place = |value: f64, axis: usize| {
            ((value - self.low[axis]) * self.scale[axis]).clamp(0.0, self.side - 1.0) as usize
        };
        place(y, 1) * self.side as usize + place(x, 0)
    }

    /// The runs of a part of the rings, tile by tile.
    fn runs(&self, part: usize, rings: &[Ring], envelopes: &[Option<Envelope>]) -> Vec<Vec<Run>> {
        let mut tiles: Vec<Vec<Run>> = (0..self.tiles()).map(|_| Vec::new()).collect();
        for ((number, ring), envelope) in (part * RINGS_AT_ONCE..).zip(rings).zip(envelopes) {
            let Some(envelope) = envelope else { continue };
            let is_in_one = self.tile(envelope.min) == self.tile(envelope.max);
            let mut from = 0;
            while let Some(first) = ring.vertices.get(from) {
                let here = self.tile([first.x, first.y]);
                let stays = |vertex: &&Coord<f64>| self.tile([vertex.x, vertex.y]) == here;
                let until = match is_in_one {
                    true => ring.vertices.len(),
                    false => from + ring.vertices[from..].iter().take_while(stays).count(),
                };
                tiles[here].push(Run { ring: number as u32, from: from as u32, until: until as u32 });
                from = until;
            }
        }
        tiles
    }
}

/// A vertex of a tile, and what rings say of it.
struct Vertex {
    key: Key,
    /// All come from one of these and go to the other, unless it is a junction.
    beside: (Key, Key),
    is_junction: bool,
}

/// The vertices of a tile. Their numbers follow one another along the first ring that passes them.
#[derive(Default)]
struct Vertices {
    all: Vec<Vertex>,
    numbers: HashTable<u32>,
    /// The numbers of those that the runs pass, one after the other.
    passed: Vec<u32>,
}

impl Vertices {
    /// As new, with room for so many.
    fn clear(&mut self, count: usize) {
        self.all.clear();
        self.numbers.clear();
        self.passed.clear();
        self.all.reserve(count);
        self.passed.reserve(2 * count);
        self.numbers.reserve(count, |number| hash(self.all[*number as usize].key));
    }

    /// A run comes by a vertex between two others, having come by the vertex of a number; gives the number of this one.
    fn pass(&mut self, key: Key, beside: (Key, Key), last: u32) -> u32 {
        let number = self.number(key, beside, last);
        let vertex = &mut self.all[number as usize];
        vertex.is_junction |= vertex.beside != beside && vertex.beside != (beside.1, beside.0);
        self.passed.push(number);
        number
    }

    fn number(&mut self, key: Key, beside: (Key, Key), last: u32) -> u32 {
        // Mostly a ring goes where another went, one way or the other.
        for next in [last.wrapping_sub(1), last.wrapping_add(1)] {
            if self.all.get(next as usize).is_some_and(|vertex| vertex.key == key) {
                return next;
            }
        }
        let all = &self.all;
        let is_it = |number: &u32| all[*number as usize].key == key;
        match self.numbers.entry(hash(key), is_it, |number| hash(all[*number as usize].key)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                let new = all.len() as u32;
                vacant.insert(new);
                self.all.push(Vertex { key, beside, is_junction: false });
                new
            }
        }
    }
}

fn hash(key: Key) -> u64 {
    let mut hasher = BitHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

fn junctions_of_tile(rings: &[Ring], runs: &[Run], known: &mut Vertices) -> Vec<(u32, u32)> {
    known.clear(runs.iter().map(|run| (run.until - run.from) as usize).sum::<usize>() / 2);
    for run in runs {
        let vertices = rings[run.ring as usize].vertices;
        let mut number = u32::MAX;
        for at in run.from as usize..run.until as usize {
            let before = vertices[if at == 0 { vertices.len() - 1 } else { at - 1 }];
            let after = vertices[if at + 1 == vertices.len() { 0 } else { at + 1 }];
            number = known.pass(key(vertices[at]), (key(before), key(after)), number);
        }
    }
    let places = runs.iter().flat_map(|run| (run.from..run.until).map(|at| (run.ring, at)));
    let passed = places.zip(&known.passed);
    passed.filter(|(_, number)| known.all[**number as usize].is_junction).map(|(place, _)| place).collect()
}
