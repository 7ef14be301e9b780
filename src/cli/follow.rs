//! The server follows its database: by the feed of changes where that leads on, by a rebuild where it does not.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::Failure;
use super::serve::prepare;
use crate::atlas::{Atlas, Purpose};
use crate::http::AppState;
use crate::model::{Delta, Scope, Snapshot};
use crate::store::{Backoff, Following, Reason, Reviver, Store};

/// How often the database is asked for its latest revision when no bell rings.
const POLL: Duration = Duration::from_millis(250);
/// How long it may take to say it.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long reading everything and building an atlas of it may take.
const LONGEST_READ: Duration = Duration::from_secs(1_800);
/// How long the feed keeps what it told.
const KEEP_DAYS: u16 = 90;
/// How often older rows of the feed are removed.
const PRUNE_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// What an atlas was read from: a revision in the history of a database. A number alone is not enough: a database that comes back from a
/// backup may have another history behind the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Footing {
    /// The identity of the database.
    pub(super) database: String,
    /// The revision that is shown.
    pub(super) revision: i64,
    /// When it was committed.
    pub(super) committed: Option<DateTime<Utc>>,
}

/// What an atlas is read for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) purpose: Purpose,
    /// What it has beside grids; one that was saved has all.
    pub(super) scope: Scope,
}

impl Reading {
    /// An atlas that answers everything.
    pub(super) const ALL: Self = Self { purpose: Purpose::Points, scope: Scope::ALL };
}

/// An atlas, and what it was read from.
#[derive(Debug, Clone)]
pub(super) struct Confirmed {
    pub(super) footing: Footing,
    pub(super) atlas: Arc<Atlas>,
}

/// What the database confirmed last, for all who want to know; `None` until it has.
pub(super) type Standpoint = watch::Sender<Option<Confirmed>>;

/// Puts a new atlas in place whenever the database has a new revision, until it is dropped. Without the database, answers go on from
/// memory and say how old they are; a private one that ended is started again. `footing`: that of an atlas which was not read from
/// this database just now; where it does not hold, everything is read again.
pub(super) async fn follow(
    state: AppState,
    reviver: Option<Reviver>,
    footing: Option<Footing>,
    standpoint: Arc<Standpoint>,
) {
    let bell = state.store().bell();
    let mut follower = Follower { state, reviver, footing, standpoint, away: true, preparing: None };
    let mut backoff = Backoff::default();
    let mut prune_at = Instant::now() + POLL;
    loop {
        let wait = match follower.catch_up().await {
            Ok(()) => {
                follower.confirm();
                backoff.reset();
                POLL
            }
            Err(failure) => {
                follower.lapse(&failure).await;
                backoff.next_wait()
            }
        };
        if !follower.away && Instant::now() >= prune_at {
            prune_at = Instant::now() + PRUNE_EVERY;
            prune(follower.state.store().clone());
        }
        // While the database is away, the bell rings when it is back.
        let _ = timeout(wait, bell.rung()).await;
    }
}

impl Footing {
    /// Why an atlas that stood there before does not stand here.
    fn breaks(&self, before: &Self) -> Option<Reason> {
        match (self.revision == before.revision, self.database == before.database) {
            (true, false) => Some(Reason::Foreign(before.revision)),
            (true, true) if self.committed != before.committed => Some(Reason::Unknown(before.revision)),
            _ => None,
        }
    }
}

struct Follower {
    state: AppState,
    reviver: Option<Reviver>,
    /// Of the atlas that is shown.
    footing: Option<Footing>,
    standpoint: Arc<Standpoint>,
    /// Was the database away since it was last asked?
    away: bool,
    /// What is worked out behind the answers.
    preparing: Option<JoinHandle<()>>,
}

impl Follower {
    fn confirm(&mut self) {
        let was_stale = self.state.freshness().stale_seconds().is_some();
        self.state.freshness().confirm();
        self.away = false;
        if was_stale {
            tracing::info!("the database confirms what is answered");
        }
    }

    async fn lapse(&mut self, failure: &Failure) {
        let was_stale = self.state.freshness().stale_seconds().is_some();
        self.state.freshness().lapse();
        self.away = true;
        if !was_stale {
            tracing::warn!("answers come from memory: {failure}");
        }
        if let Some(reviver) = &self.reviver
            && let Err(error) = reviver.revive().await
            && !was_stale
        {
            tracing::error!("the private database does not start again: {error}");
        }
    }

    /// Brings the atlas to the latest revision; asks one short question when it shows that already.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        let (store, current) = (self.state.store(), self.state.atlas());
        if self.away {
            self.settle_due().await;
        }
        let database = match &self.footing {
            Some(footing) if !self.away => footing.database.clone(),
            _ => patiently(store.identity()).await?,
        };
        let standing = patiently(store.standing(current.revision())).await?;
        let footing = Footing { database, revision: current.revision(), committed: standing.committed };
        let broken = self.footing.as_ref().and_then(|kept| footing.breaks(kept));
        if standing.latest == current.revision() && broken.is_none() {
            let told = self.standpoint.borrow().as_ref().is_some_and(|told| told.footing == footing);
            if !told {
                self.stand(footing, &current);
            }
            return self.advance(current).await;
        }
        let next = async {
            let following = match broken {
                Some(reason) => Following::Rebuild { reason },
                None => store.read_delta(current.revision()).await?,
            };
            let Some(next) = next_atlas(store, current, following, Reading::ALL).await? else {
                return Ok(None);
            };
            let committed = store.standing(next.revision()).await?.committed;
            Ok(Some((Arc::new(next), committed)))
        };
        if let Some((next, committed)) = behind_after_a_while(&self.state, next).await? {
            tracing::info!(revision = next.revision(), grids = next.grids().len(), "loaded");
            // In this order: whoever sees it answered finds it confirmed.
            let database = footing.database;
            self.stand(Footing { database, revision: next.revision(), committed }, &next);
            self.state.replace_atlas(Arc::clone(&next));
            self.prepare(next);
        }
        Ok(())
    }

    /// After everything was read again; one at a time.
    fn prepare(&mut self, atlas: Arc<Atlas>) {
        let is_busy = self.preparing.as_ref().is_some_and(|preparing| !preparing.is_finished());
        if !is_busy && !atlas.is_prepared() {
            self.preparing = Some(prepare(atlas));
        }
    }

    fn stand(&mut self, footing: Footing, atlas: &Arc<Atlas>) {
        self.standpoint.send_replace(Some(Confirmed { footing: footing.clone(), atlas: Arc::clone(atlas) }));
        self.footing = Some(footing);
    }

    /// Lets grids come into force and go out of it when their time has come.
    async fn advance(&self, current: Arc<Atlas>) -> Result<(), Failure> {
        let now = Utc::now();
        if current.window().until.is_none_or(|until| now < until) {
            return Ok(());
        }
        let delta = Delta { revision: current.revision(), at: now, ..Delta::default() };
        let next = apply(current, delta).await?;
        tracing::info!(revision = next.revision(), grids = next.grids().len(), "came into force");
        self.state.replace_atlas(Arc::new(next));
        self.settle_due().await;
        Ok(())
    }

    /// What lies in them is placed anew, which the feed tells then. A database that may not be written leaves that to another server.
    async fn settle_due(&self) {
        match self.state.store().settle_due().await {
            Ok(0) => {}
            Ok(instants) => tracing::info!(instants, "placed what lies in boundaries that came into force"),
            Err(error) => {
                tracing::warn!("what lies in boundaries that came into force is not placed: {error}")
            }
        }
    }
}

/// There is something newer than what is answered: when it takes long to show, answers say so meanwhile.
async fn behind_after_a_while<T>(
    state: &AppState,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    if let Ok(done) = timeout(PATIENCE, &mut work).await {
        return done;
    }
    state.freshness().lapse();
    let done = timeout(LONGEST_READ, work).await;
    done.map_err(|_| Failure::Environment("the database does not finish its answer".to_owned()))?
}

/// The atlas that follows on one, if there is a newer revision.
pub(super) async fn next_atlas(
    store: &Store,
    current: Arc<Atlas>,
    following: Following,
    reading: Reading,
) -> Result<Option<Atlas>, Failure> {
    match following {
        Following::Unchanged => Ok(None),
        Following::Rebuild { reason } => {
            tracing::info!("reading everything again: {reason}");
            Ok(Some(read_atlas_for(store, reading).await?))
        }
        Following::Delta(delta) => match apply(current, delta).await {
            Ok(atlas) => Ok(Some(atlas)),
            Err(failure) => {
                tracing::warn!("a change could not be applied, reading everything again: {failure}");
                Ok(Some(read_atlas_for(store, reading).await?))
            }
        },
    }
}

/// The one place where rows become a newer atlas.
async fn apply(current: Arc<Atlas>, delta: Delta) -> Result<Atlas, Failure> {
    let applied = tokio::task::spawn_blocking(move || current.apply(delta)).await;
    let applied = applied.map_err(|error| Failure::Environment(error.to_string()))?;
    applied.map_err(|error| Failure::Wanting(format!("the changes make no atlas: {error}")))
}

/// Reads everything and builds an atlas of it.
pub(super) async fn read_atlas(store: &Store) -> Result<Atlas, Failure> {
    read_atlas_for(store, Reading::ALL).await
}

/// Reads what is wanted and builds an atlas of it.
pub(super) async fn read_atlas_for(store: &Store, reading: Reading) -> Result<Atlas, Failure> {
    let snapshot = read_on_a_worker(store.clone(), reading.scope).await?;
    let built = tokio::task::spawn_blocking(move || Atlas::build_for(snapshot, reading.purpose)).await;
    let built = built.map_err(|error| Failure::Environment(error.to_string()))?;
    built.map_err(|error| Failure::Wanting(format!("the stored grids make no atlas: {error}")))
}

/// On a thread of the runtime, since it is one of them that waits for the database: whoever reads elsewhere is woken by it for every eight kilobytes.
async fn read_on_a_worker(store: Store, scope: Scope) -> Result<Snapshot, Failure> {
    let mut worker = JoinSet::new();
    worker.spawn(async move { store.read_snapshot_of(scope).await });
    let read = worker.join_next().await.expect("one was begun");
    Ok(read.map_err(|error| Failure::Environment(error.to_string()))??)
}

/// A database that neither answers nor refuses is away too.
async fn patiently<T, E: Into<Failure>>(asked: impl Future<Output = Result<T, E>>) -> Result<T, Failure> {
    let answer = timeout(PATIENCE, asked).await;
    answer.map_err(|_| Failure::Environment("the database does not answer".to_owned()))?.map_err(Into::into)
}

/// Removes old rows of the feed, beside the following.
fn prune(store: Store) {
    tokio::spawn(async move {
        match store.prune_changes(KEEP_DAYS).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "removed changes older than {KEEP_DAYS} days from the feed"),
            Err(error) => tracing::warn!("old changes stay in the feed for another day: {error}"),
        }
    });
}
