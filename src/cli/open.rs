//! What verbs share: the runtime, the log, the open store.

use std::io::{BufWriter, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::config::Config;
use crate::seal::{Keyring, SealError, Sealer};
use crate::store::{Cluster, PoolLimits, Store};

/// How long a caller waits for a free connection; short, since reads go on from memory.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// The file with the data keys, in the data directory.
const DATA_KEY: &str = "data.key";

/// How long the pool may take to close.
pub(super) const CLOSE: Duration = Duration::from_millis(300);
/// How long a start that was given up may take to clear away what it began.
pub(super) const GIVE_UP: Duration = Duration::from_millis(1_500);

/// [`open_store`], given up when the end is asked for first.
pub(super) fn open_until(
    runtime: Runtime,
    config: &Config,
    end: &mut watch::Receiver<bool>,
) -> Result<(Runtime, Option<Cluster>, Store), Failure> {
    let opened = runtime.block_on(async {
        tokio::select! {
            opened = open_store(config) => opened,
            _ = end.changed() => Err(Failure::Interrupted),
        }
    });
    match opened {
        Ok((cluster, store)) => Ok((runtime, cluster, store)),
        Err(failure) => {
            // The thread that starts the cluster notices that nobody waits, and stops what it started.
            runtime.shutdown_timeout(GIVE_UP);
            Err(failure)
        }
    }
}

/// Leaves the database, and stops a private one that nobody else uses.
pub(super) async fn close(cluster: Option<Cluster>, store: Store) -> Result<(), Failure> {
    let _ = tokio::time::timeout(CLOSE, store.close()).await;
    match cluster {
        Some(cluster) => Ok(cluster.stop().await?),
        None => Ok(()),
    }
}

/// Opens the store and brings its schema up to date: the database of the settings or, without one, a private cluster,
/// which the caller stops when done.
///
/// What is read of names and phones is opened with the keys of the settings; that they are those of this database is asked here.
pub async fn open_store(config: &Config) -> Result<(Option<Cluster>, Store), Failure> {
    let sealer = sealer_of(config)?;
    let (cluster, store) = open_database(config).await?;
    let store = store.with_sealer(sealer);
    match store.check_keys().await {
        Ok(()) => Ok((cluster, store)),
        Err(error) => {
            store.close().await;
            Err(give_up(cluster, error.into()).await)
        }
    }
}

/// The same for what has to do with nobody's name or phone, and needs no keys.
pub(super) async fn open_database(config: &Config) -> Result<(Option<Cluster>, Store), Failure> {
    let limits = pool_limits(config);
    let (cluster, store) = match &config.database_url {
        Some(url) => (None, Store::connect_url(url.reveal(), limits).await?),
        None => {
            let cluster = Cluster::start(&config.data_dir).await?;
            cluster.notes().iter().for_each(|note| tracing::warn!("{note}"));
            match Store::connect(cluster.connect_options(), limits).await {
                Ok(store) => (Some(cluster), store),
                Err(error) => return Err(give_up(Some(cluster), error.into()).await),
            }
        }
    };
    match store.migrate().await {
        Ok(()) => Ok((cluster, store)),
        Err(error) => {
            store.close().await;
            Err(give_up(cluster, error.into()).await)
        }
    }
}

/// The file with the data keys, there or not.
pub(super) fn data_key_file(config: &Config) -> PathBuf {
    config.data_key_file.clone().unwrap_or_else(|| config.data_dir.join(DATA_KEY))
}

/// What names and phones are sealed with: the file of the settings, or that of the data directory. A private database gets one by itself; for any other
/// whoever runs it says where it is, since every server of that database needs the same.
pub(super) fn sealer_of(config: &Config) -> Result<Sealer, Failure> {
    let file = data_key_file(config);
    if config.data_key_file.is_none() && !file.exists() {
        if config.database_url.is_some() {
            return Ok(Sealer::default());
        }
        make_data_key(&file)?;
    }
    Ok(Sealer::new(Arc::new(Keyring::read(&file)?)))
}

/// Makes a file with a key where there is none.
pub(super) fn make_data_key(file: &Path) -> Result<(), Failure> {
    match Keyring::make(file) {
        Ok(key) => {
            tracing::info!(%key, "made the data key file {}: keep a copy apart from copies of the database", file.display())
        }
        // Another process was quicker.
        Err(SealError::File { reason, .. }) if reason.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Failure::Environment(error.to_string())),
    }
    Ok(())
}

/// How much of the database the settings allow.
pub(super) fn pool_limits(config: &Config) -> PoolLimits {
    PoolLimits { connections: config.pool_size, acquire_timeout: ACQUIRE_TIMEOUT, ..PoolLimits::default() }
}

/// Stops the cluster on the way out; the first failure is the one to tell.
async fn give_up(cluster: Option<Cluster>, failure: Failure) -> Failure {
    if let Some(cluster) = cluster
        && let Err(error) = cluster.stop().await
    {
        tracing::error!("the private database did not stop: {error}");
    }
    failure
}

/// The runtime that verbs work on.
pub fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| Failure::Environment(format!("cannot start threads: {error}")))
}

/// The most lines that wait to be written; whoever would add one more waits too, so that none is lost.
const WAITING_LINES: usize = 16_384;

/// Starts the log on standard error. `default`: the directives when the settings have none. Lines are written by a thread of their
/// own, many at once when there are many: an answer does not wait for the line that tells of it. What is given back must be
/// held until the end, since it writes the last ones.
pub fn start_log(config: &Config, default: &str) -> Result<WorkerGuard, Failure> {
    let directives = config.log.as_deref().unwrap_or(default);
    let filter = EnvFilter::try_new(directives).map_err(|error| {
        Failure::Usage(format!("log = {directives:?}: {error}; give for example \"info\""))
    })?;
    let writer = NonBlockingBuilder::default().lossy(false).buffered_lines_limit(WAITING_LINES);
    let (writer, guard) = writer.finish(BufWriter::new(std::io::stderr()));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // A second verb in the same process (tests) keeps the log of the first.
    let _ = log.with_ansi(std::io::stderr().is_terminal()).try_init();
    Ok(guard)
}
