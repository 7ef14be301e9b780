//! One import, one transaction, one revision: all of it takes effect, or nothing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use geo::MultiPolygon;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{Store, StoreError};
use crate::model::{
    Absence, Assignment, Code, County, Grid, GridId, Level, LevelScheme, Resource, Worker, WorkerId,
};

/// What an import is, in the list of revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// An operator's files.
    Import,
    /// The sample region.
    Sample,
}

impl ImportKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sample => "sample",
        }
    }
}

/// What became of the rows of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that were not stored before.
    pub inserted: u64,
    /// Rows that were stored and differ.
    pub updated: u64,
    /// Rows that were stored just so.
    pub unchanged: u64,
}

/// What became of a batch of grids: [`Counts`] where an update is a new version.
pub type GridCounts = Counts;

/// What assigning resources to leaf grids did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeafCounts {
    /// Resources that got a leaf or another one.
    pub assigned: u64,
    /// Resources that lost their leaf: no leaf grid holds them any more.
    pub lost: u64,
    /// All resources, touched or not, that no leaf grid holds now.
    pub unassigned: u64,
}

/// A grid in force, without its territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGrid {
    /// Identity.
    pub id: GridId,
    /// Partition key.
    pub county: County,
    /// Code.
    pub code: Code,
    /// The scheme of the code.
    pub scheme: String,
    /// Level.
    pub level: Level,
    /// The grid above.
    pub parent: Option<GridId>,
    /// Name.
    pub name: String,
}

/// A grid in force with its territory.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTerritory {
    /// The grid.
    pub grid: StoredGrid,
    /// Territory in EPSG:4490, degrees.
    pub geometry: MultiPolygon<f64>,
}

/// A stored worker, by the references that a file knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredWorker {
    /// Identity.
    pub id: WorkerId,
    /// The system that the worker comes from.
    pub source: String,
    /// The identity there.
    pub source_id: String,
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: Option<String>,
}

/// An import under way. Nothing of it is seen by anybody else before [`ImportTransaction::commit`]; dropped
/// without it, it never happened.
#[derive(Debug)]
pub struct ImportTransaction {
    tx: Transaction<'static, Postgres>,
    revision: i64,
    /// The instant from which what is imported holds.
    at: DateTime<Utc>,
    /// Given identities of grids to stored ones.
    grid_ids: HashMap<Uuid, (String, Uuid)>,
    /// Given identities of workers to stored ones.
    worker_ids: HashMap<Uuid, Uuid>,
}

impl Store {
    /// Opens an import and its revision. Imports do not interleave: this waits until no other one is open.
    pub async fn begin_import(&self, kind: ImportKind, title: &str) -> Result<ImportTransaction, StoreError> {
        let _ = (kind.as_str(), title);
        Err(StoreError::stored("revision", "not written yet"))
    }
}

impl ImportTransaction {
    /// The number that this import has once it is committed.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Replaces names and zooms of the levels given; levels that are not given stay.
    pub async fn put_level_scheme(&mut self, scheme: &LevelScheme) -> Result<(), StoreError> {
        let _ = scheme;
        Err(StoreError::stored("level_scheme", "not written yet"))
    }

    /// Stores grids. A grid in force with the same scheme and code keeps its identity; where anything differs, its version ends
    /// and another begins. Parents may be in the batch or stored. The identities given are provisional: later calls may refer to
    /// grids by them.
    pub async fn put_grids(&mut self, grids: &[Grid]) -> Result<GridCounts, StoreError> {
        let _ = (grids, &self.grid_ids, self.at);
        Err(StoreError::stored("grid_version", "not written yet"))
    }

    /// Stores workers by (`source`, `source_id`); a stored worker keeps the identity.
    pub async fn put_workers(&mut self, workers: &[Worker]) -> Result<Counts, StoreError> {
        let _ = (workers, &self.worker_ids);
        Err(StoreError::stored("worker", "not written yet"))
    }

    /// Stores assignments; one of the same worker in the same grid and role whose span overlaps is replaced.
    pub async fn put_assignments(&mut self, assignments: &[Assignment]) -> Result<Counts, StoreError> {
        let _ = assignments;
        Err(StoreError::stored("assignment", "not written yet"))
    }

    /// Stores absences; one of the same worker whose span overlaps is replaced.
    pub async fn put_absences(&mut self, absences: &[Absence]) -> Result<Counts, StoreError> {
        let _ = absences;
        Err(StoreError::stored("absence", "not written yet"))
    }

    /// Stores resources of `buildings`, `facilities`, `people` or a collection of the catalogue by (`source`, `source_id`). Their leaf
    /// and county are found here, from the leaf grids in force; those given are not looked at.
    pub async fn put_resources(
        &mut self,
        collection: &str,
        resources: &[Resource],
    ) -> Result<Counts, StoreError> {
        let _ = (collection, resources);
        Err(StoreError::stored("resource", "not written yet"))
    }

    /// Gives every resource its leaf grid again where this import may have changed it.
    pub async fn assign_leaves(&mut self) -> Result<LeafCounts, StoreError> {
        Err(StoreError::stored("resource", "not written yet"))
    }

    /// The grids in force, those of this import included.
    pub async fn stored_grids(&mut self) -> Result<Vec<StoredGrid>, StoreError> {
        Err(StoreError::stored("grid_version", "not written yet"))
    }

    /// The grids in force on some levels, with their territories.
    pub async fn stored_territories(&mut self, levels: &[Level]) -> Result<Vec<StoredTerritory>, StoreError> {
        let _ = levels;
        Err(StoreError::stored("grid_version", "not written yet"))
    }

    /// All workers, those of this import included.
    pub async fn stored_workers(&mut self) -> Result<Vec<StoredWorker>, StoreError> {
        Err(StoreError::stored("worker", "not written yet"))
    }

    /// Makes the import happen and gives its revision.
    pub async fn commit(self) -> Result<i64, StoreError> {
        self.tx.commit().await?;
        Ok(self.revision)
    }
}
