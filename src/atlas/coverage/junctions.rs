//! Where are rings cut?
//!
//! Junctions are found tile by tile: a vertex belongs to one tile, and a tile's vertices fit the cache.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;

use geo::Coord;
use rayon::prelude::*;

use super::share::{BitHasher, Key, Ring, key};

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
    // The table of a tile serves the next one: fresh memory takes as long as what is written into it.
    let of_tile = |passages: &mut Passages, runs: &Vec<Run>| junctions_of_tile(rings, runs, passages);
    let mut found: Vec<_> = tiles.par_iter().map_init(Passages::default, of_tile).flatten_iter().collect();
    found.par_sort_unstable();
    found
}

/// The runs of each tile, rings in their order.
fn runs_by_tile(rings: &[Ring]) -> Vec<Vec<Run>> {
    let square = Square::around(rings);
    let parts: Vec<_> = rings.par_chunks(RINGS_AT_ONCE).enumerate().map(|part| square.runs(part)).collect();
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
    fn around(rings: &[Ring]) -> Self {
        let of_ring = |ring: &Ring| {
            let nothing = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
            let reach = ring.vertices.iter().fold(nothing, |reach, vertex| {
                [
                    reach[0].min(vertex.x),
                    reach[1].min(vertex.y),
                    reach[2].max(vertex.x),
                    reach[3].max(vertex.y),
                ]
            });
            (reach, ring.vertices.len())
        };
        let both = |(a, of_a): ([f64; 4], usize), (b, of_b): ([f64; 4], usize)| {
            ([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])], of_a + of_b)
        };
        let (reach, total) = rings.par_iter().map(of_ring).reduce_with(both).unwrap_or_default();
        let side = ((total / TILE_VERTICES) as f64).sqrt().ceil().max(1.0);
        let scale = [0, 1].map(|axis| side / (reach[axis + 2] - reach[axis]).max(f64::MIN_POSITIVE));
        Self { low: [reach[0], reach[1]], scale, side }
    }

    fn tiles(&self) -> usize {
        self.side as usize * self.side as usize
    }

    fn tile(&self, vertex: &Coord<f64>) -> usize {
        let place = |value: f64, axis: usize| {
            ((value - self.low[axis]) * self.scale[axis]).clamp(0.0, self.side - 1.0) as usize
        };
        place(vertex.y, 1) * self.side as usize + place(vertex.x, 0)
    }

    /// The runs of a part of the rings, tile by tile.
    fn runs(&self, (part, rings): (usize, &[Ring])) -> Vec<Vec<Run>> {
        let mut tiles: Vec<Vec<Run>> = (0..self.tiles()).map(|_| Vec::new()).collect();
        for (number, ring) in (part * RINGS_AT_ONCE..).zip(rings) {
            let mut from = 0;
            while let Some(first) = ring.vertices.get(from) {
                let here = self.tile(first);
                let stays = |vertex: &&Coord<f64>| self.tile(vertex) == here;
                let until = from + ring.vertices[from..].iter().take_while(stays).count();
                tiles[here].push(Run { ring: number as u32, from: from as u32, until: until as u32 });
                from = until;
            }
        }
        tiles
    }
}

/// What rings say of a vertex.
#[derive(PartialEq, Eq)]
enum Passage {
    /// All come from and go to these, in either direction.
    Through(Key, Key),
    Junction,
}

type Passages = HashMap<Key, Passage, BuildHasherDefault<BitHasher>>;
type Keys = HashSet<Key, BuildHasherDefault<BitHasher>>;

fn junctions_of_tile(rings: &[Ring], runs: &[Run], passages: &mut Passages) -> Vec<(u32, u32)> {
    passages.clear();
    passages.reserve(runs.iter().map(|run| (run.until - run.from) as usize).sum::<usize>() / 2);
    // Few vertices are junctions: who looks through all once more finds these nearer at hand.
    let mut junctions = Keys::default();
    for run in runs {
        let vertices = rings[run.ring as usize].vertices;
        for at in run.from as usize..run.until as usize {
            let before = key(vertices[if at == 0 { vertices.len() - 1 } else { at - 1 }]);
            let after = key(vertices[if at + 1 == vertices.len() { 0 } else { at + 1 }]);
            let through = Passage::Through(before.min(after), before.max(after));
            let vertex = key(vertices[at]);
            match passages.entry(vertex) {
                Entry::Vacant(vacant) => _ = vacant.insert(through),
                Entry::Occupied(mut known) => {
                    if *known.get() != through && known.insert(Passage::Junction) != Passage::Junction {
                        junctions.insert(vertex);
                    }
                }
            }
        }
    }
    let places = runs.iter().flat_map(|run| (run.from..run.until).map(|at| (run.ring, at)));
    let vertex = |ring: u32, at: u32| key(rings[ring as usize].vertices[at as usize]);
    places.filter(|(ring, at)| junctions.contains(&vertex(*ring, *at))).collect()
}
