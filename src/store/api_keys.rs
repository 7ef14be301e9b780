//! API keys: made, listed, revoked, and watched by every server, with the areas that are open for a time. What is made or revoked is noted in the audit
//! log by the database itself, whoever writes it.

use std::time::Duration;

use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::break_glass::open_glasses;
use super::{Store, StoreError};
use crate::model::{ApiKey, GridId, KeyHash, OpenGlass};

const COLUMNS: &str = "id, hash, label, roles, area, everywhere, created, expires, revoked";

const INSERT: &str = "
insert into gewu.api_key (id, hash, label, roles, area, everywhere, created, expires)
values ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Once revoked it stays so, with the first date.
const REVOKE: &str = "
update gewu.api_key set revoked = coalesce(revoked, clock_timestamp()) where id = $1";

/// The codes that grids have now; a grid that is retired is named by its identity.
const CODES: &str = "
select coalesce((select code from gewu.current_grid where grid_id = asked.id limit 1), asked.id::text)
from unnest($1::uuid[]) with ordinality as asked(id, place) order by place";

/// How long a look at the keys may take.
const PATIENCE: Duration = Duration::from_secs(2);

impl Store {
    /// Keeps a key.
    pub async fn create_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let areas: Vec<Uuid> = key.areas.iter().flatten().map(|grid| grid.0).collect();
        let insert = sqlx::query(INSERT).bind(key.id).bind(&key.hash.0[..]).bind(&key.name).bind(&key.roles);
        let insert = insert.bind(areas).bind(key.areas.is_none()).bind(key.created).bind(key.expires);
        insert.execute(&self.pool).await?;
        Ok(())
    }

    /// Every key that there ever was, the oldest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        read(&self.pool).await
    }

    /// Revokes a key for ever; false: there is none of this identity.
    pub async fn revoke_api_key(&self, id: Uuid) -> Result<bool, StoreError> {
        Ok(sqlx::query(REVOKE).bind(id).execute(&self.pool).await?.rows_affected() > 0)
    }

    /// The codes of grids, in their order.
    pub async fn codes(&self, grids: &[GridId]) -> Result<Vec<String>, StoreError> {
        let grids: Vec<Uuid> = grids.iter().map(|grid| grid.0).collect();
        Ok(sqlx::query_scalar(CODES).bind(grids).fetch_all(&self.pool).await?)
    }

    /// Watches the keys, on a connection of its own beside the pool, so that a busy pool keeps no revoked key alive.
    pub fn watch_api_keys(&self) -> KeyWatch {
        let options = (*self.pool.connect_options()).clone();
        let one = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
        KeyWatch { pool: one.connect_lazy_with(options), seen: None }
    }
}

/// Rights that change while a server runs.
#[derive(Debug)]
pub struct Rights {
    /// All API keys.
    pub keys: Vec<ApiKey>,
    /// The areas that are open for a time.
    pub glasses: Vec<OpenGlass>,
}

/// Sees when API keys change, and when an area is opened.
#[derive(Debug)]
pub struct KeyWatch {
    pool: PgPool,
    /// The state that was seen last.
    seen: Option<Uuid>,
}

impl KeyWatch {
    /// All of them, when they are not as they were seen last.
    pub async fn changed(&mut self) -> Result<Option<Rights>, StoreError> {
        let state: Uuid =
            sqlx::query_scalar("select version from gewu.api_key_state").fetch_one(&self.pool).await?;
        if self.seen == Some(state) {
            return Ok(None);
        }
        // Read after the state, so at least as new as it.
        let rights = Rights { keys: read(&self.pool).await?, glasses: open_glasses(&self.pool).await? };
        self.seen = Some(state);
        Ok(Some(rights))
    }
}

async fn read(pool: &PgPool) -> Result<Vec<ApiKey>, StoreError> {
    let select = format!("select {COLUMNS} from gewu.api_key order by created, id");
    sqlx::query(AssertSqlSafe(select)).fetch_all(pool).await?.iter().map(key).collect()
}

fn key(row: &PgRow) -> Result<ApiKey, StoreError> {
    let hash: Vec<u8> = row.try_get("hash")?;
    let hash = hash.try_into().map_err(|_| StoreError::stored("api_key", "a hash has not 32 bytes"))?;
    let areas: Vec<Uuid> = row.try_get("area")?;
    let everywhere: bool = row.try_get("everywhere")?;
    Ok(ApiKey {
        id: row.try_get("id")?,
        hash: KeyHash(hash),
        name: row.try_get("label")?,
        roles: row.try_get("roles")?,
        areas: (!everywhere).then(|| areas.into_iter().map(GridId).collect()),
        created: row.try_get("created")?,
        expires: row.try_get("expires")?,
        revoked: row.try_get("revoked")?,
    })
}
