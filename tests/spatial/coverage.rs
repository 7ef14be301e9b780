//! The service circle is what PostGIS measures, and no two answers together give a few people away.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::model::{GridId, Level};
use gewu::query::{Coverage, CoverageQuestion, PEOPLE_THRESHOLD, Withheld, coverage};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::place::{place, witness};

/// What PostGIS's distance of a geography to a polygon may be off, in metres (see `nearby.rs`).
const SAME_M: f64 = 0.5;
const CLASS: &str = "clinic";

fn question(minutes: f64) -> CoverageQuestion {
    CoverageQuestion {
        classes: [CLASS.to_owned()].into(),
        minutes,
        speed_kmh: 6.0,
        level: None,
        within: None,
        limit: usize::MAX,
    }
}

fn ask<'a>(atlas: &'a Atlas, question: &CoverageQuestion) -> Coverage<'a> {
    coverage(atlas, &Principal::open(), &Withheld::of(atlas), question)
}

/// How far each building that is near the radius or nearer is from the nearest facility; the others are outside.
const BUILDINGS: &str = "
select coalesce(g.code, ''), b.households, (
  select min(st_distance(b.geom::geography, s.place)) from near s
  where s.geom && st_expand(b.geom, ($1 + 50) / 90000))
from gewu.building b left join gewu.current_grid g on (g.county, g.grid_id) = (b.county, b.leaf_id)";

#[tokio::test(flavor = "multi_thread")]
async fn the_buildings_and_households_outside_are_those_that_postgis_measures_to_be() {
    let (atlas, database) = place().await;
    let mut witness = witness(&database).await;
    sqlx::raw_sql(NEAR).execute(&mut witness).await.unwrap();
    for minutes in [2.0, 11.25] {
        let asked = question(minutes);
        let radius_m = asked.radius_m();
        let rows: Vec<(String, Option<i32>, Option<f64>)> =
            sqlx::query_as(BUILDINGS).bind(radius_m).fetch_all(&mut witness).await.unwrap();
        // By leaf: buildings, outside surely and perhaps, households, outside surely and perhaps.
        let mut expected: BTreeMap<String, [u32; 6]> = BTreeMap::new();
        let mut outside = 0..0;
        for (code, households, metres) in rows {
            let metres = metres.unwrap_or(f64::INFINITY);
            let households = households.unwrap_or(0) as u32;
            let (surely, perhaps) =
                (u32::from(metres > radius_m + SAME_M), u32::from(metres > radius_m - SAME_M));
            let counts = [1, surely, perhaps, households, households * surely, households * perhaps];
            let own = expected.entry(code).or_default();
            own.iter_mut().zip(counts).for_each(|(own, count)| *own += count);
            outside = outside.start + surely..outside.end + perhaps;
        }
        let answer = ask(&atlas, &asked);
        assert!(!answer.rows_cut && answer.rows.len() == answer.rows_total);
        for row in &answer.rows {
            let code = row.grid.as_ref().map_or("", |grid| grid.code);
            let [buildings, surely, perhaps, households, their_surely, their_perhaps] =
                expected.remove(code).unwrap_or_default();
            assert_eq!((row.buildings.total, row.households.total), (buildings, households), "{code}");
            assert!(
                (surely..=perhaps).contains(&row.buildings.outside),
                "{code}: {:?} {surely}",
                row.buildings
            );
            assert!((their_surely..=their_perhaps).contains(&row.households.outside), "{code}");
        }
        assert!(expected.is_empty(), "{expected:?}");
        assert!(
            (outside.start..=outside.end).contains(&answer.total.buildings.outside) && outside.len() < 500
        );
        println!("{radius_m} m: {outside:?} of {} buildings outside", answer.total.buildings.total);
        assert!(outside.start > 1_000 && outside.end < 119_000, "a test of both sides");
        let order: Vec<_> =
            answer.rows[..answer.rows.len() - 1].iter().map(|row| row.households.outside).collect();
        assert!(order.is_sorted_by(|a, b| a >= b), "the worst first");
    }
}

/// Everybody, with the leaf and the distance to the nearest of the eight nearest facilities.
const PEOPLE: &str = "
select p.leaf_id, (select min(d) from (
  select st_distance(p.geom::geography, s.place) as d from near s order by p.geom::geography <-> s.place limit 8) n)
from gewu.person p";

const NEAR: &str = "
create temp table near as select st_centroid(geom) as geom, st_centroid(geom)::geography as place from gewu.facility where class = 'clinic';
create index on near using gist (place);
create index on near using gist (geom);
analyze near";

async fn people(witness: &mut PgConnection) -> Vec<(Option<Uuid>, f64)> {
    sqlx::raw_sql(NEAR).execute(&mut *witness).await.unwrap();
    sqlx::query_as(PEOPLE).fetch_all(witness).await.unwrap()
}

/// The group of everybody, by the rule as it is written down: those who share the lowest grid whose count is shown, by distance, in fives, the rest with the last.
fn outside_by_pool(
    atlas: &Atlas,
    withheld: &Withheld,
    people: &[(Option<Uuid>, f64)],
    radius_m: f64,
) -> HashMap<Uuid, u32> {
    let grids = atlas.grids();
    let mut pools: HashMap<Uuid, Vec<f64>> = HashMap::new();
    for (leaf, metres) in people {
        let leaf = leaf.and_then(|leaf| grids.find_id(GridId(leaf))).unwrap();
        let pool = grids.upwards(leaf).find(|grid| !withheld.contains(*grid)).unwrap();
        pools.entry(grids.id(pool).0).or_default().push(*metres);
    }
    let count = |mut metres: Vec<f64>| {
        metres.sort_by(f64::total_cmp);
        assert!(metres.len() >= 5, "a pool of {}", metres.len());
        let mut count = 0;
        while !metres.is_empty() {
            let group: Vec<f64> = metres.drain(..if metres.len() < 10 { metres.len() } else { 5 }).collect();
            let mean = group.iter().sum::<f64>() / group.len() as f64;
            count += if mean > radius_m { group.len() as u32 } else { 0 };
        }
        count
    };
    pools.into_iter().map(|(pool, metres)| (pool, count(metres))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_people_outside_are_those_whom_postgis_measures_to_be_in_groups() {
    let (atlas, database) = place().await;
    let people = people(&mut witness(&database).await).await;
    let withheld = Withheld::of(&atlas);
    let asked = question(7.5);
    let pools = outside_by_pool(&atlas, &withheld, &people, asked.radius_m());
    let truly = people.iter().filter(|(_, metres)| *metres > asked.radius_m()).count() as u32;
    let grids = atlas.grids();
    for level in [None, Some(2), Some(4), Some(6)] {
        let answer = ask(
            &atlas,
            &CoverageQuestion { level: level.map(|one| Level::new(one).unwrap()), ..asked.clone() },
        );
        let (mut shown, mut hidden) = (0, 0);
        for row in answer.rows.iter().filter(|row| row.grid.is_some()) {
            let grid = grids.find_id(GridId(row.grid.as_ref().unwrap().id)).unwrap();
            assert_eq!(row.people.suppressed, withheld.contains(grid));
            assert_eq!(row.people.outside.is_none(), row.people.suppressed);
            if row.people.suppressed {
                hidden += 1;
                continue;
            }
            let below = std::iter::once(grid).chain(grids.descendants(grid));
            let expected: u32 = below.filter_map(|below| pools.get(&grids.id(below).0)).sum();
            assert_eq!(row.people.outside, Some(expected), "{:?}", row.grid);
            assert_eq!(row.people.total, Some(atlas.resources().counts(grid).people));
            shown += 1;
        }
        let total = answer.total.people;
        assert_eq!(total.outside, Some(pools.values().sum()));
        println!("level {level:?}: {shown} shown, {hidden} withheld, {total:?}, truly {truly}");
        assert!(shown > 10 && (level != Some(6) || hidden > 10));
    }
    let total: u32 = pools.values().sum();
    assert!(f64::from(total.abs_diff(truly)) < 0.01 * f64::from(truly) + 50.0, "{total} {truly}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_subtracted_from_whatever_is_nobody_or_five_and_more() {
    let (atlas, _database) = place().await;
    let answers: Vec<_> = (0..12).map(|step| ask(&atlas, &question(5.0 + f64::from(step) * 0.02))).collect();
    let count = |answer: &Coverage| -> HashMap<String, u32> {
        let code = |row: &gewu::query::CoverageRow| row.grid.as_ref().map_or("", |grid| grid.code).to_owned();
        answer.rows.iter().filter_map(|row| Some((code(row), row.people.outside?))).collect()
    };
    let (mut same, mut other) = (0, 0);
    for pair in answers.windows(2) {
        let (nearer, farther) = (count(&pair[0]), count(&pair[1]));
        assert_eq!(nearer.len(), farther.len(), "what is withheld does not depend on the radius");
        for (code, outside) in nearer {
            let difference = outside - farther[&code];
            assert!(difference == 0 || difference >= PEOPLE_THRESHOLD, "{code}: {difference}");
            *(if difference == 0 { &mut same } else { &mut other }) += 1;
        }
    }
    for row in answers.iter().flat_map(|answer| &answer.rows) {
        if let (Some(total), Some(outside)) = (row.people.total, row.people.outside) {
            let inside = total - outside;
            assert!(
                [outside, inside].into_iter().all(|count| count == 0 || count >= PEOPLE_THRESHOLD),
                "{row:?}"
            );
        }
    }
    assert!(same > 1_000 && other > 100, "{same} {other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_every_level_and_grid_add_up_to_the_whole() {
    let (atlas, _database) = place().await;
    let grids = atlas.grids();
    let began = Instant::now();
    let everywhere = ask(&atlas, &question(11.25));
    println!("the whole region in {:?}", began.elapsed());
    for within in [None, Some("532901"), Some("532901003")] {
        let within = within.map(|code| grids.find_code(code).unwrap());
        let least = within.map_or(1, |grid| i64::from(grids.level(grid).number()));
        for level in (least..=6).map(Some).chain([None]) {
            let level = level.map(|level| Level::new(level).unwrap());
            let answer = ask(&atlas, &CoverageQuestion { within, level, ..question(11.25) });
            let sum = |of: fn(&gewu::query::CoverageRow) -> u32| answer.rows.iter().map(of).sum::<u32>();
            let total = &answer.total;
            assert_eq!(sum(|row| row.buildings.total), total.buildings.total);
            assert_eq!(sum(|row| row.buildings.outside), total.buildings.outside);
            assert_eq!(sum(|row| row.households.outside), total.households.outside);
            if answer.rows.iter().all(|row| !row.people.suppressed) {
                assert_eq!(sum(|row| row.people.outside.unwrap()), total.people.outside.unwrap());
            }
        }
    }
    // A part of the region is counted as it is in the whole: facilities beyond its border serve it, too.
    let top = grids.find_code("532901").unwrap();
    let part = ask(&atlas, &CoverageQuestion { within: Some(top), ..question(11.25) });
    let of_whole: HashMap<_, _> =
        everywhere.rows.iter().filter_map(|row| Some((row.grid.as_ref()?.code, row))).collect();
    for row in part.rows.iter().filter(|row| row.grid.is_some()) {
        assert_eq!(row, of_whole[row.grid.as_ref().unwrap().code]);
    }
    let few = ask(&atlas, &CoverageQuestion { limit: 3, ..question(11.25) });
    assert_eq!((few.rows.len(), few.rows_cut, few.rows_total), (4, true, everywhere.rows_total));
    assert_eq!(few.rows[..3], everywhere.rows[..3]);
}
