//! The bell: it is worth looking at the feed now.

use std::sync::Arc;

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::store::{Backoff, Store, StoreError};

/// What the numbering of revisions notifies.
const CHANNEL: &str = "gewu_revision";

/// Rings when a revision was committed, when the connection was lost, and when it is back. It may miss any of these, so look without
/// it too: it makes following quicker, never right.
#[derive(Debug)]
pub struct Bell {
    rings: Arc<Notify>,
    listening: AbortHandle,
}

impl Bell {
    /// Waits for the next ring; one that came since the last call counts.
    pub async fn rung(&self) {
        self.rings.notified().await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Store {
    /// Hangs up a bell, on a connection of its own beside the pool. Call it in a tokio runtime.
    pub fn bell(&self) -> Bell {
        let rings = Arc::new(Notify::new());
        let (store, ringing) = (self.clone(), Arc::clone(&rings));
        let listening = tokio::spawn(async move {
            let mut backoff = Backoff::default();
            loop {
                // A lost connection is a ring that may have been missed, no more.
                if listen(&store, &ringing).await.is_ok() {
                    backoff.reset();
                }
                tokio::time::sleep(backoff.next_wait()).await;
            }
        });
        Bell { rings, listening: listening.abort_handle() }
    }
}

/// Listens until the connection is lost; an error when there was none.
async fn listen(store: &Store, rings: &Notify) -> Result<(), StoreError> {
    let options = (*store.pool.connect_options()).clone();
    let one = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let mut listener = PgListener::connect_with(&one.connect_lazy_with(options)).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    rings.notify_one();
    while let Ok(Some(_)) = listener.try_recv().await {
        while listener.next_buffered().is_some() {}
        rings.notify_one();
    }
    rings.notify_one();
    Ok(())
}
