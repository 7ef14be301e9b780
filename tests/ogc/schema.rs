//! OGC API - Features - Part 3 (queryables) and Part 5: Schemas (23-058r1).

use crate::support::{collections, features, link, media, path};
use crate::world::world;

#[test]
fn conf_queryables_link_and_success() {
    let world = world();
    for name in collections(&world) {
        let collection = world.get(&format!("/collections/{name}")).json();
        let href =
            link(&collection, "http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json");
        let answer = world.get(path(&world, href.unwrap()));
        assert_eq!(media(&answer), "application/schema+json");
        let schema = answer.json();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!((&schema["type"], &schema["additionalProperties"]), (&"object".into(), &false.into()));
        assert_eq!(schema["$id"], world.url(&format!("/collections/{name}/queryables")));
        let geometry = &schema["properties"]["geometry"];
        assert_eq!(
            (&geometry["format"], &geometry["x-ogc-role"]),
            (&"geometry-any".into(), &"primary-geometry".into())
        );
        for (field, property) in schema["properties"].as_object().unwrap() {
            assert!(property["title"].is_string(), "{field} of {name}");
        }
    }
}

#[test]
fn conf_queryables_query_parameters() {
    let world = world();
    let schools = world.get("/collections/facilities/items?class=school").json();
    assert_eq!(schools["numberMatched"], 2);
    let one = world.get("/collections/facilities/items?class=school&source_id=facilities-1").json();
    assert_eq!(one["numberMatched"], 1);
    assert_eq!(
        world.get("/collections/grids/items?level=3&name=%E6%B4%B1%E6%B5%B7").json()["numberMatched"],
        1
    );
    assert_eq!(world.get("/collections/grids/items?leaf=true").json()["numberMatched"], 4);
    assert_eq!(world.get("/collections/buildings/items?height_m=18").json()["numberMatched"], 1);
    world.get("/collections/grids/items?level=three").problem(400);
    world.get("/collections/grids/items?leaf=perhaps").problem(400);
}

#[test]
fn conf_schemas_schema_describes_every_feature_that_is_served() {
    let world = world();
    for name in collections(&world) {
        let collection = world.get(&format!("/collections/{name}")).json();
        let href =
            link(&collection, "http://www.opengis.net/def/rel/ogc/1.0/schema", "application/schema+json");
        let schema = world.get(path(&world, href.unwrap())).json();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties["id"]["x-ogc-role"], "id");
        let list = world.get(&format!("/collections/{name}/items")).json();
        for feature in features(&list) {
            for (field, value) in feature["properties"].as_object().unwrap() {
                let expected = properties[field]["type"].as_str().unwrap();
                let fits = match expected {
                    "string" => value.is_string(),
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "object" => value.is_object(),
                    other => panic!("{other}"),
                };
                assert!(fits || value.is_null(), "{field} of {name} is {value}, not {expected}");
            }
        }
    }
}

#[test]
fn properties_chooses_the_fields_of_an_answer() {
    let world = world();
    let list = world.get("/collections/grids/items?properties=name,code&limit=1").json();
    let fields: Vec<_> = features(&list)[0]["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["code", "name"]);
    let problem = world.get("/collections/grids/items?properties=name,phone").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("households"), "{problem}");
    let table = world.get("/collections/facilities/items?properties=class&f=csv").text();
    assert!(table.starts_with("\u{feff}id,class,geometry\r\n"), "{table}");
}
