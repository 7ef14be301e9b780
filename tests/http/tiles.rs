//! Tiles over the wire; what is in them is the business of the tiles room.

use std::io::Read;

use serde_json::Value;

use crate::world::{Answer, REVISION, world};

/// The tile of 100.2676, 25.6065 at zoom 10.
const TILE: &str = "/tiles/grids,facilities/10/797/436";

#[test]
fn a_tile_has_layers_that_a_published_decoder_reads() {
    let answer = world().get(TILE);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/vnd.mapbox-vector-tile"));
    assert_eq!(answer.header("gewu-revision"), REVISION.to_string());
    let reader = mvt_reader::Reader::new(answer.body).unwrap();
    let layers = reader.get_layer_names().unwrap();
    assert!(layers.iter().any(|name| name == "grid_3"), "{layers:?}");
}

#[test]
fn an_empty_tile_is_no_content_and_one_outside_the_matrix_is_refused() {
    let world = world();
    let empty = world.get("/tiles/grids/10/0/0");
    assert_eq!((empty.status, empty.body.len()), (204, 0));
    assert_eq!(empty.header("gewu-revision"), REVISION.to_string());
    for outside in ["1/2/0", "1/0/2", "25/0/0", "300/0/0", "-1/0/0", "1/a/0", "1/0/0.5"] {
        world.get(&format!("/tiles/grids/{outside}")).problem(400);
    }
    world.get("/tiles/people/0/0/0").problem(404);
    world.get("/tiles/grids,people").problem(404);
}

#[test]
fn a_caller_that_has_the_tile_is_told_so() {
    let world = world();
    for path in [TILE, "/tiles/grids", "/style.json"] {
        let first = world.get(path);
        let tag = first.header("etag");
        assert!(!tag.is_empty() && !first.header("cache-control").is_empty(), "{path}");
        let again = world.get_with(path, &[("if-none-match", tag)]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag), "{path}");
        assert_eq!(world.get_with(path, &[("if-none-match", "\"other\"")]).status, 200);
    }
}

#[test]
fn a_tile_travels_compressed_to_those_who_accept_it() {
    let world = world();
    let plain = world.get(TILE);
    let packed: Answer = world.get_with(TILE, &[("accept-encoding", "gzip")]);
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
}

#[test]
fn tilejson_and_style_lead_back_to_this_server_in_both_themes() {
    let world = world();
    let origin = world.url("");
    let tilejson = world.get("/tiles/grids,buildings").json();
    assert_eq!(tilejson["tilejson"], "3.0.0");
    assert_eq!(tilejson["tiles"][0], format!("{origin}/tiles/grids,buildings/{{z}}/{{x}}/{{y}}"));
    let background = |style: &Value| style["layers"][0]["paint"]["background-color"].clone();
    let (day, night) = (world.get("/style.json").json(), world.get("/style.json?theme=night").json());
    assert_ne!(background(&day), background(&night));
    for style in [&day, &night] {
        assert!(!style.to_string().contains("{origin}"));
        for source in style["sources"].as_object().unwrap().values() {
            let url = source["url"].as_str().unwrap().strip_prefix(&origin).unwrap();
            assert_eq!(world.get(url).status, 200, "{url}");
        }
    }
    world.get("/style.json?theme=dusk").problem(400);
}
