//! Under fire: eight writers, followers without a bell, and PostgreSQL killed in the middle, twice.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gewu::store::{Cluster, PgConnectOptions, PoolLimits, Store};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use crate::content::Content;
use crate::follower::{follow, read_changes, read_whole};
use crate::ledger;
use crate::place::{giving_leaves, import};
use crate::writer::{Tally, write};

/// How long the writers write before, between and after the two kills.
const ROUND: Duration = Duration::from_secs(4);
const WRITERS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_fire_no_change_is_lost_none_told_twice_and_order_is_kept() {
    let directory = tempfile::Builder::new().prefix("gewu-feed-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let cluster = Cluster::start(directory.path()).await.unwrap();
    let store = connect(&cluster.connect_options()).await;
    store.migrate().await.unwrap();
    let pool = giving_leaves(cluster.connect_options()).await;
    ledger::create(&pool).await;
    import(&store).await;
    let workers = counting_workers(&pool).await;
    let begin = Content::of(store.read_snapshot().await.unwrap());
    let since = begin.revision;

    let (end, ended) = watch::channel(false);
    let (goal, until) = watch::channel(None);
    let writers: Vec<_> = (0..WRITERS)
        .map(|seed| tokio::spawn(write(pool.clone(), seed, workers.clone(), ended.clone())))
        .collect();
    let reader = tokio::spawn(read_changes(connect(&cluster.connect_options()).await, since, until.clone()));
    let paces = [3, 90].map(Duration::from_millis);
    let mut followers = Vec::new();
    for pace in paces {
        let own = connect(&cluster.connect_options()).await;
        followers.push(tokio::spawn(follow(own, begin.clone(), pace, until.clone())));
    }
    let witness = tokio::spawn(read_whole(connect(&cluster.connect_options()).await, until.clone()));

    for _ in 0..2 {
        sleep(ROUND).await;
        kill(&cluster.data_directory().join("postmaster.pid"));
        cluster.reviver().revive().await.unwrap();
    }
    sleep(ROUND).await;
    end.send_replace(true);
    let mut total = Tally::default();
    for writer in writers {
        let tally = writer.await.unwrap();
        total.committed += tally.committed;
        total.failed += tally.failed;
    }
    goal.send_replace(Some(store.latest_revision().await.unwrap()));

    let feed = reader.await.unwrap();
    ledger::assert_told_exactly(&pool, &feed, since).await;
    let counted = ledger::assert_in_order(&pool).await;
    let witnessed = witness.await.unwrap();
    let mut compared = 0;
    for follower in followers {
        compared += assert_agree(&follower.await.unwrap(), &witnessed);
    }
    println!("{total:?}, {} rows told, {counted} counted, {compared} states compared", feed.len());
    assert!(
        total.committed > 100 && total.failed > 0 && counted > 50 && compared > 5,
        "there was no fire: {total:?}"
    );
    drop((pool, store));
    cluster.stop().await.unwrap();
}

/// Two who stopped at the same revision hold the same; at the end all do.
fn assert_agree(one: &BTreeMap<i64, Content>, other: &BTreeMap<i64, Content>) -> usize {
    let common: Vec<_> = one.keys().filter(|revision| other.contains_key(revision)).collect();
    for revision in &common {
        assert!(one[revision] == other[revision], "at revision {revision}");
    }
    assert_eq!(one.last_key_value(), other.last_key_value());
    common.len()
}

async fn connect(options: &PgConnectOptions) -> Store {
    let limits =
        PoolLimits { connections: 2, acquire_timeout: Duration::from_secs(2), ..PoolLimits::default() };
    Store::connect(options.clone(), limits).await.unwrap()
}

/// Workers whose name is a number that writers count up.
async fn counting_workers(pool: &PgPool) -> Vec<Uuid> {
    sqlx::query_scalar(
        "insert into gewu.worker (id, source, source_id, name, role) \
         select gen_random_uuid(), 'counting', n::text, '0', 'head' from generate_series(1, 12) n returning id",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Ends PostgreSQL as the kernel would when memory runs out, and waits until it is gone: one that still looks alive would not be
/// started again. Its other processes notice by themselves.
fn kill(pid_file: &Path) {
    let text = std::fs::read_to_string(pid_file).unwrap();
    let postmaster = text.lines().next().unwrap();
    assert!(Command::new("kill").args(["-9", postmaster]).status().unwrap().success());
    let stat = Path::new("/proc").join(postmaster).join("stat");
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        std::thread::sleep(Duration::from_millis(5));
    }
}
