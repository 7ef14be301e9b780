//! `gewu serve`: migrate, load, listen, follow the database, and end within three seconds. With a saved atlas it listens first, see
//! [`resume`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::follow::{Standpoint, follow, read_atlas};
use super::keep::Keeper;
use super::kept::Kept;
use super::open::{CLOSE, close, open_until};
use super::resume::resume;
use super::signals::watch_signals;
use super::{Common, Failure, runtime, start_log};
use crate::atlas::Atlas;
use crate::config::{Config, ServerSettings};
use crate::features::Collections;
use crate::http::{AppState, server};
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
    let (mut end, listener) =
        runtime.block_on(async { Ok::<_, Failure>((watch_signals()?, bind(config.listen).await?)) })?;
    let kept = Kept::of(&config);
    let resumed = kept.as_ref().and_then(Kept::read);
    let setup = Setup { config, tilesets, collections, kept };
    if let Some(resumed) = resumed {
        return resume(runtime, setup, resumed, listener, prepare, end);
    }
    let (runtime, cluster, store) = open_until(runtime, &setup.config, &mut end)?;
    let outcome = runtime.block_on(live(setup, cluster, store, listener, prepare, end));
    // Work that no longer matters must not hold the process.
    runtime.shutdown_background();
    outcome
}

async fn live<P, F>(
    setup: Setup,
    cluster: Option<Cluster>,
    store: Store,
    listener: TcpListener,
    prepare: P,
    end: watch::Receiver<bool>,
) -> Result<(), Failure>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let work = async {
        prepare(store.clone()).await?;
        let Setup { config, tilesets, collections, kept } = setup;
        let atlas = read_atlas(&store).await?;
        tracing::info!(revision = atlas.revision(), grids = atlas.grids().len(), "loaded");
        let state = state_of(config, tilesets, collections, store.clone(), atlas).await?;
        store.know_collections(&state.collections().of_resources()).await?;
        state.check_tables().await?;
        let standpoint = Arc::new(Standpoint::default());
        let keeper = Keeper::start(kept, &state, &standpoint, None, &end);
        let reviver = cluster.as_ref().map(Cluster::reviver);
        let following = tokio::spawn(follow(state.clone(), reviver, None, standpoint));
        let outcome = listen(state, listener, end.clone()).await;
        following.abort();
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
    let state = AppState::new(config, store, atlas, tilesets);
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
    listener: TcpListener,
    mut end: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let address = listener.local_addr().map_err(|error| Failure::Environment(error.to_string()))?;
    let quiet = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    let mut drain = end.clone();
    let listened = state.clone();
    let server = axum::serve(quiet, server(state.clone())).with_graceful_shutdown(async move {
        let _ = drain.changed().await;
        listened.end_events();
    });
    println!("http://{address}/");
    let deadline = async move {
        let _ = end.changed().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = server.into_future() => served.map_err(|error| Failure::Environment(error.to_string())),
        () = deadline => Ok(()),
        never = state.condense_figures() => match never {},
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "; another program has it: end that one, or choose another with --listen"
            }
            std::io::ErrorKind::PermissionDenied => {
                "; ports below 1024 need rights: choose another with --listen"
            }
            _ => "",
        };
        Failure::Environment(format!("cannot listen on {address}: {error}{hint}"))
    })
}
