//! Down to which level are grids drawn at a zoom?

use std::ops::RangeInclusive;

use crate::atlas::GridTable;
use crate::model::{Level, LevelScheme};

/// The levels by the zooms at which they come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// The first zoom at which each level is the deepest one drawn; none for one that never is.
    pub(super) first_zooms: [Option<u8>; Level::COUNT],
}

impl Plan {
    /// A level counts from its first zoom in the scheme on, also beyond its last: so that the depth only grows. A level that the
    /// scheme forgets is drawn at every zoom.
    pub(super) fn new(grids: &GridTable, levels: &LevelScheme) -> Self {
        let mut first_zooms = [None; Level::COUNT];
        let mut before_deeper = u8::MAX;
        let in_use: Vec<Level> = Level::all().filter(|level| grids.at_level(*level).len() > 0).collect();
        for level in in_use.into_iter().rev() {
            let first = levels.get(level).map_or(0, |entry| entry.min_zoom);
            if first < before_deeper {
                first_zooms[level.index()] = Some(first);
                before_deeper = first;
            }
        }
        Self { first_zooms }
    }

    /// The zooms at which a level, by its place, is the deepest one drawn; none for one that never is.
    pub(super) fn zooms(&self, level: usize) -> Option<RangeInclusive<u8>> {
        let own = self.first_zooms[level]?;
        let is_first = self.first_zooms[..level].iter().all(Option::is_none);
        let next = self.first_zooms[level + 1..].iter().flatten().next();
        Some(if is_first { 0 } else { own }..=next.map_or(u8::MAX, |next| next - 1))
    }

    /// The deepest level that is drawn at a zoom, or the first to come in.
    pub(super) fn deepest(&self, zoom: u8) -> Option<Level> {
        let drawn = |level: &Level| self.first_zooms[level.index()].is_some_and(|first| first <= zoom);
        let levels = || Level::all().filter(|level| self.first_zooms[level.index()].is_some());
        levels().filter(drawn).last().or_else(|| levels().next())
    }
}
