//! Those who follow, without a bell, through the death of the database.

use std::collections::BTreeMap;
use std::time::Duration;

use gewu::store::{Change, FeedPosition, Following, Store, StoreError};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::content::Content;

/// Reads the feed row by row until `until` is set and reached; never goes back.
pub(crate) async fn read_changes(
    store: Store,
    after: i64,
    until: watch::Receiver<Option<i64>>,
) -> Vec<Change> {
    let (mut position, mut all) = (FeedPosition::after(after), Vec::<Change>::new());
    loop {
        let goal = *until.borrow();
        match store.changes_after(position, 37).await {
            Ok(page) => {
                for change in page {
                    assert!(change.position > position, "{change:?} after {position:?}");
                    position = change.position;
                    all.push(change);
                }
            }
            Err(error) => wait_out(error).await,
        }
        if goal.is_some_and(|goal| position.number >= goal)
            && store.changes_after(position, 1).await.unwrap().is_empty()
        {
            return all;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// Follows by deltas alone; what it held at each revision that it stopped at.
pub(crate) async fn follow(
    store: Store,
    mut content: Content,
    pace: Duration,
    until: watch::Receiver<Option<i64>>,
) -> BTreeMap<i64, Content> {
    let mut stops = BTreeMap::new();
    loop {
        let goal = *until.borrow();
        match store.read_delta(content.revision).await {
            Ok(Following::Delta(delta)) => {
                content.apply(delta);
                stops.insert(content.revision, content.clone());
            }
            Ok(Following::Unchanged) => {}
            Ok(Following::Rebuild { reason }) => panic!("{reason}"),
            Err(error) => wait_out(error).await,
        }
        if goal.is_some_and(|goal| content.revision >= goal) {
            return stops;
        }
        sleep(pace).await;
    }
}

/// Reads everything again and again: the witness of those who follow by deltas.
pub(crate) async fn read_whole(store: Store, until: watch::Receiver<Option<i64>>) -> BTreeMap<i64, Content> {
    let mut stops = BTreeMap::new();
    loop {
        let goal = *until.borrow();
        let mut reached = 0;
        match store.read_snapshot().await {
            Ok(snapshot) => {
                reached = snapshot.revision;
                stops.insert(reached, Content::of(snapshot));
            }
            Err(error) => wait_out(error).await,
        }
        if goal.is_some_and(|goal| reached >= goal) {
            return stops;
        }
        sleep(Duration::from_millis(40)).await;
    }
}

/// Only an outage is waited out.
async fn wait_out(error: StoreError) {
    assert!(error.is_unavailable(), "{error}");
    sleep(Duration::from_millis(20)).await;
}
