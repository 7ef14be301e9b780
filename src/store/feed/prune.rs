//! The feed does not grow for ever.

use crate::store::{Store, StoreError};

/// The newest revision that is old enough; numbers and commit times rise together unless the clock was set back.
const BOUNDARY: &str = "
select max(number) from gewu.revision where committed < clock_timestamp() - make_interval(days => $1)";
const RAISE: &str = "update gewu.feed set pruned_to = $1 where pruned_to < $1";
const DELETE: &str = "
delete from gewu.change c using gewu.revision r where r.id = c.revision_id and r.number <= $1";

impl Store {
    /// Forgets what the feed tells of revisions older than so many days; the revisions themselves stay. Gives the number of rows
    /// that went. A reader who had not come so far reads everything again.
    pub async fn prune_changes(&self, keep_days: u16) -> Result<u64, StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *tx).await?;
        let boundary: Option<i64> =
            sqlx::query_scalar(BOUNDARY).bind(i32::from(keep_days)).fetch_one(&mut *tx).await?;
        let Some(boundary) = boundary else { return Ok(0) };
        // This first: two who prune at once then wait for each other.
        let raised = sqlx::query(RAISE).bind(boundary).execute(&mut *tx).await?.rows_affected();
        if raised == 0 {
            return Ok(0);
        }
        let gone = sqlx::query(DELETE).bind(boundary).execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        Ok(gone)
    }
}
