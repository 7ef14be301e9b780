//! Keeps the saved atlas near to what is answered, beside everything else.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::follow::{Confirmed, Footing, Standpoint};
use super::kept::Kept;
use crate::atlas::Atlas;
use crate::http::AppState;

/// The saved atlas is written at most so often while the database changes.
const EVERY: Duration = Duration::from_secs(180);
/// So soon it is looked again when there was nothing to write.
const PAUSE: Duration = Duration::from_secs(1);
/// At the end, one that the database confirmed so much later than the saved one is worth writing though nothing changed.
const CONFIRMED_LATER: TimeDelta = TimeDelta::seconds(60);

/// How long the last writing may take beyond what else takes time at the end.
const LAST_WRITING: Duration = Duration::from_millis(1_300);

/// What the file holds.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) footing: Footing,
    /// When the database last confirmed it.
    pub(super) confirmed: DateTime<Utc>,
    /// Was everything worked out that is worked out on demand?
    pub(super) is_prepared: bool,
}

/// Writes the atlas when it is new, again when everything is worked out of it, then at most every few minutes when it moved, and once
/// more at the end.
#[derive(Debug)]
pub(super) struct Keeper(Option<JoinHandle<()>>);

impl Keeper {
    /// `kept`: `None` keeps nothing. `written`: what the file holds already.
    pub(super) fn start(
        kept: Option<Kept>,
        state: &AppState,
        standpoint: &Standpoint,
        written: Option<Written>,
        end: &watch::Receiver<bool>,
    ) -> Self {
        let (state, standpoint, end) = (state.clone(), standpoint.subscribe(), end.clone());
        Self(kept.map(|kept| tokio::spawn(keep(kept, state, standpoint, written, end))))
    }

    /// After the end was asked for: waits for the last writing, but not for long. The file that is there stays good.
    pub(super) async fn finish(self) {
        if let Some(keeping) = self.0
            && timeout(LAST_WRITING, keeping).await.is_err()
        {
            tracing::warn!("the atlas was not saved in time; the next start has an older one");
        }
    }
}

async fn keep(
    kept: Kept,
    state: AppState,
    mut standpoint: watch::Receiver<Option<Confirmed>>,
    mut written: Option<Written>,
    mut end: watch::Receiver<bool>,
) {
    let (mut rest_until, mut look_again) = (Instant::now(), Instant::now());
    let mut complained = false;
    loop {
        let ending = {
            let moved = async {
                let moved = |now: &Option<Confirmed>| now.as_ref().is_some_and(|now| !holds(&written, now));
                let followed = standpoint.wait_for(moved).await.is_ok();
                tokio::time::sleep_until(rest_until).await;
                followed
            };
            let unprepared = written.as_ref().is_some_and(|written| !written.is_prepared);
            let prepared = prepared(&state, unprepared, look_again);
            tokio::select! {
                _ = end.changed() => true,
                () = prepared => false,
                // Nobody follows any more: what is left is the end.
                followed = moved => !followed && end.changed().await.is_ok(),
            }
        };
        let latest = standpoint.borrow().clone();
        let confirmed = state.freshness().confirmed();
        (rest_until, look_again) = (Instant::now() + PAUSE, Instant::now() + PAUSE);
        if let Some(latest) = latest
            && !latest.atlas.grids().is_empty()
            && is_worth_it(&latest, confirmed, &written, ending)
        {
            rest_until = Instant::now() + EVERY;
            let Confirmed { footing, atlas } = latest;
            let next = Written { footing, confirmed, is_prepared: atlas.is_prepared() };
            match write(kept.clone(), atlas, next.clone()).await {
                Ok(()) => (written, complained) = (Some(next), false),
                Err(error) if complained => {
                    look_again = rest_until;
                    tracing::debug!("the atlas is not saved: {error}");
                }
                Err(error) => {
                    (look_again, complained) = (rest_until, true);
                    let file = kept.file();
                    tracing::warn!(
                        "图集未能保存，重启将从数据库读取 (the atlas is not saved as {}: {error})",
                        file.display()
                    );
                }
            }
        }
        if ending {
            return;
        }
    }
}

/// Waits, not before an instant, until everything is worked out of what is answered, where that is `awaited`; else for ever.
async fn prepared(state: &AppState, awaited: bool, from: Instant) {
    tokio::time::sleep_until(from).await;
    while !(awaited && state.atlas().is_prepared()) {
        tokio::time::sleep(PAUSE).await;
    }
}

fn is_worth_it(
    latest: &Confirmed,
    confirmed: DateTime<Utc>,
    written: &Option<Written>,
    ending: bool,
) -> bool {
    match written {
        Some(before) if holds(written, latest) => {
            let is_later = confirmed - before.confirmed > CONFIRMED_LATER;
            ending && is_later || latest.atlas.is_prepared() && !before.is_prepared
        }
        _ => true,
    }
}

fn holds(written: &Option<Written>, latest: &Confirmed) -> bool {
    written.as_ref().is_some_and(|written| written.footing == latest.footing)
}

async fn write(kept: Kept, atlas: Arc<Atlas>, next: Written) -> std::io::Result<()> {
    let work = move || kept.write(&atlas, &next);
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}
