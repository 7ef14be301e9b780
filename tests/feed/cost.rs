//! What following costs; run by hand: `cargo test --test feed cost -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use gewu::model::{Role, Worker, WorkerId};
use gewu::store::{Following, ImportKind, PoolLimits, Store};
use uuid::Uuid;

use crate::common::database;
use crate::place::import;

fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize]
}

#[tokio::test]
#[ignore = "a measurement"]
async fn the_time_from_a_commit_to_its_delta() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = database.pool().await;
    let reader = Store::connect(database.options(), PoolLimits::default()).await.unwrap();
    let bell = reader.bell();
    bell.rung().await;
    let mut since = place.revision;
    let (mut writes, mut deltas) = (Vec::new(), Vec::new());
    for round in 0..1_000 {
        let started = Instant::now();
        sqlx::query("update gewu.worker set phone = $1 where id = $2")
            .bind(round.to_string())
            .bind(place.workers[0])
            .execute(&pool)
            .await
            .unwrap();
        let committed = Instant::now();
        writes.push(committed - started);
        since = loop {
            bell.rung().await;
            if let Following::Delta(delta) = reader.read_delta(since).await.unwrap() {
                break delta.revision;
            }
        };
        deltas.push(committed.elapsed());
    }
    for (what, times) in [("edit", &mut writes), ("commit to delta", &mut deltas)] {
        println!("{what}: p50 {:?}, p99 {:?}", percentile(times, 0.5), percentile(times, 0.99));
    }
}

#[tokio::test]
#[ignore = "a measurement"]
async fn the_time_of_imports_with_and_without_triggers() {
    for enabled in ["replica", "origin"] {
        let database = database().await;
        let place = import(&database.store).await;
        assert!(place.revision > 0);
        let options = database.options().options([("session_replication_role", enabled)]);
        let store = Store::connect(options, PoolLimits::default()).await.unwrap();
        for count in [1_000, 5_000, 50_000] {
            let workers: Vec<Worker> = (0..count).map(|number| worker(count, number)).collect();
            let mut tx = store.begin_import(ImportKind::Import, "measured").await.unwrap();
            let started = Instant::now();
            tx.put_workers(&workers).await.unwrap();
            println!("session_replication_role = {enabled}, {count} workers: {:?}", started.elapsed());
        }
        store.close().await;
    }
}

fn worker(count: u32, number: u32) -> Worker {
    Worker {
        id: WorkerId(Uuid::now_v7()),
        source: format!("measured-{count}"),
        source_id: number.to_string(),
        name: "张伟".to_owned(),
        phone: Some("13800001111".to_owned()),
        organisation: None,
        role: Role::FullTime,
        invented: true,
    }
}
