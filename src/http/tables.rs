//! The tables that the catalogue registers, as they were last looked at.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::{AppState, Problem};
use crate::atlas::Envelope;
use crate::model::TableSource;
use crate::store::{Store, Table, TableError};
use crate::tiles::{Selection, Tilesets};

/// So long a look at a table is good for: a view may be replaced by another one at any time.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// What is known of each table layer, by its name.
pub(super) struct Tables(HashMap<String, Mutex<Option<Looked>>>);

/// A table as it was found.
#[derive(Clone)]
pub(super) struct Looked {
    until: Instant,
    pub(super) table: Arc<Table>,
    extent: Arc<OnceCell<Option<Envelope>>>,
}

/// A layer whose table is not what the catalogue says.
#[derive(Debug, Error)]
#[error("the layer {layer:?} of the catalogue: {fault}")]
pub struct TableFault {
    /// The layer.
    pub layer: String,
    /// What is wrong.
    pub fault: TableError,
}

impl Tables {
    pub(super) fn new(tilesets: &Tilesets) -> Self {
        Self(tilesets.tables().map(|(layer, _)| (layer.to_owned(), Mutex::default())).collect())
    }

    /// The table of a layer, looked at again when that was a while ago: once, however many wait for it.
    pub(super) async fn get(
        &self,
        store: &Store,
        layer: &str,
        source: &TableSource,
    ) -> Result<Looked, TableError> {
        let Some(kept) = self.0.get(layer) else {
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

    /// The table of a layer turned out to be another one.
    pub(super) async fn forget(&self, layer: &str) {
        if let Some(kept) = self.0.get(layer) {
            *kept.lock().await = None;
        }
    }
}

async fn look(store: &Store, source: &TableSource) -> Result<Looked, TableError> {
    let table = Arc::new(store.inspect_table(source).await?);
    Ok(Looked { until: Instant::now() + GOOD_FOR, table, extent: Arc::default() })
}

impl AppState {
    /// Looks at every table of the catalogue, once the database is there. The first that is not what the catalogue says is the fault; one
    /// that cannot be looked at now is looked at when it is asked for.
    pub async fn check_tables(&self) -> Result<(), TableFault> {
        for (layer, source) in self.tilesets().tables() {
            match self.tables().get(self.store(), layer, source).await {
                Ok(looked) => tell(layer, &looked.table),
                Err(fault) if is_of_catalogue(&fault) => {
                    return Err(TableFault { layer: layer.to_owned(), fault });
                }
                Err(error) => tracing::warn!(layer, "its table was not looked at yet: {error}"),
            }
        }
        Ok(())
    }

    /// How far the tables of a selection reach; `None`: that is not known of all.
    pub(super) async fn table_bounds(&self, selection: &Selection<'_>) -> Option<Envelope> {
        let mut bounds: Option<Envelope> = None;
        for (layer, source) in selection.tables() {
            let looked = self.tables().get(self.store(), layer, source).await.ok()?;
            let extent =
                looked.extent.get_or_try_init(|| async {
                    let extent = self.store().table_extent(&looked.table).await?;
                    Ok::<_, TableError>(extent.map(|[west, south, east, north]| Envelope {
                        min: [west, south],
                        max: [east, north],
                    }))
                });
            let extent = (*extent.await.ok()?)?;
            bounds = Some(bounds.map_or(extent, |bounds| bounds.union(&extent)));
        }
        bounds
    }
}

fn tell(layer: &str, table: &Table) {
    for unindexed in table.unindexed() {
        tracing::warn!(
            layer,
            "{unindexed} 没有空间索引，每块瓦片都会读完整张表 (no spatial index: each tile reads the whole table; \
             create index on {unindexed} using gist (its geometry))"
        );
    }
}

/// Is this a mistake of the catalogue, which its author has to mend?
fn is_of_catalogue(error: &TableError) -> bool {
    matches!(error, TableError::Unfit { .. } | TableError::Personal { .. } | TableError::Changed { .. })
}

/// What a caller is told of a table that could not be read.
pub(super) fn problem(layer: &str, error: TableError) -> Problem {
    use axum::http::StatusCode as Status;
    match error {
        TableError::Store(error) => error.into(),
        TableError::Busy => Problem::new(
            Status::SERVICE_UNAVAILABLE,
            "as many tables are being read as may be at once (pool_size); try again in a moment",
        ),
        TableError::TooSlow { relation, limit_ms } => {
            tracing::warn!(layer, %relation, limit_ms, "a tile took too long");
            let detail = format!(
                "the layer {layer} took longer than its limit of {limit_ms} ms (time_limit_ms of the catalogue); ask for a deeper zoom"
            );
            Problem::new(Status::GATEWAY_TIMEOUT, detail)
        }
        TableError::TooMany { relation, most } => {
            tracing::warn!(layer, %relation, most, "a tile has too many features");
            let detail = format!(
                "the layer {layer} has more than {most} features in this tile (max_features of the catalogue), and none is left out \
                 silently; ask for a deeper zoom"
            );
            Problem::new(Status::UNPROCESSABLE_ENTITY, detail)
        }
        fault => {
            tracing::error!(layer, "{fault}");
            let detail = format!(
                "the table of the layer {layer} is not what the catalogue says, or is gone; the log says more"
            );
            Problem::new(Status::SERVICE_UNAVAILABLE, detail)
        }
    }
}
