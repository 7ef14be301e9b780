//! What changed in the store, carried over into a new atlas that shares everything else with the old one.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::marking::StaffChange;
use super::{Atlas, BorderIndex, BuildError, TileKind};
use crate::model::{Delta, GridId, GridVersion, Span};

impl Atlas {
    /// The atlas after a delta: what [`Atlas::build`] would make of the store then. Grids whose time has come or passed since
    /// are changed too. Takes time by what is touched, not by what there is. Refused where a build would be.
    pub fn apply(&self, delta: Delta) -> Result<Self, BuildError> {
        let now = self.as_of.max(delta.at);
        let mut next = self.share();
        next.revision = delta.revision;
        next.as_of = now;
        let staff = StaffChange::of(&delta);
        if let Some(levels) = delta.levels {
            next.levels = levels;
        }
        for (id, worker) in delta.workers {
            next.staff.put_worker(id, worker);
        }
        for (id, assignment) in delta.assignments {
            next.staff.put_assignment(id, assignment);
        }
        for (id, absence) in delta.absences {
            next.staff.put_absence(id, absence);
        }
        next.shifts = self.shifts.updated(&next.staff, now, &staff.came);
        let borders = self.apply_grids(&mut next, delta.grids, now)?;
        let (detail, redrawn) = self.detail.updated(&self.grids, &next, &borders);
        next.detail = detail;
        next.mark_drawing(self, redrawn);
        next.mark_staff(self, staff);
        for (id, building) in delta.buildings {
            let before = next.resources.building_place(id);
            next.resources.put_building(&next.grids, id, building);
            next.mark_resource(TileKind::Buildings, before, next.resources.building_place(id));
        }
        for (id, facility) in delta.facilities {
            let before = next.resources.facility_place(id);
            next.resources.put_facility(&next.grids, id, facility);
            next.mark_resource(TileKind::Facilities, before, next.resources.facility_place(id));
        }
        for (id, person) in delta.people {
            let before = next.resources.person_leaf(id);
            next.resources.put_person(&next.grids, id, person);
            next.mark_person(before, next.resources.person_leaf(id));
        }
        next.resources.settle();
        next.dated.settle();
        Ok(next)
    }

    fn share(&self) -> Self {
        Self {
            revision: self.revision,
            as_of: self.as_of,
            built: Utc::now(),
            levels: self.levels.clone(),
            grids: self.grids.clone(),
            detail: self.detail.clone(),
            lookup: self.lookup.clone(),
            staff: self.staff.clone(),
            resources: self.resources.clone(),
            dated: self.dated.clone(),
            shifts: self.shifts.clone(),
            dirt: self.dirt.following(),
        }
    }

    /// Returns the borders that are other than before.
    fn apply_grids(
        &self,
        next: &mut Self,
        touched: Vec<(GridId, Vec<GridVersion>)>,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<BorderIndex>, BuildError> {
        let mut touched: HashMap<_, _> = touched.into_iter().collect();
        for id in self.dated.due(now) {
            touched.entry(id).or_insert_with(|| self.versions(id));
        }
        if touched.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut changes = Vec::new();
        for (id, versions) in touched {
            let old_spans: Vec<Span> = self.spans(id);
            let new_spans: Vec<Span> = versions.iter().map(|version| version.valid).collect();
            let (mut present, others): (Vec<_>, Vec<_>) =
                versions.into_iter().partition(|version| version.valid.contains(now));
            next.dated.put(id, others, &old_spans, &new_spans, now);
            let present = present.pop();
            let before = self.grids.find_id(id).map(|grid| self.grids.version(grid));
            if present != before {
                changes.push((id, present));
            }
        }
        // A fixed order, so that the same changes give the same atlas whatever the hashing.
        changes.sort_by_key(|(id, _)| *id);
        let ids: Vec<GridId> = changes.iter().map(|(id, _)| *id).collect();
        let near = |envelope: &super::Envelope| self.lookup.grids_in(envelope).collect();
        let (grids, changed) = self.grids.change(changes, near)?;
        for (grid, stays) in &changed.detached {
            next.resources.detach(&self.grids, *grid, *stays);
        }
        for (grid, stayed) in &changed.attached {
            next.resources.attach(&grids, *grid, *stayed);
        }
        next.lookup = self.lookup.updated(&grids, &changed.moves);
        next.grids = grids;
        next.mark_grids(self, &ids, &changed);
        Ok(changed.borders)
    }

    /// Every version of a grid.
    pub(super) fn versions(&self, id: GridId) -> Vec<GridVersion> {
        let present = self.grids.find_id(id).map(|grid| self.grids.version(grid));
        present.into_iter().chain(self.dated.of(id).iter().cloned()).collect()
    }

    fn spans(&self, id: GridId) -> Vec<Span> {
        let present = self.grids.find_id(id).map(|grid| self.grids.valid(grid));
        present.into_iter().chain(self.dated.of(id).iter().map(|version| version.valid)).collect()
    }
}
