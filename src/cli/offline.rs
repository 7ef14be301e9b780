//! Verbs that read the atlas, leave the database, and work from memory.

use super::follow::{Build, read_atlas_by};
use super::open::{close, open_until};
use super::signals::watch_signals;
use super::{Failure, runtime};
use crate::atlas::Atlas;
use crate::config::Config;
use crate::store::Store;

/// Opens the store, reads the atlas and builds it in one of its ways, leaves the store, and works on a thread of its own, which may
/// take its time. SIGINT or SIGTERM ends it, whatever it does then.
pub(super) fn on_atlas<T, W>(config: &Config, build: Build, work: W) -> Result<T, Failure>
where
    T: Send + 'static,
    W: FnOnce(Atlas) -> T + Send + 'static,
{
    on_atlas_and(config, build, async |_| Ok(()), move |atlas, ()| work(atlas))
}

/// The same with something more that is read beside the atlas.
pub(super) fn on_atlas_and<T, R, W>(
    config: &Config,
    build: Build,
    read: impl AsyncFnOnce(&Store) -> Result<R, Failure>,
    work: W,
) -> Result<T, Failure>
where
    T: Send + 'static,
    R: Send + 'static,
    W: FnOnce(Atlas, R) -> T + Send + 'static,
{
    let runtime = runtime()?;
    let mut end = runtime.block_on(async { watch_signals() })?;
    let (runtime, cluster, store) = open_until(runtime, config, &mut end)?;
    let outcome = runtime.block_on(async {
        let both = async { Ok((read_atlas_by(&store, build).await?, read(&store).await?)) };
        let both = tokio::select! {
            both = both => both,
            _ = end.changed() => Err(Failure::Interrupted),
        };
        close(cluster, store).await?;
        let (atlas, more) = both?;
        if atlas.grids().is_empty() {
            let missing = "库中没有网格 there are no grids yet; import them with `gewu import grids`";
            return Err(Failure::Environment(missing.to_owned()));
        }
        let work = tokio::task::spawn_blocking(move || work(atlas, more));
        tokio::select! {
            done = work => done.map_err(|error| Failure::Environment(error.to_string())),
            _ = end.changed() => Err(Failure::Interrupted),
        }
    });
    // Work that was given up, or a pipe that is still being read, must not hold the process.
    runtime.shutdown_background();
    outcome
}
