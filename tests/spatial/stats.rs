//! Counts by grid are those of PostGIS, add up, and give no small count of people away.

use std::collections::BTreeMap;

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::model::Level;
use gewu::query::{Counted, PEOPLE_THRESHOLD, Stats, Withheld, stats};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::place::{place, witness};
use crate::roads::vaduz;

fn count<'a>(atlas: &'a Atlas, counted: Counted, level: i64, within: Option<&str>) -> Stats<'a> {
    let top = within.map(|code| {
        atlas
            .grids()
            .all()
            .find(|grid| atlas.grids().code(*grid).as_str() == code)
            .expect("the sample has it")
    });
    let withheld = Withheld::of(atlas);
    let by_class = counted != Counted::People;
    stats(atlas, &Principal::open(), &withheld, counted, Level::new(level).unwrap(), top, by_class)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counts_of_each_grid_and_class_are_those_of_the_rows_of_the_database() {
    let (atlas, database) = place().await;
    compare(&atlas, &mut witness(&database).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_are_for_the_real_buildings_of_vaduz() {
    let (_database, mut witness, atlas) = vaduz().await;
    compare(&atlas, &mut witness).await;
}

async fn compare(atlas: &Atlas, witness: &mut PgConnection) {
    for (counted, table) in [(Counted::Buildings, "building"), (Counted::Facilities, "facility")] {
        for level in 1..=6 {
            let query = format!(
                "with recursive above as (
                   select grid_id as leaf, grid_id, county, level, code, parent_id, parent_county from gewu.current_grid
                   union all
                   select leaf, g.grid_id, g.county, g.level, g.code, g.parent_id, g.parent_county
                   from above a join gewu.current_grid g on (g.county, g.grid_id) = (a.parent_county, a.parent_id))
                 select coalesce(code, ''), class, count(*)::int from gewu.{table} r
                 left join above on leaf = leaf_id and level = {level} group by 1, 2"
            );
            let rows: Vec<(String, String, i32)> =
                sqlx::query_as(AssertSqlSafe(query)).fetch_all(&mut *witness).await.unwrap();
            let mut expected: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
            for (code, class, number) in rows {
                expected.entry(code).or_default().insert(class, number as u32);
            }
            let found = count(atlas, counted, level, None);
            let mut together = 0;
            for row in &found.rows {
                let code = row.grid.as_ref().map_or("", |grid| grid.code);
                let classes = expected.remove(code).unwrap_or_default();
                assert_eq!(row.count, Some(classes.values().sum()), "{table} of {code:?}");
                assert_eq!(row.classes.as_ref(), Some(&classes), "{table} of {code:?}");
                together += row.count.unwrap();
            }
            assert!(expected.is_empty(), "{table} at level {level}: {expected:?}");
            assert_eq!(found.total.count, Some(together), "the rows add up to the whole");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_children_and_what_lies_in_none_of_them_add_up_to_the_parent() {
    let (atlas, _database) = place().await;
    let grids = atlas.grids();
    for parent in grids.all().filter(|grid| !grids.is_leaf(*grid)).step_by(97) {
        let (code, level) = (grids.code(parent).as_str(), i64::from(grids.level(parent).number()));
        for below in level + 1..=6 {
            let found = count(&atlas, Counted::Buildings, below, Some(code));
            let rows: u32 = found.rows.iter().filter_map(|row| row.count).sum();
            assert_eq!(Some(rows), found.total.count, "{code} by level {below}");
            let whole: u32 = atlas.resources().counts(parent).buildings.values().sum();
            assert_eq!(found.total.count, Some(whole));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_count_of_people_is_small_and_none_follows_by_subtraction_from_the_rows() {
    let (atlas, _database) = place().await;
    let (mut shown, mut withheld) = (0, 0);
    for level in 1..=6 {
        let found = count(&atlas, Counted::People, level, None);
        for row in found.rows.iter().chain([&found.total]) {
            assert_eq!(row.suppressed, row.count.is_none());
            assert!(row.count.is_none_or(|n| n == 0 || n >= PEOPLE_THRESHOLD), "{row:?}");
            assert!(row.classes.is_none());
            shown += u32::from(row.count.is_some());
            withheld += u32::from(row.suppressed);
        }
        // One row alone that is withheld would be the difference of the others and the total.
        let hidden = found.rows.iter().filter(|row| row.suppressed).count();
        assert!(found.total.suppressed || hidden != 1, "level {level}");
    }
    assert!(shown > 100 && withheld > 100, "{shown} shown, {withheld} withheld");
}
