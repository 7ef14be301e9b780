//! The life of an import: begin, commit, or never have been.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row, Transaction};

use super::ImportKind;
use crate::model::LevelScheme;
use crate::seal::Sealer;
use crate::store::audit::append_of_login;
use crate::store::{Store, StoreError};

/// The advisory lock of imports; any number does that nothing else uses. Numbering revisions has another one.
pub(in crate::store) const REVISION_LOCK: i64 = 0x6765_7775_0001;
/// Tables of personal data, and what the audit log calls them.
const PERSONAL: [(&str, &str); 4] =
    [("person", "people"), ("worker", "workers"), ("assignment", "assignments"), ("absence", "absences")];
/// From this many rows on, the planner's statistics are renewed before the commit.
const BIG: u64 = 2_000;

/// An import under way. Nothing of it is seen by anybody else before [`ImportTransaction::commit`]; dropped
/// without it, it never happened.
#[derive(Debug)]
pub struct ImportTransaction {
    pub(super) tx: Transaction<'static, Postgres>,
    /// The identity of its revision; not yet its number.
    pub(super) revision: i64,
    /// The instant from which what is imported holds.
    pub(super) at: DateTime<Utc>,
    /// Is the table of leaf grids as the grids are now?
    pub(super) leaves_ready: bool,
    /// Were resources placed before the grids changed?
    pub(super) placed_too_early: bool,
    /// Were resources placed at all?
    pub(super) placed: bool,
    /// Tables with many new rows.
    pub(super) grown: Vec<&'static str>,
    /// What names and phones are sealed with.
    pub(super) sealer: Sealer,
    /// Personal data that were written: what, and how many rows.
    pub(super) personal: BTreeMap<&'static str, u64>,
}

impl Store {
    /// Opens an import and its revision. Imports do not interleave: this waits until no other one is open.
    pub async fn begin_import(&self, kind: ImportKind, title: &str) -> Result<ImportTransaction, StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql(
            "set local statement_timeout = 0; set local jit = off; set local client_min_messages = warning; \
             set local gewu.leaves = 'given'",
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(REVISION_LOCK).execute(&mut *tx).await?;
        // Not now(): the transaction is older than the lock. Always after the last revision, even if the clock was set back.
        let row = sqlx::query(
            "insert into gewu.revision (at, kind, title) \
             select greatest(clock_timestamp(), max(at) + interval '1 microsecond'), $1, $2 from gewu.revision \
             returning id, at",
        )
        .bind(kind.as_str())
        .bind(title)
        .fetch_one(&mut *tx)
        .await?;
        super::tables::create(&mut tx).await?;
        Ok(ImportTransaction {
            revision: row.try_get("id")?,
            at: row.try_get("at")?,
            tx,
            leaves_ready: false,
            placed_too_early: false,
            placed: false,
            grown: Vec::new(),
            sealer: self.sealer.clone(),
            personal: BTreeMap::new(),
        })
    }
}

impl ImportTransaction {
    /// The instant from which what is imported holds.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Replaces names and zooms of the levels given; levels that are not given stay.
    pub async fn put_level_scheme(&mut self, scheme: &LevelScheme) -> Result<(), StoreError> {
        for entry in &scheme.levels {
            sqlx::query(
                "insert into gewu.level_scheme (level, name, name_en, min_zoom, max_zoom) values ($1, $2, $3, $4, $5) \
                 on conflict (level) do update set name = excluded.name, name_en = excluded.name_en, \
                 min_zoom = excluded.min_zoom, max_zoom = excluded.max_zoom",
            )
            .bind(i16::from(entry.level.number()))
            .bind(&entry.name)
            .bind(&entry.name_en)
            .bind(i16::from(entry.min_zoom))
            .bind(i16::from(entry.max_zoom))
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }

    /// Makes the import happen and gives the number of its revision.
    pub async fn commit(mut self) -> Result<i64, StoreError> {
        for table in std::mem::take(&mut self.grown) {
            let statement = format!("analyze gewu.{table}");
            sqlx::query(AssertSqlSafe(statement)).execute(&mut *self.tx).await?;
        }
        for (entity, rows) in std::mem::take(&mut self.personal) {
            append_of_login(&mut self.tx, "write", entity, rows).await?;
        }
        // What would happen while it commits anyway; so the number is known before nothing can be asked any more.
        sqlx::query("set constraints gewu.revision_number immediate").execute(&mut *self.tx).await?;
        let number = sqlx::query_scalar("select number from gewu.revision where id = $1")
            .bind(self.revision)
            .fetch_one(&mut *self.tx)
            .await?;
        self.tx.commit().await?;
        Ok(number)
    }

    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Remembers that a table grew, for the statistics and, where it holds personal data, for the audit log.
    pub(super) fn grew(&mut self, table: &'static str, rows: u64) {
        if let Some((_, entity)) = PERSONAL.iter().find(|(personal, _)| *personal == table)
            && rows > 0
        {
            *self.personal.entry(*entity).or_default() += rows;
        }
        if rows >= BIG && !self.grown.contains(&table) {
            self.grown.push(table);
        }
    }
}
