//! What goes into an import and comes out of it.

use geo::MultiPolygon;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::model::{Code, County, GridId, Level, WorkerId};
use crate::store::StoreError;

/// What an import is, in the list of revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// An operator's files.
    Import,
    /// The sample region.
    Sample,
}

impl ImportKind {
    pub(super) fn as_str(self) -> &'static str {
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

/// Reads the columns `inserted`, `updated` and `unchanged`.
pub(super) fn counts(row: &PgRow) -> Result<Counts, StoreError> {
    let count = |name: &str| -> Result<u64, StoreError> {
        Ok(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0))
    };
    Ok(Counts { inserted: count("inserted")?, updated: count("updated")?, unchanged: count("unchanged")? })
}
