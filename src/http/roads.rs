//! The road networks that the catalogue registers, made when they are first asked for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::params::cut;
use super::{AppState, Problem, tables};
use crate::query::RoadNetwork;
use crate::store::TableError;

/// The layer whose lines are roads, when none is named.
pub(super) const LAYER: &str = "roads";
/// So long a network is good for: nobody tells when its table changes.
const GOOD_FOR: Duration = Duration::from_secs(600);

/// Networks by layer.
#[derive(Default)]
pub(super) struct Roads(Mutex<HashMap<String, (Instant, Arc<RoadNetwork>)>>);

impl AppState {
    /// The network of a table layer of the catalogue: made once, however many wait for it.
    pub(super) async fn road_network(&self, layer: &str) -> Result<Arc<RoadNetwork>, Problem> {
        let Some((layer, source)) = self.tilesets().tables().find(|(name, _)| *name == layer) else {
            return Err(missing(layer, self.tilesets().tables().map(|(name, _)| name)));
        };
        let mut kept = self.roads().0.lock().await;
        if let Some((until, network)) = kept.get(layer)
            && Instant::now() < *until
        {
            return Ok(Arc::clone(network));
        }
        let looked = self.tables().get(self.store(), layer, source).await;
        let looked = looked.map_err(|error| problem(layer, error))?;
        let lines = self.store().table_lines(&looked.table).await.map_err(|error| problem(layer, error))?;
        let made = tokio::task::spawn_blocking(move || Arc::new(RoadNetwork::new(&lines))).await;
        let network = made.map_err(|error| Problem::internal(&error))?;
        if network.is_empty() {
            let detail = format!(
                "the layer {layer} holds no road of a kilometre and more; is it the one of the roads?"
            );
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
        }
        tracing::info!(layer, ways = network.len(), "a road network was made");
        kept.insert(layer.to_owned(), (Instant::now() + GOOD_FOR, Arc::clone(&network)));
        Ok(network)
    }
}

fn missing<'a>(layer: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let known: Vec<&str> = known.collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let detail = format!(
        "the catalogue registers no table layer {:?}, so there are no roads to go by: ask for mode=straight, or register a table of lines \
         under this name (--catalogue), or name the layer by roads=; table layers are: {known}",
        cut(layer)
    );
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

fn problem(layer: &str, error: TableError) -> Problem {
    match error {
        TableError::TooSlow { limit_ms, .. } => Problem::new(
            StatusCode::GATEWAY_TIMEOUT,
            format!("the lines of the layer {layer} took longer than {limit_ms} ms to read"),
        ),
        TableError::TooMany { most, .. } => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("the layer {layer} has more than {most} lines, too many for a network"),
        ),
        TableError::Unfit { what, .. } => {
            let detail = format!("the layer {layer} makes no network: {what}");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
        }
        other => tables::problem(tables::Of::Layer(layer), other),
    }
}
