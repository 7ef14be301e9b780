//! Filtered tiles over the wire. What passes a filter is the business of the tiles room.

use std::collections::BTreeSet;

use gewu::config::ServerSettings;

use crate::world::{World, world};

/// The tile of 100.2676, 25.6065 at zoom 10, where every grid of the place is.
const TILE: &str = "/tiles/grids/10/797/436";
const CLUSTERS: &str = "/tiles/facilities/9/398/218";

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The values of an attribute in the layers whose names begin so; a tile without content has none.
fn values(world: &World, path: &str, layers: &str, key: &str) -> BTreeSet<String> {
    let answer = world.get(path);
    if answer.status == 204 {
        return BTreeSet::new();
    }
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    let reader = mvt_reader::Reader::new(answer.body).unwrap();
    let mut found = BTreeSet::new();
    for layer in reader.get_layer_metadata().unwrap() {
        if layer.name.starts_with(layers) {
            for feature in reader.get_features(layer.layer_index).unwrap() {
                let value = feature.properties.unwrap().remove(key);
                found.extend(value.map(|value| match value {
                    mvt_reader::feature::Value::String(text) => text,
                    other => format!("{other:?}"),
                }));
            }
        }
    }
    found
}

fn codes(world: &World, pairs: &[(&str, &str)]) -> String {
    let path = format!("{TILE}?{}", encoded(pairs));
    let (grids, labels) = (values(world, &path, "grid_", "code"), values(world, &path, "grid_label", "code"));
    assert!(labels.is_subset(&grids));
    Vec::from_iter(grids).join(" ")
}

#[test]
fn a_tile_shows_the_levels_the_part_of_the_tree_and_whatever_else_is_asked_for() {
    let world = world();
    for (pairs, expected) in [
        (vec![("level", "2")], "532901 532902"),
        (vec![("level", "1, 2")], "5329 532901 532902"),
        (vec![("within", "532901")], "532901 532901001 532901002 532901003"),
        (vec![("within", "532901"), ("level", "3")], "532901001 532901002 532901003"),
        (vec![("filter", "workers > 0 AND level = 2")], "532901"),
        (
            vec![("filter", "households IS NOT NULL AND name <> '凤仪'"), ("within", "532901")],
            "532901001 532901003",
        ),
        (vec![("filter", "S_INTERSECTS(geometry, POINT(100.21 25.6))")], "5329 532901 532901002"),
        (
            vec![
                ("filter", r#"{"op":"like","args":[{"property":"name"},"漾%"]}"#),
                ("filter-lang", "cql2-json"),
            ],
            "532902",
        ),
        (vec![("filter", "people < 10"), ("v", "1")], "532902"),
        (vec![("filter", "FALSE")], ""),
        (
            vec![("level", ""), ("filter", " "), ("within", ""), ("class", "")],
            "5329 532901 532901001 532901002 532901003 532902",
        ),
    ] {
        assert_eq!(codes(&world, &pairs), expected, "{pairs:?}");
    }
    // By UUID as by code.
    let id = world.get("/v1/grids/532902").json()["id"].as_str().unwrap().to_owned();
    assert_eq!(codes(&world, &[("within", &id)]), "532902");
}

#[test]
fn facilities_and_buildings_are_filtered_by_class_and_by_the_grid_that_holds_them() {
    let world = world();
    let count =
        |query: &str| values(&world, &format!("{CLUSTERS}?{query}"), "facility_clusters", "point_count");
    let schools = values(&world, "/tiles/facilities/10/797/436?class=school", "facilities", "class");
    assert_eq!(Vec::from_iter(schools), ["school"]);
    assert_eq!(count("class=school,hydrant"), count(""));
    assert!(count("class=theatre").is_empty());
    let hydrant = values(&world, &format!("{CLUSTERS}?class=hydrant"), "facility_clusters", "hydrant");
    assert_eq!(hydrant.len(), 1);
    let in_902 = values(&world, &format!("{CLUSTERS}?within=532902"), "facility_clusters", "school");
    assert!(in_902.is_empty());
    let house = |query: &str| {
        values(&world, &format!("/tiles/buildings/14/12755/6986?{query}"), "buildings", "class")
    };
    assert_eq!(house("within=532901003&filter=height_m%3E17").len(), 1);
    assert!(house("within=532901002").is_empty() && house("class=school").is_empty());
}

#[test]
fn whatever_cannot_be_asked_is_refused_with_what_can() {
    let world = world();
    for (tilesets, pairs, field, told) in [
        (
            "grids",
            vec![("filter", "colour = 'red'")],
            "filter",
            "the tileset \"grids\" has no property \"colour\"; it has: code, name, level",
        ),
        (
            "facilities,grids",
            vec![("filter", "level = 3")],
            "filter",
            "the tileset \"facilities\" has no property \"level\"",
        ),
        ("buildings", vec![("level", "3")], "level", "the tileset \"buildings\" has no level"),
        ("grids,buildings", vec![("class", "school")], "class", "the tileset \"grids\" has no class"),
        ("grids", vec![("level", "7")], "level", "7"),
        ("grids", vec![("level", "2,two")], "level", "\"two\" is not a level"),
        ("grids", vec![("filter", "name = ")], "filter", "at character 7: expected a value, found the end"),
        ("grids", vec![("filter", "{"), ("filter-lang", "cql2-json")], "filter", "the JSON is no CQL2"),
        (
            "grids",
            vec![("filter", "level = 3"), ("filter-lang", "ecql")],
            "filter-lang",
            "known are cql2-text, cql2-json",
        ),
        ("grids", vec![("level", "2"), ("level", "3")], "level", "more than once"),
        (
            "grids",
            vec![("Filter", "level = 3")],
            "Filter",
            "known are v, level, within, class, filter, filter-lang",
        ),
    ] {
        let query = encoded(&pairs);
        let problem = world.get(&format!("/tiles/{tilesets}/10/797/436?{query}")).problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{pairs:?}");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(told), "{pairs:?}: {detail}");
        // The TileJSON refuses the same, so that a map never gets addresses that do not work.
        let same = world.get(&format!("/tiles/{tilesets}?{query}")).problem(400);
        assert_eq!(same["errors"][0]["field"], problem["errors"][0]["field"], "{pairs:?}");
    }
    for path in [TILE, "/tiles/grids"] {
        assert!(
            world.get(&format!("{path}?within=532901009")).problem(410)["successors"][0]["code"]
                == "532901001"
        );
        world.get(&format!("{path}?within=nowhere")).problem(404);
    }
}

#[test]
fn whatever_is_sent_as_a_filter_is_a_filter_or_a_400_and_changes_nothing() {
    let world = world();
    let before = world.get("/v1/status").json();
    let deep = "(".repeat(5_000);
    let nots = "NOT ".repeat(4_000);
    let long = format!("name = '{}'", "x".repeat(20_000));
    for filter in [
        "name = 'a'; DROP TABLE gewu.grid; --",
        "1=1; select pg_sleep(10)",
        "name = '' OR 1=1 --",
        "name = 'a' UNION SELECT phone FROM gewu.worker",
        "pg_sleep(10)",
        "name = (SELECT phone FROM gewu.worker)",
        "phone LIKE '1%'",
        "\"name\" = $1",
        "name = 'a\0'' OR ''1''=''1",
        "level = 0x10",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "{{7*7}}",
        "' OR ''='",
        "\u{202e}name = 'a",
        deep.as_str(),
        nots.as_str(),
        long.as_str(),
        "S_INTERSECTS(geometry, POLYGON((0 0, 1e308 0, 1e308 1e308, 0 0)))",
    ] {
        for path in [TILE, "/tiles/grids"] {
            let answer = world.get(&format!("{path}?{}", encoded(&[("filter", filter)])));
            let problem = answer.problem(400);
            assert_eq!(problem["errors"][0]["field"], "filter", "{filter}");
            assert!(problem["detail"].as_str().unwrap().len() < 600, "{filter}");
        }
    }
    // What only looks like harm is text, and finds nothing.
    for filter in
        ["name = '''; DROP TABLE gewu.grid; --'", "name LIKE '%'' OR TRUE --%'", "name = '1'' OR ''1''=''1'"]
    {
        assert_eq!(codes(&world, &[("filter", filter)]), "", "{filter}");
    }
    let after = world.get("/v1/status").json();
    for key in ["revision", "grids", "workers", "facilities"] {
        assert_eq!(after[key], before[key]);
    }
}

#[test]
fn the_tilejson_carries_what_was_asked_into_its_addresses() {
    let world = world();
    let filter = "name <> '{z}&level=1' AND workers + 1 >= 0 AND level < 3";
    let pairs = [("level", "1,2"), ("within", "532901"), ("filter", filter), ("filter-lang", "cql2-text")];
    let document = world.get(&format!("/tiles/grids?{}", encoded(&pairs))).json();
    let address = document["tiles"][0].as_str().unwrap();
    let (template, query) = address.strip_prefix(&world.url("")).unwrap().split_once('?').unwrap();
    assert_eq!(template, "/tiles/grids/{z}/{x}/{y}");
    let found: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(found[0].0, "v");
    let carried: Vec<_> = found[1..].iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(carried, pairs);
    let tile = format!("{template}?{query}").replace("{z}", "10").replace("{x}", "797").replace("{y}", "436");
    assert_eq!(Vec::from_iter(values(&world, &tile, "grid_", "code")), ["532901"]);
    assert_eq!(world.get(&tile).header("cache-control"), "public, max-age=31536000, immutable");
}

#[test]
fn a_kept_filtered_tile_follows_every_edit_that_it_depends_on() {
    let world = World::start(ServerSettings::default());
    let of = |pairs: &[(&str, &str)]| codes(&world, pairs);
    let households: &[_] = &[("filter", "households > 400")];
    let people: &[_] = &[("filter", "people >= 10 AND level = 3")];
    let duty: &[_] = &[("filter", "duty_gap AND level = 3")];
    let below: &[_] = &[("within", "532901"), ("level", "3")];
    let facilities =
        |query: &str| values(&world, &format!("/tiles/facilities/10/797/436?{query}"), "facilities", "name");
    // Twice each: built, then kept.
    for _ in 0..2 {
        assert_eq!((of(households), of(people)), (String::new(), "532901003".to_owned()));
        assert_eq!(of(duty), "532901001 532901002");
        assert_eq!(of(below), "532901001 532901002 532901003");
        assert_eq!(Vec::from_iter(facilities("class=hydrant")), ["hydrant 2"]);
        assert_eq!(facilities("within=532901003").len(), 1);
    }
    world.edit("update gewu.grid_version set households = 500 where code = '532901002'");
    assert_eq!(of(households), "532901002");
    world.edit(
        "delete from gewu.person where source_id in (select 'people-' || n from generate_series(11, 29) n)",
    );
    assert_eq!(of(people), "");
    world.edit("delete from gewu.assignment where role in ('full_time', 'part_time')");
    assert_eq!(of(duty), "532901001 532901002 532901003");
    world.edit("update gewu.facility set class = 'hydrant' where source_id = 'facilities-0'");
    assert_eq!(Vec::from_iter(facilities("class=hydrant")), ["hydrant 2", "school 0"]);
    world.edit(
        "update gewu.facility set leaf_id = (select grid_id from gewu.current_grid where code = '532901001') \
         where source_id = 'facilities-0'",
    );
    assert!(facilities("within=532901003").is_empty());
    world.edit(
        "update gewu.grid_version set parent_id = (select grid_id from gewu.current_grid where code = '5329'), \
         parent_county = (select county from gewu.current_grid where code = '5329') where code = '532901003'",
    );
    assert_eq!(of(below), "532901001 532901002");
}

#[test]
fn kept_tiles_of_one_filter_are_shared_however_it_is_written_and_of_no_other() {
    let world = World::start(ServerSettings::default());
    let figure = |name: &str| {
        let text = world.get("/metrics").text();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    for query in ["filter=level%3D2&level=2,3", "level=3,2,2&filter=(%22level%22+%3D+2.0)"] {
        assert_eq!(world.get(&format!("{TILE}?{query}")).status, 200);
    }
    assert_eq!((figure("gewu_tile_cache_misses_total"), figure("gewu_tile_cache_hits_total")), (1, 1));
    for query in ["", "filter=level%3D3", "level=2", "filter=level%3D2"] {
        world.get(&format!("{TILE}?{query}"));
    }
    assert_eq!((figure("gewu_tile_cache_misses_total"), figure("gewu_tile_cache_hits_total")), (5, 1));
}
