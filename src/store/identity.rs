//! Which database is this?

use super::{Store, StoreError};

impl Store {
    /// A text that stays the same for this database and is another one for every other, copies restored elsewhere included.
    pub async fn identity(&self) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar("select gewu.database_identity()").fetch_one(&self.pool).await?)
    }
}
