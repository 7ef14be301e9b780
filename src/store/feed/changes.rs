//! The feed row by row, for those who follow from outside.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::model::County;
use crate::store::{Store, StoreError};

/// A place in the feed: everything up to it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FeedPosition {
    /// The number of the revision.
    pub number: i64,
    /// The row within it. [`FeedPosition::after`] a revision, it is past every row.
    pub seq: i64,
}

impl FeedPosition {
    /// All of a revision has been read.
    pub fn after(number: i64) -> Self {
        Self { number, seq: i64::MAX }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A row is new. A new version of a grid is a new row.
    Insert,
    /// A row is another now.
    Update,
    /// A row is gone.
    Delete,
    /// Too many rows to tell one by one: everything of this entity is to be read again.
    Bulk,
}

/// One row of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stands.
    pub position: FeedPosition,
    /// When it became visible.
    pub at: DateTime<Utc>,
    /// `grid`, `level`, `worker`, `assignment`, `absence`, `building`, `facility`, `person` or `resource`.
    pub entity: String,
    /// The county of the row, where its table has one.
    pub county: Option<County>,
    /// Its identity; none for a level and for [`Action::Bulk`].
    pub id: Option<Uuid>,
    /// What was done.
    pub action: Action,
}

const PRUNED_TO: &str = "select pruned_to from gewu.feed";
const AFTER: &str = "
select r.number, c.seq, r.committed, c.entity, c.county, c.entity_id, c.action
from gewu.revision r join gewu.change c on c.revision_id = r.id
where r.number >= $1 and (r.number > $1 or c.seq > $2)
order by r.number, c.seq limit $3";

impl Store {
    /// At most `limit` rows of the feed after a position, in order; none: there is nothing new. The last one's position is where
    /// to go on.
    ///
    /// # Errors
    /// [`StoreError::Pruned`] when rows after the position are no longer kept.
    pub async fn changes_after(&self, after: FeedPosition, limit: u32) -> Result<Vec<Change>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let pruned_to: i64 = sqlx::query_scalar(PRUNED_TO).fetch_one(&mut *tx).await?;
        if after < FeedPosition::after(pruned_to) && pruned_to > 0 {
            return Err(StoreError::Pruned { after: after.number, pruned_to });
        }
        let rows = sqlx::query(AFTER).bind(after.number).bind(after.seq).bind(i64::from(limit));
        let rows = rows.fetch_all(&mut *tx).await?;
        tx.commit().await?;
        rows.iter().map(change).collect()
    }
}

fn change(row: &PgRow) -> Result<Change, StoreError> {
    let action = match row.try_get("action")? {
        "insert" => Action::Insert,
        "update" => Action::Update,
        "delete" => Action::Delete,
        "bulk" => Action::Bulk,
        other => return Err(StoreError::stored("change", format!("its action is {other:?}"))),
    };
    Ok(Change {
        position: FeedPosition { number: row.try_get("number")?, seq: row.try_get("seq")? },
        at: row.try_get("committed")?,
        entity: row.try_get("entity")?,
        county: row.try_get::<Option<String>, _>("county")?.map(County::from_stored),
        id: row.try_get("entity_id")?,
        action,
    })
}
