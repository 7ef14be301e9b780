//! The server follows the API keys of its database and the areas that commanders open, so that a key that is revoked opens nothing a moment later, and an
//! area that is opened is open, on every server.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::http::AppState;

/// How often it is looked whether the keys are still the same. A revoked key must be refused within a second, on every server.
const LOOK: Duration = Duration::from_millis(250);
/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Keeps the keys as the database has them, until it is dropped. Without the database, those that were known go on: what nobody can
/// tell cannot be followed.
pub(super) async fn follow_keys(state: AppState) {
    if state.gate().is_open() {
        return;
    }
    let mut watch = state.store().watch_api_keys();
    let mut away_since = None;
    loop {
        match timeout(PATIENCE, watch.changed()).await {
            Ok(Ok(changed)) => {
                if let Some(since) = away_since.take() {
                    let seconds = Instant::now().duration_since(since).as_secs();
                    tracing::info!(seconds, "the API keys are followed again");
                }
                if let Some(changed) = changed {
                    let (keys, areas) = (changed.keys.len(), changed.glasses.len());
                    tracing::info!(keys, areas, "the API keys and the areas that are opened were read");
                    if let Some(keys) = state.gate().keys() {
                        keys.replace(changed.keys);
                    }
                    state.gate().glasses().replace(changed.glasses);
                }
            }
            failed => {
                if away_since.is_none() {
                    away_since = Some(Instant::now());
                    let cause = failed.map_or_else(
                        |_| "no answer".to_owned(),
                        |read| match read {
                            Err(error) => error.to_string(),
                            Ok(_) => String::new(),
                        },
                    );
                    tracing::warn!(
                        "the API keys stay as they were, and revoking one has no effect until the database is back: {cause}"
                    );
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
