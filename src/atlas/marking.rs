//! Which tiles may look different after a change? Too many do no harm; a tile too few would be served as it was.

use std::collections::HashSet;

use super::detail::Redrawn;
use super::grids::Changed;
use super::{Atlas, Envelope, TileKind};
use crate::model::{Delta, GridId, Level, Span, WorkerId};

/// So many grids are asked who is on duty before and after; more, and all count as changed.
const ASKED: usize = 5_000;

/// Where a resource is, and its leaf; none: there is no such resource.
type Place = Option<(Option<Envelope>, Option<GridId>)>;

/// What a change touches of the staff.
#[derive(Debug)]
pub(super) struct StaffChange {
    workers: Vec<WorkerId>,
    assignments: Vec<uuid::Uuid>,
    absences: Vec<uuid::Uuid>,
    /// Spans that came, and whose they are.
    pub(super) came: Vec<(WorkerId, Span)>,
}

impl StaffChange {
    pub(super) fn of(delta: &Delta) -> Self {
        let assigned = delta.assignments.iter().filter_map(|(_, one)| one.as_ref());
        let away = delta.absences.iter().filter_map(|(_, one)| one.as_ref());
        Self {
            workers: delta.workers.iter().map(|(id, _)| *id).collect(),
            assignments: delta.assignments.iter().map(|(id, _)| *id).collect(),
            absences: delta.absences.iter().map(|(id, _)| *id).collect(),
            came: assigned
                .map(|one| (one.worker, one.span))
                .chain(away.map(|one| (one.worker, one.span)))
                .collect(),
        }
    }
}

impl Atlas {
    /// Grids came, went or changed.
    pub(super) fn mark_grids(&mut self, old: &Self, ids: &[GridId], changed: &Changed) {
        for grids in [&old.grids, &self.grids] {
            for grid in ids.iter().filter_map(|id| grids.find_id(*id)) {
                self.dirt.mark(TileKind::Grids, grids.envelope(grid));
            }
        }
        // A grid that is divided, or is so no longer, keeps its label for other zooms.
        let left = changed.detached.iter().filter_map(|(grid, _)| old.grids.parent(*grid));
        let left = left.map(|parent| old.grids.id(parent));
        let joined = changed.attached.iter().filter_map(|(grid, _)| self.grids.parent(*grid));
        let joined = joined.map(|parent| self.grids.id(parent));
        for id in left.chain(joined).collect::<HashSet<_>>() {
            let (before, after) = (old.grids.find_id(id), self.grids.find_id(id));
            let was_leaf = before.map(|grid| old.grids.is_leaf(grid));
            if let Some(grid) = after.filter(|grid| was_leaf != Some(self.grids.is_leaf(*grid))) {
                self.dirt.mark(TileKind::Grids, self.grids.envelope(grid));
            }
        }
        // What lies in a grid that has another place counts elsewhere, and other counts are withheld.
        if !(changed.detached.is_empty() && changed.attached.is_empty()) {
            self.dirt.mark_all(TileKind::Counts);
        }
    }

    /// Borders may be drawn differently, or levels at other zooms.
    pub(super) fn mark_drawing(&mut self, old: &Self, redrawn: Redrawn) {
        let in_use = |atlas: &Self, level| atlas.grids.at_level(level).len() > 0;
        let levels_change =
            self.levels != old.levels || Level::all().any(|l| in_use(self, l) != in_use(old, l));
        match redrawn {
            Redrawn::Parts(parts) if !levels_change => {
                for (envelope, zooms) in parts {
                    self.dirt.mark_at(TileKind::Grids, &envelope, zooms);
                }
            }
            _ => self.dirt.mark_all(TileKind::Grids),
        }
    }

    /// Other people may be on duty: by what was changed, or because it has become later.
    pub(super) fn mark_staff(&mut self, old: &Self, change: StaffChange) {
        let mut workers: HashSet<WorkerId> = change.workers.into_iter().collect();
        for staff in [&old.staff, &self.staff] {
            workers.extend(staff.workers_of(change.assignments.iter(), change.absences.iter()));
        }
        workers.extend(old.shifts.between(&old.staff, old.as_of, self.as_of));
        if workers.is_empty() {
            return;
        }
        let mut grids = old.staff.grids_touched_by(&workers);
        grids.extend(self.staff.grids_touched_by(&workers));
        if grids.len() > ASKED {
            return self.dirt.mark_all(TileKind::Grids);
        }
        let on_duty = |atlas: &Self, id| atlas.staff.on_duty(id, atlas.as_of, &[]).len();
        for id in grids {
            if let Some(grid) = self.grids.find_id(id)
                && on_duty(old, id) != on_duty(self, id)
            {
                self.dirt.mark(TileKind::Grids, self.grids.envelope(grid));
            }
        }
    }

    /// A building or a facility came, went or changed.
    pub(super) fn mark_resource(&mut self, kind: TileKind, before: Place, after: Place) {
        let leaf = |place: &Place| place.as_ref().map(|(_, leaf)| *leaf);
        let counts_elsewhere = leaf(&before) != leaf(&after);
        for (envelope, leaf) in [before, after].into_iter().flatten() {
            if let Some(envelope) = envelope {
                self.dirt.mark(kind, &envelope);
            }
            let Some(grid) = leaf.filter(|_| counts_elsewhere).and_then(|leaf| self.grids.find_id(leaf))
            else {
                continue;
            };
            for above in self.grids.upwards(grid) {
                self.dirt.mark(TileKind::Counts, self.grids.envelope(above));
            }
        }
    }

    /// A person came, went or moved, each with the leaf if any. A count that changes may withhold any other, family by family.
    pub(super) fn mark_person(&mut self, before: Option<Option<GridId>>, after: Option<Option<GridId>>) {
        if before != after {
            self.dirt.mark_all(TileKind::Counts);
        }
    }
}
