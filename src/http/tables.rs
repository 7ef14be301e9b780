//! The tables that the catalogue registers, as they were last looked at.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::{AppState, Problem};
use crate::atlas::Envelope;
use crate::features::Source;
use crate::model::TableSource;
use crate::store::{Store, StoreError, Table, TableError};
use crate::tiles::Selection;

/// So long a look at a table is good for: a view may be replaced by another one at any time.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// What is known of each table, by the name of its layer or collection.
pub(super) struct Tables(HashMap<String, Mutex<Option<Looked>>>);

/// A table as it was found.
#[derive(Clone)]
pub(super) struct Looked {
    until: Instant,
    pub(super) table: Arc<Table>,
    extent: Arc<OnceCell<Option<Envelope>>>,
}

/// Of what a table is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'a> {
    /// A layer of tiles.
    Layer(&'a str),
    /// A collection of features.
    Collection(&'a str),
}

impl<'a> Of<'a> {
    fn name(self) -> &'a str {
        let (Self::Layer(name) | Self::Collection(name)) = self;
        name
    }

    /// How to ask for less.
    fn advice(self) -> &'static str {
        match self {
            Self::Layer(_) => "ask for a deeper zoom",
            Self::Collection(_) => {
                "ask for less: a smaller bbox, a filter on an indexed column, another order"
            }
        }
    }
}

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(name) => write!(f, "the layer {name:?}"),
            Self::Collection(name) => write!(f, "the collection {name:?}"),
        }
    }
}

/// A layer or collection whose table is not what the catalogue says.
#[derive(Debug, Error)]
#[error("{of} of the catalogue: {fault}")]
pub struct TableFault {
    /// The layer or collection.
    pub of: String,
    /// What is wrong.
    pub fault: TableError,
}

impl Tables {
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Self(names.map(|name| (name.to_owned(), Mutex::default())).collect())
    }

    /// The table of a name, looked at again when that was a while ago: once, however many wait for it.
    pub(super) async fn get(
        &self,
        store: &Store,
        name: &str,
        source: &TableSource,
    ) -> Result<Looked, TableError> {
        let Some(kept) = self.0.get(name) else {
            return look(store, source).await;
        };
        let mut kept = kept.lock().await;
        if let Some(looked) = kept.as_ref().filter(|looked| Instant::now() < looked.until) {
            return Ok(looked.clone());
        }
        *kept = None;
        let looked = look(store, source).await?;
        *kept = Some(looked.clone());
        Ok(looked)
    }

    /// The table of a name turned out to be another one.
    pub(super) async fn forget(&self, name: &str) {
        if let Some(kept) = self.0.get(name) {
            *kept.lock().await = None;
        }
    }
}

async fn look(store: &Store, source: &TableSource) -> Result<Looked, TableError> {
    let table = Arc::new(store.inspect_table(source).await?);
    Ok(Looked { until: Instant::now() + GOOD_FOR, table, extent: Arc::default() })
}

impl Looked {
    /// How far the table reaches, in degrees; `None`: that is not known.
    pub(super) async fn extent(&self, store: &Store) -> Result<Option<Envelope>, TableError> {
        let extent = self.extent.get_or_try_init(|| async {
            let extent = store.table_extent(&self.table).await?;
            Ok::<_, TableError>(
                extent.map(|[west, south, east, north]| Envelope { min: [west, south], max: [east, north] }),
            )
        });
        extent.await.copied()
    }
}

impl AppState {
    /// Looks at every table of the catalogue, once the database is there. The first that is not what the catalogue says is the fault; one
    /// that cannot be looked at now is looked at when it is asked for.
    pub async fn check_tables(&self) -> Result<(), TableFault> {
        for (tables, of, source) in self.registered() {
            match tables.get(self.store(), of.name(), source).await {
                Ok(looked) => tell(of, &looked.table),
                Err(fault) if is_of_catalogue(&fault) => {
                    return Err(TableFault { of: of.to_string(), fault });
                }
                Err(error) => tracing::warn!("{of}: its table was not looked at yet: {error}"),
            }
        }
        Ok(())
    }

    /// Every table of the catalogue, with what it is for and where it is kept.
    fn registered(&self) -> impl Iterator<Item = (&Tables, Of<'_>, &TableSource)> {
        let layers =
            self.tilesets().tables().map(|(layer, source)| (self.tables(), Of::Layer(layer), source));
        let collections = self.collections().iter().filter_map(|collection| match &collection.source {
            Source::Table { table, .. } => {
                Some((self.collection_tables(), Of::Collection(&collection.id), table))
            }
            Source::Grids => None,
        });
        layers.chain(collections)
    }

    /// From now on works in the database as the role of a server (`Store::act_as_server`).
    pub async fn act_as_server(&self, store: &Store) -> Result<(), StoreError> {
        store.act_as_server(self.registered().map(|(_, _, source)| &source.relation)).await
    }

    /// How far the tables of a selection reach; `None`: that is not known of all.
    pub(super) async fn table_bounds(&self, selection: &Selection<'_>) -> Option<Envelope> {
        let mut bounds: Option<Envelope> = None;
        for (layer, source) in selection.tables() {
            let looked = self.tables().get(self.store(), layer, source).await.ok()?;
            let extent = looked.extent(self.store()).await.ok()??;
            bounds = Some(bounds.map_or(extent, |bounds| bounds.union(&extent)));
        }
        bounds
    }
}

fn tell(of: Of, table: &Table) {
    for unindexed in table.unindexed() {
        tracing::warn!(
            "{of}: {unindexed} 没有空间索引，每次请求都会读完整张表 (no spatial index: each request reads the whole table; \
             create index on {unindexed} using gist (its geometry))"
        );
    }
}

/// Is this a mistake of the catalogue, which its author has to mend?
fn is_of_catalogue(error: &TableError) -> bool {
    matches!(error, TableError::Unfit { .. } | TableError::Personal { .. } | TableError::Changed { .. })
}

/// What a caller is told of a table that could not be read.
pub(super) fn problem(of: Of, error: TableError) -> Problem {
    use axum::http::StatusCode as Status;
    match error {
        TableError::Store(error) => error.into(),
        TableError::Busy => Problem::new(
            Status::SERVICE_UNAVAILABLE,
            "as many tables are being read as may be at once (pool_size); try again in a moment",
        ),
        TableError::TooSlow { relation, limit_ms } => {
            tracing::warn!(%relation, limit_ms, "{of} took too long");
            let advice = of.advice();
            let detail = format!(
                "{of} took longer than its limit of {limit_ms} ms (time_limit_ms of the catalogue); {advice}"
            );
            Problem::new(Status::GATEWAY_TIMEOUT, detail)
        }
        TableError::TooMany { relation, most } => {
            tracing::warn!(%relation, most, "{of} has too many features in a tile");
            let detail = format!(
                "{of} has more than {most} features in this tile (max_features of the catalogue), and none is left out silently; {}",
                of.advice()
            );
            Problem::new(Status::UNPROCESSABLE_ENTITY, detail)
        }
        fault => {
            tracing::error!("{of}: {fault}");
            let detail =
                format!("the table of {of} is not what the catalogue says, or is gone; the log says more");
            Problem::new(Status::SERVICE_UNAVAILABLE, detail)
        }
    }
}
