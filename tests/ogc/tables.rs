//! A table that a deployment registers as a collection, in a system of its own, with whole numbers as identities and a day as its time.

use serde_json::Value;
use sqlx::AssertSqlSafe;

use gewu::config::ServerSettings;
use gewu::features::Collections;
use gewu::tiles::Tilesets;

use crate::common::database;
use crate::support::{features, id, link, pages, query};
use crate::world::World;

const ROADS: &str = "create table public.roads (gid int primary key, name text, lanes smallint, surveyed date, tags text[], geom geometry(linestring, 4542)); \
    insert into public.roads select n, case when n % 4 > 0 then '路 ' || n end, n % 6, date '2026-03-01' + n % 10, case when n % 7 > 0 then array['级' || n % 5, '桥'] end, \
    st_transform(st_setsrid(st_makeline(st_point(100 + n / 1000.0, 25.5), st_point(100 + n / 1000.0, 25.6)), 4490), 4542) \
    from generate_series(1, 300) n; create index on public.roads using gist (geom); \
    create view public.told as select id, name, geom from gewu.person";
const DEFINITION: &str = "[[collection]]\nid = 'roads'\ntitle = '道路'\ntitle_en = 'Roads'\ntime = 'surveyed'\n\
    fields = [['name', '路名 Name'], ['lanes', '车道数 Lanes'], ['surveyed', '测绘日期 Surveyed'], ['tags', '标签 Tags']]\n\
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
fn conf_array_functions_array_predicates() {
    let world = place(DEFINITION);
    let list = serde_json::json!({"type": "array", "items": {"type": "string"}});
    for document in ["schema", "queryables"] {
        let document = world.get(&format!("/collections/roads/{document}")).json();
        assert_eq!(
            (&document["properties"]["tags"]["type"], &document["properties"]["tags"]["items"]),
            (&list["type"], &list["items"])
        );
    }
    let one = world.get("/collections/roads/items/8").json();
    assert_eq!(one["properties"]["tags"], serde_json::json!(["级3", "桥"]));
    for (filter, expected) in [
        ("A_CONTAINS(tags, ('级3', '桥'))", (1..=300).filter(|n| n % 7 > 0 && n % 5 == 3).count()),
        (
            "A_CONTAINEDBY(tags, ('级3', '级4', '桥', '隧道'))",
            (1..=300).filter(|n| n % 7 > 0 && n % 5 > 2).count(),
        ),
        ("A_EQUALS(tags, ('桥', '级0'))", (1..=300).filter(|n| n % 7 > 0 && n % 5 == 0).count()),
        (
            "A_OVERLAPS(tags, ('级1', '级2'))",
            (1..=300).filter(|n| n % 7 > 0 && [1, 2].contains(&(n % 5))).count(),
        ),
        ("NOT A_OVERLAPS(tags, ('隧道')) OR tags IS NULL", 300),
    ] {
        assert_eq!(asked(&world, &[("filter", filter)])["numberMatched"], expected, "{filter}");
    }
    let json = r#"{"op": "a_contains", "args": [{"property": "tags"}, ["级3"]]}"#;
    let expected = (1..=300).filter(|n| n % 7 > 0 && n % 5 == 3).count();
    assert_eq!(asked(&world, &[("filter", json), ("filter-lang", "cql2-json")])["numberMatched"], expected);
    for refused in ["tags=x", "sortby=tags"] {
        world.get(&format!("/collections/roads/items?{refused}")).problem(400);
    }
}

#[test]
fn a_page_ends_before_its_features_have_more_than_a_million_vertices_and_next_leads_on() {
    let world = place(DEFINITION);
    let pool = world.wait(world.database.pool());
    let long = "update public.roads set geom = (select st_setsrid(st_makeline(st_point(4e5 + k, 2.8e6) order by k), 4542) \
        from generate_series(1, 400000) k) where gid in (2, 3, 4)";
    world.wait(sqlx::query(long).execute(&pool)).unwrap();
    let all = pages(&world, "/collections/roads/items?limit=100");
    let sizes: Vec<_> = all.iter().map(|page| features(page).len()).collect();
    // The fourth road would be the third long one of the first page.
    assert_eq!(sizes, [3, 100, 100, 97]);
    let ids: Vec<_> =
        all.iter().flat_map(|page| features(page).iter().map(|f| f["id"].as_i64().unwrap())).collect();
    assert_eq!(ids, (1..=300).collect::<Vec<_>>());
    assert!(all.iter().all(|page| page["numberMatched"] == 300));
    let light = asked(&world, &[("limit", "100"), ("skipGeometry", "true")]);
    assert_eq!(features(&light).len(), 100, "without geometries there is room");
}

#[test]
fn resources_of_a_collection_of_the_deployment_can_be_put_in_once_the_server_knows_it() {
    let definition = "[[collection]]\nid = 'street-lights'\ntitle = '路灯'\ntitle_en = 'Street lights'\n\
        fields = [['class', 'c'], ['name', 'n'], ['source', 's'], ['source_id', 'i'], ['attributes', 'a']]\n\
        [collection.source]\ntable = 'gewu.resource_item'\ngeometry = 'geom'\nfeature_id = 'id'\nonly = { collection = 'street_lights' }\n";
    let world = place(definition);
    let known = world.state.collections().of_resources();
    assert!(
        known.iter().any(|one| (one.id.as_str(), one.title.as_str()) == ("street_lights", "路灯")),
        "{known:?}"
    );
    let lamp = serde_json::json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [100.1, 25.6]}, "properties": {"class": "led"}});
    let put = || {
        let body = lamp.to_string().into_bytes();
        world
            .send(
                "POST",
                "/collections/street-lights/items",
                &[("content-type", "application/geo+json")],
                body,
            )
            .status
    };
    assert_ne!(put(), 201);
    for _ in 0..2 {
        world.wait(world.state.store().know_collections(&known)).unwrap();
    }
    assert_eq!(put(), 201);
    let list = world.get("/collections/street-lights/items").json();
    assert_eq!(
        (&list["numberMatched"], &features(&list)[0]["properties"]["class"]),
        (&1.into(), &"led".into())
    );
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
