//! Numbers are given in the order in which commits become visible.

use std::time::{Duration, Instant};

use gewu::store::{FeedPosition, Following, ImportKind};

use crate::common::database;
use crate::place::import;

#[tokio::test]
async fn a_long_open_import_does_not_delay_short_edits_and_gets_the_later_number() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = database.pool().await;
    let mut long = database.store.begin_import(ImportKind::Import, "a long one").await.unwrap();
    long.put_workers(&[]).await.unwrap();
    for round in 1..=20 {
        let started = Instant::now();
        sqlx::query("update gewu.worker set name = $1 where id = $2")
            .bind(format!("{round}"))
            .bind(place.workers[0])
            .execute(&pool)
            .await
            .unwrap();
        let since = place.revision + round - 1;
        let Following::Delta(delta) = database.store.read_delta(since).await.unwrap() else {
            panic!("no delta")
        };
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        assert_eq!(delta.workers[0].1.as_ref().unwrap().name, round.to_string());
        assert_eq!(delta.revision, place.revision + round);
    }
    let last = long.commit().await.unwrap();
    assert_eq!(last, place.revision + 21);
    assert_eq!(database.store.latest_revision().await.unwrap(), last);
    let ids: Vec<i64> = sqlx::query_scalar("select id from gewu.revision order by number desc limit 2")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert!(ids[0] < ids[1], "the import began before the edit that it comes after");
}

#[tokio::test]
async fn the_later_of_two_interleaved_commits_comes_later_in_the_feed() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = database.pool().await;
    let mut first = pool.begin().await.unwrap();
    let mut second = pool.begin().await.unwrap();
    let update = "update gewu.worker set name = name || '.' where id = $1";
    sqlx::query(update).bind(place.workers[0]).execute(&mut *first).await.unwrap();
    sqlx::query(update).bind(place.workers[1]).execute(&mut *second).await.unwrap();
    second.commit().await.unwrap();
    let seen = database.store.changes_after(FeedPosition::after(place.revision), 10).await.unwrap();
    assert_eq!(seen.iter().map(|change| change.id.unwrap()).collect::<Vec<_>>(), [place.workers[1]]);
    first.commit().await.unwrap();
    let then = database.store.changes_after(seen[0].position, 10).await.unwrap();
    assert_eq!(then.iter().map(|change| change.id.unwrap()).collect::<Vec<_>>(), [place.workers[0]]);
    assert!(then[0].position.seq < seen[0].position.seq, "it was written first");
}

#[tokio::test]
async fn who_does_not_wait_for_the_disk_waits_when_a_number_is_given() {
    let database = database().await;
    let place = import(&database.store).await;
    let mut connection = database.pool().await.acquire().await.unwrap();
    sqlx::raw_sql("set synchronous_commit = off; begin").execute(&mut *connection).await.unwrap();
    sqlx::query("update gewu.worker set name = 'x' where id = $1")
        .bind(place.workers[0])
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("set constraints all immediate").execute(&mut *connection).await.unwrap();
    let now: String =
        sqlx::query_scalar("show synchronous_commit").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(now, "local");
    sqlx::raw_sql("commit").execute(&mut *connection).await.unwrap();
    let after: String =
        sqlx::query_scalar("show synchronous_commit").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(after, "off", "as the session wanted it");
}

#[tokio::test]
async fn writes_after_constraints_were_made_immediate_are_told_too() {
    let database = database().await;
    let place = import(&database.store).await;
    sqlx::raw_sql(
        "begin; update gewu.worker set name = '1'; set constraints all immediate; \
         update gewu.worker set name = '2'; commit",
    )
    .execute(&database.pool().await)
    .await
    .unwrap();
    let changes = database.store.changes_after(FeedPosition::after(place.revision), 10).await.unwrap();
    assert_eq!(changes.len(), 4);
    let Following::Delta(delta) = database.store.read_delta(place.revision).await.unwrap() else {
        panic!("no delta")
    };
    assert!(delta.workers.iter().all(|(_, worker)| worker.as_ref().unwrap().name == "2"));
}
