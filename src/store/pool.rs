//! The bounded pool of connections, and the schema brought up to date.

use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgConnection};

use super::StoreError;
use super::table::{TableSlots, quoted};
use crate::model::Relation;
use crate::seal::Sealer;

/// Where PostGIS may live. Never the schema of the role's own name: for the role `gewu` that is the schema of the data, and
/// the list of migrations would be looked for in another place before and after the first one.
const SEARCH_PATH: &str = "public,extensions,postgis";

/// The role that a server works as (`migrations/0014_server_role.sql`).
const SERVER_ROLE: &str = "gewu_server";

/// Each file of the schema.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How much of the database one process may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLimits {
    /// The most connections at once.
    pub connections: u32,
    /// How long a caller waits for a free connection before the database counts as unavailable.
    pub acquire_timeout: Duration,
    /// How long one statement may run; imports and migrations are exempt.
    pub statement_timeout: Duration,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self {
            connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// Was every migration made as it is written, and no other? No answer is a no.
async fn is_up_to_date(connection: &mut PgConnection) -> bool {
    let made = "select version, checksum, success from _sqlx_migrations order by version";
    let made: Result<Vec<(i64, Vec<u8>, bool)>, _> = sqlx::query_as(made).fetch_all(connection).await;
    let made = made.unwrap_or_default();
    let as_written = MIGRATIONS.iter().map(|one| (one.version, &*one.checksum, true));
    made.iter().map(|(version, sum, done)| (*version, &**sum, *done)).eq(as_written)
}

fn bounded(limits: PoolLimits) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(limits.connections.max(1)).acquire_timeout(limits.acquire_timeout)
}

/// The database, through a bounded pool. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) pool: PgPool,
    pub(super) tables: TableSlots,
    pub(super) sealer: Sealer,
}

impl Store {
    /// Connects; an answer is awaited, so that a wrong address is known at once.
    pub async fn connect(options: PgConnectOptions, limits: PoolLimits) -> Result<Self, StoreError> {
        let statement_timeout = limits.statement_timeout.as_millis().to_string();
        let options = options.application_name("gewu").options([
            ("statement_timeout", statement_timeout.as_str()),
            ("timezone", "UTC"),
            ("search_path", SEARCH_PATH),
        ]);
        let pool = bounded(limits).connect_with(options).await?;
        Ok(Self { pool, tables: TableSlots::new(limits), sealer: Sealer::default() })
    }

    /// A store whose database is not there yet: every call finds it unavailable until [`Store::join`]. Call it in a tokio runtime.
    pub fn unconnected(limits: PoolLimits) -> Self {
        let nowhere = PgConnectOptions::new_without_pgpass().socket("/dev/null/gewu").database("none");
        let pool = bounded(limits).connect_lazy_with(nowhere);
        Self { pool, tables: TableSlots::new(limits), sealer: Sealer::default() }
    }

    /// The same, which seals names and phones that it writes, and opens those that it reads.
    pub fn with_sealer(self, sealer: Sealer) -> Self {
        Self { sealer, ..self }
    }

    /// What it seals and opens with.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// From now on, connects to where another store does.
    pub fn join(&self, other: &Self) {
        self.pool.set_connect_options((*other.pool.connect_options()).clone());
    }

    /// [`Store::connect`] to a `postgres://user:password@host:port/database` address.
    pub async fn connect_url(url: &str, limits: PoolLimits) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url).map_err(StoreError::Url)?;
        Self::connect(options, limits).await
    }

    /// Where a `postgres://` address leads: host, port and database; no name, no password.
    pub fn address(url: &str) -> Result<String, StoreError> {
        let options = PgConnectOptions::from_str(url).map_err(StoreError::Url)?;
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => options.get_host().to_owned(),
        };
        Ok(format!("{host}:{}/{}", options.get_port(), options.get_database().unwrap_or_default()))
    }

    /// Brings the schema up to date; asks one question when it is. Safe when several processes do it at once: each
    /// waits for the one before.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        if is_up_to_date(&mut connection).await {
            return Ok(());
        }
        let available: bool =
            sqlx::query_scalar("select exists (select from pg_available_extensions where name = 'postgis')")
                .fetch_one(&mut *connection)
                .await?;
        if !available {
            let version: String =
                sqlx::query_scalar("show server_version").fetch_one(&mut *connection).await?;
            return Err(StoreError::NoPostgis(format!("server version {version}")));
        }
        sqlx::query("set statement_timeout = 0").execute(&mut *connection).await?;
        MIGRATIONS.run(&mut *connection).await?;
        // The connection goes back to a pool whose statements are bounded.
        sqlx::query("reset statement_timeout").execute(&mut *connection).await?;
        Ok(())
    }

    /// From now on works as the role of a server, which owns nothing and is no superuser, and for which there are no residents but in a
    /// transaction that names the grids. Tables of the deployment's own are opened to it, where whoever logged in may do that.
    pub async fn act_as_server(&self, tables: impl Iterator<Item = &Relation>) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let may: bool = sqlx::query_scalar(
            "select coalesce((select pg_has_role(oid, 'member') from pg_roles where rolname = $1), false)",
        )
        .bind(SERVER_ROLE)
        .fetch_one(&mut *connection)
        .await?;
        if !may {
            let login = sqlx::query_scalar("select session_user::text").fetch_one(&mut *connection).await?;
            return Err(StoreError::NoServerRole { role: SERVER_ROLE, login });
        }
        for table in tables {
            // Whoever may not grant it has had it granted, or is told when the table is looked at.
            let (schema, name) = (quoted(&table.schema), quoted(&table.name));
            for grant in [format!("usage on schema {schema}"), format!("select on {schema}.{name}")] {
                let grant = format!("grant {grant} to {SERVER_ROLE}");
                if let Err(error) = sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut *connection).await {
                    tracing::debug!("{table} is not opened to {SERVER_ROLE}: {error}");
                }
            }
        }
        connection.close().await?;
        let options = (*self.pool.connect_options()).clone();
        self.pool.set_connect_options(options.options([("role", SERVER_ROLE)]));
        // Those that are open still have the rights of whoever logged in.
        while let Some(former) = self.pool.try_acquire() {
            former.close().await?;
        }
        Ok(())
    }

    /// Does the database answer?
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.pool).await?;
        Ok(())
    }

    /// The connections that are open, and how many of them are idle.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Ends all connections; calls after this find the database unavailable.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
