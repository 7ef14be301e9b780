//! What a follower holds: the rows of a snapshot, kept up to date by deltas alone.

use std::collections::BTreeMap;
use std::fmt::Debug;

use gewu::model::{Delta, Snapshot};
use uuid::Uuid;

/// Everything that a follower was told, row by row, as text: comparable, and in a fixed order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) revision: i64,
    rows: BTreeMap<(&'static str, Uuid), String>,
}

impl Content {
    pub(crate) fn of(snapshot: Snapshot) -> Self {
        let mut content = Self { revision: snapshot.revision, rows: BTreeMap::new() };
        content.put("level", Uuid::nil(), Some(&snapshot.levels));
        let mut versions: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for version in &snapshot.grids {
            versions.entry(version.grid.id.0).or_default().push(format!("{version:?}"));
        }
        versions.into_iter().for_each(|(id, texts)| content.put_versions(id, texts));
        snapshot.workers.iter().for_each(|row| content.put("worker", row.id.0, Some(row)));
        snapshot.assignments.iter().for_each(|row| content.put("assignment", row.id, Some(row)));
        snapshot.absences.iter().for_each(|row| content.put("absence", row.id, Some(row)));
        snapshot.buildings.iter().for_each(|row| content.put("building", row.id.0, Some(row)));
        snapshot.facilities.iter().for_each(|row| content.put("facility", row.id.0, Some(row)));
        snapshot.people.iter().for_each(|row| content.put("person", row.id.0, Some(row)));
        content
    }

    pub(crate) fn apply(&mut self, delta: Delta) {
        assert!(delta.revision > self.revision, "{} after {}", delta.revision, self.revision);
        self.revision = delta.revision;
        if let Some(levels) = &delta.levels {
            self.put("level", Uuid::nil(), Some(levels));
        }
        for (id, versions) in &delta.grids {
            self.put_versions(id.0, versions.iter().map(|version| format!("{version:?}")).collect());
        }
        delta.workers.iter().for_each(|(id, row)| self.put("worker", id.0, row.as_ref()));
        delta.assignments.iter().for_each(|(id, row)| self.put("assignment", *id, row.as_ref()));
        delta.absences.iter().for_each(|(id, row)| self.put("absence", *id, row.as_ref()));
        delta.buildings.iter().for_each(|(id, row)| self.put("building", id.0, row.as_ref()));
        delta.facilities.iter().for_each(|(id, row)| self.put("facility", id.0, row.as_ref()));
        delta.people.iter().for_each(|(id, row)| self.put("person", id.0, row.as_ref()));
    }

    /// What it holds of one thing.
    pub(crate) fn get(&self, entity: &'static str, id: Uuid) -> Option<&str> {
        self.rows.get(&(entity, id)).map(String::as_str)
    }

    fn put(&mut self, entity: &'static str, id: Uuid, row: Option<&impl Debug>) {
        match row {
            Some(row) => self.rows.insert((entity, id), format!("{row:?}")),
            None => self.rows.remove(&(entity, id)),
        };
    }

    fn put_versions(&mut self, id: Uuid, mut versions: Vec<String>) {
        versions.sort();
        let versions = (!versions.is_empty()).then_some(versions);
        self.put("grid", id, versions.as_ref());
    }
}
