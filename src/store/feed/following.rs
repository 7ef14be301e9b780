//! From the feed to what the atlas applies.

use std::fmt;

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::present::read_present;
use super::touched::Touched;
use crate::model::Delta;
use crate::store::{Store, StoreError};

/// With more identities than this, reading everything again is quicker than picking.
const MANY: usize = 20_000;

/// How to come from a revision to the newest one.
#[derive(Debug)]
pub enum Following {
    /// It is the newest.
    Unchanged,
    /// By these rows.
    Delta(Delta),
    /// By reading everything again.
    Rebuild {
        /// Why.
        reason: Reason,
    },
}

/// Why rows do not lead from one revision to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A statement touched so much of this entity that it was not told row by row.
    Bulk(String),
    /// There are more touched rows than this.
    Many(usize),
    /// The database never had this revision: it is another database, or a restored one.
    Unknown(i64),
    /// It is not the database that this revision was read from.
    Foreign(i64),
    /// What followed this revision is no longer kept.
    Pruned(i64),
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bulk(entity) => {
                write!(formatter, "a statement touched too many rows of {entity} to tell them")
            }
            Self::Many(limit) => write!(formatter, "more than {limit} rows were touched"),
            Self::Unknown(number) => write!(formatter, "the database does not know revision {number}"),
            Self::Foreign(number) => write!(formatter, "revision {number} was read from another database"),
            Self::Pruned(number) => {
                write!(formatter, "the changes after revision {number} are no longer kept")
            }
        }
    }
}

/// Where a database stands, seen from one of its revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The number of its latest revision; 0 before anything was written.
    pub latest: i64,
    /// When the revision asked about became visible; `None` if it is not known. A database restored from a backup may give a number
    /// again: whoever keeps something of a revision keeps this too, and compares.
    pub committed: Option<DateTime<Utc>>,
}

/// Where the feed stands, seen from revision $1.
const STANDING: &str = "
select coalesce((select max(number) from gewu.revision), 0) as latest,
       greatest(clock_timestamp(), (select max(at) from gewu.revision)) as at,
       (select pruned_to from gewu.feed) as pruned_to,
       $1 = 0 or exists (select from gewu.revision where number = $1) as known";

impl Store {
    /// Where the database stands, seen from a revision. One short question.
    pub async fn standing(&self, revision: i64) -> Result<Standing, StoreError> {
        let ask = "select coalesce((select max(number) from gewu.revision), 0) as latest, \
                   (select committed from gewu.revision where number = $1) as committed";
        let row = sqlx::query(ask).bind(revision).fetch_one(&self.pool).await?;
        Ok(Standing { latest: row.try_get("latest")?, committed: row.try_get("committed")? })
    }

    /// What was written after revision `since`, as it is now, all at one instant: the present rows of what was touched.
    pub async fn read_delta(&self, since: i64) -> Result<Following, StoreError> {
        let mut tx = self.begin_reading().await?;
        let standing = sqlx::query(STANDING).bind(since).fetch_one(&mut *tx).await?;
        let (latest, pruned_to): (i64, i64) = (standing.try_get("latest")?, standing.try_get("pruned_to")?);
        if !standing.try_get::<bool, _>("known")? {
            return Ok(Following::Rebuild { reason: Reason::Unknown(since) });
        }
        if latest == since {
            return Ok(Following::Unchanged);
        }
        if since < pruned_to {
            return Ok(Following::Rebuild { reason: Reason::Pruned(since) });
        }
        let Some(touched) = Touched::read(&mut tx, since, latest, MANY).await? else {
            return Ok(Following::Rebuild { reason: Reason::Many(MANY) });
        };
        if let Some(entity) = touched.bulk {
            return Ok(Following::Rebuild { reason: Reason::Bulk(entity) });
        }
        let mut delta = Delta { revision: latest, at: standing.try_get("at")?, ..Delta::default() };
        read_present(&mut tx, &touched, &mut delta, &self.sealer).await?;
        tx.commit().await?;
        Ok(Following::Delta(delta))
    }
}
