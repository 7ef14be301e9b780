//! Which border goes on where another ends?
//!
//! Two ends belong together when every ring that comes by one goes on by the other, whichever grid's it is, and the other way
//! round. So a chain is the same from whichever grid one follows it.

use std::collections::{BTreeSet, HashMap};

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
    /// Those of the grids down to a level. O(borders).
    pub(super) fn new(grids: &GridTable, deepest: Level) -> Self {
        let mut others = vec![NONE; 2 * grids.coverage().places()];
        for grid in grids.all().take_while(|grid| grids.level(*grid) <= deepest) {
            meetings(grids, grid, |end, other| join(&mut others[end.0 as usize], other));
        }
        let mut links = Self::default();
        for (end, other) in others.iter().enumerate() {
            let end = End(end as u32);
            let mutual = other.0 < SEVERAL.0 && *other != end && others[other.0 as usize] == end;
            if mutual {
                links.0.insert(end, *other);
            }
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
