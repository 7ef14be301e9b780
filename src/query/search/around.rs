//! What was typed, in the names of the grids that a thing lies in.

use super::classes::Spelling;
use super::index::SearchIndex;
use super::pattern::Bounds;
use super::rank::Typed;
use crate::atlas::{Atlas, NamedKey};

/// What was typed, in the names of grids: a thing is found by the place that it is in.
pub(super) struct Around {
    /// By index of the grid: the places up to which its own name, or one above it, holds what was typed.
    beginnings: Vec<u64>,
    /// By index of the grid: a bit a word that its own name, or one above it, holds.
    words: Vec<u64>,
}

impl Around {
    pub(super) fn new(atlas: &Atlas, index: &SearchIndex, typed: &Typed) -> Self {
        let grids = atlas.grids();
        let places = grids.all().map(|grid| grid.0 as usize + 1).max().unwrap_or(0);
        let mut around = Self { beginnings: vec![0; places], words: vec![0; places] };
        for called in index.texts().flat_map(|(_, texts)| texts.each()) {
            let NamedKey::Grid(grid) = called.key else { break };
            around.beginnings[grid.0 as usize] = typed.phrase.beginnings_in(called.name);
            for (place, word) in typed.words.iter().enumerate() {
                let holds = word.is_in(called.name, Spelling::Unfinished, Bounds::Anywhere);
                around.words[grid.0 as usize] |= u64::from(holds) << place;
            }
        }
        // In order of level: parents come first.
        for grid in grids.all() {
            if let Some(parent) = grids.parent(grid) {
                around.beginnings[grid.0 as usize] |= around.beginnings[parent.0 as usize];
                around.words[grid.0 as usize] |= around.words[parent.0 as usize];
            }
        }
        around
    }

    pub(super) fn beginnings(&self, atlas: &Atlas, key: NamedKey) -> u64 {
        atlas.grid_of(key).map_or(0, |grid| self.beginnings[grid.0 as usize])
    }

    pub(super) fn holds(&self, atlas: &Atlas, key: NamedKey, word: usize) -> bool {
        atlas.grid_of(key).is_some_and(|grid| self.words[grid.0 as usize] >> word & 1 == 1)
    }
}
