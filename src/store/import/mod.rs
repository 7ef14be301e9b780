//! One import, one transaction, one revision: all of it takes effect, or nothing.

mod attributes;
mod grids;
mod leaves;
mod resources;
mod rows;
mod sealing;
mod staff;
mod stored;
mod tables;
mod transaction;

pub(super) use attributes::{Attributes, geometry_fits};
pub(super) use resources::Table as ResourceTable;
pub(super) use sealing::SealedWorker;
pub(super) use transaction::REVISION_LOCK;

pub use rows::{Counts, GridCounts, ImportKind, LeafCounts, StoredGrid, StoredTerritory, StoredWorker};
pub use transaction::ImportTransaction;
