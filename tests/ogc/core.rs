//! OGC API - Features - Part 1: Core (17-069r4), Annex A, and the conformance classes GeoJSON, HTML and OpenAPI 3.0.

use serde_json::Value;

use crate::support::{collections, features, id, ids, link, media, path};
use crate::world::{World, world};

const CORE: &str = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core";

/// What a place with seven grids, three facilities and one building holds.
const SIZES: [(&str, usize); 3] = [("grids", 6), ("facilities", 3), ("buildings", 1)];

#[test]
fn conf_core_root_op_and_success() {
    let world = world();
    let answer = world.get_with("/", &[("accept", "application/json")]);
    let landing = answer.json();
    for rel in ["service-desc", "service-doc", "conformance", "data"] {
        let found = landing["links"].as_array().unwrap().iter().find(|link| link["rel"] == rel);
        let href = found.unwrap_or_else(|| panic!("no link {rel}"))["href"].as_str().unwrap();
        assert_eq!(world.get(path(&world, href)).status, 200, "{rel}");
    }
}

#[test]
fn conf_core_api_definition_op_and_success() {
    let world = world();
    let landing = world.get_with("/", &[("accept", "application/json")]).json();
    let api = link(&landing, "service-desc", "application/vnd.oai.openapi+json;version=3.0").unwrap();
    let answer = world.get(path(&world, api));
    assert_eq!(media(&answer), "application/vnd.oai.openapi+json");
    assert_eq!(answer.json()["openapi"], "3.0.3");
}

#[test]
fn conf_core_conformance_op_and_success() {
    let world = world();
    let answer = world.get("/conformance");
    assert_eq!(media(&answer), "application/json");
    let classes = answer.json()["conformsTo"].clone();
    assert!(classes.as_array().unwrap().iter().any(|class| class == CORE));
}

#[test]
fn conf_core_fc_md_op_and_success() {
    let world = world();
    let list = world.get("/collections").json();
    assert!(link(&list, "self", "application/json").is_some());
    assert!(link(&list, "alternate", "text/html").is_some());
    for collection in list["collections"].as_array().unwrap() {
        assert!(collection["id"].is_string() && collection["title"].is_string());
        let items = link(collection, "items", "application/geo+json").unwrap();
        assert_eq!(world.get(path(&world, items)).status, 200, "{items}");
        for link in collection["links"].as_array().unwrap() {
            assert!(link["rel"].is_string() && link["type"].is_string() && link["href"].is_string());
        }
    }
}

#[test]
fn conf_core_fc_md_extent() {
    let world = world();
    let grids = world.get("/collections/grids").json();
    let bbox: Vec<f64> = serde_json::from_value(grids["extent"]["spatial"]["bbox"][0].clone()).unwrap();
    assert_eq!(bbox, [100.0, 25.5, 100.5, 25.8]);
    assert!(grids["extent"]["temporal"]["interval"][0].is_array());
    let buildings = world.get("/collections/buildings").json();
    let bbox: Vec<f64> = serde_json::from_value(buildings["extent"]["spatial"]["bbox"][0].clone()).unwrap();
    assert!((bbox[0] - 100.27).abs() < 1e-3 && (bbox[3] - 25.6002).abs() < 1e-3, "{bbox:?}");
    assert!(buildings["extent"]["temporal"].is_null());
}

#[test]
fn conf_core_sfc_md_op_and_success() {
    let world = world();
    let list = world.get("/collections").json();
    for listed in list["collections"].as_array().unwrap() {
        let name = listed["id"].as_str().unwrap();
        let one = world.get(&format!("/collections/{name}")).json();
        for member in ["id", "title", "description", "extent", "itemType", "links"] {
            assert_eq!(listed[member], one[member], "{member} of {name}");
        }
    }
    let problem = world.get("/collections/nothing").problem(404);
    assert!(problem["detail"].as_str().unwrap().contains("buildings"), "{problem}");
}

#[test]
fn conf_core_fc_op_and_response() {
    let world = world();
    for name in collections(&world) {
        let answer = world.get(&format!("/collections/{name}/items"));
        assert_eq!(media(&answer), "application/geo+json");
        let list = answer.json();
        assert_eq!(list["type"], "FeatureCollection");
        let size = SIZES.iter().find(|(known, _)| *known == name).map_or(0, |(_, size)| *size);
        assert_eq!(features(&list).len(), size, "{name}");
        for feature in features(&list) {
            assert_eq!(feature["type"], "Feature");
            assert!(feature["properties"].is_object() && feature["geometry"].is_object());
        }
    }
}

#[test]
fn conf_core_fc_bbox_definition_and_response() {
    let world = world();
    let codes = |bbox: &str| codes(&world, &format!("/collections/grids/items?level=3&bbox={bbox}"));
    assert_eq!(codes("100.01,25.6,100.02,25.7"), ["532901001"]);
    assert_eq!(codes("100.19,25.6,100.21,25.7"), ["532901001", "532901002"]);
    // A box that touches has a point in common.
    assert_eq!(codes("100.3,25.8,100.31,26"), ["532901003"]);
    assert_eq!(codes("100.01,25.6,7,100.02,25.7,9"), ["532901001"], "heights are left out");
    assert_eq!(codes("179,-10,-179,10"), [""; 0], "over the 180th meridian");
    assert_eq!(codes("170,-10,101,80"), ["532901001", "532901002", "532901003"]);
    for wrong in ["1,2,3", "a,b,c,d", "100,26,101,25", "100,25,101,95", "1,2,3,4,5", "100,25,101,inf"] {
        let problem = world.get(&format!("/collections/grids/items?bbox={wrong}")).problem(400);
        assert_eq!(problem["errors"][0]["field"], "bbox", "{wrong}: {problem}");
    }
    let facilities = world.get("/collections/facilities/items?bbox=100.05,25.5,100.15,25.7").json();
    assert_eq!(features(&facilities).len(), 1);
    let building = |bbox: &str| {
        world.get(&format!("/collections/buildings/items?bbox={bbox}")).json()["numberMatched"].clone()
    };
    assert_eq!(building("100.2702,25.6002,100.28,25.61"), 1, "a corner in common");
    assert_eq!(building("100.27021,25.6002,100.28,25.61"), 0);
}

fn codes(world: &World, path: &str) -> Vec<String> {
    let list = world.get(path).json();
    let mut codes: Vec<_> =
        features(&list).iter().map(|f| f["properties"]["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

#[test]
fn conf_core_fc_limit_definition_and_response() {
    let world = world();
    for limit in [1, 2, 5] {
        let list = world.get(&format!("/collections/grids/items?limit={limit}")).json();
        assert_eq!(features(&list).len(), limit);
        assert_eq!(list["numberReturned"], limit);
        assert_eq!(list["numberMatched"], 6);
        assert!(link(&list, "next", "application/geo+json").is_some());
    }
    let all = world.get("/collections/grids/items?limit=6").json();
    assert!(link(&all, "next", "application/geo+json").is_none());
    // More than the maximum counts as the maximum.
    assert_eq!(world.get("/collections/grids/items?limit=99999999999").json()["numberReturned"], 6);
    for wrong in ["0", "-1", "ten", "1.5"] {
        world.get(&format!("/collections/grids/items?limit={wrong}")).problem(400);
    }
}

#[test]
fn conf_core_query_param_unknown_and_invalid() {
    let world = world();
    for path in [
        "/collections?x=1",
        "/collections/grids?x=1",
        "/collections/grids/items?x=1",
        "/collections/facilities/items?height_m=3",
        "/conformance?x=1",
        "/collections/grids/queryables?x=1",
        "/collections/grids/items/532901?limit=1",
        "/collections/grids/items?limit=1&limit=2",
    ] {
        world.get(path).problem(400);
    }
}

#[test]
fn conf_core_fc_links_and_rel_type() {
    let world = world();
    let list = world.get("/collections/facilities/items?limit=2&class=school").json();
    for (rel, media_type) in
        [("self", "application/geo+json"), ("alternate", "text/html"), ("alternate", "text/csv")]
    {
        let href = link(&list, rel, media_type).unwrap();
        let answer = world.get(path(&world, href));
        assert_eq!(answer.status, 200, "{href}");
        assert_eq!(media(&answer), media_type);
    }
    let again = world.get(path(&world, link(&list, "self", "application/geo+json").unwrap())).json();
    assert_eq!(ids(&again), ids(&list));
}

#[test]
fn conf_core_fc_number_matched_and_returned() {
    let world = world();
    for (name, size) in SIZES {
        let list = world.get(&format!("/collections/{name}/items?limit=1")).json();
        assert_eq!((&list["numberMatched"], &list["numberReturned"]), (&size.into(), &1.into()), "{name}");
        let uncounted = world.get(&format!("/collections/{name}/items?limit=1&count=false")).json();
        assert!(uncounted["numberMatched"].is_null());
    }
}

#[test]
fn conf_core_f_op_success_and_links() {
    let world = world();
    for (name, _) in SIZES {
        let list = world.get(&format!("/collections/{name}/items")).json();
        for feature in features(&list) {
            let answer = world.get(&format!("/collections/{name}/items/{}", id(feature)));
            assert_eq!(media(&answer), "application/geo+json");
            let one = answer.json();
            for member in ["id", "type", "geometry", "properties"] {
                assert_eq!(one[member], feature[member]);
            }
            for (rel, media_type) in [
                ("self", "application/geo+json"),
                ("alternate", "text/html"),
                ("collection", "application/json"),
            ] {
                assert_eq!(world.get(path(&world, link(&one, rel, media_type).unwrap())).status, 200);
            }
        }
    }
    for absent in ["00000000-0000-4000-8000-000000000000", "nothing", "1", "%27"] {
        world.get(&format!("/collections/buildings/items/{absent}")).problem(404);
    }
}

#[test]
fn a_grid_is_found_by_its_code_too_and_a_retired_one_is_gone() {
    let world = world();
    let grid = world.get("/collections/grids/items/532901002").json();
    assert_eq!(grid["properties"]["name"], "凤仪");
    assert_eq!(grid["properties"]["parent"], "532901");
    let list = world.get("/v1/grids?level=3").json();
    assert!(list.to_string().contains(grid["id"].as_str().unwrap()));
}

#[test]
fn conf_geojson_definition_and_content() {
    let world = world();
    for path in ["/collections/grids/items", "/collections/buildings/items"] {
        let text = world.get_with(path, &[("accept", "application/geo+json")]).text();
        let list: geojson::FeatureCollection = text.parse().unwrap();
        for feature in list.features {
            geo::Geometry::<f64>::try_from(feature.geometry.unwrap()).unwrap();
        }
    }
}

#[test]
fn conf_html_definition_and_content() {
    let world = world();
    let pages = [
        "/",
        "/conformance",
        "/collections",
        "/collections/grids",
        "/collections/grids/items",
        "/collections/facilities/items?limit=1",
        "/collections/grids/items/532901002",
        "/collections/grids/queryables",
        "/collections/buildings/schema",
    ];
    for page in pages {
        let answer = world.get_with(page, &[("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")]);
        assert_eq!(answer.status, 200, "{page}");
        assert_eq!(media(&answer), "text/html", "{page}");
        let html = answer.text();
        assert!(html.starts_with("<!doctype html>") && html.contains("格物"), "{page}");
        assert!(!html.contains("<script>"), "{page}");
    }
    let items = world.get("/collections/facilities/items?f=html&limit=1").text();
    assert!(items.contains("school") && items.contains("rel=\"next\"") && items.contains("<svg"), "{items}");
    let grid = world.get("/collections/grids/items/532901002?f=html").text();
    assert!(grid.contains("凤仪") && grid.contains("<path"));
}

#[test]
fn conf_oas30_oas_impl_every_path_and_parameter_is_in_the_document() {
    let world = world();
    let api = world.get("/api").json();
    let operation = &api["paths"]["/collections/{id}/items"]["get"];
    let named: Vec<_> = operation["parameters"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    for name in
        ["limit", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby"]
    {
        assert!(named.iter().any(|known| *known == name), "{name}");
    }
    for status in ["200", "404", "406", "422", "503", "504", "default"] {
        assert!(operation["responses"][status].is_object(), "{status}");
    }
    let content: &Value = &operation["responses"]["200"]["content"];
    for media_type in ["application/geo+json", "text/html", "application/geo+json-seq", "text/csv"] {
        assert!(content[media_type].is_object(), "{media_type}");
    }
}

#[test]
fn an_accept_header_without_any_known_format_is_406_and_f_goes_before_it() {
    let world = world();
    world.get_with("/collections/grids/items", &[("accept", "image/png")]).problem(406);
    let answer = world.get_with("/collections/grids/items?f=csv", &[("accept", "text/html")]);
    assert_eq!(media(&answer), "text/csv");
    world.get("/collections/grids/items?f=shp").problem(400);
}

#[test]
fn a_list_that_did_not_change_is_304_to_whoever_has_it() {
    let world = world();
    for (name, _) in SIZES {
        let path = format!("/collections/{name}/items?limit=2");
        let tag = world.get(&path).header("etag").to_owned();
        assert!(!tag.is_empty());
        assert_eq!(world.get_with(&path, &[("if-none-match", &tag)]).status, 304);
    }
}
