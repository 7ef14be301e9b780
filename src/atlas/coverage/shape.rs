//! Which borders make the rings of a grid.

use std::sync::Arc;

use super::BorderIndex;

/// Set in a word that opens a ring; the word's low bits are the ring's rotation.
const RING: u32 = 1 << 31;
/// In a word that opens a ring: the ring is the outer one of a new polygon.
const POLYGON: u32 = 1 << 30;
/// In a word that names a border: it is followed from its last vertex to its first.
const REVERSED: u32 = 1 << 30;
const LOW: u32 = (1 << 30) - 1;

/// The most borders, and the most vertices of one ring.
pub(in crate::atlas) const MOST: usize = LOW as usize;

/// The rings of a grid as words: one that opens a ring, then its borders in order. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::atlas) struct Shape(Arc<[u32]>);

/// One ring of a shape.
#[derive(Debug, Clone, Copy)]
pub(in crate::atlas) struct Ring<'a> {
    /// Is it the outer ring of a new polygon? Else a hole of the last one.
    pub(in crate::atlas) opens_polygon: bool,
    /// Where in the vertices of its borders, one after another, the ring begins.
    pub(super) rotation: usize,
    /// Words that name borders; see [`Part`].
    pub(in crate::atlas) uses: &'a [u32],
}

/// A border as a part of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::atlas) struct Part {
    pub(in crate::atlas) border: BorderIndex,
    pub(in crate::atlas) reversed: bool,
}

impl Part {
    pub(in crate::atlas) fn read(word: u32) -> Self {
        Self { border: BorderIndex(word & LOW), reversed: word & REVERSED != 0 }
    }

    pub(super) fn word(self) -> u32 {
        self.border.0 | if self.reversed { REVERSED } else { 0 }
    }
}

impl Shape {
    /// How many words it takes: its rings and their borders.
    pub(in crate::atlas) fn len(&self) -> usize {
        self.0.len()
    }

    /// Every border of the shape; one that bounds it on both sides comes twice.
    pub(in crate::atlas) fn borders(&self) -> impl Iterator<Item = BorderIndex> + Clone + '_ {
        self.0.iter().filter(|word| *word & RING == 0).map(|word| Part::read(*word).border)
    }

    /// For each ring in order: is it an outer one, and its borders in order with whether each is followed backwards.
    pub(in crate::atlas) fn turns(
        &self,
    ) -> impl Iterator<Item = (bool, impl Iterator<Item = (BorderIndex, bool)> + '_)> + '_ {
        self.rings().map(|ring| {
            let parts = ring.uses.iter().map(|word| Part::read(*word));
            (ring.opens_polygon, parts.map(|part| (part.border, part.reversed)))
        })
    }

    /// The words, and a shape of them; see [`Shape::is_sound`].
    pub(in crate::atlas) fn words(&self) -> &[u32] {
        &self.0
    }

    pub(in crate::atlas) fn of_words(words: Arc<[u32]>) -> Self {
        Self(words)
    }

    /// Does it begin with an outer ring, so that every border is in a ring and every hole in a polygon?
    pub(super) fn is_sound(&self) -> bool {
        self.0.first().is_some_and(|word| word & (RING | POLYGON) == RING | POLYGON)
    }

    /// The same rings of borders with other names.
    pub(super) fn renamed(&self, name: impl Fn(BorderIndex) -> BorderIndex) -> Self {
        let rename = |word: &u32| match word & RING {
            0 => Part { border: name(Part::read(*word).border), ..Part::read(*word) }.word(),
            _ => *word,
        };
        Self(self.0.iter().map(rename).collect())
    }

    pub(in crate::atlas) fn rings(&self) -> impl Iterator<Item = Ring<'_>> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (head, tail) = rest.split_first()?;
            let end = tail.iter().position(|word| word & RING != 0).unwrap_or(tail.len());
            let (uses, next) = tail.split_at(end);
            rest = next;
            Some(Ring { opens_polygon: head & POLYGON != 0, rotation: (head & LOW) as usize, uses })
        })
    }

    /// The shape with one border replaced by its pieces, in the order of its vertices.
    pub(super) fn with_pieces(&self, whole: BorderIndex, pieces: &[BorderIndex]) -> Self {
        let mut words = Vec::with_capacity(self.0.len() + pieces.len());
        for word in self.0.iter() {
            let part = Part::read(*word);
            if *word & RING != 0 || part.border != whole {
                words.push(*word);
                continue;
            }
            let name = |border: &BorderIndex| Part { border: *border, reversed: part.reversed }.word();
            match part.reversed {
                false => words.extend(pieces.iter().map(name)),
                true => words.extend(pieces.iter().rev().map(name)),
            }
        }
        Self(words.into())
    }
}

/// A shape under construction.
#[derive(Debug, Default)]
pub(super) struct ShapeBuilder(Vec<u32>);

impl ShapeBuilder {
    pub(super) fn open_ring(&mut self, opens_polygon: bool, rotation: usize) {
        self.0.push(RING | if opens_polygon { POLYGON } else { 0 } | (rotation as u32 & LOW));
    }

    pub(super) fn push(&mut self, border: BorderIndex, reversed: bool) {
        self.0.push(Part { border, reversed }.word());
    }

    pub(super) fn finish(self) -> Shape {
        Shape(self.0.into())
    }
}
