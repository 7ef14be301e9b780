//! `gewu serve`: migrate, load, listen, follow the database, and end within three seconds.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{Common, Failure, open_store, runtime, start_log};
use crate::atlas::Atlas;
use crate::config::{Config, ServerSettings};
use crate::http::{AppState, router};
use crate::store::{Cluster, Store};
use crate::tiles::Tilesets;

/// How often the database is asked for its latest revision.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// How long the database may take to say it.
const FOLLOW_PATIENCE: Duration = Duration::from_secs(3);
/// How long requests in flight may take once the end was asked for.
const DRAIN: Duration = Duration::from_millis(1_000);
/// How long the pool may take to close.
const CLOSE: Duration = Duration::from_millis(300);
/// How long an opening database may take to be closed again in good order.
const OPENING: Duration = Duration::from_millis(1_500);

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
        start_log(&config, "info,sqlx=warn")?;
        serve(config, |_store| async { Ok(()) })
    }
}

/// Opens the store, lets `prepare` put something into it, and serves until the end is asked for by SIGINT or SIGTERM;
/// a second one ends at once. The address is printed on standard output when it listens.
pub(super) fn serve<P, F>(config: Config, prepare: P) -> Result<(), Failure>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let runtime = runtime()?;
    let outcome = runtime.block_on(live(config, prepare));
    // Work that no longer matters must not hold the process.
    runtime.shutdown_background();
    outcome
}

async fn live<P, F>(config: Config, prepare: P) -> Result<(), Failure>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let mut end = watch_signals()?;
    // First the port, then the database: a taken port is told at once.
    let listener = bind(config.listen).await?;
    let mut opening = pin!(open_store(&config));
    let (cluster, store) = tokio::select! {
        opened = &mut opening => opened?,
        _ = end.changed() => return abandon(opening).await,
    };
    let outcome = tokio::select! {
        outcome = prepare_and_listen(config.clone(), store.clone(), listener, prepare, end.clone()) => outcome,
        () = ended_before_serving(end.clone()) => Err(Failure::Interrupted),
    };
    close(cluster, store).await?;
    outcome
}

async fn prepare_and_listen<P, F>(
    config: Config,
    store: Store,
    listener: TcpListener,
    prepare: P,
    end: watch::Receiver<bool>,
) -> Result<(), Failure>
where
    P: FnOnce(Store) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    prepare(store.clone()).await?;
    let atlas = read_atlas(&store).await?;
    tracing::info!(revision = atlas.revision(), grids = atlas.grids().len(), "loaded");
    let tilesets = Tilesets::embedded().map_err(|error| Failure::Environment(error.to_string()))?;
    listen(AppState::new(config, store, atlas, tilesets), listener, end).await
}

/// While the server listens, the end is its own to bring about: this waits for it and then long enough.
async fn ended_before_serving(mut end: watch::Receiver<bool>) {
    let _ = end.changed().await;
    tokio::time::sleep(DRAIN + CLOSE).await;
}

async fn listen(
    state: AppState,
    listener: TcpListener,
    mut end: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let address = listener.local_addr().map_err(|error| Failure::Environment(error.to_string()))?;
    let follower = tokio::spawn(follow(state.clone()));
    let quiet = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    let mut drain = end.clone();
    let server = axum::serve(quiet, router(state)).with_graceful_shutdown(async move {
        let _ = drain.changed().await;
    });
    println!("http://{address}/");
    let deadline = async move {
        let _ = end.changed().await;
        tokio::time::sleep(DRAIN).await;
    };
    let outcome = tokio::select! {
        served = server.into_future() => served.map_err(|error| Failure::Environment(error.to_string())),
        () = deadline => Ok(()),
    };
    follower.abort();
    outcome
}

/// Asks for the latest revision every second and puts a new atlas in place when it moved. Without the database, answers
/// go on from memory and say how old they are.
async fn follow(state: AppState) {
    let mut tick = tokio::time::interval(FOLLOW_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let was_stale = state.freshness().stale_seconds().is_some();
        match catch_up(&state).await {
            Ok(()) => {
                state.freshness().confirm();
                if was_stale {
                    tracing::info!("the database is back");
                }
            }
            Err(failure) => {
                state.freshness().lapse();
                if !was_stale {
                    tracing::warn!("answers come from memory: {failure}");
                }
            }
        }
    }
}

async fn catch_up(state: &AppState) -> Result<(), Failure> {
    let asked = tokio::time::timeout(FOLLOW_PATIENCE, state.store().latest_revision()).await;
    let latest = asked.map_err(|_| Failure::Environment("the database does not answer".to_owned()))??;
    if latest == state.atlas().revision() {
        return Ok(());
    }
    let atlas = read_atlas(state.store()).await?;
    tracing::info!(revision = atlas.revision(), grids = atlas.grids().len(), "loaded");
    state.replace_atlas(atlas);
    Ok(())
}

async fn read_atlas(store: &Store) -> Result<Atlas, Failure> {
    let snapshot = store.read_snapshot().await?;
    let built = tokio::task::spawn_blocking(move || Atlas::build(snapshot)).await;
    let built = built.map_err(|error| Failure::Environment(error.to_string()))?;
    built.map_err(|error| Failure::Wanting(format!("the stored grids make no atlas: {error}")))
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

/// Turns true at the first SIGINT or SIGTERM; the second ends the process at once.
fn watch_signals() -> Result<watch::Receiver<bool>, Failure> {
    let install =
        |kind| signal(kind).map_err(|error| Failure::Environment(format!("cannot take signals: {error}")));
    let (interrupt, terminate) = (install(SignalKind::interrupt())?, install(SignalKind::terminate())?);
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(relay(interrupt, terminate, sender));
    Ok(receiver)
}

async fn relay(mut interrupt: Signal, mut terminate: Signal, end: watch::Sender<bool>) {
    let mut asked = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    asked().await;
    tracing::info!("ending");
    let _ = end.send(true);
    asked().await;
    std::process::exit(130);
}

/// The end was asked for while the database was opening: a cluster that comes up in time is stopped in good order.
async fn abandon<O>(opening: O) -> Result<(), Failure>
where
    O: Future<Output = Result<(Option<Cluster>, Store), Failure>>,
{
    if let Ok(Ok((cluster, store))) = tokio::time::timeout(OPENING, opening).await {
        close(cluster, store).await?;
    }
    Err(Failure::Interrupted)
}

async fn close(cluster: Option<Cluster>, store: Store) -> Result<(), Failure> {
    let _ = tokio::time::timeout(CLOSE, store.close()).await;
    match cluster {
        Some(cluster) => Ok(cluster.stop().await?),
        None => Ok(()),
    }
}
