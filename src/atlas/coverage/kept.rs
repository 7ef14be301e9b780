//! A coverage as it is kept: borders numbered without gaps, and the shapes that name them so.

use std::sync::Arc;

use geo::Coord;
use rayon::prelude::*;
use smallvec::SmallVec;

use super::shape::Ring;
use super::{Border, BorderIndex, Coverage, MOST, Part, Shape};
use crate::atlas::{Envelope, GridIndex};
use crate::model::LonLat;

/// The borders that there are, in order, each with a number of its own.
#[derive(Debug)]
pub(in crate::atlas) struct Numbered<'a> {
    coverage: &'a Coverage,
    /// By place; of one without a border, that of the next.
    numbers: Vec<u32>,
}

impl Coverage {
    /// Numbers the borders. O(places).
    pub(in crate::atlas) fn numbered(&self) -> Numbered<'_> {
        let mut next = 0;
        let numbers = self.borders.iter().map(|border| {
            let number = next;
            next += u32::from(border.is_some());
            number
        });
        Numbered { coverage: self, numbers: numbers.collect() }
    }

    /// Puts a coverage together again, and gives the envelope of each shape; the grid at place n has index n. Whatever lines and
    /// shapes say, it ends in a coverage that holds together or in what is wrong.
    pub(in crate::atlas) fn restore(
        lines: Vec<Arc<[Coord<f64>]>>,
        shapes: &[Shape],
    ) -> Result<(Self, Vec<Envelope>), &'static str> {
        if lines.len() >= MOST {
            return Err("more borders than an atlas can hold");
        }
        let frames = lines.par_iter().map(|line| frame(line)).collect::<Option<Vec<_>>>();
        let frames = frames.ok_or("a border that is no line on the earth")?;
        let mut users: Vec<SmallVec<[GridIndex; 4]>> = vec![SmallVec::new(); lines.len()];
        let mut envelopes = Vec::with_capacity(shapes.len());
        for (grid, shape) in shapes.iter().enumerate() {
            let mut envelope: Option<Envelope> = None;
            if !shape.is_sound() {
                return Err("a shape that does not begin with a ring");
            }
            for ring in shape.rings() {
                check(&ring, &lines)?;
                for border in ring.uses.iter().map(|word| Part::read(*word).border) {
                    users[border.at()].push(GridIndex(grid as u32));
                    if ring.opens_polygon {
                        let frame = &frames[border.at()];
                        envelope = Some(envelope.map_or(*frame, |envelope| envelope.union(frame)));
                    }
                }
            }
            envelopes.push(envelope.ok_or("a grid without territory")?);
        }
        if users.iter().any(SmallVec::is_empty) {
            return Err("a border that bounds nothing");
        }
        let borders = lines.into_iter().zip(users).map(|(line, users)| Some(Border { line, users }));
        Ok((Self { borders: borders.collect(), ..Self::default() }, envelopes))
    }
}

impl<'a> Numbered<'a> {
    /// The borders in the order of their numbers, each by its place.
    pub(in crate::atlas) fn borders(&self) -> impl Iterator<Item = BorderIndex> + Clone + use<'a> {
        let coverage = self.coverage;
        (0..coverage.places() as u32).map(BorderIndex).filter(|border| coverage.get(*border).is_some())
    }

    /// Their lines, in the same order.
    pub(in crate::atlas) fn lines(&self) -> impl Iterator<Item = &'a Arc<[Coord<f64>]>> + use<'a> {
        self.coverage.borders.iter().flatten().map(|border| &border.line)
    }

    /// A shape of this coverage, its borders by their numbers.
    pub(in crate::atlas) fn shape(&self, shape: &Shape) -> Shape {
        shape.renamed(|border| BorderIndex(self.numbers[border.at()]))
    }
}

/// The envelope of a line of at least two vertices, all of them on the earth.
fn frame(line: &[Coord<f64>]) -> Option<Envelope> {
    let is_whole = line.len() > 1 && line.iter().all(|vertex| LonLat::new(vertex.x, vertex.y).is_ok());
    let edges = line.windows(2).map(|edge| Envelope::of_edge(edge[0], edge[1]));
    is_whole.then(|| edges.reduce(|a, b| a.union(&b))).flatten()
}

/// Are there the borders of a ring, does each begin where the one before ends, and is the ring's own beginning among their vertices?
fn check(ring: &Ring<'_>, lines: &[Arc<[Coord<f64>]>]) -> Result<(), &'static str> {
    let ends = |word: &u32| {
        let part = Part::read(*word);
        let line = lines.get(part.border.at())?;
        let (first, last) = (*line.first()?, *line.last()?);
        Some((if part.reversed { (last, first) } else { (first, last) }, line.len() - 1))
    };
    let ends = ring.uses.iter().map(ends).collect::<Option<SmallVec<[_; 16]>>>();
    let ends = ends.ok_or("a shape of borders that are not there")?;
    let bits = |vertex: Coord<f64>| [vertex.x.to_bits(), vertex.y.to_bits()];
    let before = ends.iter().cycle().skip(ends.len().saturating_sub(1));
    if before.zip(&ends).any(|(((_, end), _), ((start, _), _))| bits(*end) != bits(*start)) {
        return Err("a ring of borders that do not follow one another");
    }
    let length: usize = ends.iter().map(|(_, edges)| edges).sum();
    if ring.rotation > length { Err("a ring that begins beyond its end") } else { Ok(()) }
}
