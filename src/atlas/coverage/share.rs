//! From separate polygons to shared borders, all at once.
//!
//! A vertex is a *junction* when the rings that pass it do not all come from and go to the same two neighbours. Rings are cut at
//! junctions; since a piece between two junctions is determined by its first edge, equal pieces meet in a hash map of first
//! edges. Junctions are found tile by tile: a vertex belongs to one tile, and a tile's vertices fit the cache.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use geo::{Coord, MultiPolygon};
use rayon::prelude::*;
use smallvec::smallvec;

use super::shape::ShapeBuilder;
use super::{Border, BorderIndex, Coverage, Shape};
use crate::atlas::GridIndex;

/// Vertices that a tile should have.
const TILE_VERTICES: usize = 32_768;

/// A vertex by the bits of its coordinates.
pub(super) type Key = [u64; 2];

pub(super) fn key(vertex: Coord<f64>) -> Key {
    [vertex.x.to_bits(), vertex.y.to_bits()]
}

/// The vertices of a ring without the last, which repeats the first.
pub(super) fn open(ring: &[Coord<f64>]) -> &[Coord<f64>] {
    match ring {
        [first, .., last] if first == last => &ring[..ring.len() - 1],
        _ => ring,
    }
}

/// Rings of a territory: is it an outer ring, and its vertices without the repeated last one.
pub(super) fn rings(territory: &MultiPolygon<f64>) -> impl Iterator<Item = (bool, &[Coord<f64>])> {
    territory.iter().flat_map(|polygon| {
        let holes = polygon.interiors().iter().map(|hole| (false, open(&hole.0)));
        std::iter::once((true, open(&polygon.exterior().0))).chain(holes)
    })
}

struct Ring<'a> {
    grid: usize,
    opens_polygon: bool,
    vertices: &'a [Coord<f64>],
}

/// Vertices of one ring, one after another, that lie in one tile.
struct Run {
    ring: u32,
    from: u32,
    until: u32,
}

impl Coverage {
    /// The coverage of territories, and the shape of each in their order; the grid at place n has index n.
    pub(in crate::atlas) fn build<'a>(
        territories: impl Iterator<Item = &'a MultiPolygon<f64>>,
    ) -> (Self, Vec<Shape>) {
        let mut all = Vec::new();
        let mut count = 0;
        for (grid, territory) in territories.enumerate() {
            count = grid + 1;
            all.extend(rings(territory).map(|(opens_polygon, vertices)| Ring {
                grid,
                opens_polygon,
                vertices,
            }));
        }
        let junctions = junctions(&all);
        cut(&all, &junctions, count)
    }
}

/// Every junction as (ring, place in the ring), in order.
fn junctions(rings: &[Ring]) -> Vec<(u32, u32)> {
    let tiles = runs_by_tile(rings);
    let mut found: Vec<_> = tiles.par_iter().flat_map_iter(|runs| junctions_of_tile(rings, runs)).collect();
    found.par_sort_unstable();
    found
}

fn runs_by_tile(rings: &[Ring]) -> Vec<Vec<Run>> {
    let vertices = || rings.iter().flat_map(|ring| ring.vertices);
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut total = 0;
    for vertex in vertices() {
        low = [low[0].min(vertex.x), low[1].min(vertex.y)];
        high = [high[0].max(vertex.x), high[1].max(vertex.y)];
        total += 1;
    }
    let side = ((total / TILE_VERTICES) as f64).sqrt().ceil().max(1.0);
    let scale = [0, 1].map(|axis| side / (high[axis] - low[axis]).max(f64::MIN_POSITIVE));
    let place = |value: f64, axis: usize| ((value - low[axis]) * scale[axis]).clamp(0.0, side - 1.0) as usize;
    let tile = |vertex: &Coord<f64>| place(vertex.y, 1) * side as usize + place(vertex.x, 0);
    let mut tiles: Vec<Vec<Run>> = (0..side as usize * side as usize).map(|_| Vec::new()).collect();
    for (number, ring) in rings.iter().enumerate() {
        let mut from = 0;
        while let Some(first) = ring.vertices.get(from) {
            let here = tile(first);
            let length = ring.vertices[from..].iter().take_while(|vertex| tile(vertex) == here).count();
            tiles[here].push(Run { ring: number as u32, from: from as u32, until: (from + length) as u32 });
            from += length;
        }
    }
    tiles
}

/// What rings say of a vertex.
#[derive(PartialEq, Eq)]
enum Passage {
    /// All come from and go to these, in either direction.
    Through(Key, Key),
    Junction,
}

fn junctions_of_tile(rings: &[Ring], runs: &[Run]) -> Vec<(u32, u32)> {
    let mut passages: HashMap<Key, Passage, BuildHasherDefault<BitHasher>> = HashMap::default();
    passages.reserve(runs.iter().map(|run| (run.until - run.from) as usize).sum::<usize>() / 2);
    for run in runs {
        let vertices = rings[run.ring as usize].vertices;
        for at in run.from as usize..run.until as usize {
            let before = key(vertices[if at == 0 { vertices.len() - 1 } else { at - 1 }]);
            let after = key(vertices[if at + 1 == vertices.len() { 0 } else { at + 1 }]);
            let through = Passage::Through(before.min(after), before.max(after));
            passages
                .entry(key(vertices[at]))
                .and_modify(|known| {
                    if *known != through {
                        *known = Passage::Junction;
                    }
                })
                .or_insert(through);
        }
    }
    let is_junction = |vertex| passages.get(&key(vertex)) == Some(&Passage::Junction);
    let places = runs.iter().flat_map(|run| (run.from..run.until).map(|at| (run.ring, at)));
    places.filter(|(ring, at)| is_junction(rings[*ring as usize].vertices[*at as usize])).collect()
}

/// Pieces by their first edge, in the direction in which that edge is the smaller.
type Pieces = HashMap<[Key; 2], BorderIndex, BuildHasherDefault<BitHasher>>;

fn cut(rings: &[Ring], junctions: &[(u32, u32)], grids: usize) -> (Coverage, Vec<Shape>) {
    // Most borders have a grid on either side, and begin at a junction of each.
    let most = junctions.len() / 2 + rings.len();
    let mut borders: Vec<Option<Border>> = Vec::with_capacity(most);
    let mut pieces = Pieces::with_capacity_and_hasher(most, BuildHasherDefault::default());
    let mut shapes: Vec<ShapeBuilder> = (0..grids).map(|_| ShapeBuilder::default()).collect();
    let mut rest = junctions;
    for (number, ring) in rings.iter().enumerate() {
        let own = rest.partition_point(|(of, _)| *of as usize == number);
        let (cuts, later) = rest.split_at(own);
        rest = later;
        let shape = &mut shapes[ring.grid];
        let length = ring.vertices.len();
        let starts: Vec<usize> = match cuts.is_empty() {
            true => smallest(ring.vertices).into_iter().collect(),
            false => cuts.iter().map(|(_, at)| *at as usize).collect(),
        };
        let Some(first) = starts.first() else {
            shape.open_ring(ring.opens_polygon, 0);
            continue;
        };
        shape.open_ring(ring.opens_polygon, (length - first) % length);
        for (place, start) in starts.iter().enumerate() {
            let end = starts.get(place + 1).copied().unwrap_or(first + length);
            let piece = Piece { vertices: ring.vertices, start: *start, end };
            let (border, reversed) = piece.settle(&mut borders, &mut pieces);
            if let Some(border) = &mut borders[border.0 as usize] {
                border.users.push(GridIndex(ring.grid as u32));
            }
            shape.push(border, reversed);
        }
    }
    let shapes = shapes.into_iter().map(ShapeBuilder::finish).collect();
    (Coverage { borders: borders.into_iter().collect(), ..Coverage::default() }, shapes)
}

/// Where a ring without junctions is cut: the same vertex for every ring of the same vertices.
fn smallest(vertices: &[Coord<f64>]) -> Option<usize> {
    (0..vertices.len()).min_by_key(|at| key(vertices[*at]))
}

/// The vertices from `start` to `end`, both included, around a ring.
struct Piece<'a> {
    vertices: &'a [Coord<f64>],
    start: usize,
    end: usize,
}

impl Piece<'_> {
    fn at(&self, place: usize) -> Coord<f64> {
        self.vertices[place % self.vertices.len()]
    }

    /// The border of this piece, made where there is none yet, and whether it is followed backwards.
    fn settle(&self, borders: &mut Vec<Option<Border>>, pieces: &mut Pieces) -> (BorderIndex, bool) {
        let forward = [key(self.at(self.start)), key(self.at(self.start + 1))];
        let backward = [key(self.at(self.end)), key(self.at(self.end - 1))];
        let reversed = backward < forward;
        let first_edge = forward.min(backward);
        if let Some(known) = pieces.get(&first_edge)
            && borders[known.0 as usize]
                .as_ref()
                .is_some_and(|border| self.runs_along(&border.line, reversed))
        {
            return (*known, reversed);
        }
        let vertices = (self.start..=self.end).map(|place| self.at(place));
        let line = if reversed { vertices.rev().collect() } else { vertices.collect() };
        let new = BorderIndex(borders.len() as u32);
        borders.push(Some(Border { line, users: smallvec![] }));
        pieces.entry(first_edge).or_insert(new);
        (new, reversed)
    }

    fn runs_along(&self, line: &[Coord<f64>], reversed: bool) -> bool {
        let mine = (self.start..=self.end).map(|place| key(self.at(place)));
        let theirs = line.iter().map(|vertex| key(*vertex));
        line.len() == self.end - self.start + 1
            && if reversed { mine.rev().eq(theirs) } else { mine.eq(theirs) }
    }
}

/// Mixes the bits of coordinates: multiply and fold, as in wyhash. Not for keys that an attacker picks to collide: an import is
/// bounded, and a slow build is all that there is to gain.
#[derive(Default)]
pub(super) struct BitHasher(u64);

impl Hasher for BitHasher {
    /// The words of a key come as one slice.
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.write_u64(u64::from_ne_bytes(*word)));
        rest.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ 0x9E37_79B9_7F4A_7C15) * 0xD6E8_FEB8_6659_FD93_u128;
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }

    fn write_usize(&mut self, number: usize) {
        // The length of an array key says nothing.
        let _ = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
