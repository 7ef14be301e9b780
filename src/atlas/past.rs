//! The atlas of another moment: whole, or as much of it as a point needs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::build::table_of_the_past;
use super::dated::Dated;
use super::detail::Detail;
use super::dirt::Dirt;
use super::lookup::Lookup;
use super::shifts::Shifts;
use super::{Atlas, Cover, Envelope, ResourceTable};
use crate::model::{GridId, GridVersion, LevelScheme, LonLat, Snapshot, Span};

/// Beyond this, in metres, the nearest grid of another moment is looked for among all.
const FAR_M: f64 = 30_000.0;

impl Atlas {
    /// Are the grids of a moment these?
    pub fn holds_at(&self, at: DateTime<Utc>) -> bool {
        self.window().contains(at)
    }

    /// The atlas of a moment with all that the question about a point needs: what covers it, every leaf within `radius_m` metres
    /// and, when nothing covers it, the nearest leaf. Without resources.
    pub fn at_point(&self, at: DateTime<Utc>, point: LonLat, radius_m: f64) -> Self {
        let mut radius_m = radius_m.max(1.0);
        while radius_m <= FAR_M {
            let then = self.at_near(at, &Envelope::around(point, radius_m));
            let settled = then.cover(point) != Cover::Outside
                || then.nearest_leaf(point).is_some_and(|nearest| nearest.distance_m <= radius_m);
            if settled {
                return then;
            }
            radius_m *= 10.0;
        }
        self.at(at)
    }

    /// The atlas as it was or will be at a moment, without resources. O(grids).
    pub fn at(&self, at: DateTime<Utc>) -> Self {
        let present = self.grids.all().filter(|grid| self.grids.valid(*grid).contains(at));
        let present = present.map(|grid| self.grids.version(grid));
        let dated = self.dated.iter().filter(|version| version.valid.contains(at)).cloned();
        self.of_versions(at, present.chain(dated).collect())
    }

    /// The grids that there were at some time between two instants, both included, each as it was last; without resources. O(grids).
    pub fn during(&self, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        let meets = |span: Span| {
            span.from.zip(until).is_none_or(|(began, until)| began <= until)
                && span.until.zip(from).is_none_or(|(ended, from)| ended > from)
        };
        let present = self.grids.all().filter(|grid| meets(self.grids.valid(*grid)));
        let present = present.map(|grid| self.grids.version(grid));
        let dated = self.dated.iter().filter(|version| meets(version.valid)).cloned();
        let mut latest: HashMap<GridId, GridVersion> = HashMap::new();
        for version in present.chain(dated) {
            match latest.get_mut(&version.grid.id) {
                Some(other) if other.valid.from >= version.valid.from => {}
                Some(other) => *other = version,
                None => drop(latest.insert(version.grid.id, version)),
            }
        }
        self.of_versions(until.unwrap_or(self.as_of), latest.into_values().collect())
    }

    /// The atlas of a moment with all grids whose envelope meets another, those above them, and so much of those below that a
    /// grid is a leaf here only if it was one then. Without resources. Takes time by what is near.
    fn at_near(&self, at: DateTime<Utc>, envelope: &Envelope) -> Self {
        let mut found: HashMap<GridId, GridVersion> = HashMap::new();
        let mut open: Vec<GridId> = self.lookup.grids_in(envelope).map(|grid| self.grids.id(grid)).collect();
        open.extend(self.dated.near(envelope));
        while let Some(id) = open.pop() {
            if found.contains_key(&id) {
                continue;
            }
            let Some(version) = self.version_at(id, at) else { continue };
            open.extend(version.grid.parent);
            open.extend(self.child_at(id, at));
            found.insert(id, version);
        }
        self.of_versions(at, found.into_values().collect())
    }

    fn of_versions(&self, at: DateTime<Utc>, versions: Vec<GridVersion>) -> Self {
        let grids = table_of_the_past(versions);
        Self {
            revision: self.revision,
            as_of: at,
            built: self.built,
            levels: LevelScheme::clone(&self.levels),
            lookup: Lookup::for_one_question(&grids),
            detail: Detail::new(&grids, &self.levels),
            grids,
            staff: self.staff.clone(),
            resources: ResourceTable::default(),
            dated: Dated::default(),
            shifts: Shifts::default(),
            dirt: Dirt::new(),
        }
    }

    fn version_at(&self, id: GridId, at: DateTime<Utc>) -> Option<GridVersion> {
        if let Some(grid) = self.grids.find_id(id).filter(|grid| self.grids.valid(*grid).contains(at)) {
            return Some(self.grids.version(grid));
        }
        self.dated.of(id).iter().find(|version| version.valid.contains(at)).cloned()
    }

    /// Some grid that was below another at a moment.
    fn child_at(&self, id: GridId, at: DateTime<Utc>) -> Option<GridId> {
        let present = self.grids.find_id(id).into_iter().flat_map(|grid| self.grids.children(grid));
        let present = present.copied().find(|child| self.grids.valid(*child).contains(at));
        present.map(|child| self.grids.id(child)).or_else(|| {
            let then = |version: &GridVersion| version.valid.contains(at) && version.grid.parent == Some(id);
            self.dated.children(id).iter().copied().find(|child| self.dated.of(*child).iter().any(then))
        })
    }

    /// What the atlas was made of: [`Atlas::build`] of it gives the same atlas.
    pub fn snapshot(&self) -> Snapshot {
        let present = self.grids.all().map(|grid| self.grids.version(grid));
        Snapshot {
            revision: self.revision,
            at: self.as_of,
            levels: self.levels.clone(),
            grids: present.chain(self.dated.iter().cloned()).collect(),
            workers: self.staff.workers().cloned().collect(),
            assignments: self.staff.assignments().cloned().collect(),
            absences: self.staff.absences().cloned().collect(),
            buildings: self.resources.buildings().cloned().collect(),
            facilities: self.resources.facilities().cloned().collect(),
            people: self.resources.persons().copied().collect(),
        }
    }
}
