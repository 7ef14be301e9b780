//! Tiles as OGC API - Tiles has them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{Answer, REVISION, World, world};

/// The tile of 100.2676, 25.6065 at zoom 9: floor((100.2676 + 180) / (180 / 512)) and floor((90 - 25.6065) / (180 / 512)).
const TILE: &str = "/collections/grids/tiles/CGCS2000Quad/9/183/797";

const SETS: [&str; 3] = ["WebMercatorQuad", "WorldCRS84Quad", "CGCS2000Quad"];

fn layers(answer: &Answer) -> BTreeSet<String> {
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/vnd.mapbox-vector-tile"));
    mvt_reader::Reader::new(answer.body.clone()).unwrap().get_layer_names().unwrap().into_iter().collect()
}

/// The address of a relation, without the server.
fn follow(world: &World, document: &Value, relation: &str) -> String {
    let links = document["links"].as_array().unwrap();
    let link = links.iter().find(|link| link["rel"].as_str().unwrap().ends_with(relation)).unwrap();
    link["href"].as_str().unwrap().strip_prefix(&world.url("")).unwrap().to_owned()
}

#[test]
fn the_sets_are_listed_and_defined_as_the_standard_encodes_them() {
    let world = world();
    let list = world.get("/tileMatrixSets").json();
    let items = list["tileMatrixSets"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), SETS);
    for item in items {
        let set = world.get(&follow(&world, item, "self")).json();
        assert_eq!((&set["id"], &set["crs"]), (&item["id"], &item["crs"]));
        let matrices = set["tileMatrices"].as_array().unwrap();
        for (z, matrix) in matrices.iter().enumerate() {
            assert_eq!((&matrix["id"], &matrix["tileWidth"]), (&json!(z.to_string()), &json!(256)));
        }
        assert_eq!(matrices.len(), if set["id"] == "WebMercatorQuad" { 25 } else { 24 });
    }
    let degrees = world.get("/tileMatrixSets/CGCS2000Quad").json();
    assert_eq!(degrees["orderedAxes"], json!(["Lat", "Lon"]));
    assert_eq!(degrees["tileMatrices"][0]["pointOfOrigin"], json!([90.0, -180.0]));
    assert_eq!(degrees["tileMatrices"][0]["cellSize"], json!(0.703125));
    assert_eq!(degrees["tileMatrices"][1]["matrixWidth"], json!(4));
    let unknown = world.get("/tileMatrixSets/EPSG:4490").problem(404);
    assert!(SETS.iter().all(|id| unknown["detail"].as_str().unwrap().contains(id)), "{unknown}");
}

#[test]
fn links_lead_from_the_landing_document_to_a_tile_of_every_set() {
    let world = world();
    let landing = world.get("/?f=json").json();
    assert_eq!(follow(&world, &landing, "tiling-schemes"), "/tileMatrixSets");
    let list = world.get(&follow(&world, &landing, "tilesets-vector")).json();
    let items = list["tilesets"].as_array().unwrap();
    assert_eq!(items.len(), SETS.len());
    for (item, id) in items.iter().zip(SETS) {
        let definition = world.get(&follow(&world, item, "tiling-scheme")).json();
        assert_eq!((&definition["id"], &definition["crs"]), (&id.into(), &item["crs"]));
        let answer = world.get(&follow(&world, item, "self"));
        assert_eq!(answer.header("gewu-revision"), REVISION.to_string());
        let tileset = answer.json();
        for member in ["title", "dataType", "crs", "tileMatrixSetURI"] {
            assert_eq!(tileset.get(member), item.get(member));
        }
        assert_eq!(item.get("tileMatrixSetURI").is_some(), id != "CGCS2000Quad", "only what is registered");
        let links = tileset["links"].as_array().unwrap();
        let template = links.iter().find(|link| link["rel"] == "item").unwrap();
        assert_eq!(template["templated"], true);
        assert_eq!(template["type"], "application/vnd.mapbox-vector-tile");
        for limits in tileset["tileMatrixSetLimits"].as_array().unwrap() {
            let address = follow(&world, &tileset, "item")
                .replace("{tileMatrix}", limits["tileMatrix"].as_str().unwrap())
                .replace("{tileRow}", &limits["minTileRow"].to_string())
                .replace("{tileCol}", &limits["minTileCol"].to_string());
            let tile = world.get(&address);
            assert!(layers(&tile).contains("grid_1"), "{address}");
            assert_eq!(tile.header("cache-control"), "public, max-age=31536000, immutable");
        }
    }
}

#[test]
fn a_tile_of_web_mercator_is_the_same_under_both_addresses() {
    let world = world();
    let (one, other) = (
        world.get("/tiles/grids,facilities/10/797/436"),
        world.get("/collections/grids,facilities/tiles/WebMercatorQuad/10/436/797"),
    );
    assert_eq!(layers(&one), layers(&other));
    for name in ["etag", "cache-control", "vary", "gewu-revision"] {
        assert_eq!(one.header(name), other.header(name), "{name}");
    }
    assert_eq!(one.body, other.body);
}

#[test]
fn a_tile_in_degrees_answers_as_any_other() {
    let world = world();
    let first = world.get(TILE);
    assert!(layers(&first).contains("grid_3"));
    assert_eq!(first.header("gewu-revision"), REVISION.to_string());
    assert_eq!(world.get(&TILE.replace("CGCS2000Quad", "WorldCRS84Quad")).body, first.body);
    assert_ne!(world.get("/tiles/grids/9/398/218").body, first.body);
    let again = world.get_with(TILE, &[("if-none-match", first.header("etag"))]);
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, first.header("etag")));
    let large = "/collections/grids,facilities,overview/tiles/CGCS2000Quad/9/183/797";
    let packed = world.get_with(large, &[("accept-encoding", "gzip")]);
    assert_eq!(packed.header("content-encoding"), "gzip");
}

#[test]
fn an_empty_tile_is_no_content_and_what_does_not_exist_is_refused() {
    let world = world();
    let empty = world.get("/collections/grids/tiles/WorldCRS84Quad/9/0/0");
    assert_eq!((empty.status, empty.body.len()), (204, 0));
    let tile = |place: &str| format!("/collections/grids/tiles/CGCS2000Quad/{place}");
    assert_eq!(world.get(&tile("0/0/1")).status, 200);
    for outside in ["0/0/2", "0/1/0", "24/0/0", "300/0/0", "-1/0/0", "1/a/0", "1/0/0.5"] {
        let problem = world.get(&tile(outside)).problem(400);
        assert!(problem["errors"][0]["field"].is_string());
    }
    let detail = world.get(&tile("0/1/0")).problem(400)["detail"].to_string();
    assert!(detail.contains("2 columns and 1 rows"), "{detail}");
    world.get("/collections/grids/tiles/WebMercatorQuad/0/0/1").problem(400);
    for unknown in
        ["people/tiles", "people/tiles/CGCS2000Quad", "people/tiles/CGCS2000Quad/0/0/0", "grids,x/tiles"]
    {
        let problem = world.get(&format!("/collections/{unknown}")).problem(404);
        assert!(problem["detail"].as_str().unwrap().contains("grids, buildings, facilities, overview"));
    }
    for unknown in ["EPSG4490", "EPSG4490/0/0/0"] {
        let problem = world.get(&format!("/collections/grids/tiles/{unknown}")).problem(404);
        assert!(problem["detail"].as_str().unwrap().contains("WorldCRS84Quad"), "{problem}");
    }
    for path in ["/tileMatrixSets", "/tileMatrixSets/CGCS2000Quad", "/collections/grids/tiles", TILE] {
        world.get(&format!("{path}?w=1")).problem(400);
    }
}

#[test]
fn tilejson_names_the_other_sets() {
    let world = world();
    let json = world.get("/tiles/grids,buildings").json();
    let sets = json["tile_matrix_sets"].as_array().unwrap();
    assert_eq!(sets.iter().map(|set| set["id"].as_str().unwrap()).collect::<Vec<_>>(), SETS[1..]);
    for set in sets {
        assert_eq!((&set["minzoom"], &set["maxzoom"]), (&json!(0), &json!(15)));
        assert_eq!(
            set["crs"],
            world.get(&format!("/tileMatrixSets/{}", set["id"].as_str().unwrap())).json()["crs"]
        );
        let address = set["tiles"][0].as_str().unwrap().strip_prefix(&world.url("")).unwrap();
        let address = address.replace("{z}/{y}/{x}", "9/183/797");
        let tile = world.get(&address);
        assert!(layers(&tile).contains("grid_3"));
        assert_eq!(tile.header("cache-control"), "public, max-age=31536000, immutable");
    }
}

#[test]
fn an_edit_is_in_the_tiles_of_every_set_and_only_where_it_is() {
    let world = World::start(gewu::config::ServerSettings::default());
    let figure = |name: &str| -> u64 {
        let text = world.get("/metrics").text();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    // 100.10, 25.65: inside 532901001, which the edit does not touch.
    let far = "/collections/grids/tiles/CGCS2000Quad/13/2928/12747";
    let above = ["0/0/1", "5/11/49", "9/183/797", "12/1464/6377"];
    let above = above.map(|place| format!("/collections/grids/tiles/CGCS2000Quad/{place}"));
    let before: Vec<_> = above.iter().map(|path| world.get(path)).collect();
    let elsewhere = world.get(far);
    assert!(before.iter().chain([&elsewhere]).all(|answer| answer.status == 200));
    let built = figure("gewu_tile_cache_misses_total");

    let edited = world.edit("update gewu.grid_version set name = '新名' where code = '532901003'");
    for (path, before) in above.iter().zip(&before) {
        let after = world.get(path);
        assert_eq!(after.header("gewu-revision"), edited.revision().to_string());
        assert!(
            after.body != before.body && after.header("etag") != before.header("etag"),
            "{path} is stale"
        );
        assert_eq!(world.get(&path.replace("CGCS2000Quad", "WorldCRS84Quad")).body, after.body);
    }
    let same = world.get(far);
    assert_eq!((&same.body, same.header("etag")), (&elsewhere.body, elsewhere.header("etag")));
    assert_eq!(figure("gewu_tile_cache_misses_total"), built + above.len() as u64, "one serves both sets");
}
