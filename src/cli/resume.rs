//! A start with a saved atlas: answer from it at once, and meanwhile start or reach the database, and catch up.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Failure;
use super::follow::{Standpoint, follow};
use super::follow_keys::follow_keys;
use super::keep::{Keeper, Written};
use super::kept::Resumed;
use super::open::{GIVE_UP, close, open_store, pool_limits, sealer_of};
use super::serve::{Setup, listen, state_of, warn_of_plain_names};
use crate::config::Config;
use crate::http::{AppState, Door};
use crate::store::{Backoff, Cluster, Store};

/// Serves as `serve` does. Until the database confirms what is answered, answers say how old they are; a database that cannot be
/// reached is tried again for ever.
pub(super) fn resume<P, F>(
    runtime: Runtime,
    setup: Setup,
    resumed: Resumed,
    door: Door,
    prepare: P,
    end: watch::Receiver<bool>,
) -> Result<(), Failure>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let private = setup.config.database_url.is_none();
    let (opened, outcome) = runtime.block_on(live(setup, resumed, door, prepare, end));
    match private && !opened {
        // The thread that starts the cluster notices that nobody waits, and stops what it started.
        true => runtime.shutdown_timeout(GIVE_UP),
        false => runtime.shutdown_background(),
    }
    outcome
}

/// Was a private cluster opened, and how did it end?
async fn live<P, F>(
    setup: Setup,
    resumed: Resumed,
    door: Door,
    prepare: P,
    end: watch::Receiver<bool>,
) -> (bool, Result<(), Failure>)
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let Setup { config, tilesets, collections, kept } = setup;
    let sealer = match sealer_of(&config) {
        Ok(sealer) => sealer,
        Err(failure) => return (false, Err(failure)),
    };
    let store = Store::unconnected(pool_limits(&config)).with_sealer(sealer);
    let is_prepared = resumed.atlas.is_prepared();
    let state = match state_of(config, tilesets, collections, store.clone(), resumed.atlas).await {
        Ok(state) => state,
        Err(failure) => return (false, Err(failure)),
    };
    state.freshness().lapsed_since(resumed.confirmed);
    let standpoint = Arc::new(Standpoint::default());
    let Resumed { footing, confirmed, .. } = resumed;
    let written = Written { footing: footing.clone(), confirmed, is_prepared };
    let keeper = Keeper::start(kept, &state, &standpoint, Some(written), &end);
    let (mut opened, mut following) = (None, Vec::new());
    let open = async {
        opened = open(&state, prepare).await;
        let reviver = opened.as_ref().map(Cluster::reviver);
        following.push(tokio::spawn(follow_keys(state.clone())));
        following.push(tokio::spawn(follow(state.clone(), reviver, Some(footing), standpoint)));
        std::future::pending().await
    };
    let outcome = tokio::select! {
        outcome = listen(state.clone(), door, end) => outcome,
        never = open => never,
    };
    following.iter().for_each(JoinHandle::abort);
    let was_opened = opened.is_some();
    let (closed, ()) = tokio::join!(close(opened, store), keeper.finish());
    (was_opened, outcome.and(closed))
}

/// Opens the database for a server that answers already, whatever time it takes.
async fn open<P, F>(state: &AppState, prepare: P) -> Option<Cluster>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let (cluster, store) = open_patiently(state.config()).await;
    if let Err(failure) = prepare(store.clone()).await {
        tracing::error!("{failure}");
    }
    if let Err(failure) = warn_of_plain_names(&store).await {
        tracing::warn!("{failure}");
    }
    // Only now do requests reach it: before, its schema may have been an older one. As whoever logged in they never do.
    match state.act_as_server(&store).await {
        Ok(()) => state.store().join(&store),
        Err(error) => tracing::error!("answers go on coming from the saved atlas: {error}"),
    }
    store.close().await;
    if let Err(error) = state.store().know_collections(&state.collections().of_resources()).await {
        tracing::error!("the collections of the catalogue could not be noted: {error}");
    }
    // Answers are given already: what does not fit leaves its own tilesets without an answer, no more.
    if let Err(fault) = state.check_tables().await {
        tracing::error!("{fault}");
    }
    cluster
}

async fn open_patiently(config: &Config) -> (Option<Cluster>, Store) {
    let mut backoff = Backoff::default();
    let mut told = false;
    loop {
        match open_store(config).await {
            Ok(opened) => return opened,
            Err(failure) if told => tracing::debug!("still without the database: {failure}"),
            Err(failure) => {
                told = true;
                tracing::warn!("answers come from the saved atlas: {failure}");
            }
        }
        tokio::time::sleep(backoff.next_wait()).await;
    }
}
