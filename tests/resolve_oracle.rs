//! The lookup against PostGIS on the whole sample region: 200,000 points, a third of them on or next to an edge.

mod common;

use std::collections::HashMap;

use geo::CoordsIter;
use gewu::atlas::{Atlas, Cover};
use gewu::model::LonLat;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, PgConnection};

const POINTS: usize = 200_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_leaf_of_200_000_points_is_the_one_that_postgis_names_lowest_code_first() {
    let database = common::sample_region().await;
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let points = points(&atlas);
    let expected = postgis(database.options(), &points).await;

    let mut on_border = 0;
    let mut outside = 0;
    let mut differences = Vec::new();
    for (number, point) in points.iter().enumerate() {
        let leaf = match atlas.cover(*point) {
            Cover::Inside(grid) => Some(grid),
            Cover::Border(grid) => {
                on_border += 1;
                Some(grid)
            }
            Cover::ParentOnly(_) | Cover::Outside => None,
        };
        outside += usize::from(leaf.is_none());
        let found = leaf.map(|grid| atlas.grids().code(grid).as_str());
        let oracle = expected.get(&(number as i32)).map(String::as_str);
        if found != oracle {
            differences.push((point, found, oracle));
        }
    }
    println!("{POINTS} points: {on_border} exactly on a border, {outside} in no leaf");
    assert!(differences.is_empty(), "{} differences, the first: {:?}", differences.len(), differences[0]);
    assert!(
        on_border > POINTS / 10,
        "only {on_border} points were on a border: the oracle was not asked the hard ones"
    );
    assert!(outside > 1_000, "only {outside} points were outside");
}

/// Two thirds anywhere in the bounds, a third on vertices, edge midpoints and within 1e-9 degrees of an edge.
fn points(atlas: &Atlas) -> Vec<LonLat> {
    let mut random = ChaCha8Rng::seed_from_u64(20_260_303);
    let grids = atlas.grids();
    let leaves: Vec<_> = grids.all().filter(|grid| grids.is_leaf(*grid)).collect();
    let bounds = grids.bounds().unwrap();
    let hard = |random: &mut ChaCha8Rng| {
        let geometry = grids.geometry(leaves[random.random_range(0..leaves.len())]);
        let ring = geometry.0[0].exterior();
        let edge = random.random_range(0..ring.coords_count() - 1);
        let (a, b) = (ring.0[edge], ring.0[edge + 1]);
        let t = random.random_range(0.0..1.0);
        let mut nudge = || random.random_range(-1e-9..1e-9);
        match edge % 3 {
            0 => (a.x, a.y),
            1 => ((a.x + b.x) / 2.0, (a.y + b.y) / 2.0),
            _ => (a.x + t * (b.x - a.x) + nudge(), a.y + t * (b.y - a.y) + nudge()),
        }
    };
    let point = |number: usize| {
        let (lon, lat) = if number.is_multiple_of(3) {
            hard(&mut random)
        } else {
            (
                random.random_range(bounds.min[0]..bounds.max[0]),
                random.random_range(bounds.min[1]..bounds.max[1]),
            )
        };
        LonLat::new(lon, lat).unwrap()
    };
    (0..POINTS).map(point).collect()
}

/// The lowest code among the leaves that `ST_Covers` names, for each point that has any.
async fn postgis(options: sqlx::postgres::PgConnectOptions, points: &[LonLat]) -> HashMap<i32, String> {
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(
        "set statement_timeout = 0;
         create temp table asked (number int, geom geometry(point, 4490));
         create temp table leaf as
           select g.code, g.geom from gewu.current_grid g
           where not exists (select from gewu.current_grid c
                             where c.parent_county = g.county and c.parent_id = g.grid_id);
         create index on leaf using gist (geom);",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let lons: Vec<f64> = points.iter().map(|p| p.lon()).collect();
    let lats: Vec<f64> = points.iter().map(|p| p.lat()).collect();
    sqlx::query(
        "insert into asked select number - 1, st_setsrid(st_makepoint(lon, lat), 4490)
         from unnest($1::float8[], $2::float8[]) with ordinality as t (lon, lat, number)",
    )
    .bind(lons)
    .bind(lats)
    .execute(&mut connection)
    .await
    .unwrap();
    sqlx::raw_sql("create index on asked using gist (geom); analyze asked; analyze leaf")
        .execute(&mut connection)
        .await
        .unwrap();
    let rows: Vec<(i32, String)> = sqlx::query_as(
        "select a.number, min(l.code collate \"C\") from leaf l join asked a on st_covers(l.geom, a.geom) group by a.number",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.into_iter().collect()
}
