//! What is written by hand, and who says that leaves are given.

use std::time::{Duration, Instant};

use crate::region::{Region, at};

/// Moves what stays in the county: to another one, which is another partition, PostgreSQL moves no row that somebody else waits for.
const INNER: &str = "update gewu.facility set geom = st_translate(geom, 0.003, 0.003) where geom && st_makeenvelope(100.02, 25.02, 100.04, 25.04, 4490)";

#[tokio::test(flavor = "multi_thread")]
async fn many_are_placed_as_one_by_one_and_copied_rows_too() {
    let region = Region::new(2_000).await;
    region.assert_settled("many at once").await;
    let moved = region.run("update gewu.facility set geom = st_translate(geom, 0.005, 0.005)").await;
    assert_eq!(moved, 2_000);
    region.assert_settled("all moved at once").await;
    region.run("update gewu.grid_version set geom = st_translate(geom, 0.0049, 0) where valid @> now() and level = 3").await;
    region.assert_settled("all boundaries moved at once").await;
    region.run("delete from gewu.grid_version").await;
    region.assert_settled("no grid is left").await;
    assert_eq!(region.count("select count(*) from gewu.person where leaf_id is not null").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_that_leaves_are_given_gives_them() {
    let region = Region::new(100).await;
    let all = "select count(*) from gewu.facility where leaf_id is not null";
    assert!(region.count(all).await > 5);
    region.run("begin; set local gewu.leaves = 'given'; update gewu.facility set leaf_id = null, county = '000000', geom = geom; commit").await;
    assert_eq!(region.count(all).await, 0, "as it was written");
    // A leaf alone, given by hand, stays; a move finds it anew.
    region.run("update gewu.facility set class = 'clinic', leaf_id = null").await;
    assert_eq!(region.count(all).await, 0);
    region.run("update gewu.facility set geom = st_translate(geom, 1e-9, 0)").await;
    region.assert_settled("all were moved a little").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_a_boundary_that_was_written_ahead_is_placed_when_its_time_has_come() {
    let region = Region::new(200).await;
    // It is a server that does it, with the rights that a server has.
    region.database.store.act_as_server(std::iter::empty()).await.unwrap();
    assert_eq!(region.database.store.settle_due().await.unwrap(), 0);
    region
        .run(
            "do $$ declare soon timestamptz := clock_timestamp() + interval '1 second'; begin \
             insert into gewu.revision (kind, title) values ('other', 'later'); \
             create temp table old as select * from gewu.current_grid where level = 3; \
             update gewu.grid_version set valid = tstzrange(lower(valid), soon) where level = 3; \
             insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, parent_county, parent_id, name, geom) \
             select county, grid_id, (select max(id) from gewu.revision), tstzrange(soon, null), scheme, code, level, parent_county, parent_id, name, \
               st_translate(geom, 0.004, 0.004) from old; end $$",
        )
        .await;
    region.assert_settled("it was written").await;
    assert_eq!(region.database.store.settle_due().await.unwrap(), 0, "it is not yet time");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(region.database.store.settle_due().await.unwrap(), 1);
    region.assert_settled("its time came").await;
    assert_eq!(region.database.store.settle_due().await.unwrap(), 0, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_and_an_edit_of_a_boundary_at_once_wait_for_each_other() {
    let region = Region::new(400).await;
    let statement = |sql: &'static str| {
        let pool = region.pool.clone();
        tokio::spawn(async move { sqlx::raw_sql(sql).execute(&pool).await.unwrap() })
    };
    let mut open = region.pool.begin().await.unwrap();
    sqlx::raw_sql(
        "update gewu.grid_version set geom = st_translate(geom, 0.005, 0) where valid @> now() and level = 3",
    )
    .execute(&mut *open)
    .await
    .unwrap();
    let moving = statement(INNER);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!moving.is_finished(), "it waits for the boundaries");
    open.commit().await.unwrap();
    moving.await.unwrap();
    region.assert_settled("both").await;
    // Two who move resources do not wait for each other.
    let mut open = region.pool.begin().await.unwrap();
    sqlx::raw_sql("update gewu.building set geom = st_translate(geom, 0.003, 0)")
        .execute(&mut *open)
        .await
        .unwrap();
    statement("update gewu.facility set geom = st_translate(geom, 0.003, 0)").await.unwrap();
    open.commit().await.unwrap();
    region.assert_settled("two moves").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_the_schema_may_not_call_what_runs_with_the_rights_of_the_owner() {
    let region = Region::new(2).await;
    let open = region
        .count(
            "select count(*) from pg_proc p where pronamespace = 'gewu'::regnamespace and prosecdef \
             and has_function_privilege('public', p.oid, 'execute') and proname <> 'database_identity'",
        )
        .await;
    assert_eq!(open, 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn the_time_of_an_import_with_and_without_triggers() {
    const DROPPED: &str = "do $$ declare t record; begin
        for t in select tgname, tgrelid::regclass as name from pg_trigger where tgname like 'leaf\\_%' loop
          execute format('drop trigger %I on %s', t.tgname, t.name);
        end loop; end $$";
    let cache = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for round in 0..4 {
        let has_triggers = round % 2 == 1;
        let database = crate::common::database().await;
        if !has_triggers {
            sqlx::raw_sql(DROPPED).execute(&database.pool().await).await.unwrap();
        }
        let started = Instant::now();
        gewu::cli::demo::prepare(&database.store, cache).await.unwrap();
        println!("the sample region, triggers: {has_triggers}: {:?}", started.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn the_time_of_direct_writes() {
    for given in [true, false] {
        let region = Region::new(200).await;
        let setting = if given { "begin; set local gewu.leaves = 'given'; " } else { "begin; " };
        for rows in [1, 100, 10_000] {
            let insert = format!(
                "{setting}insert into gewu.facility (county, id, source, source_id, class, geom) \
                 select '000000', gen_random_uuid(), 'rows {rows}', n::text, 'clinic', {} from generate_series(1, {rows}) n; commit",
                at()
            );
            let started = Instant::now();
            region.run(&insert).await;
            let inserted = started.elapsed();
            let started = Instant::now();
            region.run(&format!("{setting}update gewu.facility set geom = st_translate(geom, 0.001, 0) where source = 'rows {rows}'; commit")).await;
            println!("leaves given: {given}; {rows} rows put in {inserted:?}, moved {:?}", started.elapsed());
        }
        let started = Instant::now();
        region.run(&format!("{setting}update gewu.grid_version set geom = st_translate(geom, 0.001, 0) where code = '532901001000'; commit")).await;
        println!("leaves given: {given}; a boundary {:?}", started.elapsed());
    }
}
