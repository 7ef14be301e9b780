//! A transaction in which a registered table is read: it cannot write, it ends by its time limit, and it is cancelled in PostgreSQL
//! when nobody waits for it any more.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Postgres, Row, Transaction};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::TableError;
use crate::model::TableSource;
use crate::store::{PoolLimits, Store, StoreError};

/// Connections that tables leave to everything else, as far as there are any.
const LEFT_TO_OTHERS: u32 = 2;
/// How long a cancelled query may take to end; after that its connection is given up.
const END: Duration = Duration::from_secs(5);
/// How long it is waited for before it is cancelled again.
const AGAIN: Duration = Duration::from_millis(250);

/// How many tables may be read at once, and how long one more waits for its turn.
#[derive(Debug, Clone)]
pub(in crate::store) struct TableSlots {
    slots: Arc<Semaphore>,
    patience: Duration,
}

impl TableSlots {
    pub(in crate::store) fn new(limits: PoolLimits) -> Self {
        let slots = limits.connections.saturating_sub(LEFT_TO_OTHERS).max(1);
        Self { slots: Arc::new(Semaphore::new(slots as usize)), patience: limits.acquire_timeout }
    }

    async fn take(&self) -> Result<OwnedSemaphorePermit, TableError> {
        let slot = timeout(self.patience, Arc::clone(&self.slots).acquire_owned()).await;
        slot.map_err(|_| TableError::Busy)?.map_err(|_| TableError::Busy)
    }
}

/// A statement with its parameters.
type Asked<'q> = Query<'q, Postgres, PgArguments>;

/// A transaction on a table.
pub(super) struct Reading<'a> {
    source: &'a TableSource,
    open: Option<Open>,
}

/// What must stay together until PostgreSQL is done: a connection that is still at work cannot be given to anybody else.
struct Open {
    transaction: Transaction<'static, Postgres>,
    /// Does a statement run?
    is_busy: bool,
    backend: i32,
    options: Arc<PgConnectOptions>,
    _slot: OwnedSemaphorePermit,
}

impl<'a> Reading<'a> {
    /// Begins, when it is its turn. `limit`: how long one statement may take.
    pub(super) async fn begin(
        store: &Store,
        source: &'a TableSource,
        limit: Duration,
    ) -> Result<Self, TableError> {
        let slot = store.tables.take().await?;
        let mut transaction = store.pool.begin_with("begin read only").await.map_err(StoreError::from)?;
        // Plans are made for the place that is asked for: one for any place would often read the whole table.
        let settings = format!(
            "set local statement_timeout = {}; set local jit = off; set local plan_cache_mode = force_custom_plan; \
             select pg_backend_pid()",
            limit.as_millis()
        );
        let backend = sqlx::raw_sql(AssertSqlSafe(settings)).fetch_one(&mut *transaction).await;
        let backend = backend.and_then(|row| row.try_get(0)).map_err(StoreError::from)?;
        let options = store.pool.connect_options();
        let open = Open { transaction, is_busy: false, backend, options, _slot: slot };
        Ok(Self { source, open: Some(open) })
    }

    /// The one row of a statement.
    pub(super) async fn row(&mut self, query: Asked<'_>) -> Result<PgRow, TableError> {
        let mut rows = self.rows(query).await?;
        rows.pop().ok_or_else(|| StoreError::from(sqlx::Error::RowNotFound).into())
    }

    /// The rows of a statement.
    pub(super) async fn rows(&mut self, query: Asked<'_>) -> Result<Vec<PgRow>, TableError> {
        let outcome = match self.begun() {
            Some(open) => query.fetch_all(&mut *open.transaction).await,
            None => Err(sqlx::Error::PoolClosed),
        };
        self.ended(outcome)
    }

    /// The row of a statement that may fail without ending the transaction; `None` when it fails for what the data are.
    pub(super) async fn try_row(&mut self, query: Asked<'_>) -> Result<Option<PgRow>, TableError> {
        let outcome = match self.begun() {
            Some(open) => within_savepoint(&mut open.transaction, query).await,
            None => Err(sqlx::Error::PoolClosed),
        };
        self.ended(outcome)
    }

    /// There is one until [`Reading::finish`].
    fn begun(&mut self) -> Option<&mut Open> {
        let open = self.open.as_mut()?;
        open.is_busy = true;
        Some(open)
    }

    fn ended<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, TableError> {
        if let Some(open) = &mut self.open {
            open.is_busy = false;
        }
        outcome.map_err(|error| TableError::of(self.source, error))
    }

    /// Ends it in good order.
    pub(super) async fn finish(mut self) -> Result<(), TableError> {
        match self.open.take() {
            Some(open) => Ok(open.transaction.commit().await.map_err(StoreError::from)?),
            None => Ok(()),
        }
    }
}

async fn within_savepoint(
    connection: &mut PgConnection,
    query: Asked<'_>,
) -> Result<Option<PgRow>, sqlx::Error> {
    let mut point = connection.begin().await?;
    match query.fetch_one(&mut *point).await {
        Ok(row) => point.commit().await.map(|()| Some(row)),
        Err(error) if is_of_data(&error) => point.rollback().await.map(|()| None),
        Err(error) => Err(error),
    }
}

/// PostGIS refuses what it cannot work out: classes XX (internal) and 22 (data).
fn is_of_data(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.starts_with("XX") || code.starts_with("22"))
}

impl Drop for Reading<'_> {
    /// Whoever asked is gone, or an error came: the first leaves a statement running, which is cancelled.
    fn drop(&mut self) {
        let Some(open) = self.open.take().filter(|open| open.is_busy) else { return };
        // Without a runtime the process is about to end, and its connections with it.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(open.cancel());
        }
    }
}

impl Open {
    /// Cancels what runs, and waits for its end: only then the connection and the slot are free again.
    async fn cancel(mut self) {
        let ended = async {
            if let Err(error) = self.end_statement().await {
                tracing::debug!("a query that nobody waits for ends by its time limit: {error}");
            }
            self.transaction.rollback().await
        };
        if timeout(END, ended).await.is_err() {
            tracing::warn!("a cancelled query does not end; its connection is given up");
        }
    }

    /// Tells PostgreSQL to end what runs, again and again: a statement that is only on its way to it does not hear the first time.
    async fn end_statement(&mut self) -> Result<(), sqlx::Error> {
        // Whoever logged in may cancel what a role of theirs does; the role itself may not.
        let mut other = (*self.options).clone().options([("role", "none")]).connect().await?;
        loop {
            sqlx::query("select pg_cancel_backend($1)").bind(self.backend).execute(&mut other).await?;
            // It answers when the statement has ended. The connection stays here meanwhile, so that nobody else's is cancelled.
            if timeout(AGAIN, self.transaction.ping()).await.is_ok() {
                return other.close().await;
            }
        }
    }
}
