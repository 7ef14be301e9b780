//! Moves and edits of boundaries by chance, as somebody writes them by hand.

use gewu::atlas::{Atlas, Cover};
use gewu::store::Following;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::region::{Region, SIDE, at};

/// A statement by chance.
fn statement(random: &mut ChaCha8Rng, step: usize) -> String {
    let table = *["facility", "building", "resource", "person"].choose(random).unwrap();
    let by = random.random_range(-0.01..0.01);
    let leaf = "(select g.grid_id from gewu.current_grid g where not exists (select from gewu.current_grid c where c.parent_id = g.grid_id) \
                order by random() limit 1)";
    match random.random_range(0..12) {
        0 => format!("update gewu.{table} set geom = st_translate(geom, {by}, 0) where random() < 0.05"),
        1 => format!("update gewu.{table} set geom = st_snaptogrid(st_translate(geom, 0.004, {by}), 0.01) where geometrytype(geom) = 'POINT' and random() < 0.1"),
        2 => format!(
            "insert into gewu.facility (county, id, source, source_id, class, geom) \
             select '532901', gen_random_uuid(), 'step {step}', n::text, 'clinic', {} from generate_series(1, 4) n",
            at()
        ),
        3 => format!("delete from gewu.{table} where random() < 0.02"),
        // The corner of up to four leaves goes somewhere else, in one statement.
        4 | 5 => {
            let (x, y) = (random.random_range(0..=SIDE), random.random_range(0..=SIDE));
            let corner = format!("st_setsrid(st_point({}, {}), 4490)", 100.0 + x as f64 * 0.01, 25.0 + y as f64 * 0.01);
            format!(
                "update gewu.grid_version v set geom = st_multi(st_snap(geom, st_translate({corner}, {by}, 0.003), 0.0099)) \
                 where level = 3 and valid @> now() and st_dwithin(geom, {corner}, 0.0001) and st_isvalid(st_snap(geom, st_translate({corner}, {by}, 0.003), 0.0099))"
            )
        }
        // One leaf alone: a gap here, an overlap there.
        6 => format!("update gewu.grid_version set geom = st_translate(geom, {by}, 0) where valid @> now() and grid_id = {leaf}"),
        // Given up; what lay in it lies in none, or the parent is a leaf again.
        7 => format!("update gewu.grid_version set valid = tstzrange(lower(valid), clock_timestamp()) where valid @> now() and grid_id = {leaf} and random() < 0.5"),
        // Divided in two.
        8 => format!(
            "with old as (select * from gewu.current_grid where level = 3 and grid_id = {leaf}), \
             part as (select old.*, gen_random_uuid() as new_id, old.code || 's{step}' || n as new_code, n from old, generate_series(0, 1) n), \
             grids as (insert into gewu.grid (county, id, created_revision) select county, new_id, revision from part), \
             codes as (insert into gewu.grid_code (county, scheme, code, grid_id) select county, scheme, new_code, new_id from part) \
             insert into gewu.grid_version (county, grid_id, revision, valid, scheme, code, level, parent_county, parent_id, name, geom) \
             select county, new_id, revision, tstzrange(clock_timestamp(), null), scheme, new_code, 4, county, grid_id, '半', \
               st_multi(st_setsrid(st_makeenvelope(st_xmin(geom) + n * (st_xmax(geom) - st_xmin(geom)) / 2, st_ymin(geom), \
                 st_xmin(geom) + (n + 1) * (st_xmax(geom) - st_xmin(geom)) / 2, st_ymax(geom)), 4490)) from part"
        ),
        // Put together again: both halves go.
        9 => "delete from gewu.grid_version where level = 4 and parent_id = (select parent_id from gewu.current_grid where level = 4 order by random() limit 1)".to_owned(),
        // Under another parent, whose leaves they are then.
        10 => format!(
            "update gewu.grid_version set parent_id = (select grid_id from gewu.current_grid where level = 2 order by random() limit 1) \
             where valid @> now() and level = 3 and grid_id = {leaf}"
        ),
        // By the name of a partition, and what moves nothing.
        _ => format!(
            "update gewu.facility_{:02} set geom = st_translate(geom, {by}, {by}); update gewu.{table} set source = source || '.' where random() < 0.2; \
             update gewu.grid_version set name = name || '.' where valid @> now()",
            random.random_range(0..16)
        ),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_two_hundred_statements_by_chance_everything_is_where_postgis_says() {
    let region = Region::new(200).await;
    region.assert_settled("what was put in").await;
    let begin = Atlas::build(region.database.store.read_snapshot().await.unwrap()).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut done = 0;
    for step in 0..200 {
        let statement = statement(&mut random, step);
        let statements = if random.random_bool(0.2) {
            format!("begin; {statement}; savepoint s; {}; commit", self::statement(&mut random, 1_000 + step))
        } else {
            statement
        };
        done += region.run(&statements).await;
        region.assert_settled(&format!("step {step}: {statements}")).await;
    }
    let (leaves, held) = (
        region.count("select count(distinct leaf_id) from gewu.facility").await,
        region.count("select count(*) from gewu.facility where leaf_id is not null").await,
    );
    println!("{done} rows written; at the end {held} facilities lie in {leaves} leaves");
    assert!(done > 1_000 && leaves > 10 && held > 50, "{done} {leaves} {held}");
    let Following::Delta(delta) = region.database.store.read_delta(begin.revision()).await.unwrap() else {
        panic!("the feed does not lead on")
    };
    assert_agrees(&begin.apply(delta).unwrap());
}

/// The atlas, which followed, says the same of each position as the leaf that it was told with it.
fn assert_agrees(atlas: &Atlas) {
    let mut compared = 0;
    for facility in atlas.resources().facilities() {
        let at = gewu::model::LonLat::new(facility.position.x(), facility.position.y()).unwrap();
        let leaf = match atlas.cover(at) {
            Cover::Inside(grid) | Cover::Border(grid) => Some(atlas.grids().id(grid)),
            Cover::ParentOnly(_) | Cover::Outside => None,
        };
        assert_eq!(facility.leaf, leaf, "at {at:?}");
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
}
