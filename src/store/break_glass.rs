//! Break-glass: areas opened for a time, closed before it, and the notices of them that auditors read.

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{AssertSqlSafe, Row};

use super::{Store, StoreError};
use crate::model::{AuditEvent, GlassEnd, GlassNotice, GlassesToEnd, GridId, OpenGlass};

const COLUMNS: &str = "id, subject, area, granted, until";

impl Store {
    /// Opens an area to the subject of an event for a time, and notes the event, in one transaction. The database says when.
    pub async fn break_glass(
        &self,
        area: GridId,
        reason: &str,
        minutes: u32,
        event: &AuditEvent,
    ) -> Result<OpenGlass, StoreError> {
        let open = format!("select {COLUMNS} from gewu.break_glass($1, $2, $3, $4, $5, $6, $7, $8)");
        let row = sqlx::query(AssertSqlSafe(open))
            .bind(uuid::Uuid::now_v7())
            .bind(&event.subject)
            .bind(&event.roles)
            .bind(&event.purpose)
            .bind(area.0)
            .bind(reason)
            .bind(i32::try_from(minutes).unwrap_or(i32::MAX))
            .bind(&event.origin)
            .fetch_one(&self.pool)
            .await?;
        glass(&row)
    }

    /// Closes what is open before its time, by the subject of an event, and notes each, in one transaction: what was closed, the first that was opened
    /// first.
    pub async fn end_break_glass(
        &self,
        which: GlassesToEnd,
        event: &AuditEvent,
    ) -> Result<Vec<OpenGlass>, StoreError> {
        let (one, opened_by) = match which {
            GlassesToEnd::Own => (None, Some(&event.subject)),
            GlassesToEnd::OwnOne(id) => (Some(id), Some(&event.subject)),
            GlassesToEnd::One(id) => (Some(id), None),
        };
        let end = format!("select {COLUMNS} from gewu.end_break_glass($1, $2, $3, $4, $5, $6)");
        let ended = sqlx::query(AssertSqlSafe(end))
            .bind(one)
            .bind(opened_by)
            .bind(&event.subject)
            .bind(&event.roles)
            .bind(&event.purpose)
            .bind(&event.origin)
            .fetch_all(&self.pool)
            .await?;
        ended.iter().map(glass).collect()
    }

    /// What was opened in the last `days`, the latest first, `limit` at most. For an auditor.
    pub async fn glass_notices(&self, days: i32, limit: i64) -> Result<Vec<GlassNotice>, StoreError> {
        let select = format!(
            "select {COLUMNS}, reason, ended, ended_by \
             from gewu.break_glass left join (select id, at as ended, subject as ended_by from gewu.break_glass_end) as sooner using (id) \
             where until > now() - make_interval(days => $1) order by granted desc, id limit $2"
        );
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql(super::audit::AS_AUDITOR).execute(&mut *tx).await?;
        let rows = sqlx::query(AssertSqlSafe(select)).bind(days).bind(limit).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        rows.iter().map(notice).collect()
    }
}

/// All that is open now.
pub(super) async fn open_glasses(pool: &PgPool) -> Result<Vec<OpenGlass>, StoreError> {
    let select = format!("select {COLUMNS} from gewu.open_glass order by granted, id");
    sqlx::query(AssertSqlSafe(select)).fetch_all(pool).await?.iter().map(glass).collect()
}

fn notice(row: &PgRow) -> Result<GlassNotice, StoreError> {
    let ended: (Option<DateTime<Utc>>, Option<String>) = (row.try_get("ended")?, row.try_get("ended_by")?);
    Ok(GlassNotice {
        glass: glass(row)?,
        reason: row.try_get("reason")?,
        ended: ended.0.zip(ended.1).map(|(at, subject)| GlassEnd { at, subject }),
    })
}

fn glass(row: &PgRow) -> Result<OpenGlass, StoreError> {
    Ok(OpenGlass {
        id: row.try_get("id")?,
        subject: row.try_get("subject")?,
        area: GridId(row.try_get("area")?),
        granted: row.try_get("granted")?,
        until: row.try_get("until")?,
    })
}
