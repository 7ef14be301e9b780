//! From separate polygons to shared borders, all at once.
//!
//! A vertex is a *junction* when the rings that pass it do not all come from and go to the same two neighbours. Rings are cut at
//! junctions; since a piece between two junctions is determined by its first edge (but where a ring goes to and fro), equal pieces meet in a hash map of
//! first edges. All that looks at many vertices runs on every core: one core only gives the pieces their numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use geo::{Coord, MultiPolygon};
use rayon::prelude::*;
use smallvec::{SmallVec, smallvec};

use super::junctions::junctions;
use super::shape::ShapeBuilder;
use super::{Border, BorderIndex, Coverage, Shape};
use crate::atlas::GridIndex;

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

/// A ring of a territory.
pub(super) struct Ring<'a> {
    grid: usize,
    opens_polygon: bool,
    /// Without the last, which repeats the first.
    pub(super) vertices: &'a [Coord<f64>],
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

/// A ring cut at its junctions.
struct Traced<'a> {
    ring: &'a Ring<'a>,
    /// How many vertices before the first of the ring the first piece begins.
    rotation: usize,
    pieces: SmallVec<[Piece; 8]>,
}

/// The vertices of a ring from `start` to `end`, both included, around it; `start` is one of its places.
struct Piece {
    start: u32,
    end: u32,
    /// The hash of its first edge, in the direction in which that edge is the smaller.
    mark: u64,
    /// Is that direction the other one?
    reversed: bool,
    border: BorderIndex,
}

/// Which piece is the first of a border: the ring, and the place among its pieces.
type First = (usize, usize);

fn cut(rings: &[Ring], junctions: &[(u32, u32)], grids: usize) -> (Coverage, Vec<Shape>) {
    let mut traced = trace(rings, junctions);
    let mut firsts = number_by_mark(&mut traced);
    let fits =
        |ring: &Traced| ring.lines().all(|(line, border)| line == line_of(&traced, firsts[border.at()]));
    if !traced.par_iter().all(fits) {
        firsts = number_by_line(&mut traced);
    }
    let border = |first: &First| Border { line: line_of(&traced, *first).to_arc(), users: smallvec![] };
    let mut borders: Vec<Border> = firsts.par_iter().map(border).collect();
    let note_users = || {
        for ring in &traced {
            ring.pieces
                .iter()
                .for_each(|piece| borders[piece.border.at()].users.push(GridIndex(ring.ring.grid as u32)));
        }
        borders.into_iter().map(Some).collect()
    };
    let (borders, shapes) = rayon::join(note_users, || shapes(&traced, grids));
    (Coverage { borders, ..Coverage::default() }, shapes)
}

fn line_of<'a>(traced: &[Traced<'a>], (ring, place): First) -> Line<'a> {
    traced[ring].line(&traced[ring].pieces[place])
}

/// The rings cut at their junctions; no piece has its border yet.
fn trace<'a>(rings: &'a [Ring<'a>], junctions: &[(u32, u32)]) -> Vec<Traced<'a>> {
    let mut rest = junctions;
    let cuts: Vec<&[(u32, u32)]> = (0..rings.len())
        .map(|number| {
            let own = rest.partition_point(|(of, _)| *of as usize == number);
            let (cuts, later) = rest.split_at(own);
            rest = later;
            cuts
        })
        .collect();
    rings.par_iter().zip(cuts).map(|(ring, cuts)| Traced::new(ring, cuts)).collect()
}

fn shapes(traced: &[Traced], grids: usize) -> Vec<Shape> {
    let mut shapes: Vec<ShapeBuilder> = (0..grids).map(|_| ShapeBuilder::default()).collect();
    for Traced { ring, rotation, pieces } in traced {
        let shape = &mut shapes[ring.grid];
        shape.open_ring(ring.opens_polygon, *rotation);
        pieces.iter().for_each(|piece| shape.push(piece.border, piece.reversed));
    }
    shapes.into_iter().map(ShapeBuilder::finish).collect()
}

/// Gives the same border to pieces with the same mark, borders in the order of their first pieces.
fn number_by_mark(traced: &mut [Traced]) -> Vec<First> {
    let pieces = traced.iter().map(|ring| ring.pieces.len()).sum::<usize>();
    let mut firsts = Vec::with_capacity(pieces / 2);
    let mut known: HashMap<u64, BorderIndex, BuildHasherDefault<BitHasher>> = HashMap::default();
    // Most borders have a grid on either side.
    known.reserve(pieces / 2);
    for (number, ring) in traced.iter_mut().enumerate() {
        for (place, piece) in ring.pieces.iter_mut().enumerate() {
            piece.border = *known.entry(piece.mark).or_insert_with(|| {
                firsts.push((number, place));
                BorderIndex(firsts.len() as u32 - 1)
            });
        }
    }
    firsts
}

/// The same by all that a piece is: where a mark does not tell it.
fn number_by_line(traced: &mut [Traced]) -> Vec<First> {
    let mut firsts: Vec<First> = Vec::new();
    let mut known: HashMap<Vec<Key>, BorderIndex> = HashMap::new();
    for (number, ring) in traced.iter_mut().enumerate() {
        for place in 0..ring.pieces.len() {
            let line = ring.line(&ring.pieces[place]).keys().collect();
            ring.pieces[place].border = *known.entry(line).or_insert_with(|| {
                firsts.push((number, place));
                BorderIndex(firsts.len() as u32 - 1)
            });
        }
    }
    firsts
}

impl<'a> Traced<'a> {
    fn new(ring: &'a Ring<'a>, cuts: &[(u32, u32)]) -> Self {
        let length = ring.vertices.len() as u32;
        let starts: SmallVec<[u32; 8]> = match cuts.is_empty() {
            true => smallest(ring.vertices).into_iter().collect(),
            false => cuts.iter().map(|(_, at)| *at).collect(),
        };
        let Some(first) = starts.first() else { return Self { ring, rotation: 0, pieces: smallvec![] } };
        let ends = starts[1..].iter().copied().chain([first + length]);
        let pieces =
            starts.iter().zip(ends).map(|(start, end)| Piece::new(ring.vertices, *start, end)).collect();
        Self { ring, rotation: ((length - first) % length) as usize, pieces }
    }

    fn line(&self, piece: &Piece) -> Line<'a> {
        let (start, end, vertices) = (piece.start as usize, piece.end as usize, self.ring.vertices);
        let around = (end + 1).saturating_sub(vertices.len());
        Line { head: &vertices[start..=end - around], tail: &vertices[..around], reversed: piece.reversed }
    }

    /// The lines of the pieces with their borders.
    fn lines(&self) -> impl Iterator<Item = (Line<'a>, BorderIndex)> + '_ {
        self.pieces.iter().map(|piece| (self.line(piece), piece.border))
    }
}

impl Piece {
    fn new(vertices: &[Coord<f64>], start: u32, end: u32) -> Self {
        let at = |place: u32| key(vertices[place as usize % vertices.len()]);
        let forward = [at(start), at(start + 1)];
        let backward = [at(end), at(end - 1)];
        let mut hasher = BitHasher::default();
        forward.min(backward).hash(&mut hasher);
        Self {
            start,
            end,
            mark: hasher.finish(),
            reversed: backward < forward,
            border: BorderIndex(u32::MAX),
        }
    }
}

/// Where a ring without junctions is cut: the same vertex for every ring of the same vertices.
fn smallest(vertices: &[Coord<f64>]) -> Option<u32> {
    (0..vertices.len() as u32).min_by_key(|at| key(vertices[*at as usize]))
}

/// The vertices of a piece: those before the ring begins anew and those after, both in the direction of the ring.
struct Line<'a> {
    head: &'a [Coord<f64>],
    tail: &'a [Coord<f64>],
    /// Is it followed the other way?
    reversed: bool,
}

impl Line<'_> {
    /// The vertices as the border has them.
    fn to_arc(&self) -> Arc<[Coord<f64>]> {
        let vertices = self.head.iter().chain(self.tail).copied();
        if self.reversed { vertices.rev().collect() } else { vertices.collect() }
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        let place = |at: usize| match self.reversed {
            true => self.head.len() + self.tail.len() - 1 - at,
            false => at,
        };
        let vertex = |at: usize| self.head.get(at).unwrap_or_else(|| &self.tail[at - self.head.len()]);
        (0..self.head.len() + self.tail.len()).map(move |at| key(*vertex(place(at))))
    }
}

impl PartialEq for Line<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.head.len() + self.tail.len() == other.head.len() + other.tail.len()
            && self.keys().eq(other.keys())
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
