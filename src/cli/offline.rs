//! Verbs that have the atlas, leave the database, and work from memory.

use super::follow::{Footing, Reading, next_atlas, read_atlas, read_atlas_for};
use super::kept::{Kept, Resumed};
use super::open::{close, open_until, sealer_of};
use super::signals::watch_signals;
use super::{Failure, runtime};
use crate::atlas::Atlas;
use crate::config::Config;
use crate::store::Store;

/// Opens the store, has the atlas of its latest revision, and leaves the store while it works on a thread of its own, which may take its
/// time. SIGINT or SIGTERM ends it, whatever it does then.
///
/// The atlas that a server saved in the data directory will do where the database says that it is of this revision, or what was
/// changed since; everything is read where there is none.
pub(super) fn on_atlas<T, W>(config: &Config, reading: Reading, work: W) -> Result<T, Failure>
where
    T: Send + 'static,
    W: FnOnce(Atlas) -> T + Send + 'static,
{
    // One thing is asked after the other: a second connection would only take its time to be made.
    let config = &Config { pool_size: 1, ..config.clone() };
    let kept = Kept::of(config, sealer_of(config)?);
    // Beside the opening of the store.
    let kept = std::thread::spawn(move || kept.and_then(|kept| kept.read(reading.purpose)));
    let read = async move |store: &Store| {
        let kept = tokio::task::spawn_blocking(|| kept.join().ok().flatten()).await.ok().flatten();
        latest_atlas(store, kept, reading).await.and_then(not_empty)
    };
    on_what_is_read(config, read, work)
}

/// The same with an atlas that was read from the database just now, and something more that is read beside it.
pub(super) fn on_read_atlas_and<T, R, W>(
    config: &Config,
    read: impl AsyncFnOnce(&Store) -> Result<R, Failure>,
    work: W,
) -> Result<T, Failure>
where
    T: Send + 'static,
    R: Send + 'static,
    W: FnOnce(Atlas, R) -> T + Send + 'static,
{
    let both = async |store: &Store| Ok((not_empty(read_atlas(store).await?)?, read(store).await?));
    on_what_is_read(config, both, move |(atlas, more)| work(atlas, more))
}

fn on_what_is_read<T, R, W>(
    config: &Config,
    read: impl AsyncFnOnce(&Store) -> Result<R, Failure>,
    work: W,
) -> Result<T, Failure>
where
    T: Send + 'static,
    R: Send + 'static,
    W: FnOnce(R) -> T + Send + 'static,
{
    let runtime = runtime()?;
    let mut end = runtime.block_on(async { watch_signals() })?;
    let (runtime, cluster, store) = open_until(runtime, config, &mut end)?;
    let outcome = runtime.block_on(async {
        let read = tokio::select! {
            read = read(&store) => read,
            _ = end.changed() => Err(Failure::Interrupted),
        };
        // The work begins while the database is left.
        let work = read.map(|read| tokio::task::spawn_blocking(move || work(read)));
        close(cluster, store).await?;
        tokio::select! {
            done = work? => done.map_err(|error| Failure::Environment(error.to_string())),
            _ = end.changed() => Err(Failure::Interrupted),
        }
    });
    // Work that was given up, or a pipe that is still being read, must not hold the process.
    runtime.shutdown_background();
    outcome
}

/// The atlas of the latest revision, from the kept one if it is of this database.
async fn latest_atlas(store: &Store, kept: Option<Resumed>, reading: Reading) -> Result<Atlas, Failure> {
    if let Some(Resumed { atlas, footing, .. }) = kept {
        let standing = store.standing(footing.revision).await?;
        let here = Footing {
            database: store.identity().await?,
            revision: footing.revision,
            committed: standing.committed,
        };
        if here != footing {
            tracing::warn!(
                "已保存的图集属于另一段历史，将从数据库读取 (the saved atlas is of another history than that of the database)"
            );
        } else if standing.latest == footing.revision {
            tracing::info!(revision = footing.revision, "the saved atlas is the latest");
            return Ok(atlas);
        } else {
            let following = store.read_delta(footing.revision).await?;
            if let Some(next) = next_atlas(store, atlas.into(), following, reading).await? {
                tracing::info!(revision = next.revision(), "followed the saved atlas");
                return Ok(next);
            }
        }
    }
    read_atlas_for(store, reading).await
}

fn not_empty(atlas: Atlas) -> Result<Atlas, Failure> {
    if atlas.grids().is_empty() {
        let missing = "库中没有网格 there are no grids yet; import them with `gewu import grids`";
        return Err(Failure::Environment(missing.to_owned()));
    }
    Ok(atlas)
}
