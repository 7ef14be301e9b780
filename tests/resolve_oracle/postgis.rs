//! What PostGIS says of the same grids and points.

use std::collections::HashMap;

use gewu::atlas::{Atlas, Cover};
use gewu::model::LonLat;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

/// A verdict: the code of the grid, whether it is a leaf, whether the point is strictly inside. None: in no grid.
pub(crate) type Verdict = Option<(String, bool, bool)>;

/// The grids in force, and points in the order given, as indexed tables `shape` and `asked` of one session.
pub(crate) async fn session(options: PgConnectOptions, points: &[LonLat]) -> PgConnection {
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(
        "set statement_timeout = 0;
         create temp table asked (number int, geom geometry(point, 4490));
         create temp table shape as
           select g.code, g.level, g.geom, not exists (
             select from gewu.current_grid c where c.parent_county = g.county and c.parent_id = g.grid_id) as leaf
           from gewu.current_grid g;
         create index on shape using gist (geom);",
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
    sqlx::raw_sql("create index on asked using gist (geom); analyze asked; analyze shape")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

/// For each point the leaf of the lowest code that `ST_Covers` names, else the deepest grid, else nothing.
///
/// Grid by grid (`offset 0` keeps the planner from turning it round), since PostGIS prepares a polygon that comes again.
pub(crate) async fn verdicts(options: PgConnectOptions, points: &[LonLat]) -> Vec<Verdict> {
    let mut connection = session(options, points).await;
    let rows: Vec<(i32, String, bool, bool)> = sqlx::query_as(
        "select distinct on (number) number, code, leaf, inside from (
           select a.number, s.code, s.leaf, s.level, a.inside from shape s cross join lateral (
             select number, st_contains(s.geom, geom) as inside from asked where st_covers(s.geom, geom) offset 0) a) found
         order by number, leaf desc, case when leaf then 0 else level end desc, code collate \"C\"",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut found: HashMap<i32, _> =
        rows.into_iter().map(|(number, code, leaf, inside)| (number, (code, leaf, inside))).collect();
    (0..points.len() as i32).map(|number| found.remove(&number)).collect()
}

/// What the atlas says, in the same form.
pub(crate) fn verdict(atlas: &Atlas, point: LonLat) -> Verdict {
    let code = |grid| atlas.grids().code(grid).to_string();
    match atlas.cover(point) {
        Cover::Inside(grid) => Some((code(grid), true, true)),
        Cover::Border(grid) => Some((code(grid), true, false)),
        Cover::ParentOnly(grid) => Some((code(grid), false, true)),
        Cover::Outside => None,
    }
}

/// How the points of a comparison lie.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Strictly inside a leaf.
    pub(crate) inside: usize,
    /// On the edge of one.
    pub(crate) border: usize,
    /// In a grid, but in no leaf.
    pub(crate) parent_only: usize,
    /// In nothing.
    pub(crate) outside: usize,
}

/// Asks both about every point and expects one answer.
pub(crate) async fn assert_same(atlas: &Atlas, options: PgConnectOptions, points: &[LonLat]) -> Tally {
    let expected = verdicts(options, points).await;
    let mut tally = Tally::default();
    let mut differences = Vec::new();
    for (point, mut oracle) in points.iter().zip(expected) {
        match &mut oracle {
            None => tally.outside += 1,
            Some((_, false, inside)) => {
                tally.parent_only += 1;
                // The atlas does not tell whether a point in no leaf is on the edge of the grid above.
                *inside = true;
            }
            Some((_, true, true)) => tally.inside += 1,
            Some((_, true, false)) => tally.border += 1,
        }
        let found = verdict(atlas, *point);
        if found != oracle {
            differences.push((point, found, oracle));
        }
    }
    println!("{} points: {tally:?}", points.len());
    assert!(differences.is_empty(), "{} differences, the first: {:?}", differences.len(), differences[0]);
    tally
}
