//! A table that a deployment registers as a collection, in a system of its own, with whole numbers as identities and a day as its time.

use serde_json::Value;
use sqlx::AssertSqlSafe;

use gewu::config::ServerSettings;
use gewu::features::Collections;
use gewu::tiles::Tilesets;

use crate::common::database;
use crate::support::{features, id, link, pages, query};
use crate::world::World;

const ROADS: &str = "create table public.roads (gid int primary key, name text, lanes smallint, surveyed date, geom geometry(linestring, 4542)); \
    insert into public.roads select n, case when n % 4 > 0 then '路 ' || n end, n % 6, date '2026-03-01' + n % 10, \
    st_transform(st_setsrid(st_makeline(st_point(100 + n / 1000.0, 25.5), st_point(100 + n / 1000.0, 25.6)), 4490), 4542) \
    from generate_series(1, 300) n; create index on public.roads using gist (geom); \
    create view public.told as select id, name, geom from gewu.person";
const DEFINITION: &str = "[[collection]]\nid = 'roads'\ntitle = '道路'\ntitle_en = 'Roads'\ntime = 'surveyed'\n\
    fields = [['name', '路名 Name'], ['lanes', '车道数 Lanes'], ['surveyed', '测绘日期 Surveyed']]\n\
    [collection.source]\ntable = 'public.roads'\nfeature_id = 'gid'\n";

fn place(definition: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("collections")).unwrap();
    std::fs::write(folder.path().join("collections/own.toml"), definition).unwrap();
    let collections = Collections::load(Some(folder.path())).unwrap();
    let filled = async {
        let database = database().await;
        sqlx::raw_sql(ROADS).execute(&database.pool().await).await.unwrap();
        (database, Vec::new())
    };
    World::of(filled, ServerSettings::default(), Tilesets::embedded().unwrap(), collections)
}

fn asked(world: &World, pairs: &[(&str, &str)]) -> Value {
    world.get(&format!("/collections/roads/items?{}", query(pairs))).json()
}

#[test]
fn a_registered_table_is_a_collection_like_any_other() {
    let world = place(DEFINITION);
    world.wait(world.state.check_tables()).unwrap();
    let collection = world.get("/collections/roads").json();
    assert_eq!(collection["storageCrs"], "http://www.opengis.net/def/crs/EPSG/0/4542");
    assert!(collection["extent"]["temporal"].is_object());
    let schema = world.get("/collections/roads/schema").json();
    assert_eq!(schema["properties"]["id"]["type"], "integer");
    assert_eq!(schema["properties"]["surveyed"]["format"], "date");
    let one = world.get("/collections/roads/items/7").json();
    assert_eq!((&one["id"], &one["properties"]["surveyed"]), (&7.into(), &"2026-03-08".into()));
    assert!((one["geometry"]["coordinates"][0][0].as_f64().unwrap() - 100.007).abs() < 1e-9);
    world.get("/collections/roads/items/301").problem(404);
    let all = pages(&world, "/collections/roads/items?limit=37&sortby=-lanes,name");
    let ids: std::collections::BTreeSet<_> =
        all.iter().flat_map(|page| features(page).iter().map(id)).collect();
    assert_eq!(ids.len(), 300);
    assert!(link(&all[0], "next", "application/geo+json").is_some());
    let body = br#"{"type": "Feature"}"#.to_vec();
    world
        .send("POST", "/collections/roads/items", &[("content-type", "application/geo+json")], body)
        .problem(405);
}

#[test]
fn boxes_filters_and_days_find_what_postgis_finds() {
    let world = place(DEFINITION);
    let pool = world.wait(world.database.pool());
    let count = |condition: &str| -> i64 {
        let text = format!("select count(*) from public.roads where {condition}");
        world.wait(sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&pool)).unwrap()
    };
    let boxed = "st_intersects(st_transform(geom, 4490), st_makeenvelope(100.1, 25.4, 100.2, 25.55, 4490))";
    for (pairs, condition) in [
        (vec![("bbox", "100.1,25.4,100.2,25.55")], boxed.to_owned()),
        (vec![("filter", "lanes > 3 AND name IS NOT NULL")], "lanes > 3 and name is not null".to_owned()),
        (vec![("lanes", "2"), ("bbox", "100.1,25.4,100.2,25.55")], format!("lanes = 2 and {boxed}")),
        (vec![("datetime", "2026-03-05")], "surveyed = '2026-03-05'".to_owned()),
        (vec![("datetime", "2026-03-05T08:00:00Z")], "surveyed = '2026-03-05'".to_owned()),
        (
            vec![("datetime", "2026-03-05T23:00:00Z/2026-03-07T01:00:00Z")],
            "surveyed between '2026-03-05' and '2026-03-07'".to_owned(),
        ),
        (vec![("datetime", "../2026-03-02")], "surveyed <= '2026-03-02'".to_owned()),
        (
            vec![("filter", "T_DURING(surveyed, INTERVAL('2026-03-02', '2026-03-05'))")],
            "surveyed > '2026-03-02' and surveyed < '2026-03-05'".to_owned(),
        ),
    ] {
        let expected = count(&condition);
        assert!(expected > 0 && expected < 300, "{condition}");
        assert_eq!(asked(&world, &pairs)["numberMatched"], expected, "{pairs:?}");
    }
}

#[test]
fn a_collection_that_leads_to_people_is_refused_at_the_start() {
    let definition = "[[collection]]\nid = 'told'\ntitle = 't'\nfields = [['name', 'n']]\n\
        [collection.source]\ntable = 'public.told'\nfeature_id = 'id'\n";
    let world = place(definition);
    let fault = world.wait(world.state.check_tables()).unwrap_err().to_string();
    assert!(fault.contains("told") && fault.contains("gewu.person"), "{fault}");
    let answer = world.get("/collections/told/items");
    assert_eq!(answer.status, 503, "{}", answer.text());
}
