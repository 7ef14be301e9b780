//! Who writes what, and how it is told.

use gewu::store::{Action, Change, FeedPosition, Following, PoolLimits, Reason, Store};
use sqlx::{AssertSqlSafe, Connection as _, PgPool};
use uuid::Uuid;

use crate::common::{TestDatabase, database};
use crate::content::Content;
use crate::place::{facility, giving_leaves, import};

/// Everything after a revision, checked for order.
async fn told(store: &Store, after: i64) -> Vec<Change> {
    let changes = store.changes_after(FeedPosition::after(after), 100_000).await.unwrap();
    assert!(changes.is_sorted_by_key(|change| change.position));
    changes
}

async fn run(pool: &PgPool, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(pool).await.unwrap();
}

/// What is told after a revision, without places: entity, county, identity, action; in a fixed order.
async fn rows(store: &Store, after: i64) -> Vec<(String, String, Option<Uuid>, Action)> {
    let mut rows: Vec<_> = told(store, after)
        .await
        .into_iter()
        .map(|c| {
            (c.entity, c.county.map(|county| county.as_str().to_owned()).unwrap_or_default(), c.id, c.action)
        })
        .collect();
    rows.sort_by_key(|row| format!("{row:?}"));
    rows
}

fn row(entity: &str, county: &str, id: Uuid, action: Action) -> (String, String, Option<Uuid>, Action) {
    (entity.to_owned(), county.to_owned(), Some(id), action)
}

#[tokio::test]
async fn an_import_is_one_revision_and_each_row_of_it_is_told() {
    let database = database().await;
    let place = import(&database.store).await;
    assert_eq!(place.revision, database.store.latest_revision().await.unwrap());
    let all = told(&database.store, 0).await;
    assert!(
        all.iter().all(|change| change.position.number == place.revision && change.action == Action::Insert)
    );
    let count = |entity: &str| all.iter().filter(|change| change.entity == entity).count();
    assert_eq!(["grid", "worker", "assignment", "level"].map(count), [3, 2, 1, 2]);
    assert_eq!(all.len(), 8);
}

#[tokio::test]
async fn a_statement_that_touches_nothing_makes_no_revision() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = giving_leaves(database.options()).await;
    run(
        &pool,
        "update gewu.worker set name = 'x' where name = 'nobody'; delete from gewu.facility; \
                insert into gewu.worker select * from gewu.worker where false",
    )
    .await;
    assert_eq!(database.store.latest_revision().await.unwrap(), place.revision);
    assert!(matches!(database.store.read_delta(place.revision).await.unwrap(), Following::Unchanged));
}

#[tokio::test]
async fn what_a_rolled_back_savepoint_wrote_is_not_told_and_the_rest_is_one_revision() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = giving_leaves(database.options()).await;
    let [first, second] = place.workers;
    run(&pool, &format!(
        "begin; savepoint a; update gewu.worker set name = 'lost' where id = '{first}'; rollback to a; \
         update gewu.worker set name = 'kept' where id = '{second}'; \
         savepoint b; delete from gewu.assignment; rollback to b; \
         savepoint c; insert into gewu.absence (id, worker_id, valid) values ('{first}', '{first}', tstzrange(now(), null)); \
         release c; commit"
    ))
    .await;
    let expected = [row("absence", "", first, Action::Insert), row("worker", "", second, Action::Update)];
    assert_eq!(rows(&database.store, place.revision).await, expected);
    assert_eq!(database.store.latest_revision().await.unwrap(), place.revision + 1);
}

#[tokio::test]
async fn an_insert_that_becomes_an_update_is_told_as_what_it_did() {
    let database = database().await;
    let place = import(&database.store).await;
    let new = Uuid::now_v7();
    run(
        &database.pool().await,
        &format!(
            "insert into gewu.worker (id, source, source_id, name, role) \
         values ('{new}', 'hr', 'new', '新', 'head'), (gen_random_uuid(), 'hr', '张伟', '张大伟', 'head') \
         on conflict (source, source_id) do update set name = excluded.name"
        ),
    )
    .await;
    let mut expected =
        [row("worker", "", new, Action::Insert), row("worker", "", place.workers[0], Action::Update)];
    expected.sort_by_key(|row| format!("{row:?}"));
    assert_eq!(rows(&database.store, place.revision).await, expected);
}

#[tokio::test]
async fn a_write_to_a_partition_is_told_and_a_move_between_partitions_once_for_each_county() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = giving_leaves(database.options()).await;
    let school = facility(&pool, "532901").await;
    let mut content = Content::of(database.store.read_snapshot().await.unwrap());
    let part = "select 'gewu.' || relname from gewu.facility f join pg_class c on c.oid = f.tableoid";
    let part: String = sqlx::query_scalar(part).fetch_one(&pool).await.unwrap();
    assert!(part.starts_with("gewu.facility_"), "{part}");
    run(&pool, &format!("update {part} set name = '直接'")).await;
    run(&pool, &format!("update gewu.facility set county = '532902' where id = '{school}'")).await;
    run(&pool, &format!("with gone as (delete from {part} returning *) select count(*) from gone")).await;
    let expected = [
        row("facility", "532901", school, Action::Insert),
        row("facility", "532901", school, Action::Update),
        row("facility", "532901", school, Action::Update),
        row("facility", "532902", school, Action::Update),
    ];
    assert_eq!(rows(&database.store, place.revision).await, expected);
    follow(&database, &mut content).await;
    assert!(content.get("facility", school).is_some_and(|text| text.contains("直接")));
    run(&pool, "delete from gewu.facility").await;
    follow(&database, &mut content).await;
    assert_eq!(content.get("facility", school), None);
}

/// Applies what is new and compares with everything read again.
async fn follow(database: &TestDatabase, content: &mut Content) {
    match database.store.read_delta(content.revision).await.unwrap() {
        Following::Delta(delta) => content.apply(delta),
        other => panic!("{other:?}"),
    }
    assert_eq!(*content, Content::of(database.store.read_snapshot().await.unwrap()));
}

#[tokio::test]
async fn every_followed_table_reaches_the_follower_by_rows() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = giving_leaves(database.options()).await;
    let mut content = Content::of(database.store.read_snapshot().await.unwrap());
    let id = Uuid::now_v7();
    let [worker, other] = place.workers;
    let west = place.west;
    let point = "st_setsrid(st_point(100.2, 25.2), 4490)";
    let writes = [
        "update gewu.level_scheme set name = '新名' where level = 5".to_owned(),
        format!("update gewu.grid_version set name = '新网格' where grid_id = '{west}'"),
        format!("update gewu.worker set phone = null where id = '{worker}'"),
        format!(
            "insert into gewu.absence (id, worker_id, substitute_id, valid) values ('{id}', '{worker}', '{other}', tstzrange(now(), null))"
        ),
        format!("update gewu.assignment set grid_id = '{}' where id = '{}'", place.east, place.assignment),
        format!(
            "insert into gewu.building (county, id, source, source_id, class, geom) values ('532901', '{id}', 's', '1', 'house', {point})"
        ),
        format!(
            "insert into gewu.facility (county, id, source, source_id, class, geom) values ('000000', '{id}', 's', '1', 'school', {point})"
        ),
        format!(
            "insert into gewu.person (county, id, source, source_id, name, geom) values ('532901', '{id}', 's', '1', '某', {point})"
        ),
        format!("update gewu.person set leaf_id = '{west}' where id = '{id}'"),
        format!("delete from gewu.building where id = '{id}'"),
        "delete from gewu.absence".to_owned(),
        "delete from gewu.assignment".to_owned(),
    ];
    for write in writes {
        run(&pool, &write).await;
        follow(&database, &mut content).await;
    }
}

#[tokio::test]
async fn a_bulk_statement_or_a_truncation_asks_for_a_rebuild() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = giving_leaves(database.options()).await;
    let many = |count: u32, source: &str| {
        format!(
            "insert into gewu.worker (id, source, source_id, name, role) \
             select gen_random_uuid(), '{source}', n::text, 'x', 'head' from generate_series(1, {count}) n"
        )
    };
    run(&pool, &many(5_000, "told")).await;
    assert!(
        matches!(database.store.read_delta(place.revision).await.unwrap(), Following::Delta(delta) if delta.workers.len() == 5_000)
    );
    let before = database.store.latest_revision().await.unwrap();
    run(&pool, &many(5_001, "bulk")).await;
    let Following::Rebuild { reason } = database.store.read_delta(before).await.unwrap() else {
        panic!("a delta")
    };
    assert_eq!(reason, Reason::Bulk("worker".to_owned()));
    let bulk: Vec<_> = told(&database.store, before).await;
    assert_eq!(bulk.len(), 1);
    assert_eq!((bulk[0].action, bulk[0].id), (Action::Bulk, None));

    let before = database.store.latest_revision().await.unwrap();
    run(&pool, "truncate gewu.assignment").await;
    let Following::Rebuild { reason } = database.store.read_delta(before).await.unwrap() else {
        panic!("a delta")
    };
    assert_eq!(reason, Reason::Bulk("assignment".to_owned()));
    assert_eq!(told(&database.store, before).await.len(), 1, "told once, not by each partition");
}

#[tokio::test]
async fn a_role_with_rights_to_the_table_alone_writes_and_is_told_under_its_name() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = giving_leaves(database.options()).await;
    let role = format!("editor_{}", Uuid::now_v7().simple());
    run(&pool, &format!(
        "create role {role}; grant usage on schema gewu to {role}; grant select, update on gewu.worker to {role}"
    ))
    .await;
    let mut connection = pool.acquire().await.unwrap();
    let as_role = format!("set role {role}");
    sqlx::raw_sql(AssertSqlSafe(as_role)).execute(&mut *connection).await.unwrap();
    let refused = sqlx::query("select 1 from gewu.change").execute(&mut *connection).await;
    assert!(refused.unwrap_err().to_string().contains("permission denied"));
    let refused = sqlx::query("select gewu.note_bulk('worker')").execute(&mut *connection).await;
    assert!(refused.unwrap_err().to_string().contains("permission denied"));
    sqlx::query("update gewu.worker set name = '改' where id = $1")
        .bind(place.workers[0])
        .execute(&mut *connection)
        .await
        .unwrap();
    connection.detach().close().await.unwrap();
    let changed = rows(&database.store, place.revision).await;
    assert_eq!(changed, [row("worker", "", place.workers[0], Action::Update)]);
    let author: String = sqlx::query_scalar("select author from gewu.revision order by number desc limit 1")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(author, role);
    run(&pool, &format!("drop owned by {role}; drop role {role}")).await;
}

#[tokio::test]
async fn the_bell_rings_for_a_commit_and_survives_the_loss_of_its_connection() {
    let database = database().await;
    let place = import(&database.store).await;
    let pool = giving_leaves(database.options()).await;
    let other = Store::connect(database.options(), PoolLimits::default()).await.unwrap();
    let bell = other.bell();
    let rung = async || {
        tokio::time::timeout(std::time::Duration::from_secs(20), bell.rung()).await.expect("it rings");
    };
    let update = format!("update gewu.worker set name = name || '.' where id = '{}'", place.workers[0]);
    rung().await; // It hangs.
    run(&pool, &update).await;
    rung().await;
    run(
        &pool,
        "select pg_terminate_backend(pid) from pg_stat_activity \
                where datname = current_database() and query ilike 'listen%'",
    )
    .await;
    rung().await; // Lost, or back already.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    while tokio::time::timeout(std::time::Duration::from_millis(50), bell.rung()).await.is_ok() {}
    run(&pool, &update).await;
    rung().await;
    drop(bell);
    other.close().await;
}
