//! One person: all that is held of them, and taken away for good. Residents and those who serve.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use crate::seal::{Field, Sealer};
use crate::store::audit::AS_AUDITOR;
use crate::store::import::{REVISION_LOCK, SealedWorker};
use crate::store::{Store, StoreError};

/// Everything of a resident but what is sealed, which stands beside it.
const RESIDENT: &str = "select p.name, p.phone, p.address, p.household, jsonb_build_object('id', p.id, 'kind', 'resident', 'county', p.county, \
     'source', p.source, 'source_id', p.source_id, 'tags', to_jsonb(p.tags), 'invented', p.invented, \
     'longitude', st_x(p.geom), 'latitude', st_y(p.geom), 'grid', (select g.code from gewu.current_grid g where g.county = p.county and g.grid_id = p.leaf_id)) \
     from gewu.person p where p.id = $1";
const WORKER: &str = "select w.name, w.phone, null::text, null::text, jsonb_build_object('id', w.id, 'kind', 'worker', 'source', w.source, \
     'source_id', w.source_id, 'organisation', w.organisation, 'role', w.role, 'invented', w.invented, \
     'assignments', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'grid', (select v.code from gewu.grid_version v \
       where v.county = a.county and v.grid_id = a.grid_id order by v.valid desc limit 1), 'role', a.role, 'rank', a.rank, 'from', lower(a.valid), 'until', upper(a.valid)) \
       order by a.valid), '[]') from gewu.assignment a where a.worker_id = w.id), \
     'absences', (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'from', lower(a.valid), 'until', upper(a.valid), 'substitute', a.substitute_id, \
       'as_substitute', a.worker_id <> w.id) order by a.valid), '[]') from gewu.absence a where w.id in (a.worker_id, a.substitute_id))) \
     from gewu.worker w where w.id = $1";
const CHANGES: &str = "select coalesce(jsonb_agg(jsonb_build_object('revision', r.number, 'at', r.at, 'kind', r.kind, 'title', r.title, 'what', c.action) order by c.revision_id, c.seq), '[]') \
     from gewu.change c join gewu.revision r on r.id = c.revision_id where c.entity = $2 and c.entity_id = $1";
const READINGS: &str = "select coalesce(jsonb_agg(jsonb_build_object('number', a.id, 'at', a.at, 'who', a.subject, 'roles', to_jsonb(a.roles), 'purpose', a.purpose, \
     'action', a.action, 'from', a.origin) order by a.id), '[]') from gewu.audit a where a.entity_ids @> array[$1::uuid] and a.entity = $2";

/// What came of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erased {
    /// A resident is gone. Where the next import could bring them back from.
    Resident {
        /// The system that owns the row.
        source: String,
        /// Its identity there.
        source_id: String,
    },
    /// The name, phone, organisation and reference of somebody who served are gone; who answered for which grid when stays, without a name.
    Worker,
    /// Somebody who still serves in this many grids: nothing was done.
    Serving(u64),
    /// Nobody has this identity.
    Nobody,
}

impl Store {
    /// All that is held of one person: the row, when it changed, and who read it. The reading is in the audit log. `None`: nobody has this identity.
    pub async fn export_person(&self, id: Uuid) -> Result<Option<Value>, StoreError> {
        let mut tx = self.pool.begin().await?;
        for setting in [AS_AUDITOR, "set local gewu.areas = '*'", "set local statement_timeout = 0"] {
            sqlx::raw_sql(setting).execute(&mut *tx).await?;
        }
        let (mut person, changed, audited) = match self.resident(&mut tx, id).await? {
            Some(resident) => (resident, "person", "people"),
            None => match self.worker(&mut tx, id).await? {
                Some(worker) => (worker, "worker", "workers"),
                None => return Ok(None),
            },
        };
        for (name, ask, entity) in [("changes", CHANGES, changed), ("audit", READINGS, audited)] {
            person[name] = sqlx::query_scalar(ask).bind(id).bind(entity).fetch_one(&mut *tx).await?;
        }
        note(&mut tx, "export", audited, id).await?;
        tx.commit().await?;
        Ok(Some(person))
    }

    async fn resident(&self, connection: &mut PgConnection, id: Uuid) -> Result<Option<Value>, StoreError> {
        let fields = [Field::PersonName, Field::PersonPhone, Field::PersonAddress, Field::PersonHousehold];
        read(connection, &self.sealer, RESIDENT, id, &fields).await
    }

    async fn worker(&self, connection: &mut PgConnection, id: Uuid) -> Result<Option<Value>, StoreError> {
        read(connection, &self.sealer, WORKER, id, &[Field::WorkerName, Field::WorkerPhone]).await
    }

    /// Takes a person away, in one transaction: the row, what the feed told of it before, and the fact itself into the audit log and the list of who was erased, both
    /// by an identity that means nothing any more. The feed tells every server.
    pub async fn erase_person(&self, id: Uuid) -> Result<Erased, StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::raw_sql(
            "set local statement_timeout = 0; set local gewu.leaves = 'given'; set local gewu.areas = '*'",
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(REVISION_LOCK).execute(&mut *tx).await?;
        let (erased, entity) = match erase_resident(&mut tx, id).await? {
            Erased::Nobody => (self.erase_worker(&mut tx, id).await?, "workers"),
            resident => (resident, "people"),
        };
        if !matches!(erased, Erased::Resident { .. } | Erased::Worker) {
            return Ok(erased);
        }
        sqlx::query("insert into gewu.erased (id) values ($1) on conflict do nothing")
            .bind(id)
            .execute(&mut *tx)
            .await?;
        note(&mut tx, "erase", entity, id).await?;
        tx.commit().await?;
        Ok(erased)
    }

    async fn erase_worker(&self, connection: &mut PgConnection, id: Uuid) -> Result<Erased, StoreError> {
        let ask = "select (select count(*) from gewu.assignment a where a.worker_id = w.id and (upper_inf(a.valid) or upper(a.valid) > now())) \
                   from gewu.worker w where w.id = $1 for update";
        let serving: Option<i64> = sqlx::query_scalar(ask).bind(id).fetch_optional(&mut *connection).await?;
        match serving {
            None => return Ok(Erased::Nobody),
            Some(0) => {}
            Some(grids) => return Ok(Erased::Serving(u64::try_from(grids).unwrap_or(0))),
        }
        let nameless = SealedWorker::of(&self.sealer, id, NAMELESS, None)?;
        sqlx::query(
            "update gewu.worker set name = $2, phone = null, masked_name = $3, masked_phone = null, organisation = null, source = 'erased', source_id = id::text \
             where id = $1",
        )
        .bind(id)
        .bind(nameless.name)
        .bind(nameless.masked_name)
        .execute(connection)
        .await?;
        Ok(Erased::Worker)
    }

    /// Gives back to the disk what was erased: until then it lies, sealed, in pages that are free to be written over.
    pub async fn vacuum_people(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        sqlx::raw_sql("set statement_timeout = 0").execute(&mut *connection).await?;
        for table in ["gewu.person", "gewu.worker", "gewu.change"] {
            sqlx::raw_sql(AssertSqlSafe(format!("vacuum {table}"))).execute(&mut *connection).await?;
        }
        connection.close().await?;
        Ok(())
    }

    /// Who was erased, the first ones first, and when (RFC 3339).
    pub async fn erased(&self) -> Result<Vec<(Uuid, chrono::DateTime<chrono::Utc>)>, StoreError> {
        let rows =
            sqlx::query("select id, at from gewu.erased order by at, id").fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}

/// In the place of a name that was erased.
const NAMELESS: &str = "已删除";

async fn read(
    connection: &mut PgConnection,
    sealer: &Sealer,
    ask: &'static str,
    id: Uuid,
    fields: &[Field],
) -> Result<Option<Value>, StoreError> {
    let Some(row) = sqlx::query(ask).bind(id).fetch_optional(connection).await? else { return Ok(None) };
    let mut person: Value = row.try_get(4)?;
    for (place, field) in fields.iter().enumerate() {
        let text = sealer.open_optional(*field, id, row.try_get(place)?)?;
        let column = field.label().split_once('.').map_or("", |(_, column)| column);
        person[column] = json!(text);
    }
    Ok(Some(person))
}

async fn erase_resident(connection: &mut PgConnection, id: Uuid) -> Result<Erased, StoreError> {
    let gone = sqlx::query("delete from gewu.person where id = $1 returning source, source_id")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(gone) = gone else { return Ok(Erased::Nobody) };
    // That the row went is what servers have to learn; what else was told of it is not needed any more.
    sqlx::query("delete from gewu.change where entity = 'person' and entity_id = $1 and action <> 'delete'")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(Erased::Resident { source: gone.try_get(0)?, source_id: gone.try_get(1)? })
}

async fn note(connection: &mut PgConnection, action: &str, entity: &str, id: Uuid) -> Result<(), StoreError> {
    sqlx::query("select gewu.audit_login($1, $2, array[$3::uuid], 1, null)")
        .bind(action)
        .bind(entity)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}
