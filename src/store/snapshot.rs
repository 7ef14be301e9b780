//! Everything that the atlas is built from, read at one instant.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, Row, Transaction, query};

use super::{Store, StoreError, rows};
use crate::model::{LevelName, LevelScheme, Scope, Snapshot};

/// The number of the latest revision and the instant to read at: now, but never before that revision.
const INSTANT: &str = "select coalesce(max(number), 0) as revision, greatest(clock_timestamp(), max(at)) as at from gewu.revision";

impl Store {
    /// The number of the latest revision; 0 before anything was imported.
    pub async fn latest_revision(&self) -> Result<i64, StoreError> {
        let latest = "select coalesce(max(number), 0) from gewu.revision";
        Ok(sqlx::query_scalar(latest).fetch_one(&self.pool).await?)
    }

    /// Reads what holds, held and is to hold, all at one instant: a publication or import that is committed meanwhile is either wholly in
    /// it or not at all.
    pub async fn read_snapshot(&self) -> Result<Snapshot, StoreError> {
        self.read_snapshot_of(Scope::ALL).await
    }

    /// The same of some tables; the others have no rows in it.
    pub async fn read_snapshot_of(&self, scope: Scope) -> Result<Snapshot, StoreError> {
        let mut tx = self.begin_reading().await?;
        let instant = query(INSTANT).fetch_one(&mut *tx).await?;
        let mut snapshot = Snapshot {
            revision: instant.try_get("revision")?,
            at: instant.try_get("at")?,
            levels: LevelScheme { levels: read_levels(&mut tx).await? },
            grids: rows::read_grids(&mut tx).await?,
            ..Snapshot::default()
        };
        if scope.staff {
            let worker = |row: &PgRow| rows::worker(row, &self.sealer);
            snapshot.workers = rows::read(&mut tx, query(rows::WORKERS), worker).await?;
            snapshot.assignments = rows::read(&mut tx, query(rows::ASSIGNMENTS), rows::assignment).await?;
            snapshot.absences = rows::read(&mut tx, query(rows::ABSENCES), rows::absence).await?;
        }
        if scope.buildings {
            snapshot.buildings = rows::read(&mut tx, query(rows::BUILDINGS), rows::building).await?;
        }
        if scope.facilities {
            snapshot.facilities = rows::read(&mut tx, query(rows::FACILITIES), rows::facility).await?;
        }
        if scope.people {
            snapshot.people = rows::read(&mut tx, query(rows::PEOPLE), rows::person).await?;
        }
        tx.commit().await?;
        Ok(snapshot)
    }

    /// A transaction in which all statements see the database as it is at the first of them.
    pub(super) async fn begin_reading(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut tx = self.pool.begin().await?;
        // The numbers of the grids of a whole country take a hundred megabytes; with less room every boundary would wait on the disk for its number.
        sqlx::raw_sql(
            "set transaction isolation level repeatable read, read only; set local statement_timeout = 0; set local jit = off; \
             set local work_mem = '256MB'",
        )
        .execute(&mut *tx)
        .await?;
        Ok(tx)
    }
}

/// All names of levels.
pub(super) async fn read_levels(connection: &mut PgConnection) -> Result<Vec<LevelName>, StoreError> {
    rows::read(connection, query(rows::LEVELS), rows::level).await
}
