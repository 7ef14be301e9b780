//! How much of a border is drawn at a zoom?
//!
//! Borders are simplified, not territories, so neighbours, parents and children agree by construction. At a zoom the levels down to
//! some *depth* are drawn; only borders of grids of these levels count there, and where the others end is a junction no more:
//! borders that follow one another between junctions are simplified as one *chain*. For each depth and vertex one byte
//! says from which zoom on it is drawn (`geom::zooms_drawn`). It is worked out chain by chain when it is first asked for or
//! when nothing else is to do, since that takes longer than the building of an atlas; an edit forgets only what it may have changed.

mod chain;
mod depth;
mod drawn;
mod frames;
mod kept;
mod links;
mod outline;
mod plan;
#[cfg(test)]
pub(super) mod tests;
#[cfg(test)]
mod tilings;

pub use drawn::{Drawn, DrawnShape, Stretch};
pub(super) use kept::KeptDepth;

use std::collections::{BTreeSet, HashMap};
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::coverage::BorderIndex;
use super::{Atlas, Envelope, GridIndex, GridTable};
use crate::model::{Level, LevelScheme};
use depth::Depth;
use outline::Outline;
use plan::Plan;

/// So many changed borders, and everything is forgotten.
const MANY: usize = 1_024;

/// So few grids are looked at one by one, whatever else there is.
const FEW: f64 = 64.0;

/// So many grids from the top down stand for all: a province, or the country's.
const FIRST: usize = 48;

/// What is worked out of the borders of an atlas for drawing them. Copies share it.
#[derive(Debug)]
pub(super) struct Detail {
    plan: Plan,
    /// What the first grids cover, which stand for all.
    whole: Option<Envelope>,
    depths: [OnceLock<Arc<Depth>>; Level::COUNT],
    /// Of grids with long borders.
    outlines: RwLock<HashMap<GridIndex, Arc<Outline>>>,
    /// Set when everything was worked out. Shared with what follows by a few edits, which leave little to be worked out again.
    prepared: Arc<OnceLock<()>>,
}

/// Where borders may be drawn differently than in another atlas.
#[derive(Debug)]
pub(super) enum Redrawn {
    /// Anywhere.
    All,
    /// In these envelopes, at these zooms.
    Parts(Vec<(Envelope, RangeInclusive<u8>)>),
}

impl Clone for Detail {
    fn clone(&self) -> Self {
        let outlines = self.outlines.read().unwrap_or_else(PoisonError::into_inner).clone();
        Self {
            plan: self.plan,
            whole: self.whole,
            depths: self.depths.clone(),
            outlines: RwLock::new(outlines),
            prepared: Arc::clone(&self.prepared),
        }
    }
}

impl Detail {
    /// Nothing is worked out yet. O(levels).
    pub(super) fn new(grids: &GridTable, levels: &LevelScheme) -> Self {
        let first = grids.all().take(FIRST).map(|grid| *grids.envelope(grid));
        Self {
            plan: Plan::new(grids, levels),
            whole: first.reduce(|a, b| a.union(&b)),
            depths: Default::default(),
            outlines: RwLock::default(),
            prepared: Arc::default(),
        }
    }

    /// What is left of it when the borders at some places are other than before, and where they may be drawn differently.
    pub(super) fn updated(
        &self,
        old: &GridTable,
        new: &Atlas,
        borders: &BTreeSet<BorderIndex>,
    ) -> (Self, Redrawn) {
        let next = Self::new(&new.grids, &new.levels);
        if borders.is_empty() && next.plan == self.plan {
            return (self.clone(), Redrawn::Parts(Vec::new()));
        }
        if borders.len() > MANY {
            return (next, Redrawn::All);
        }
        let mut redrawn = match next.plan == self.plan {
            true => Redrawn::Parts(Vec::new()),
            false => Redrawn::All,
        };
        for (depth, cell) in next.depths.iter().enumerate() {
            let before = self.depths[depth].get();
            let kept = before.filter(|_| self.plan.first_zooms[depth] == next.plan.first_zooms[depth]);
            match (kept, next.plan.zooms(depth)) {
                (Some(kept), zooms) => {
                    let (kept, envelopes) = kept.updated(old, new, borders);
                    _ = cell.set(Arc::new(kept));
                    if let (Redrawn::Parts(parts), Some(zooms)) = (&mut redrawn, zooms) {
                        parts.extend(envelopes.into_iter().map(|envelope| (envelope, zooms.clone())));
                    }
                }
                // Nobody has drawn at these zooms, but somebody may begin to right now, in the old atlas: nobody knows where it differs.
                (None, Some(_)) => redrawn = Redrawn::All,
                (None, None) => {}
            }
        }
        let users = |grids: &GridTable| -> Vec<GridIndex> {
            borders.iter().flat_map(|border| grids.coverage().users(*border)).copied().collect()
        };
        let changed: BTreeSet<GridIndex> = users(old).into_iter().chain(users(&new.grids)).collect();
        let mut outlines = self.outlines.read().unwrap_or_else(PoisonError::into_inner).clone();
        changed.iter().for_each(|grid| _ = outlines.remove(grid));
        let prepared = match redrawn {
            Redrawn::All => Arc::default(),
            Redrawn::Parts(_) => Arc::clone(&self.prepared),
        };
        (Self { outlines: RwLock::new(outlines), prepared, ..next }, redrawn)
    }

    /// What is drawn at a zoom; none when there are no grids.
    fn depth(&self, grids: &GridTable, zoom: u8) -> Option<&Depth> {
        let deepest = self.plan.deepest(zoom)?;
        let first_zoom = self.plan.first_zooms[deepest.index()]?;
        Some(self.depths[deepest.index()].get_or_init(|| Arc::new(Depth::new(grids, deepest, first_zoom))))
    }

    fn outline(&self, grids: &GridTable, grid: GridIndex) -> Option<Arc<Outline>> {
        if !Outline::pays(grids.shape(grid)) {
            return None;
        }
        if let Some(known) = self.outlines.read().unwrap_or_else(PoisonError::into_inner).get(&grid) {
            return Some(Arc::clone(known));
        }
        let made = Arc::new(Outline::new(grids, grid));
        self.outlines.write().unwrap_or_else(PoisonError::into_inner).insert(grid, Arc::clone(&made));
        Some(made)
    }
}

impl Atlas {
    /// The borders as they are drawn at a zoom; at no zoom, with every vertex.
    pub fn drawn(&self, zoom: Option<u8>) -> Drawn<'_> {
        Drawn::new(self, zoom.and_then(|zoom| Some((zoom, self.detail.depth(&self.grids, zoom)?))))
    }

    /// The borders of a zoom, with the vertices that were drawn so many zooms before: fewer, as far back as the same levels are drawn.
    pub fn drawn_coarser(&self, zoom: u8, before: u8) -> Drawn<'_> {
        let depth = self.detail.depth(&self.grids, zoom);
        Drawn::new(self, depth.map(|depth| (zoom.saturating_sub(before), depth)))
    }

    /// Works out what is worked out on demand and that nobody has asked for yet: borders as [`Atlas::prepare_borders`] does, then labels and
    /// which families are seamless.
    pub fn prepare(&self) {
        self.prepare_borders();
        self.grids.prepare();
        _ = self.detail.prepared.set(());
    }

    /// Has [`Atlas::prepare`] come to its end, for this atlas or for one that it followed by a few edits?
    pub fn is_prepared(&self) -> bool {
        self.detail.prepared.get().is_some()
    }

    /// Works out every border at every zoom that nobody has asked for yet, from the top down. Takes every core of the current rayon
    /// pool: a server gives it one, since the others have requests to answer.
    pub fn prepare_borders(&self) {
        // First what is begun quickly: from then on an edit knows what it makes different.
        self.detail
            .plan
            .first_zooms
            .into_iter()
            .flatten()
            .for_each(|zoom| _ = self.detail.depth(&self.grids, zoom));
        for zoom in self.detail.plan.first_zooms.into_iter().flatten() {
            if let Some(depth) = self.detail.depth(&self.grids, zoom) {
                depth.prepare(self);
            }
        }
    }

    /// The grids of some levels whose envelope meets another, in no order. Where the levels have fewer grids than there are of all
    /// levels in the envelope, these are looked at one by one: at low zooms the leaves of a whole province would be in the way.
    ///
    /// So many at most: whoever gets as many does not know them all.
    pub fn grids_of(&self, levels: &[Level], envelope: &Envelope, most: usize) -> Vec<GridIndex> {
        let grids = &self.grids;
        let count: usize = levels.iter().map(|level| grids.at_level(*level).len()).sum();
        if count as f64 <= FEW.max(self.share_in(envelope) * grids.len() as f64) {
            let all = levels.iter().flat_map(|level| grids.at_level(*level));
            return all.filter(|grid| grids.envelope(*grid).meets(envelope)).take(most).collect();
        }
        let mut found = Vec::new();
        // From within: to ask for one after the other takes longer than to look at each.
        _ = self.grids_in(envelope).try_for_each(|grid| {
            if levels.contains(&grids.level(grid)) {
                found.push(grid);
            }
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        found
    }

    /// How many vertices are looked at to draw each of some grids. Of an outline in blocks most are passed by: there a border counts as one.
    pub fn vertices_of(&self, grids: &[GridIndex]) -> impl Iterator<Item = usize> {
        let table = &self.grids;
        grids.iter().map(|grid| match Outline::pays(table.shape(*grid)) {
            true => table.shape(*grid).len(),
            false => table.lines(*grid).map(<[_]>::len).sum(),
        })
    }

    /// Roughly, the share of all grids that lie in an envelope: by area, of what the first grids cover.
    fn share_in(&self, envelope: &Envelope) -> f64 {
        let Some(whole) = self.detail.whole else { return 0.0 };
        let share = |axis: usize| {
            let common = whole.max[axis].min(envelope.max[axis]) - whole.min[axis].max(envelope.min[axis]);
            (common / (whole.max[axis] - whole.min[axis])).clamp(0.0, 1.0)
        };
        share(0) * share(1)
    }

    /// Bytes that are kept to draw borders at the zooms that were asked for so far.
    pub fn drawing_bytes(&self) -> usize {
        self.detail.depths.iter().filter_map(OnceLock::get).map(|depth| depth.bytes()).sum()
    }

    /// The borders of the grids down to a level of which a part may be in an envelope, once each, ascending.
    fn borders_in(&self, deepest: Level, envelope: &Envelope) -> Vec<BorderIndex> {
        let grids = &self.grids;
        let mut found = Vec::new();
        let mut take = |grid: GridIndex| match self.detail.outline(grids, grid) {
            Some(outline) => outline.meeting(grids.shape(grid), envelope, &mut found),
            None => found.extend(grids.borders(grid)),
        };
        let deeper = Level::all().any(|level| level > deepest && grids.at_level(level).len() > 0);
        if deeper {
            let levels: Vec<Level> = Level::all().filter(|level| *level <= deepest).collect();
            self.grids_of(&levels, envelope, usize::MAX).into_iter().for_each(take);
        } else {
            self.grids_in(envelope).for_each(&mut take);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
