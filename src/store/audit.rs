//! The audit log: added to, read by pages, and read as a whole.

use futures::TryStreamExt;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::{Store, StoreError};
use crate::model::{AuditEntry, AuditEvent, AuditQuery};

const COLUMNS: &str = "id, at, subject, roles, purpose, action, entity, entity_ids, rows, area, origin, hash";

const APPEND: &str = "select gewu.audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Without this there is no row to read, see `migrations/0013_audit.sql`.
pub(super) const AS_AUDITOR: &str = "set local gewu.auditor = 'on'";

impl Store {
    /// Adds to the log: all of these, one behind the other, or none. The number of the last one.
    pub async fn append_audit(&self, events: &[AuditEvent]) -> Result<i64, StoreError> {
        let mut tx = self.pool.begin().await?;
        let mut last = 0;
        for event in events {
            last = append(&mut tx, event).await?;
        }
        tx.commit().await?;
        Ok(last)
    }

    /// Notes that the command line did something, by whoever logged in to the database.
    pub async fn append_audit_of_login(
        &self,
        action: &str,
        entity: &str,
        rows: u64,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        append_of_login(&mut connection, action, entity, rows).await
    }

    /// Entries of the log, the oldest first. For an auditor: the log must know that it is read.
    pub async fn audit_page(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let select = format!(
            "select {COLUMNS} from gewu.audit where id > $1 and ($2::text is null or subject = $2) \
             and ($3::text is null or entity = $3) order by id limit $4"
        );
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql(AS_AUDITOR).execute(&mut *tx).await?;
        let rows = sqlx::query(AssertSqlSafe(select))
            .bind(query.after)
            .bind(&query.subject)
            .bind(&query.entity)
            .bind(i64::try_from(query.limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        rows.iter().map(entry).collect()
    }

    /// Gives every entry of the log, as it was at one instant, in the order of the numbers, until `each` has seen enough. Holds one at a time.
    pub async fn read_audit<E>(
        &self,
        mut each: impl FnMut(AuditEntry) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreError> {
        let select = format!("select {COLUMNS} from gewu.audit order by id");
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql(AS_AUDITOR).execute(&mut *tx).await?;
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *tx).await?;
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            if let Err(enough) = each(entry(&row)?) {
                return Ok(Err(enough));
            }
        }
        Ok(Ok(()))
    }
}

/// Adds to the log in a transaction, as the last thing in it: others wait from now on.
pub(super) async fn append(connection: &mut PgConnection, event: &AuditEvent) -> Result<i64, StoreError> {
    let append = sqlx::query_scalar(APPEND)
        .bind(&event.subject)
        .bind(&event.roles)
        .bind(&event.purpose)
        .bind(&*event.action)
        .bind(&*event.entity)
        .bind(&event.ids)
        .bind(event.rows)
        .bind(&event.area)
        .bind(&event.origin);
    Ok(append.fetch_one(connection).await?)
}

/// [`append`] for whoever logged in to the database.
pub(super) async fn append_of_login(
    connection: &mut PgConnection,
    action: &str,
    entity: &str,
    rows: u64,
) -> Result<(), StoreError> {
    sqlx::query("select gewu.audit_login($1, $2, '{}', $3, null)")
        .bind(action)
        .bind(entity)
        .bind(i64::try_from(rows).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    Ok(())
}

fn entry(row: &PgRow) -> Result<AuditEntry, StoreError> {
    let hash: Vec<u8> = row.try_get("hash")?;
    let (action, entity): (String, String) = (row.try_get("action")?, row.try_get("entity")?);
    let area: Option<Vec<Uuid>> = row.try_get("area")?;
    Ok(AuditEntry {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        event: AuditEvent {
            subject: row.try_get("subject")?,
            roles: row.try_get("roles")?,
            purpose: row.try_get("purpose")?,
            action: action.into(),
            entity: entity.into(),
            ids: row.try_get("entity_ids")?,
            rows: row.try_get("rows")?,
            area,
            origin: row.try_get("origin")?,
        },
        hash: hash.try_into().map_err(|_| StoreError::stored("audit", "a hash has not 32 bytes"))?,
    })
}
