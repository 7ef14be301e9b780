//! `gewu serve`: migrate, load, listen, follow the database, and end within three seconds. With a saved atlas it listens first, see
//! [`resume`].

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::follow::{Standpoint, follow, read_atlas};
use super::follow_keys::follow_keys;
use super::keep::Keeper;
use super::kept::Kept;
use super::open::{CLOSE, close, open_until, sealer_of};
use super::resume::resume;
use super::signals::watch_signals;
use super::{Common, Failure, runtime, start_log};
use crate::atlas::{Atlas, Purpose};
use crate::config::{Config, ServerSettings};
use crate::features::Collections;
use crate::http::{AppState, Door};
use crate::store::{Cluster, Store};
use crate::tiles::{ArchiveError, Archives, Tilesets};

/// How long requests in flight may take once the end was asked for.
const DRAIN: Duration = Duration::from_millis(1_000);

/// Migrate, load, listen.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: ServerSettings,
    /// Print the settings in force, secrets masked, and end
    #[arg(long)]
    print_config: bool,
}

impl Serve {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = Config::load(common.config.as_deref(), common.settings, self.settings)?;
        if self.print_config {
            print!("{}", config.printed());
            return Ok(());
        }
        let _log = start_log(&config, "info,sqlx=error")?;
        serve(config, |_store| async { Ok(()) })
    }
}

/// What a server is made of, settled before anything is opened.
pub(super) struct Setup {
    pub(super) config: Config,
    pub(super) tilesets: Tilesets,
    pub(super) collections: Collections,
    pub(super) kept: Option<Kept>,
}

/// Opens the store, lets `prepare` put something into it, and serves until the end is asked for by SIGINT or SIGTERM;
/// a second one ends at once. The address is printed on standard output when it listens.
pub(super) fn serve<P, F>(config: Config, prepare: P) -> Result<(), Failure>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let tilesets = Tilesets::load(config.catalogue.as_deref())?;
    let collections = Collections::load(config.catalogue.as_deref())?;
    let runtime = runtime()?;
    // First the port, then the database: a taken port is told at once.
    let (mut end, door) =
        runtime.block_on(async { Ok::<_, Failure>((watch_signals()?, Door::open(&config).await?)) })?;
    let kept = Kept::of(&config, sealer_of(&config)?);
    let resumed = kept.as_ref().and_then(|kept| kept.read(Purpose::Points));
    let setup = Setup { config, tilesets, collections, kept };
    if let Some(resumed) = resumed {
        return resume(runtime, setup, resumed, door, prepare, end);
    }
    let (runtime, cluster, store) = open_until(runtime, &setup.config, &mut end)?;
    let outcome = runtime.block_on(live(setup, cluster, store, door, prepare, end));
    // Work that no longer matters must not hold the process.
    runtime.shutdown_background();
    outcome
}

async fn live<P, F>(
    setup: Setup,
    cluster: Option<Cluster>,
    store: Store,
    door: Door,
    prepare: P,
    end: watch::Receiver<bool>,
) -> Result<(), Failure>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let work = async {
        prepare(store.clone()).await?;
        warn_of_plain_names(&store).await?;
        let Setup { config, tilesets, collections, kept } = setup;
        let atlas = read_atlas(&store).await?;
        tracing::info!(revision = atlas.revision(), grids = atlas.grids().len(), "loaded");
        let state = state_of(config, tilesets, collections, store.clone(), atlas).await?;
        store.know_collections(&state.collections().of_resources()).await?;
        state.act_as_server(&store).await?;
        state.check_tables().await?;
        let standpoint = Arc::new(Standpoint::default());
        let keeper = Keeper::start(kept, &state, &standpoint, None, &end);
        let reviver = cluster.as_ref().map(Cluster::reviver);
        let following = tokio::spawn(follow(state.clone(), reviver, None, standpoint));
        let following_keys = tokio::spawn(follow_keys(state.clone()));
        let outcome = listen(state, door, end.clone()).await;
        following.abort();
        following_keys.abort();
        outcome.map(|()| keeper)
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = ended_before_serving(end.clone()) => Err(Failure::Interrupted),
    };
    match outcome {
        Ok(keeper) => tokio::join!(close(cluster, store), keeper.finish()).0,
        Err(failure) => close(cluster, store).await.and(Err(failure)),
    }
}

/// What was there before it was sealed, or was written by hand, is still read.
pub(super) async fn warn_of_plain_names(store: &Store) -> Result<(), Failure> {
    if store.has_plain_names().await? {
        match store.sealer().keys() {
            Some(_) => tracing::warn!(
                "names or phones lie in the database in the clear: gewu data-key rekey seals them"
            ),
            None => tracing::warn!(
                "names or phones lie in the database in the clear: make a key with gewu data-key new FILE, set data_key_file, then run gewu data-key rekey"
            ),
        }
    }
    Ok(())
}

/// The state of a server that begins with an atlas.
pub(super) async fn state_of(
    config: Config,
    tilesets: Tilesets,
    collections: Collections,
    store: Store,
    atlas: Atlas,
) -> Result<AppState, Failure> {
    let archives = Archives::open(&config.pmtiles, tilesets.names()).await.map_err(|error| match error {
        ArchiveError::Taken(_) => Failure::Usage(error.to_string()),
        ArchiveError::Unreadable { .. } => Failure::Environment(error.to_string()),
    })?;
    let state = AppState::new(config, store, atlas, tilesets)?;
    let state = state.with_archives(archives).with_collections(collections);
    prepare(state.atlas());
    Ok(state)
}

/// Works out what is worked out on demand. Nobody waits for it; whoever needs something earlier works it out.
pub(super) fn prepare(atlas: Arc<Atlas>) -> JoinHandle<()> {
    tokio::task::spawn_blocking(move || {
        // On one core: the others have requests to answer.
        match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
            Ok(pool) => pool.install(|| atlas.prepare()),
            Err(error) => {
                tracing::warn!(%error, "nothing is prepared: it is worked out when it is asked for")
            }
        }
    })
}

/// While the server listens, the end is its own to bring about: this waits for it and then long enough.
async fn ended_before_serving(mut end: watch::Receiver<bool>) {
    let _ = end.changed().await;
    tokio::time::sleep(DRAIN + CLOSE).await;
}

/// Answers until the end is asked for, and the requests in flight after that. Prints the address.
pub(super) async fn listen(
    state: AppState,
    door: Door,
    mut end: watch::Receiver<bool>,
) -> Result<(), Failure> {
    println!("{}", door.url());
    let mut drain = end.clone();
    let listened = state.clone();
    let serving = door.serve(state.clone(), async move {
        let _ = drain.changed().await;
        listened.end_events();
    });
    let deadline = async move {
        let _ = end.changed().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        () = serving => Ok(()),
        () = deadline => Ok(()),
        never = state.condense_figures() => match never {},
        never = state.gate().keep() => match never {},
    }
}
