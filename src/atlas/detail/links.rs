//! Which border goes on where another ends?
//!
//! Two ends belong together when every ring that comes by one goes on by the other, whichever grid's it is, and the other way
//! round. So a chain is the same from whichever grid one follows it.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use crate::atlas::coverage::{BorderIndex, Part};
use crate::atlas::sharded::Sharded;
use crate::atlas::{GridIndex, GridTable};
use crate::model::Level;

/// An end of a border: its first vertex or its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct End(u32);

/// No end is known yet.
const NONE: End = End(u32::MAX);
/// Different rings go different ways.
const SEVERAL: End = End(u32::MAX - 1);

impl End {
    fn new(border: BorderIndex, last: bool) -> Self {
        Self(border.0 << 1 | u32::from(last))
    }

    /// Where one comes from when following a border.
    pub(super) fn first(border: BorderIndex, reversed: bool) -> Self {
        Self::new(border, reversed)
    }

    /// Where one gets to when following a border.
    pub(super) fn last(border: BorderIndex, reversed: bool) -> Self {
        Self::new(border, !reversed)
    }

    pub(super) fn border(self) -> BorderIndex {
        BorderIndex(self.0 >> 1)
    }

    /// When one goes on from this end: is the border followed backwards?
    pub(super) fn reversed(self) -> bool {
        self.0 & 1 == 1
    }
}

/// A smaller share of all borders is looked at without room for all.
const SHARE: usize = 16;

/// The ends that belong together, both ways; an end that is not here is at a junction.
#[derive(Debug, Clone, Default)]
pub(super) struct Links(Sharded<End, End>);

/// What rings say of an end: the one other end that they go on by.
fn join(known: &mut End, other: End) {
    *known = match *known {
        NONE => other,
        same if same == other => same,
        _ => SEVERAL,
    };
}

/// The grids down to a level.
fn down_to(grids: &GridTable, deepest: Level) -> impl Iterator<Item = GridIndex> {
    grids.all().take_while(move |grid| grids.level(*grid) <= deepest)
}

/// The ends that meet in the rings of a grid, in pairs.
fn meetings(grids: &GridTable, grid: GridIndex, mut meet: impl FnMut(End, End)) {
    for ring in grids.shape(grid).rings() {
        let Some(last) = ring.uses.last() else { continue };
        let mut before = Part::read(*last);
        for part in ring.uses.iter().map(|word| Part::read(*word)) {
            let ends = (End::last(before.border, before.reversed), End::first(part.border, part.reversed));
            meet(ends.0, ends.1);
            meet(ends.1, ends.0);
            before = part;
        }
    }
}

impl Links {
    /// Those of the grids down to a level. O(borders), and where the level has few of them, of these.
    pub(super) fn new(grids: &GridTable, deepest: Level) -> Self {
        let mut room = grids.coverage().places() / SHARE;
        let mut fits = |grid| {
            let uses = grids.shape(grid).len();
            let fits = uses <= room;
            room = room.saturating_sub(uses);
            fits
        };
        let few = down_to(grids, deepest).all(&mut fits);
        if few { Self::of_few(grids, deepest) } else { Self::of_most(grids, deepest) }
    }

    fn of_few(grids: &GridTable, deepest: Level) -> Self {
        let mut others: HashMap<End, End, RandomState> = HashMap::default();
        for grid in down_to(grids, deepest) {
            meetings(grids, grid, |end, other| join(others.entry(end).or_insert(NONE), other));
        }
        let all = others.iter().map(|(end, other)| (*end, *other));
        Self::mutual(all, |end| others.get(&end).copied())
    }

    /// The same with room for all.
    fn of_most(grids: &GridTable, deepest: Level) -> Self {
        let mut others = vec![NONE; 2 * grids.coverage().places()];
        for grid in down_to(grids, deepest) {
            meetings(grids, grid, |end, other| join(&mut others[end.0 as usize], other));
        }
        let all = (0..).map(End).zip(others.iter().copied());
        Self::mutual(all, |end| others.get(end.0 as usize).copied())
    }

    /// The ends whose only other end has them as its only one.
    fn mutual(all: impl Iterator<Item = (End, End)>, of: impl Fn(End) -> Option<End>) -> Self {
        let mut links = Self::default();
        for (end, other) in all.filter(|(end, other)| end != other && of(*other) == Some(*end)) {
            links.0.insert(end, other);
        }
        links
    }

    pub(super) fn get(&self, end: End) -> Option<End> {
        self.0.get(&end).copied()
    }

    /// Finds anew what belongs together near borders that changed, and returns the ends of which that may be other than before.
    pub(super) fn update(
        &mut self,
        old: &GridTable,
        new: &GridTable,
        deepest: Level,
        borders: &BTreeSet<BorderIndex>,
    ) -> BTreeSet<End> {
        let of = |grids: &GridTable, borders: &mut dyn Iterator<Item = BorderIndex>| -> BTreeSet<GridIndex> {
            let users = borders.flat_map(|border| grids.coverage().users(border).to_vec());
            users.filter(|grid| grids.level(*grid) <= deepest).collect()
        };
        let mut changed: BTreeSet<End> =
            borders.iter().flat_map(|border| [End::new(*border, false), End::new(*border, true)]).collect();
        for grids in [old, new] {
            for grid in of(grids, &mut borders.iter().copied()) {
                meetings(grids, grid, |end, other| {
                    if borders.contains(&end.border()) {
                        changed.insert(other);
                    }
                });
            }
        }
        let mut met: HashMap<End, End> = HashMap::new();
        let near = of(new, &mut changed.iter().map(|end| end.border()));
        let mut partners: BTreeSet<End> = BTreeSet::new();
        for grid in &near {
            meetings(new, *grid, |end, other| {
                if changed.contains(&end) {
                    partners.insert(other);
                }
            });
        }
        let all = of(new, &mut changed.iter().chain(&partners).map(|end| end.border()));
        for grid in &all {
            meetings(new, *grid, |end, other| {
                if changed.contains(&end) || partners.contains(&end) {
                    join(met.entry(end).or_insert(NONE), other);
                }
            });
        }
        for end in &changed {
            if let Some(other) = self.0.remove(end) {
                self.0.remove(&other);
            }
        }
        for end in &changed {
            let Some(other) = met.get(end).copied() else { continue };
            if other.0 < SEVERAL.0 && other != *end && met.get(&other) == Some(end) {
                self.0.insert(*end, other);
                self.0.insert(other, *end);
            }
        }
        changed
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::atlas::Atlas;
    use crate::atlas::detail::tests::board;

    #[test]
    fn the_ends_of_few_borders_belong_together_as_they_do_among_all() {
        let atlas = Atlas::build(board(12)).unwrap();
        let pairs =
            |links: Links| -> BTreeSet<(End, End)> { links.0.iter().map(|(a, b)| (*a, *b)).collect() };
        for (level, some) in [(1, true), (2, true), (3, false)] {
            let level = Level::new(level).unwrap();
            let few = pairs(Links::of_few(atlas.grids(), level));
            assert_eq!(few, pairs(Links::of_most(atlas.grids(), level)));
            assert_eq!(!few.is_empty(), some, "{level}");
        }
    }
}
