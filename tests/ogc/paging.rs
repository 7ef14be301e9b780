//! Pages while others write: whatever was there throughout comes exactly once.

use std::collections::BTreeMap;

use sqlx::Connection;

use crate::support::{features, id, link, pages, path, query};
use crate::world::{World, world};

/// Facilities beside those of the place.
const MANY: &str = "insert into gewu.facility (county, id, source, source_id, class, name, geom) \
    select '000000', gen_random_uuid(), 'many', n::text, case when n % 3 = 0 then 'hydrant' else 'camera' end, \
    case when n % 7 <> 0 then 'name ' || n % 50 end, st_setsrid(st_point(100.0 + n / 3000.0, 25.6), 4490) from generate_series(1, 600) n";
/// Takes some away, changes others, puts new ones in.
const CHURN: &str = "delete from gewu.facility where source = 'churn' and random() < 0.5; \
    insert into gewu.facility (county, id, source, source_id, class, name, geom) \
    select '000000', gen_random_uuid(), 'churn', gen_random_uuid()::text, 'camera', 'name ' || (random() * 50)::int, \
    st_setsrid(st_point(100.0 + random() / 5, 25.6), 4490) from generate_series(1, 40)";

#[test]
fn every_row_that_was_there_throughout_comes_exactly_once_in_any_order() {
    let world = World::start(Default::default());
    world.wait(async {
        let pool = world.database.pool().await;
        sqlx::raw_sql(MANY).execute(&pool).await.unwrap();
    });
    for order in ["", "name", "-name", "class,-name", "-source_id"] {
        let mut connection = world.wait(sqlx::PgConnection::connect_with(&world.database.options())).unwrap();
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let pairs = [("limit", "37"), ("sortby", order), ("bbox", "99.9,25.5,100.3,25.7")];
        let mut next = Some(format!("/collections/facilities/items?{}", query(&pairs)));
        while let Some(address) = next {
            let page = world.get(path(&world, &address)).json();
            for feature in features(&page).iter().filter(|f| f["properties"]["source"] == "many") {
                *found.entry(id(feature)).or_default() += 1;
            }
            next = link(&page, "next", "application/geo+json").map(str::to_owned);
            world.wait(sqlx::raw_sql(CHURN).execute(&mut connection)).unwrap();
        }
        assert_eq!(found.len(), 600, "{order}");
        assert!(found.values().all(|times| *times == 1), "{order}");
    }
}

#[test]
fn the_order_is_the_one_that_was_asked_for_and_what_has_no_value_comes_last() {
    let world = World::start(Default::default());
    world.wait(async {
        let pool = world.database.pool().await;
        sqlx::raw_sql(MANY).execute(&pool).await.unwrap();
    });
    for (order, is_descending) in [("name", false), ("-name", true)] {
        let first =
            format!("/collections/facilities/items?{}", query(&[("sortby", order), ("limit", "100")]));
        let all: Vec<_> = pages(&world, &first).iter().flat_map(|page| features(page).clone()).collect();
        assert_eq!(all.len(), 603);
        let names: Vec<_> = all.iter().map(|f| f["properties"]["name"].as_str()).collect();
        for pair in names.windows(2) {
            let fits = match (pair[0], pair[1]) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(one), Some(other)) if is_descending => one >= other,
                (Some(one), Some(other)) => one <= other,
            };
            assert!(fits, "{order}: {pair:?}");
        }
    }
}

#[test]
fn pages_of_grids_have_each_grid_once_and_the_same_grids_as_one_page() {
    let world = world();
    for order in ["", "code", "-level,name", "kind", "-households", "leaf,-valid_from"] {
        let of = |limit: &str| {
            let first = format!("/collections/grids/items?{}", query(&[("sortby", order), ("limit", limit)]));
            let pages = pages(&world, &first);
            pages
                .iter()
                .flat_map(|page| features(page).iter().map(id).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        let all = of("100");
        assert_eq!(all.len(), 6);
        for limit in ["1", "2", "4", "5"] {
            assert_eq!(of(limit), all, "{order} {limit}");
        }
    }
}

#[test]
fn a_cursor_of_something_else_is_refused() {
    let world = world();
    let page = world.get("/collections/grids/items?limit=1&sortby=code").json();
    let next = link(&page, "next", "application/geo+json").unwrap().to_owned();
    let cursor = next.split("cursor=").nth(1).unwrap();
    for wrong in [
        format!("/collections/grids/items?cursor={cursor}"),
        "/collections/grids/items?cursor=x".into(),
        "/collections/grids/items?sortby=level&cursor=WyJ1MDAwMSIsW11d".into(),
        format!("/collections/grids/items?sortby=level&cursor={cursor}"),
    ] {
        let problem = world.get(&wrong).problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("cursor"), "{problem}");
    }
}
