//! Everything that the atlas is built from, read at one instant.

use super::{Store, StoreError};
use crate::model::Snapshot;

impl Store {
    /// The number of the latest revision; 0 before anything was imported.
    pub async fn latest_revision(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("select coalesce(max(id), 0) from gewu.revision").fetch_one(&self.pool).await?)
    }

    /// Reads what is in force now, all at one instant.
    pub async fn read_snapshot(&self) -> Result<Snapshot, StoreError> {
        Err(StoreError::stored("snapshot", "not written yet"))
    }
}
