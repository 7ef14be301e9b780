//! What lies in a drawn area, and how much of which grid, is what PostGIS says.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::query::{Looking, WithinQuestion, within};
use sqlx::PgConnection;
use uuid::Uuid;
use wkt::ToWkt;

use crate::place::{everything, place, places, witness};
use crate::roads::vaduz;

/// A star around a place, with a hole in every second one: nothing about it lies along the axes.
fn star(centre: Coord<f64>, number: usize) -> MultiPolygon<f64> {
    let ring = |radius: f64, points: u32| {
        let at = |n: u32| {
            let far = if n.is_multiple_of(2) { radius } else { radius * 0.45 };
            let angle = f64::from(n) * std::f64::consts::TAU / f64::from(points) + number as f64;
            Coord { x: centre.x + far * angle.cos(), y: centre.y + far * angle.sin() }
        };
        LineString((0..points).chain([0]).map(at).collect())
    };
    let radius = [0.002, 0.012, 0.05][number % 3];
    let hole = number.is_multiple_of(2).then(|| ring(radius * 0.2, 6));
    MultiPolygon(vec![Polygon::new(ring(radius, 14), hole.into_iter().collect())])
}

fn question(area: MultiPolygon<f64>) -> WithinQuestion {
    WithinQuestion { area, looking: everything() }
}

async fn things(witness: &mut PgConnection, area: &str) -> BTreeMap<Uuid, (String, String)> {
    let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
        "with area as (select st_geomfromtext($1, 4490) as shape)
         select id, 'buildings', class from gewu.building, area where st_intersects(geom, shape)
         union all select id, 'facilities', class from gewu.facility, area where st_covers(shape, geom)",
    )
    .bind(area)
    .fetch_all(witness)
    .await
    .unwrap();
    rows.into_iter().map(|(id, collection, class)| (id, (collection, class))).collect()
}

/// The leaves with an area in common: square metres on the spheroid, and the share of the leaf. A geography has geodesics for edges; short ones are
/// straight in longitude and latitude.
async fn leaves(witness: &mut PgConnection, area: &str) -> BTreeMap<String, (f64, f64)> {
    let rows: Vec<(String, f64, f64)> = sqlx::query_as(
        "with area as (select st_geomfromtext($1, 4490) as shape),
              leaf as (
                select code, geom, st_intersection(geom, shape) as common from gewu.current_grid g, area
                where st_intersects(geom, shape) and not exists (
                  select from gewu.current_grid c where c.parent_county = g.county and c.parent_id = g.grid_id))
         select code, st_area(st_setsrid(st_segmentize(common, 0.001), 4326)::geography),
                st_area(st_setsrid(st_segmentize(common, 0.001), 4326)::geography) / st_area(st_setsrid(st_segmentize(geom, 0.001), 4326)::geography)
         from leaf where st_dimension(common) = 2",
    )
    .bind(area)
    .fetch_all(witness)
    .await
    .unwrap();
    rows.into_iter().map(|(code, area_m2, share)| (code, (area_m2, share))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_an_area_and_how_much_of_each_leaf_is_what_postgis_says() {
    let (atlas, database) = place().await;
    let (seen, cut) = compare(&atlas, &mut witness(&database).await, true).await;
    assert!(seen > 3_000 && cut > 400, "{seen} resources, {cut} leaves");
}

#[tokio::test(flavor = "multi_thread")]
async fn among_the_real_buildings_of_vaduz_too() {
    let (_database, mut witness, atlas) = vaduz().await;
    let (seen, cut) = compare(&atlas, &mut witness, false).await;
    assert!(seen > 3_000 && cut > 30, "{seen} resources, {cut} leaves");
}

/// Compares what lies in stars around places; how many resources and leaves that were. `is_served`: is there somebody for every leaf?
async fn compare(atlas: &Atlas, witness: &mut PgConnection, is_served: bool) -> (usize, usize) {
    let (mut seen, mut cut) = (0, 0);
    for (number, at) in places(atlas, 30).into_iter().enumerate() {
        let area = star(at.into(), number);
        let text = area.wkt_string();
        let answer = within(atlas, &Principal::open(), &question(area));
        let expected = things(witness, &text).await;
        let found: BTreeMap<Uuid, (String, String)> = answer
            .resources
            .iter()
            .map(|one| (one.id, (one.collection.to_owned(), one.class.to_owned())))
            .collect();
        assert_eq!(found, expected, "area {number} around {at:?}");
        assert_eq!(answer.total, expected.len());
        let counted: u32 = answer.classes.values().flat_map(BTreeMap::values).sum();
        assert_eq!(counted as usize, answer.total);
        let leaves = leaves(witness, &text).await;
        let mut together = 0.0_f64;
        for grid in &answer.grids {
            let (area_m2, share) = leaves[grid.grid.code];
            assert!((grid.area_m2 - area_m2).abs() < 0.05 + area_m2 * 1e-6, "{} {area_m2}", grid.area_m2);
            assert!((grid.share - share).abs() < 1e-5, "{} {share}", grid.share);
            assert!(!is_served || !grid.responsible.is_empty());
            together += grid.area_m2;
        }
        // What PostGIS calls an area may be rounding; what is more than a square metre is none.
        let certain = leaves.values().filter(|(area_m2, _)| *area_m2 > 1.0).count();
        assert!((certain..=leaves.len()).contains(&answer.grids_total), "{certain} {}", answer.grids_total);
        if !answer.grids_cut {
            assert!((together + answer.nobodys_m2 - answer.area_m2).abs() < 1.0 + answer.area_m2 * 1e-6);
        }
        (seen, cut) = (seen + answer.total, cut + answer.grids_total);
    }
    (seen, cut)
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_cut_off_and_say_so_and_counts_are_not() {
    let (atlas, _database) = place().await;
    let area = star(places(&atlas, 1)[0].into(), 2);
    let all = within(&atlas, &Principal::open(), &question(area.clone()));
    let few = within(
        &atlas,
        &Principal::open(),
        &WithinQuestion { area, looking: Looking { limit: 2, ..everything() } },
    );
    assert!(all.total > 2 && !all.resources_cut);
    assert_eq!((few.resources.len(), few.resources_cut, few.total), (2, true, all.total));
    assert_eq!(few.resources[..], all.resources[..2]);
    assert_eq!(few.classes, all.classes);
}
