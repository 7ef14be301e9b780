//! What is no longer kept, and who was never known.

use gewu::store::{FeedPosition, Following, Reason, StoreError};

use crate::common::database;
use crate::place::import;

#[tokio::test]
async fn a_reader_older_than_what_is_kept_rebuilds_and_a_newer_one_goes_on() {
    let database = database().await;
    let (store, place) = (&database.store, import(&database.store).await);
    let pool = database.pool().await;
    let update = "update gewu.worker set name = name || '.'";
    sqlx::query(update).execute(&pool).await.unwrap();
    assert_eq!(store.prune_changes(1).await.unwrap(), 0, "nothing is a day old");
    sqlx::query("update gewu.revision set committed = committed - interval '40 days'")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query(update).execute(&pool).await.unwrap();
    let kept: i64 = store.latest_revision().await.unwrap() - 1;
    assert_eq!(store.prune_changes(30).await.unwrap(), 8 + 2, "the import's rows and the first update's");
    assert_eq!(store.prune_changes(30).await.unwrap(), 0);

    let Following::Rebuild { reason } = store.read_delta(place.revision).await.unwrap() else {
        panic!("a delta")
    };
    assert_eq!(reason, Reason::Pruned(place.revision));
    let refused = store.changes_after(FeedPosition::after(place.revision), 10).await;
    assert!(matches!(refused, Err(StoreError::Pruned { pruned_to, .. }) if pruned_to == kept), "{refused:?}");

    assert!(
        matches!(store.read_delta(kept).await.unwrap(), Following::Delta(delta) if delta.workers.len() == 2)
    );
    assert_eq!(store.changes_after(FeedPosition::after(kept), 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_reader_ahead_of_the_database_rebuilds() {
    let database = database().await;
    let place = import(&database.store).await;
    let Following::Rebuild { reason } = database.store.read_delta(place.revision + 5).await.unwrap() else {
        panic!("a delta")
    };
    assert_eq!(reason, Reason::Unknown(place.revision + 5));
}

#[tokio::test]
async fn pages_of_any_size_tell_the_same() {
    let database = database().await;
    import(&database.store).await;
    for _ in 0..3 {
        sqlx::query("update gewu.worker set name = name || '.'")
            .execute(&database.pool().await)
            .await
            .unwrap();
    }
    let all = database.store.changes_after(FeedPosition::default(), 1_000).await.unwrap();
    for size in [1, 2, 3, 7] {
        let (mut position, mut paged) = (FeedPosition::default(), Vec::new());
        loop {
            let page = database.store.changes_after(position, size).await.unwrap();
            let Some(last) = page.last() else { break };
            position = last.position;
            paged.extend(page);
        }
        assert_eq!(paged, all, "pages of {size}");
    }
}
