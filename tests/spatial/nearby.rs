//! What lies around a point is what PostGIS finds there, as far away, and counted ring by ring.

use std::collections::{BTreeMap, BTreeSet};

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::model::LonLat;
use gewu::query::{Collection, Looking, Nearby, NearbyQuestion, nearby};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::place::{everything, place, places, witness};
use crate::roads::vaduz;

/// Metres that ours and PostGIS's distances may differ. Its own distance of a geography to a polygon is not the shortest one, by centimetres to
/// decimetres at a kilometre or two (the nearest place is looked for on a sphere). So the shapes, their edges cut into short ones, are
/// projected so that all distances from the point are true (azimuthal equidistant, PROJ), and measured there.
const SAME_M: f64 = 2e-3;

/// How far a geometry is from $1, $2 on the ellipsoid.
const TRUE_DISTANCE: &str = "st_distance(
    st_setsrid(st_transform(st_segmentize(geom, 0.0005), format('+proj=aeqd +ellps=GRS80 +units=m +lon_0=%s +lat_0=%s', $1, $2)), 0),
    st_makepoint(0, 0))";

fn question(point: LonLat, radius_m: f64) -> NearbyQuestion {
    NearbyQuestion {
        point,
        radius_m,
        rings: [100.0, 500.0, 2_000.0].into_iter().filter(|edge| *edge <= radius_m).collect(),
        looking: everything(),
    }
}

/// Everything within a radius, with its class and its distance as PostGIS measures it.
async fn by_postgis(
    witness: &mut PgConnection,
    point: LonLat,
    radius_m: f64,
) -> BTreeMap<Uuid, (String, String, f64)> {
    let query = format!(
        "with thing as (
           select id, 'buildings' as collection, class, geom from gewu.building
           union all select id, 'facilities', class, geom from gewu.facility),
         near as (
           select id, collection, class, {TRUE_DISTANCE} as metres
           from thing where geom && st_expand(st_setsrid(st_makepoint($1, $2), 4490), $3 / 60000))
         select id, collection, class, metres from near where metres <= $3"
    );
    let rows: Vec<(Uuid, String, String, f64)> = sqlx::query_as(AssertSqlSafe(query))
        .bind(point.lon())
        .bind(point.lat())
        .bind(radius_m)
        .fetch_all(witness)
        .await
        .unwrap();
    rows.into_iter().map(|(id, collection, class, metres)| (id, (collection, class, metres))).collect()
}

fn ask<'a>(atlas: &'a Atlas, question: &NearbyQuestion) -> Nearby<'a> {
    nearby(atlas, atlas, &Principal::open(), question)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_within_a_radius_is_what_postgis_finds_and_as_far_away() {
    let (atlas, database) = place().await;
    let compared = compare(&atlas, &mut witness(&database).await, 60).await;
    assert!(compared > 4_000, "only {compared} distances");
}

#[tokio::test(flavor = "multi_thread")]
async fn among_the_real_buildings_of_vaduz_too() {
    let (_database, mut witness, atlas) = vaduz().await;
    let compared = compare(&atlas, &mut witness, 60).await;
    assert!(compared > 10_000, "only {compared} distances");
}

/// Compares what lies around so many places, and tells how many distances that were.
async fn compare(atlas: &Atlas, witness: &mut PgConnection, count: usize) -> usize {
    let mut compared = 0;
    for (number, point) in places(atlas, count).into_iter().enumerate() {
        let radius_m = [60.0, 400.0, 2_500.0][number % 3];
        let answer = ask(atlas, &question(point, radius_m));
        let found = by_postgis(witness, point, radius_m + SAME_M).await;
        for near in &answer.resources {
            let (collection, class, metres) = &found[&near.thing.id];
            assert_eq!((near.thing.collection, near.thing.class), (collection.as_str(), class.as_str()));
            assert!((near.distance_m - metres).abs() < SAME_M, "{near:?} is {metres} m away");
        }
        let must = found.iter().filter(|(_, (_, _, metres))| *metres <= radius_m - SAME_M);
        let listed: BTreeSet<Uuid> = answer.resources.iter().map(|near| near.thing.id).collect();
        must.for_each(|(id, what)| assert!(listed.contains(id), "{what:?} is missing around {point:?}"));
        assert!(answer.resources.is_sorted_by(|a, b| a.distance_m <= b.distance_m), "nearest first");
        assert_eq!((answer.total, answer.resources_cut), (answer.resources.len(), false));
        compared += answer.total;
    }
    compared
}

#[tokio::test(flavor = "multi_thread")]
async fn rings_count_everything_once_by_collection_and_class_however_few_are_listed() {
    let (atlas, database) = place().await;
    let mut witness = witness(&database).await;
    for point in places(&atlas, 9) {
        let few =
            NearbyQuestion { looking: Looking { limit: 3, ..everything() }, ..question(point, 2_500.0) };
        let answer = ask(&atlas, &few);
        assert_eq!(answer.resources.len(), answer.total.min(3));
        assert_eq!(answer.resources_cut, answer.total > 3);
        let edges: Vec<_> = answer.rings.iter().map(|ring| (ring.from_m, ring.to_m)).collect();
        assert_eq!(edges, [(0.0, 100.0), (100.0, 500.0), (500.0, 2_000.0), (2_000.0, 2_500.0)]);
        let found = by_postgis(&mut witness, point, 2_500.0).await;
        for ring in &answer.rings {
            let mut expected: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
            for (collection, class, metres) in found.values() {
                let is_in = if ring.from_m == 0.0 {
                    *metres <= ring.to_m
                } else {
                    *metres > ring.from_m && *metres <= ring.to_m
                };
                if is_in {
                    *expected.entry(collection.clone()).or_default().entry(class.clone()).or_default() += 1;
                }
            }
            assert_eq!(ring.classes, expected, "{} to {} m", ring.from_m, ring.to_m);
            assert_eq!(ring.count, expected.values().flat_map(BTreeMap::values).sum::<u32>());
        }
        assert_eq!(answer.rings.iter().map(|ring| ring.count as usize).sum::<usize>(), answer.total);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grids_are_the_leaves_that_the_circle_reaches_with_those_who_answer_for_them() {
    let (atlas, database) = place().await;
    let mut witness = witness(&database).await;
    let mut seen = 0;
    for point in places(&atlas, 12) {
        let answer = ask(&atlas, &question(point, 1_500.0));
        let query = format!(
            "select code, {TRUE_DISTANCE}
             from gewu.current_grid g
             where geom && st_expand(st_setsrid(st_makepoint($1, $2), 4490), 0.03)
               and not exists (select from gewu.current_grid c where c.parent_county = g.county and c.parent_id = g.grid_id)"
        );
        let rows: Vec<(String, f64)> = sqlx::query_as(AssertSqlSafe(query))
            .bind(point.lon())
            .bind(point.lat())
            .fetch_all(&mut witness)
            .await
            .unwrap();
        let near: BTreeMap<String, f64> = rows.into_iter().collect();
        assert!(answer.grids_total <= 100 && !answer.grids_cut);
        for grid in &answer.grids {
            let metres = near[grid.grid.code];
            assert!(
                (grid.distance_m - metres).abs() < SAME_M,
                "{} is {metres} m away, not {}",
                grid.grid.code,
                grid.distance_m
            );
            assert!(!grid.responsible.is_empty(), "somebody answers for {}", grid.grid.code);
            assert!(grid.responsible.iter().all(|who| who.name.contains('*')), "names are masked");
            seen += 1;
        }
        let surely = near.values().filter(|metres| **metres <= 1_500.0 - SAME_M).count();
        let perhaps = near.values().filter(|metres| **metres <= 1_500.0 + SAME_M).count();
        assert!(
            (surely..=perhaps).contains(&answer.grids_total),
            "{surely} {} {perhaps}",
            answer.grids_total
        );
    }
    assert!(seen > 50, "{seen} grids");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_collections_and_classes_that_are_asked_for_are_found() {
    let (atlas, _database) = place().await;
    let point = places(&atlas, 1)[0];
    let all = ask(&atlas, &question(point, 5_000.0));
    let facilities = NearbyQuestion {
        looking: Looking { collections: [Collection::Facilities].into(), ..everything() },
        ..question(point, 5_000.0)
    };
    let of_facilities = ask(&atlas, &facilities);
    let expected = all.resources.iter().filter(|near| near.thing.collection == "facilities").count();
    assert!(expected > 0 && expected < all.total);
    assert_eq!(of_facilities.total, expected);
    let class = of_facilities.resources[0].thing.class.to_owned();
    let one_class = ask(
        &atlas,
        &NearbyQuestion {
            looking: Looking { classes: [class.clone()].into(), ..facilities.looking },
            ..question(point, 5_000.0)
        },
    );
    assert!(one_class.total > 0 && one_class.resources.iter().all(|near| near.thing.class == class));
}
