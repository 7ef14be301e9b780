//! Tiles over the wire; what is in them is the business of the tiles room.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use gewu::config::ServerSettings;
use serde_json::Value;

use crate::world::{Answer, REVISION, World, world};

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
    for path in [TILE, "/tiles/grids", "/style.json", "/sprite.png", "/glyphs/Noto%20Sans%20Bold/0-255.pbf"] {
        let first = world.get(path);
        let tag = first.header("etag");
        assert!(!tag.is_empty() && !first.header("cache-control").is_empty(), "{path}");
        let again = world.get_with(path, &[("if-none-match", tag)]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag), "{path}");
        assert_eq!(world.get_with(path, &[("if-none-match", "\"other\"")]).status, 200);
    }
}

/// Unpacked by decoders that are not of the libraries that packed it.
fn unpacked(encoding: &str, body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match encoding {
        "" => plain.extend(body),
        "gzip" => _ = flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap(),
        "zstd" => _ = ruzstd::decoding::StreamingDecoder::new(body).unwrap().read_to_end(&mut plain).unwrap(),
        "br" => {
            let program =
                "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(0)))";
            let mut node = Command::new("node")
                .args(["-e", program])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            node.stdin.take().unwrap().write_all(body).unwrap();
            let output = node.wait_with_output().unwrap();
            assert!(output.status.success());
            plain = output.stdout;
        }
        other => panic!("{other}"),
    }
    plain
}

#[test]
fn a_body_travels_in_the_encoding_that_its_caller_likes_best() {
    let world = world();
    // Below a kilobyte a tile fits one packet anyway; documents are compressed from four on.
    for path in ["/tiles/grids,facilities,overview/10/797/436", "/style.json"] {
        let plain = world.get(path);
        let tag = plain.header("etag");
        for (accepted, expected) in [
            ("gzip", "gzip"),
            ("br", "br"),
            ("zstd", "zstd"),
            ("gzip, deflate, br, zstd", "zstd"),
            ("gzip, deflate, br", "br"),
            ("br;q=0.5, gzip, zstd;q=0.4", "gzip"),
            ("identity", ""),
            ("compress", ""),
        ] {
            // The second answer is a kept one.
            for _ in 0..2 {
                let packed: Answer = world.get_with(path, &[("accept-encoding", accepted)]);
                assert_eq!(packed.header("content-encoding"), expected, "{path} {accepted}");
                assert_eq!(unpacked(expected, &packed.body), plain.body, "{path} {accepted}");
                assert_eq!(packed.header("etag"), tag, "{path} {accepted}");
                assert!(packed.header("vary").contains("accept-encoding"), "{path} {accepted}");
                let known = [("accept-encoding", accepted), ("if-none-match", tag)];
                assert_eq!(world.get_with(path, &known).status, 304, "{path} {accepted}");
            }
        }
    }
}

#[test]
fn an_answer_with_a_tile_says_how_long_it_was_drawn_and_whether_it_was_there() {
    let world = World::start(ServerSettings::default());
    let milliseconds = |timing: &str, name: &str| -> f64 {
        let (before, duration) = timing.split_once(&format!("{name};dur=")).unwrap();
        assert_eq!(before, if name == "build" { "cache;desc=miss, " } else { "cache;desc=hit, " });
        duration.parse().unwrap()
    };
    for path in ["/tiles/grids/10/797/436", "/tiles/grids/10/797/436?level=1", "/tiles/grids/5/0/0"] {
        let first = milliseconds(world.get(path).header("server-timing"), "build");
        assert!((0.0..5_000.0).contains(&first), "{path}: {first} ms");
        for encoding in ["identity", "gzip", "zstd"] {
            let again = world.get_with(path, &[("accept-encoding", encoding)]);
            let told = milliseconds(again.header("server-timing"), "built");
            assert_eq!(told, first, "{path} {encoding}: what is kept was drawn once");
        }
    }
}

#[test]
fn a_tile_over_its_budget_is_coarsened_and_that_is_said() {
    const LARGE: &str = "/tiles/grids,facilities,overview/10/797/436";
    let said = |world: &World| {
        let figures = world.get("/metrics").text();
        let figure = figures.lines().find(|line| line.starts_with("gewu_tiles_coarsened_total")).unwrap();
        (world.get("/tiles/grids,facilities,overview").json()["budget"].clone(), figure.to_owned())
    };
    let (usual, none) = said(&world());
    assert_eq!((&usual["bytes"], &usual["coarsened"]), (&500_000.into(), &0.into()));
    assert_eq!(none, "gewu_tiles_coarsened_total 0");
    let whole = world().get(LARGE).body;

    let small = World::start(ServerSettings { tile_budget_kb: Some(1), ..ServerSettings::default() });
    let tile = small.get(LARGE).body;
    assert!(whole.len() > 1_000 && tile.len() <= 1_000, "{} and {} bytes", whole.len(), tile.len());
    assert!(small.get_with(LARGE, &[("accept-encoding", "gzip")]).status == 200);
    let (budget, one) = said(&small);
    assert_eq!((&budget["bytes"], &budget["coarsened"]), (&1_000.into(), &1.into()));
    assert_eq!(one, "gewu_tiles_coarsened_total 1", "once, however often it is asked for");
    assert_eq!(small.get("/tiles/grids").json()["budget"]["coarsened"], 0, "of other tilesets none was");
}

#[test]
fn tilejson_and_style_lead_back_to_this_server_in_both_themes() {
    let world = world();
    let origin = world.url("");
    let tilejson = world.get("/tiles/grids,buildings").json();
    assert_eq!(tilejson["tilejson"], "3.0.0");
    let address = tilejson["tiles"][0].as_str().unwrap();
    assert!(
        address.starts_with(&format!("{origin}/tiles/grids,buildings/{{z}}/{{x}}/{{y}}?v=")),
        "{address}"
    );
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

#[test]
fn without_a_key_no_style_and_no_policy_names_anybody_else_and_with_one_only_tianditu() {
    let world = world();
    let origin = world.url("");
    for query in ["", "?theme=night", "?base=none"] {
        let text = world.get(&format!("/style.json{query}")).text();
        assert_eq!(text.matches("://").count(), text.matches(&origin).count(), "{query}");
    }
    world.get("/style.json?base=vec").problem(400);
    let policy = |world: &World| {
        let page = world.get_with("/", &[("accept", "text/html")]);
        page.header("content-security-policy").to_owned()
    };
    assert!(!policy(&world).contains("http"), "{}", policy(&world));

    let key = Some("0a1b2c3d4e5f".into());
    let keyed = World::start(ServerSettings { tianditu_key: key, ..ServerSettings::default() });
    for (query, layer) in [("", "vec"), ("?base=img", "img"), ("?theme=night&base=vec", "vec")] {
        let style = keyed.get(&format!("/style.json{query}")).json();
        let source = &style["sources"]["tianditu-picture"];
        let address = source["tiles"][7].as_str().unwrap();
        assert!(address.starts_with(&format!("https://t7.tianditu.gov.cn/{layer}_w/wmts?")), "{address}");
        assert!(address.ends_with("TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=0a1b2c3d4e5f"), "{address}");
        assert_eq!(style["layers"][1]["id"], "tianditu-picture", "below everything but the background");
        assert!(source["attribution"].as_str().unwrap().contains("天地图"));
    }
    assert!(!keyed.get("/style.json?base=none").text().contains("tianditu"));
    assert!(policy(&keyed).contains("connect-src 'self' https://*.tianditu.gov.cn"), "{}", policy(&keyed));
}

#[test]
fn glyphs_come_for_the_first_font_of_the_stack_that_is_here_and_are_empty_where_there_are_none() {
    let world = world();
    let glyphs = |stack: &str, range: &str| world.get(&format!("/glyphs/{stack}/{range}.pbf"));
    let regular = glyphs("Noto%20Sans%20Regular", "0-255");
    assert_eq!((regular.status, regular.header("content-type")), (200, "application/x-protobuf"));
    assert!(regular.body.len() > 50_000);
    let stack = glyphs("PingFang%20SC,%20Noto%20Sans%20Regular,Noto%20Sans%20Bold", "0-255");
    assert!(stack.body == regular.body && glyphs("Noto%20Sans%20Bold", "0-255").body != regular.body);
    // A font stack in protocol buffers: its name is field 1, its range field 2, glyphs would be field 3.
    let han = glyphs("Noto%20Sans%20Bold", "19968-20223");
    assert_eq!(han.body, b"\x0a\x1d\x0a\x0eNoto Sans Bold\x12\x0b19968-20223");
    glyphs("PingFang%20SC", "0-255").problem(404);
    for range in ["0-256", "1-256", "x", "1114112-1114367"] {
        glyphs("Noto%20Sans%20Bold", range).problem(400);
    }
}

#[test]
fn the_sprite_comes_at_both_resolutions_with_a_symbol_for_each_entry_of_its_index() {
    let world = world();
    for (suffix, ratio) in [("", 1), ("@2x", 2)] {
        let picture = world.get(&format!("/sprite{suffix}.png"));
        assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
        let side = |at: usize| u32::from_be_bytes(picture.body[at..at + 4].try_into().unwrap());
        let index = world.get(&format!("/sprite{suffix}.json")).json();
        for (name, place) in index.as_object().unwrap() {
            let number = |key: &str| place[key].as_u64().unwrap() as u32;
            assert_eq!(number("pixelRatio"), ratio, "{name}");
            let ends = (number("x") + number("width"), number("y") + number("height"));
            assert!(ends.0 <= side(16) && ends.1 <= side(20), "{name}");
        }
        assert!(index["hospital"].is_object() && index["other"].is_object());
    }
    world.get("/sprite.png?x=1").problem(400);
    world.get("/sprite@3x.png").problem(404);
}
