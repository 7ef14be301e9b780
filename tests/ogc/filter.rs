//! OGC API - Features - Part 3: Filtering (19-079r2), Annex A, with CQL2 (21-065r2).

use crate::support::{features, query};
use crate::world::{World, world};

fn codes(world: &World, pairs: &[(&str, &str)]) -> Vec<String> {
    let list = world.get(&format!("/collections/grids/items?{}", query(pairs))).json();
    let mut codes: Vec<_> =
        features(&list).iter().map(|f| f["properties"]["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

#[test]
fn conf_filter_filter_param_and_response() {
    let world = world();
    for (filter, expected) in [
        ("level = 3 AND name LIKE '下%'", &["532901001"][..]),
        ("code IN ('532901001', '532901003')", &["532901001", "532901003"]),
        ("households BETWEEN 300 AND 330 AND NOT code = '532901002'", &["532901001", "532901003"]),
        ("parent IS NULL", &["5329"]),
        ("leaf AND level < 3", &["532902"]),
        ("S_INTERSECTS(geometry, POINT(100.27 25.6)) AND level = 3", &["532901003"]),
        ("S_WITHIN(geometry, BBOX(100.1, 25, 100.31, 26)) AND level = 3", &["532901002", "532901003"]),
        ("CASEI(code) = CASEI('5329')", &["5329"]),
        ("households * 2 = 642 AND name = '洱海'", &["532901003"]),
        ("name = 'nothing'", &[]),
    ] {
        assert_eq!(codes(&world, &[("filter", filter)]), expected, "{filter}");
    }
}

#[test]
fn conf_filter_filter_lang_text_is_the_default_and_json_says_the_same() {
    let world = world();
    let json = r#"{"op": "and", "args": [{"op": "=", "args": [{"property": "level"}, 3]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [100.27, 25.6]}]}]}"#;
    assert_eq!(codes(&world, &[("filter", json), ("filter-lang", "cql2-json")]), ["532901003"]);
    assert_eq!(codes(&world, &[("filter", "level = 1"), ("filter-lang", "cql2-text")]), ["5329"]);
    for (filter, language) in [("level = 1", "cql2-json"), (json, "cql2-text"), ("level = 1", "ecql")] {
        let pairs = [("filter", filter), ("filter-lang", language)];
        world.get(&format!("/collections/grids/items?{}", query(&pairs))).problem(400);
    }
}

#[test]
fn conf_filter_filter_crs() {
    let world = world();
    let epsg = |code: u32| format!("http://www.opengis.net/def/crs/EPSG/0/{code}");
    for (crs, point) in [
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84".to_owned(), "100.27 25.6"),
        (epsg(4326), "25.6 100.27"),
        (epsg(4490), "25.6 100.27"),
        (epsg(3857), "11162005.4 2949000"),
    ] {
        let filter = format!("level = 3 AND S_INTERSECTS(geometry, POINT({point}))");
        assert_eq!(codes(&world, &[("filter", &filter), ("filter-crs", &crs)]), ["532901003"], "{crs}");
    }
}

#[test]
fn conf_features_filter_filter_bbox_datetime_and_fields_hold_together() {
    let world = world();
    let pairs = [("filter", "households > 300"), ("bbox", "100.1,25.6,100.21,25.7"), ("level", "3")];
    assert_eq!(codes(&world, &pairs), ["532901001", "532901002"]);
    let pairs =
        [("filter", "name <> '下关'"), ("bbox", "100.1,25.6,100.21,25.7"), ("level", "3"), ("kind", "micro")];
    assert_eq!(codes(&world, &pairs), [""; 0]);
}

#[test]
fn conf_filter_invalid_filters_are_400_and_say_what_is_wrong() {
    let world = world();
    for (filter, said) in [
        ("level =", "expected a value"),
        ("colour = 'red'", "households"),
        ("level = 'three'", "text"),
        ("S_INTERSECTS(name, POINT(1 2))", "geometry"),
        ("S_INTERSECTS(geometry, POINT(200 2))", "earth"),
        ("frobnicate(level)", "frobnicate"),
    ] {
        let problem =
            world.get(&format!("/collections/grids/items?{}", query(&[("filter", filter)]))).problem(400);
        assert_eq!(problem["errors"][0]["field"], "filter");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{filter}: {problem}");
    }
}
