//! What no grid holds.

use std::process::Command;

use gewu::store::Unheld;
use serde_json::Value;

use crate::common::{TestDatabase, database, gewu, output, sample_region};
use crate::lattice::{store, whole};

/// Beside the lattice: 25 buildings, a school, a field and seven residents; in it: one of each. A building is left by its grid.
const RESOURCES: &str = "
    insert into gewu.building (county, id, source, source_id, class, name, geom)
      select '000000', ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 's', n::text, 'residential', '张三的房子', st_setsrid(st_point(101 + n / 1000.0, 25), 4490)
      from generate_series(1, 25) n;
    insert into gewu.building (county, id, source, source_id, class, geom)
      values ('000000', gen_random_uuid(), 's', 'in', 'residential', st_setsrid(st_point(100.015, 25.015), 4490));
    insert into gewu.facility (county, id, source, source_id, class, geom) values
      ('000000', '00000000-0000-4000-8000-00000000f000', 's', 'out', 'school', st_setsrid(st_makeenvelope(101, 25, 101.2, 25.1), 4490)),
      ('000000', gen_random_uuid(), 's', 'in', 'school', st_setsrid(st_point(100.015, 25.015), 4490));
    insert into gewu.resource (county, id, collection, source, source_id, class, geom) values
      ('000000', '00000000-0000-4000-8000-00000000a000', 'land', 's', 'out', 'farmland', st_setsrid(st_point(101, 25), 4490)),
      ('000000', gen_random_uuid(), 'land', 's', 'in', 'farmland', st_setsrid(st_point(100.015, 25.015), 4490));
    insert into gewu.person (county, id, source, source_id, name, phone, geom)
      select '000000', gen_random_uuid(), 's', n::text, '张三', '13800001111', st_setsrid(st_point(101, 25), 4490) from generate_series(1, 7) n";
const LEFT: &str = "set gewu.leaves = 'given';
    update gewu.grid_version set valid = tstzrange(lower(valid), now()) where grid_id =
      (select leaf_id from gewu.facility where source_id = 'in')";

async fn filled() -> TestDatabase {
    let database = database().await;
    store(&database.store, &whole()).await;
    run(&database, RESOURCES).await;
    database
}

async fn run(database: &TestDatabase, statements: &'static str) {
    let pool = database.pool().await;
    sqlx::raw_sql(statements).execute(&pool).await.unwrap();
    pool.close().await;
}

fn check(database: &TestDatabase, arguments: &[&str]) -> String {
    let mut command: Command = gewu(&["check", "--database-url", &database.url()]);
    let (code, out, told) = output(command.args(arguments));
    // A grid that is given up leaves a gap, which is an error; what no grid holds is none.
    assert_eq!(
        (code, told.as_str()),
        (Some(i32::from(out.contains("lie in none of its children"))), ""),
        "{out}"
    );
    assert!(!out.contains("张三") && !out.contains("1380000"), "nobody's name: {out}");
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_grid_holds_is_counted_and_listed_and_people_are_only_counted() {
    let database = filled().await;
    let text = check(&database, &["--lang", "en"]);
    assert!(text.contains("In no grid: buildings 25, facilities 1, land 1, 7 people\n"), "{text}");
    assert!(text.contains(
        "  warning [buildings] 00000000-0000-4000-8000-000000000001 residential @ 101.001000,25.000000\n"
    ));
    assert!(
        text.contains("  warning [facilities] 00000000-0000-4000-8000-00000000f000 school @ 101.1"),
        "{text}"
    );
    assert!(text.contains("[land] 00000000-0000-4000-8000-00000000a000 farmland"), "{text}");
    assert_eq!(text.matches("[buildings]").count(), 20);
    assert!(text.contains("... and 5 more"));
    assert_eq!(check(&database, &["--all"]).matches("[buildings]").count(), 25);
    assert!(!check(&database, &["--level", "2"]).contains("In no grid"));
    // A grid that is given up holds nothing.
    run(&database, LEFT).await;
    let text = check(&database, &["--lang", "en"]);
    assert!(text.contains("In no grid: buildings 26, facilities 2, land 2, 7 people\n"), "{text}");
    run(&database, "delete from gewu.person where source_id > '3'").await;
    assert!(check(&database, &["--lang", "en"]).contains("land 2, fewer than 5 people\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn geojson_has_a_point_for_each() {
    let database = filled().await;
    let collection: Value = serde_json::from_str(&check(&database, &["--format", "geojson"])).unwrap();
    let held = |feature: &&Value| feature["properties"]["rule"] == "held";
    let features: Vec<_> = collection["features"].as_array().unwrap().iter().filter(held).collect();
    assert_eq!(features.len(), 27);
    assert!(features.iter().all(
        |feature| feature["geometry"]["type"] == "Point" && feature["properties"]["resource"].is_string()
    ));
    let summary = &collection["summary"];
    assert_eq!(summary["unheld"], serde_json::json!({"buildings": 25, "facilities": 1, "land": 1}));
    assert_eq!(summary["unheld_people"], 7);
    run(&database, "delete from gewu.person where source_id > '3'").await;
    let collection: Value = serde_json::from_str(&check(&database, &["--format", "geojson"])).unwrap();
    assert_eq!(collection["summary"]["unheld_people"], Value::Null, "a small count is withheld");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_sample_region_it_is_what_lies_outside_of_its_boundary() {
    let database = sample_region().await;
    let unheld = database.store.read_unheld(10).await.unwrap();
    let pool = database.pool().await;
    let mut counts = Vec::new();
    for table in ["building", "facility", "person"] {
        let outside = format!(
            "select count(*) from gewu.{table} t where not exists (select from gewu.current_grid g where g.level = 1 \
             and st_covers(g.geom, case when geometrytype(t.geom) = 'POINT' then t.geom else st_pointonsurface(t.geom) end))"
        );
        counts
            .push(sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(outside)).fetch_one(&pool).await.unwrap()
                as u64);
    }
    pool.close().await;
    let of = |unheld: &Unheld, name: &str| {
        unheld.collections.iter().find(|one| one.collection == name).map_or(0, |one| one.count)
    };
    assert_eq!([of(&unheld, "buildings"), of(&unheld, "facilities"), unheld.people], counts[..]);
}
