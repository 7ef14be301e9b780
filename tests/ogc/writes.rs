//! OGC API - Features - Part 4: Create, Replace, Update and Delete (20-002r1), on resources.

use std::sync::Arc;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::support::{path, query};
use crate::world::{Answer, World};

const GEOJSON: (&str, &str) = ("content-type", "application/geo+json");
const MERGE: (&str, &str) = ("content-type", "application/merge-patch+json");

fn place() -> World {
    World::start(Default::default())
}

fn hydrant(lon: f64) -> Value {
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, 25.6]},
        "properties": {"class": "hydrant", "name": "消防栓 \"9\"; --", "attributes": {"pressure": 3}},
    })
}

fn send(world: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    world.send(method, path, headers, body.to_string().into_bytes())
}

fn create(world: &World, collection: &str, feature: &Value) -> String {
    let answer = send(world, "POST", &format!("/collections/{collection}/items"), &[GEOJSON], feature);
    assert_eq!(answer.status, 201, "{}", answer.text());
    path(world, answer.header("location")).to_owned()
}

fn leaf_by_postgis(world: &World, table: &str, id: &Value) -> Option<String> {
    let statement = format!(
        "select min(g.code) from gewu.{table} t join gewu.current_grid g on st_covers(g.geom, st_pointonsurface(t.geom)) \
         where t.id = '{}' and not exists (select from gewu.current_grid c where c.parent_id = g.grid_id)",
        id.as_str().unwrap()
    );
    let pool = world.wait(world.database.pool());
    world.wait(sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&pool)).unwrap()
}

#[test]
fn conf_create_replace_delete_insert() {
    let world = place();
    for (lon, leaf) in
        [(100.22, Some("532901002")), (100.2, Some("532901001")), (100.45, None), (120.0, None)]
    {
        let own = create(&world, "facilities", &hydrant(lon));
        let feature = world.get(&own).json();
        assert_eq!(feature["properties"]["grid"].as_str(), leaf, "at {lon}; on a border the lowest code");
        assert_eq!(leaf_by_postgis(&world, "facility", &feature["id"]).as_deref(), leaf);
        assert_eq!(feature["properties"]["name"], "消防栓 \"9\"; --");
        assert_eq!(feature["properties"]["attributes"], json!({"pressure": 3}));
        assert_eq!(feature["geometry"]["coordinates"], json!([lon, 25.6]));
        assert_eq!(
            (&feature["properties"]["source"], &feature["properties"]["source_id"]),
            (&"api".into(), &feature["id"])
        );
    }
    assert_eq!(world.get("/collections/facilities/items").json()["numberMatched"], 7);
}

#[test]
fn every_collection_of_resources_takes_features_and_a_building_its_measures() {
    let world = place();
    let mut parcel = hydrant(100.1);
    parcel["geometry"] = json!({"type": "Polygon", "coordinates": [[[100.1, 25.6], [100.11, 25.6], [100.11, 25.61], [100.1, 25.6]]]});
    parcel["properties"]["class"] = "farmland".into();
    for collection in ["land", "legal_entities", "organisations", "components", "events"] {
        let own = create(&world, collection, &parcel);
        assert_eq!(world.get(&own).json()["properties"]["grid"], "532901001", "{collection}");
        assert_eq!(world.get(&format!("/collections/{collection}/items")).json()["numberMatched"], 1);
    }
    let mut house = parcel.clone();
    house["properties"] = json!({"class": "residential", "height_m": 12.3, "floors": 4, "households": 8});
    let own = create(&world, "buildings", &house);
    let properties = world.get(&own).json()["properties"].clone();
    assert_eq!((&properties["height_m"], &properties["floors"]), (&json!(12.3), &json!(4)));
    house["properties"]["floors"] = "four".into();
    let answer = send(&world, "POST", "/collections/buildings/items", &[GEOJSON], &house);
    assert!(answer.problem(422)["detail"].as_str().unwrap().contains("floors"));
}

#[test]
fn conf_create_replace_delete_replace_gives_another_leaf_with_another_place() {
    let world = place();
    let own = create(&world, "facilities", &hydrant(100.22));
    let mut feature = world.get(&own).json();
    feature["geometry"]["coordinates"] = json!([100.27, 25.6]);
    feature["properties"]["name"] = Value::Null;
    let answer = send(&world, "PUT", &own, &[GEOJSON], &feature);
    assert_eq!(answer.status, 204, "{}", answer.text());
    let now = world.get(&own).json();
    assert_eq!((&now["properties"]["grid"], &now["properties"]["name"]), (&"532901003".into(), &Value::Null));
    assert_eq!(now["properties"]["source_id"], feature["properties"]["source_id"]);
    // To another county, which is another partition.
    feature["geometry"]["coordinates"] = json!([100.35, 25.6]);
    assert_eq!(send(&world, "PUT", &own, &[GEOJSON], &feature).status, 204);
    assert_eq!(world.get(&own).json()["properties"]["grid"], "532902");
    let absent = "/collections/facilities/items/00000000-0000-4000-8000-000000000000";
    send(&world, "PUT", absent, &[GEOJSON], &feature).problem(404);
}

#[test]
fn conf_update_changes_what_is_given_and_takes_away_what_is_null() {
    let world = place();
    let own = create(&world, "facilities", &hydrant(100.22));
    let change =
        json!({"properties": {"address": "建设路", "attributes": {"colour": "red", "pressure": null}}});
    for headers in [MERGE, GEOJSON] {
        let answer = send(&world, "PATCH", &own, &[headers], &change);
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
    let now = world.get(&own).json()["properties"].clone();
    assert_eq!((&now["class"], &now["address"]), (&"hydrant".into(), &"建设路".into()));
    assert_eq!(now["attributes"], json!({"colour": "red"}));
    let moved = json!({"geometry": {"type": "Point", "coordinates": [100.1, 25.6]}});
    assert_eq!(send(&world, "PATCH", &own, &[MERGE], &moved).status, 204);
    assert_eq!(world.get(&own).json()["properties"]["grid"], "532901001");
}

#[test]
fn conf_create_replace_delete_delete() {
    let world = place();
    let own = create(&world, "facilities", &hydrant(100.22));
    assert_eq!(world.send("DELETE", &own, &[], Vec::new()).status, 204);
    world.get(&own).problem(404);
    world.send("DELETE", &own, &[], Vec::new()).problem(404);
}

#[test]
fn conf_optimistic_locking_etags() {
    let world = place();
    let own = create(&world, "facilities", &hydrant(100.22));
    let first = world.get(&own).header("etag").to_owned();
    assert!(first.starts_with('"'), "a strong tag: {first}");
    assert_eq!(world.get_with(&own, &[("if-none-match", &first)]).status, 304);
    let flipped =
        world.get(&format!("{own}?{}", query(&[("crs", "http://www.opengis.net/def/crs/EPSG/0/4326")])));
    assert_ne!(flipped.header("etag"), first, "another representation");
    let change = json!({"properties": {"name": "one"}});
    assert_eq!(send(&world, "PATCH", &own, &[MERGE, ("if-match", &first)], &change).status, 204);
    for method in ["PATCH", "PUT", "DELETE"] {
        let answer = send(&world, method, &own, &[GEOJSON, ("if-match", &first)], &hydrant(100.22));
        assert!(answer.problem(412)["detail"].as_str().unwrap().contains("If-Match"), "{method}");
    }
    assert_eq!(world.get(&own).json()["properties"]["name"], "one");
    let now = world.get(&own).header("etag").to_owned();
    assert_ne!(now, first);
    assert_eq!(world.send("DELETE", &own, &[("if-match", &format!("\"x\", {now}"))], Vec::new()).status, 204);
}

#[test]
fn of_two_writers_with_the_same_tag_one_writes_and_changes_without_a_tag_all_count() {
    let world = Arc::new(place());
    let own = create(&world, "facilities", &hydrant(100.22));
    let tag = world.get(&own).header("etag").to_owned();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let write = |number: usize| {
            let (world, own, tag) = (&world, &own, &tag);
            scope.spawn(move || {
                let change = json!({"properties": {"name": format!("writer {number}")}});
                send(world, "PATCH", own, &[MERGE, ("if-match", tag)], &change).status
            })
        };
        (0..6).map(write).collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 204 | 412)), "{statuses:?}");
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (world, own) = (&world, &own);
            scope.spawn(move || {
                let change = json!({"properties": {"attributes": {format!("k{number}"): number}}});
                assert_eq!(send(world, "PATCH", own, &[MERGE], &change).status, 204);
            });
        }
    });
    let attributes = world.get(&own).json()["properties"]["attributes"].clone();
    assert_eq!(attributes, json!({"pressure": 3, "k0": 0, "k1": 1, "k2": 2, "k3": 3}));
}

#[test]
fn what_cannot_be_written_is_refused_with_what_is_wrong_and_nothing_is_kept() {
    let world = place();
    let post = |feature: &Value| send(&world, "POST", "/collections/facilities/items", &[GEOJSON], feature);
    let with = |pointer: &str, value: Value| {
        let mut feature = hydrant(100.2);
        *feature.pointer_mut(pointer).unwrap() = value;
        feature
    };
    for (feature, status, said) in [
        (json!([1]), 400, "object"),
        (with("/type", "Point".into()), 400, "Feature"),
        (with("/geometry", Value::Null), 400, "geometry"),
        (with("/geometry/coordinates", json!([200, 25])), 400, "degrees"),
        (with("/geometry/coordinates", json!(["a", 25])), 400, "geometry"),
        (with("/properties/class", Value::Null), 400, "class"),
        (with("/properties/name", json!(5)), 400, "text"),
        (with("/properties", json!({"class": "x", "religion": "y"})), 400, "attributes"),
        (
            with(
                "/geometry",
                json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}),
            ),
            422,
            "valid",
        ),
    ] {
        let problem = post(&feature).problem(status);
        assert!(problem["detail"].as_str().unwrap().contains(said), "{said}: {problem}");
    }
    let body = hydrant(100.2).to_string().into_bytes();
    world
        .send("POST", "/collections/facilities/items", &[("content-type", "text/csv")], body.clone())
        .problem(415);
    world.send("POST", "/collections/facilities/items", &[GEOJSON], b"{".to_vec()).problem(400);
    world.send("POST", "/collections/grids/items", &[GEOJSON], body.clone()).problem(405);
    world.send("POST", "/collections/people/items", &[GEOJSON], body.clone()).problem(405);
    let same = with("/properties", json!({"class": "school", "source": "test", "source_id": "facilities-0"}));
    assert!(post(&same).problem(409)["detail"].as_str().unwrap().contains("facilities-0"));
    assert_eq!(world.get("/collections/facilities/items").json()["numberMatched"], 3);
}

#[test]
fn whoever_prefers_it_gets_the_feature_back_as_it_is_now() {
    let world = place();
    let whole = ("prefer", "return=representation");
    let items = "/collections/facilities/items";
    let answer = send(&world, "POST", items, &[GEOJSON, whole], &hydrant(100.22));
    assert_eq!((answer.status, answer.header("preference-applied")), (201, "return=representation"));
    let own = path(&world, answer.header("location")).to_owned();
    let back: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(back, world.get(&own).json(), "with its identity, its leaf and its links");
    assert_eq!(answer.header("etag"), world.get(&own).header("etag"));
    let change = json!({"properties": {"name": "两"}});
    let axes = ("content-crs", "<http://www.opengis.net/def/crs/EPSG/0/4490>");
    let answer =
        send(&world, "PATCH", &own, &[MERGE, whole, axes, ("if-match", answer.header("etag"))], &change);
    assert_eq!((answer.status, answer.header("content-crs")), (200, axes.1));
    assert_eq!(answer.json()["properties"]["name"], "两");
    assert_eq!(answer.json()["geometry"]["coordinates"], json!([25.6, 100.22]), "as it was written");
    let answer = send(&world, "PUT", &own, &[GEOJSON, whole], &hydrant(100.27));
    assert_eq!((answer.status, &answer.json()["properties"]["grid"]), (200, &"532901003".into()));
    for (preferred, applied) in [("return=minimal", "return=minimal"), ("respond-async", "")] {
        let answer = send(&world, "PUT", &own, &[GEOJSON, ("prefer", preferred)], &hydrant(100.27));
        assert_eq!((answer.status, answer.text().as_str()), (204, ""));
        assert_eq!(answer.header("preference-applied"), applied);
    }
}

#[test]
fn strictly_handled_a_strange_field_is_refused_and_leniently_it_is_left_out() {
    let world = place();
    let mut strange = hydrant(100.22);
    strange["properties"]["religion"] = "y".into();
    let items = "/collections/facilities/items";
    for headers in [vec![GEOJSON], vec![GEOJSON, ("prefer", "handling=strict")]] {
        let problem = send(&world, "POST", items, &headers, &strange).problem(400);
        assert_eq!(problem["errors"][0]["field"], "religion");
    }
    let lenient = ("prefer", "handling=lenient, return=representation");
    let answer = send(&world, "POST", items, &[GEOJSON, lenient], &strange);
    assert_eq!((answer.status, answer.header("preference-applied")), (201, lenient.1), "{}", answer.text());
    assert!(!answer.text().contains("religion"));
    // What cannot be read is refused all the same.
    strange["properties"]["class"] = 5.into();
    send(&world, "POST", items, &[GEOJSON, lenient], &strange).problem(400);
}

#[test]
fn coordinates_are_read_as_content_crs_says() {
    let world = place();
    let mut feature = hydrant(0.0);
    feature["geometry"]["coordinates"] = json!([25.6, 100.22]);
    let crs = ("content-crs", "<http://www.opengis.net/def/crs/EPSG/0/4490>");
    let answer = send(&world, "POST", "/collections/facilities/items", &[GEOJSON, crs], &feature);
    let own = path(&world, answer.header("location")).to_owned();
    assert_eq!(world.get(&own).json()["geometry"]["coordinates"], json!([100.22, 25.6]));
}

#[test]
fn the_atlas_follows_what_is_written_one_by_one() {
    let world = place();
    let before = world.state.atlas().resources().facility_count();
    let own = create(&world, "facilities", &hydrant(100.22));
    let atlas = world.edit("select 1");
    assert_eq!(atlas.resources().facility_count(), before + 1);
    let grid = atlas.grids().find_code("532901002").unwrap();
    assert_eq!(atlas.resources().counts(grid).facilities["hydrant"], 1);
    assert_eq!(world.send("DELETE", &own, &[], Vec::new()).status, 204);
    assert_eq!(world.edit("select 1").resources().facility_count(), before);
}
