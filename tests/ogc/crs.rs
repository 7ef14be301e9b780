//! OGC API - Features - Part 2: Coordinate Reference Systems by Reference (18-058r1), Annex A.

use serde_json::Value;

use crate::support::{collections, features, query};
use crate::world::{World, world};

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const EPSG: &str = "http://www.opengis.net/def/crs/EPSG/0/";

#[test]
fn conf_crs_crs_uri_and_storage_crs() {
    let world = world();
    let list = world.get("/collections").json();
    let global = list["crs"].as_array().unwrap();
    assert_eq!(global[0], CRS84);
    for name in collections(&world) {
        let collection = world.get(&format!("/collections/{name}")).json();
        assert_eq!(collection["crs"], list["crs"]);
        assert_eq!(collection["storageCrs"], format!("{EPSG}4490"));
        assert!(global.contains(&collection["storageCrs"]));
    }
    for code in [4326, 4490, 3857, 4513, 4533, 4534, 4554] {
        assert!(global.contains(&format!("{EPSG}{code}").into()), "{code}");
    }
}

#[test]
fn conf_crs_crs_parameter_default_and_header() {
    let world = world();
    let answer = world.get("/collections/facilities/items");
    assert_eq!(answer.header("content-crs"), format!("<{CRS84}>"));
    for (name, path) in
        [("items", "/collections/facilities/items"), ("item", "/collections/grids/items/532901002")]
    {
        for code in [4326, 4490, 3857, 4542] {
            let uri = format!("{EPSG}{code}");
            let answer = world.get(&format!("{path}?{}", query(&[("crs", &uri)])));
            assert_eq!(answer.status, 200, "{name}");
            assert_eq!(answer.header("content-crs"), format!("<{uri}>"));
        }
    }
}

#[test]
fn conf_crs_crs_parameter_invalid() {
    let world = world();
    for wrong in
        ["http://www.opengis.net/def/crs/EPSG/0/2154", "CRS:84x", "http://www.opengis.net/def/crs/0/unknown"]
    {
        for parameter in ["crs", "bbox-crs", "filter-crs"] {
            let pairs = [(parameter, wrong), ("bbox", "1,2,3,4")];
            let problem = world.get(&format!("/collections/grids/items?{}", query(&pairs))).problem(400);
            assert!(problem.to_string().contains(parameter), "{problem}");
        }
    }
}

/// Coordinates as PostGIS has them, in the order of the axes of the register.
#[test]
fn conf_crs_crs_parameter_response_has_the_coordinates_and_axes_of_the_register() {
    let world = world();
    let pool = world.wait(world.database.pool());
    for code in [4326, 4490, 3857, 4542, 4521] {
        let list = world
            .get(&format!("/collections/facilities/items?{}", query(&[("crs", &format!("{EPSG}{code}"))])))
            .json();
        for feature in features(&list) {
            let row: (f64, f64) = world.wait(
                sqlx::query_as(sqlx::AssertSqlSafe(format!(
                    "select st_x(g), st_y(g) from (select st_transform(geom, {code}) as g from gewu.facility where id = '{}') f",
                    feature["id"].as_str().unwrap()
                )))
                .fetch_one(&pool),
            ).unwrap();
            // PostGIS has the easting or the longitude first, whatever the register says.
            let expected = if code == 3857 { [row.0, row.1] } else { [row.1, row.0] };
            let tolerance = if code == 4326 || code == 4490 { 1e-9 } else { 1e-3 };
            for axis in 0..2 {
                let found = feature["geometry"]["coordinates"][axis].as_f64().unwrap();
                assert!((found - expected[axis]).abs() < tolerance, "{code}: {found} {expected:?}");
            }
        }
    }
}

#[test]
fn conf_crs_bbox_crs_parameter_and_action() {
    let world = world();
    for (code, bbox) in [
        ("4326", "25.6,100.01,25.7,100.02"),
        ("4490", "25.6,100.01,25.7,100.02"),
        ("3857", "11133062.3,2948000,11134175,2960000"),
        ("4542", "2834000,601000,2840000,602000"),
    ] {
        let crs = format!("{EPSG}{code}");
        let pairs = [("bbox", bbox), ("bbox-crs", &crs), ("level", "3")];
        let list = world.get(&format!("/collections/grids/items?{}", query(&pairs))).json();
        assert_eq!(names(&list), ["下关"], "{code}");
        // Where nothing is.
        let empty = [("bbox", "1,1,2,2"), ("bbox-crs", crs.as_str())];
        let answer = world.get(&format!("/collections/grids/items?{}", query(&empty)));
        assert!(answer.status == 400 || features(&answer.json()).is_empty(), "{code}");
    }
    let default = [("bbox", "100.01,25.6,100.02,25.7"), ("bbox-crs", CRS84), ("level", "3")];
    assert_eq!(names(&world.get(&format!("/collections/grids/items?{}", query(&default))).json()), ["下关"]);
}

fn names(list: &Value) -> Vec<&str> {
    features(list).iter().map(|feature| feature["properties"]["name"].as_str().unwrap()).collect()
}

#[test]
fn a_feature_beyond_the_reach_of_a_system_is_told_not_bent() {
    let world: &World = &world();
    let crs = format!("{EPSG}4534");
    let answer = world.get(&format!("/collections/grids/items?{}", query(&[("crs", &crs)])));
    match answer.status {
        200 => assert!(!features(&answer.json()).is_empty()),
        _ => assert!(answer.problem(422)["detail"].as_str().unwrap().contains("reference system")),
    }
}
