//! Areas of gaps, overlaps and land outside, as PostGIS measures them.

use std::collections::BTreeMap;

use chrono::Utc;
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::query::check::{Report, Settings, What, check};

use crate::common::database;
use crate::lattice::{defective, store, whole};

/// Square metres by kind and codes.
type Areas = BTreeMap<(String, String, String), f64>;

const GAPS: &str = "select 'gap', p.code, '', st_area(st_difference(p.geom, st_union(c.geom))::geography)
    from gewu.current_grid p join gewu.current_grid c on c.parent_id = p.grid_id group by p.code, p.geom";
const OVERLAPS: &str = "select 'overlap', a.code, b.code, st_area(st_intersection(a.geom, b.geom)::geography)
    from gewu.current_grid a join gewu.current_grid b on b.parent_id = a.parent_id and a.code < b.code";
const OUTSIDE: &str = "select 'outside', c.code, p.code, st_area(st_difference(c.geom, p.geom)::geography)
    from gewu.current_grid c join gewu.current_grid p on c.parent_id = p.grid_id";

fn areas(atlas: &Atlas, report: &Report) -> Areas {
    let mut areas = Areas::new();
    for finding in &report.findings {
        let (What::Gap { area_m2 } | What::Overlap { area_m2 } | What::Outside { area_m2, .. }) =
            finding.what
        else {
            continue;
        };
        let code = |at: usize| {
            finding.grids.get(at).map_or(String::new(), |grid| atlas.grids().code(*grid).to_string())
        };
        *areas.entry((finding.what.kind().to_owned(), code(0), code(1))).or_default() += area_m2;
    }
    areas
}

#[tokio::test(flavor = "multi_thread")]
async fn areas_are_those_of_postgis() {
    let database = database().await;
    store(&database.store, &defective()).await;
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let report = check(&atlas, &Principal::open(), &Settings::at(Utc::now()), &|| {});
    let found = areas(&atlas, &report);
    let pool = database.pool().await;
    let mut expected = Areas::new();
    for statement in [GAPS, OVERLAPS, OUTSIDE] {
        let rows: Vec<(String, String, String, f64)> =
            sqlx::query_as(statement).fetch_all(&pool).await.unwrap();
        // What is below the tolerance is counted only; the lattice has nothing near it.
        expected.extend(
            rows.into_iter().filter(|row| row.3 > 1.0).map(|(kind, a, b, area)| ((kind, a, b), area)),
        );
    }
    pool.close().await;
    let kinds = |kind: &str| expected.keys().filter(|key| key.0 == kind).count();
    assert!(kinds("gap") == 1 && kinds("overlap") >= 3 && kinds("outside") >= 1, "{expected:?}");
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (key, area) in &expected {
        let off = (found[key] - area).abs();
        // Both round places to some micrometres; over a kilometre of border that is a hundredth of a square metre.
        assert!(off < 0.05 + 1e-6 * area, "{key:?}: {} is not {area}", found[key]);
    }
    let halves = report.levels.iter().find(|level| level.level.number() == 3).unwrap();
    assert_eq!((halves.grids, halves.proven, halves.outside_m2), (2, 2, 0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_borders_prove_postgis_finds_equal() {
    let database = database().await;
    store(&database.store, &whole()).await;
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let report = check(&atlas, &Principal::open(), &Settings::at(Utc::now()), &|| {});
    assert!(report.all_proven() && areas(&atlas, &report).is_empty(), "{:?}", report.findings);
    let pool = database.pool().await;
    let same: bool = sqlx::query_scalar(
        "select bool_and(same) from (select st_equals(p.geom, st_union(c.geom)) as same
         from gewu.current_grid p join gewu.current_grid c on c.parent_id = p.grid_id group by p.code, p.geom) all_of_them",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    pool.close().await;
    assert!(same);
}
