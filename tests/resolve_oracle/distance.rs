//! Distances to borders, candidates and nearest leaves against PostGIS, in two ways.
//!
//! *Geography*: `ST_Distance` on geography chooses the nearest edge, and the place on it, on a sphere and measures only the last step on
//! the ellipsoid; its edges are geodesics besides. On a sphere a metre is up to 0.6 % off, depending on its direction, so it
//! may choose an edge that is 0.6 % too far. It is never nearer than the truth by more than what bending the edges does: millimetres here.
//!
//! *Projected*: in an azimuthal equidistant projection around the point asked for, PROJ gives every vertex its true distance
//! (Karney's geodesic) and PostGIS finds the smallest on the plane. Edges are cut into pieces of ten metres first, so that they stay
//! straight in longitude and latitude: a tenth of a millimetre, near; what is far is compared in proportion.

use gewu::atlas::{Atlas, Cover};
use gewu::model::LonLat;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, PgConnection};

use crate::points::{anywhere, wider};
use crate::postgis::session;
use crate::rough::region;

/// Metres: what Gewu and the projected distance may differ by within 10 km.
const TOLERANCE_M: f64 = 2e-4;
/// Beyond, the same in proportion: a centimetre in 100 km.
const TOLERANCE_SHARE: f64 = 1e-7;
/// By how much the spherical search of geography may be too long.
const SPHERE: f64 = 0.006;
/// Metres by which bending the edges may bring it nearer.
const BEND_M: f64 = 0.005;

/// The true distance from a point `a` to the border or territory `{what}` of a shape `s`.
fn projected(what: &str) -> String {
    format!(
        "st_distance(st_transform(st_segmentize({what}, 1e-4),
           format('+proj=aeqd +lat_0=%s +lon_0=%s +ellps=GRS80 +units=m', st_y(a.geom), st_x(a.geom))), st_makepoint(0, 0))"
    )
}

fn tolerance(distance_m: f64) -> f64 {
    TOLERANCE_M.max(TOLERANCE_SHARE * distance_m)
}

fn assert_near(found: f64, exact: f64, geography: f64, what: &str) {
    assert!((found - exact).abs() <= tolerance(exact), "{what}: {found} m, projected {exact} m");
    let (least, most) = (geography * (1.0 - SPHERE) - BEND_M, geography + BEND_M);
    assert!(found >= least && found <= most, "{what}: {found} m, geography {geography} m");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_distance_to_the_border_of_the_own_leaf_is_the_one_that_postgis_measures() {
    let region = region().await;
    let atlas = &region.atlas;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let bounds = atlas.grids().bounds().unwrap();
    let points: Vec<_> = (0..4_000).map(|_| anywhere(&bounds, &mut random)).collect();
    let mut connection = session(region.database.options(), &points).await;
    let mut compared = 0;
    for (number, code, exact, geography) in borders(&mut connection).await {
        let point = points[number as usize];
        let grid = atlas.grids().find_code(&code).unwrap();
        if !matches!(atlas.cover(point), Cover::Inside(found) if found == grid) {
            continue; // where leaves overlap
        }
        assert_near(atlas.border_distance(grid, point), exact, geography, &code);
        compared += 1;
    }
    assert!(compared > 3_500, "only {compared} were compared");
}

/// For each point the leaf that holds it and the distance to its border, projected and by geography.
async fn borders(connection: &mut PgConnection) -> Vec<(i32, String, f64, f64)> {
    let question = format!(
        "select a.number, s.code, {}, st_distance(st_boundary(s.geom)::geography, a.geom::geography)
         from asked a join shape s on s.leaf and st_covers(s.geom, a.geom)",
        projected("st_boundary(s.geom)")
    );
    sqlx::query_as(sqlx::AssertSqlSafe(question)).fetch_all(connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leaves_within_an_accuracy_circle_are_those_that_postgis_finds_nearest_first() {
    let region = region().await;
    let atlas = &region.atlas;
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let bounds = wider(atlas.grids().bounds().unwrap(), 0.02);
    let points: Vec<_> = (0..1_500).map(|_| anywhere(&bounds, &mut random)).collect();
    let radii = [5.0, 30.0, 100.0, 500.0, 2_000.0];
    let mut connection = session(region.database.options(), &points).await;
    let mut listed = 0;
    for (number, point) in points.iter().enumerate() {
        let radius = radii[number % radii.len()];
        let found = atlas.leaves_within(*point, radius);
        assert!(found.is_sorted_by(|a, b| a.distance_m <= b.distance_m));
        let expected = within(&mut connection, number, radius).await;
        for neighbor in &found {
            let code = atlas.grids().code(neighbor.grid).as_str();
            let (_, exact, geography) = expected.iter().find(|row| row.0 == code).unwrap_or_else(|| {
                panic!("{code} at {} m of {point:?} is not near for PostGIS", neighbor.distance_m)
            });
            assert_near(neighbor.distance_m, *exact, *geography, code);
        }
        let missed = expected.iter().find(|(code, exact, _)| {
            *exact <= radius - tolerance(radius)
                && !found.iter().any(|n| atlas.grids().code(n.grid).as_str() == code)
        });
        assert!(missed.is_none(), "{missed:?} is missing around {point:?}, {radius} m");
        listed += found.len();
    }
    println!("{listed} candidates of {} circles", points.len());
    assert!(listed > 5_000);
}

/// Code and both distances of every leaf near a point, some beyond the radius too.
async fn within(connection: &mut PgConnection, number: usize, radius: f64) -> Vec<(String, f64, f64)> {
    let question = format!(
        "select s.code, {}, st_distance(s.geom::geography, a.geom::geography)
         from asked a join shape s on s.leaf and s.geom && st_expand(a.geom, $2 / 90000.0)
         where a.number = $1 and st_dwithin(s.geom::geography, a.geom::geography, $2 * 1.02 + 1)",
        projected("s.geom")
    );
    sqlx::query_as(sqlx::AssertSqlSafe(question))
        .bind(number as i32)
        .bind(radius)
        .fetch_all(connection)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_outside_the_nearest_leaf_is_the_one_that_postgis_finds_near_and_far() {
    let region = region().await;
    let atlas = &region.atlas;
    let points = outside(atlas);
    let mut connection = session(region.database.options(), &points).await;
    sqlx::raw_sql("create index on shape using gist ((geom::geography)) where leaf; analyze shape")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut farthest: f64 = 0.0;
    for (number, point) in points.iter().enumerate() {
        let found = atlas.nearest_leaf(*point).unwrap();
        let code = atlas.grids().code(found.grid).as_str();
        let nearest = nearest(&mut connection, number).await;
        let (_, least, _) = nearest.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        let named = nearest.iter().find(|row| row.0 == code);
        let (_, exact, geography) = named.unwrap_or_else(|| panic!("{code} is not near {point:?}"));
        assert_near(found.distance_m, *exact, *geography, code);
        assert!(exact - least <= tolerance(*least), "{code} at {exact} m, another at {least} m of {point:?}");
        farthest = farthest.max(*exact);
    }
    connection.close().await.unwrap();
    println!("{} points outside, the farthest {farthest:.0} m away", points.len());
    assert!(points.len() >= 400 && farthest > 50_000.0);
}

/// Points outside, from metres to some hundred kilometres away.
fn outside(atlas: &Atlas) -> Vec<LonLat> {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let bounds = atlas.grids().bounds().unwrap();
    let around = |share: f64| wider(bounds, share);
    let mut points = Vec::new();
    while points.len() < 400 {
        let share = [0.003, 0.02, 0.2, 2.0][random.random_range(0..4)];
        let point = anywhere(&around(share), &mut random);
        if atlas.cover(point) == Cover::Outside {
            points.push(point);
        }
    }
    points
}

/// Code and both distances of the leaves that geography finds nearest.
async fn nearest(connection: &mut PgConnection, number: usize) -> Vec<(String, f64, f64)> {
    let question = format!(
        "select s.code, {}, st_distance(s.geom::geography, a.geom::geography)
         from asked a, lateral (select code, geom from shape where leaf
                                order by geom::geography <-> a.geom::geography limit 12) s
         where a.number = $1",
        projected("s.geom")
    );
    sqlx::query_as(sqlx::AssertSqlSafe(question)).bind(number as i32).fetch_all(connection).await.unwrap()
}
