//! Roads of the catalogue, to go by to the nearest service.

use serde_json::{Value, json};

use crate::place::{Place, tileset};

/// From the school in the west past seven people, and on to the other school by a long detour in the north.
const ROADS: &str = "
create table public.roads (gid int primary key, geom geometry(multilinestring, 4326));
insert into roads values
  (1, 'srid=4326;multilinestring((100.05 25.6, 100.1 25.6, 100.12 25.6))'),
  (2, 'srid=4326;multilinestring((100.22 25.6, 100.22 25.7, 100.27 25.7, 100.27 25.6))'),
  (3, 'srid=4326;multilinestring((100.219 25.6001, 100.2201 25.6001))')";

fn roads() -> Place {
    Place::new(ROADS, &[tileset("roads", "public.roads", "feature_id = 'gid'")])
}

fn outside(place: &Place, more: &str) -> Value {
    let found = place.get(&format!("/v1/coverage?class=school&minutes=60&speed=6&level=2&{more}")).json();
    let county =
        found["rows"].as_array().unwrap().iter().find(|row| row["grid"]["code"] == "532901").unwrap();
    json!([found["mode"], county["people"]["outside"], county["buildings"]["outside"]])
}

#[test]
fn who_is_near_by_air_may_be_far_by_road() {
    let place = roads();
    // Seven people are five kilometres from the school, and 27 by road. The three who live beside the other one share a group of five with two of
    // them, and the mean of that is outside.
    assert_eq!(outside(&place, "mode=straight"), json!(["straight", 0, 0]));
    assert_eq!(outside(&place, "mode=road"), json!(["road", 10, 0]));
    assert_eq!(outside(&place, "mode=road&roads=roads"), json!(["road", 10, 0]));
    let csv = place.get("/v1/coverage?class=school&level=2&mode=road&f=csv");
    assert!(csv.text().starts_with("code,name,level,buildings"), "{}", csv.text());
}

#[test]
fn without_roads_nobody_goes_by_them_and_the_answer_says_what_to_do() {
    let place = roads();
    let ask = |more: &str| place.get(&format!("/v1/coverage?class=school&{more}"));
    let unknown = ask("mode=road&roads=streets").problem(422);
    let detail = unknown["detail"].as_str().unwrap();
    assert!(detail.contains("\"streets\"") && detail.contains("table layers are: roads"), "{detail}");
    let problem = ask("roads=roads").problem(400);
    assert_eq!(problem["errors"][0]["field"], "roads");
    assert_eq!(ask("mode=river").problem(400)["errors"][0]["field"], "mode");
    let points = "create table public.roads (gid int primary key, geom geometry(point, 4326))";
    let place = Place::new(points, &[tileset("roads", "public.roads", "")]);
    let refused = place.get("/v1/coverage?class=school&mode=road").problem(422);
    assert!(refused["detail"].as_str().unwrap().contains("points"), "{refused}");
    let none = "create table public.roads (gid int primary key, geom geometry(linestring, 4326))";
    let place = Place::new(none, &[tileset("roads", "public.roads", "")]);
    let refused = place.get("/v1/coverage?class=school&mode=road").problem(422);
    assert!(refused["detail"].as_str().unwrap().contains("no road"), "{refused}");
    let bare = crate::world::world();
    let refused = bare.get("/v1/coverage?class=school&mode=road").problem(422);
    assert!(refused["detail"].as_str().unwrap().contains("table layers are: none"), "{refused}");
}
