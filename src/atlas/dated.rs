//! Grids as they were and as they will be: every version that does not hold now.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Envelope;
use super::sharded::Sharded;
use super::spatial::Spatial;
use crate::model::{GridId, GridVersion, Span};

/// Versions of other times than now. Copies share what was not changed since.
#[derive(Debug, Clone, Default)]
pub(super) struct Dated {
    versions: Sharded<GridId, Arc<Vec<GridVersion>>>,
    boxes: Spatial<GridId>,
    /// Which grids have a version that names this one as its parent; a grid may have been moved away since.
    children: Sharded<GridId, Arc<Vec<GridId>>>,
    /// Every instant up to now at which some version began or ended, and how many did.
    past: Arc<BTreeMap<DateTime<Utc>, u32>>,
    /// Every later one, and the grids that change then.
    future: Arc<BTreeMap<DateTime<Utc>, Vec<GridId>>>,
}

impl Dated {
    /// `versions` are those that do not hold at `now`; `all_spans` belong to every version, with its grid.
    pub(super) fn build(
        versions: Vec<GridVersion>,
        all_spans: impl Iterator<Item = (GridId, Span)>,
        now: DateTime<Utc>,
    ) -> Self {
        let mut by_grid: BTreeMap<GridId, Vec<GridVersion>> = BTreeMap::new();
        versions.into_iter().for_each(|version| by_grid.entry(version.grid.id).or_default().push(version));
        let boxes =
            by_grid.values().flatten().filter_map(|v| Some((v.grid.id, Envelope::of(&v.grid.geometry)?)));
        let mut dated = Self { boxes: Spatial::build(boxes), ..Self::default() };
        for (grid, versions) in by_grid {
            dated.link(&versions);
            dated.versions.insert(grid, Arc::new(versions));
        }
        dated.count(all_spans, now);
        dated
    }

    /// The versions of a grid that do not hold now.
    pub(super) fn of(&self, grid: GridId) -> &[GridVersion] {
        self.versions.get(&grid).map_or(&[], |versions| versions)
    }

    /// Every version, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &GridVersion> {
        self.versions.iter().flat_map(|(_, versions)| versions.iter())
    }

    /// Grids with a version whose envelope meets another; a grid may come more than once.
    pub(super) fn near(&self, envelope: &Envelope) -> impl Iterator<Item = GridId> + use<'_> {
        self.boxes.meeting(envelope)
    }

    /// Grids of which some version names this one as its parent.
    pub(super) fn children(&self, grid: GridId) -> &[GridId] {
        self.children.get(&grid).map_or(&[], |children| children)
    }

    /// The span around `now` in which no version begins or ends.
    pub(super) fn window(&self) -> Span {
        Span {
            from: self.past.last_key_value().map(|(at, _)| *at),
            until: self.future.first_key_value().map(|(at, _)| *at),
        }
    }

    /// The grids of which a version begins or ends after now and not after `until`.
    pub(super) fn due(&self, until: DateTime<Utc>) -> impl Iterator<Item = GridId> + '_ {
        self.future.range(..=until).flat_map(|(_, grids)| grids.iter().copied())
    }

    /// Puts the versions of a grid that do not hold at `now` in place of those before. Of the old and the new ones, the spans
    /// of all versions are needed.
    pub(super) fn put(
        &mut self,
        grid: GridId,
        versions: Vec<GridVersion>,
        old_spans: &[Span],
        new_spans: &[Span],
        now: DateTime<Utc>,
    ) {
        self.forget(grid, old_spans);
        self.count(new_spans.iter().map(|span| (grid, *span)), now);
        if self.versions.get(&grid).is_none() && versions.is_empty() {
            return;
        }
        self.boxes.set(grid, versions.iter().filter_map(|version| Envelope::of(&version.grid.geometry)));
        self.link(&versions);
        match versions.is_empty() {
            true => _ = self.versions.remove(&grid),
            false => _ = self.versions.insert(grid, Arc::new(versions)),
        }
    }

    /// To be called once after all changes of a step.
    pub(super) fn settle(&mut self) {
        self.boxes.settle();
    }

    fn link(&mut self, versions: &[GridVersion]) {
        for GridVersion { grid, .. } in versions {
            let Some(parent) = grid.parent else { continue };
            if !self.children(parent).contains(&grid.id) {
                Arc::make_mut(self.children.entry(parent, Arc::default)).push(grid.id);
            }
        }
    }

    fn count(&mut self, spans: impl Iterator<Item = (GridId, Span)>, now: DateTime<Utc>) {
        let (past, future) = (Arc::make_mut(&mut self.past), Arc::make_mut(&mut self.future));
        for (grid, span) in spans {
            for at in [span.from, span.until].into_iter().flatten() {
                match at <= now {
                    true => *past.entry(at).or_default() += 1,
                    false => future.entry(at).or_default().push(grid),
                }
            }
        }
        // What was to come has come.
        let still_to_come = future.split_off(&(now + chrono::TimeDelta::microseconds(1)));
        for (at, grids) in std::mem::replace(future, still_to_come) {
            *past.entry(at).or_default() += grids.len() as u32;
        }
    }

    fn forget(&mut self, grid: GridId, spans: &[Span]) {
        let (past, future) = (Arc::make_mut(&mut self.past), Arc::make_mut(&mut self.future));
        for at in spans.iter().flat_map(|span| [span.from, span.until]).flatten() {
            if let Some(count) = past.get_mut(&at) {
                *count -= 1;
                if *count == 0 {
                    past.remove(&at);
                }
            } else if let Some(grids) = future.get_mut(&at) {
                if let Some(place) = grids.iter().position(|one| *one == grid) {
                    grids.swap_remove(place);
                }
                if grids.is_empty() {
                    future.remove(&at);
                }
            }
        }
    }
}
