//! Kept tiles: as fast as they may be, never older than the revision that they name.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::config::ServerSettings;
use gewu::geom::{Tile, TileId, TileMatrixSet};
use gewu::tiles::Tilesets;

use crate::world::World;

/// The tile of 100.2676, 25.6065 at zoom 10, and one of the west of 532902.
const TILE: &str = "/tiles/grids/10/797/436";

fn of_its_own() -> World {
    World::start(ServerSettings::default())
}

fn figure(world: &World, name: &str) -> u64 {
    let text = world.get("/metrics").text();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

fn name_of_the_middle_leaf(body: &[u8]) -> String {
    let reader = mvt_reader::Reader::new(body.to_vec()).unwrap();
    let layer = reader.get_layer_names().unwrap().iter().position(|name| name == "grid_3").unwrap();
    let features = reader.get_features(layer).unwrap();
    let text = |feature: &mvt_reader::feature::Feature, key: &str| {
        format!("{:?}", feature.properties.as_ref().unwrap().get(key))
    };
    let found = features.iter().find(|feature| text(feature, "code").contains("532901002")).unwrap();
    text(found, "name")
}

#[test]
fn a_tile_is_built_once_and_anew_only_when_something_in_it_changed() {
    let world = of_its_own();
    let far = "/tiles/grids/14/12743/6979";
    let (first, elsewhere) = (world.get(TILE), world.get(far));
    assert_eq!((first.status, elsewhere.status), (200, 200));
    assert_eq!(figure(&world, "gewu_tile_cache_misses_total"), 2);
    assert_eq!(world.get(TILE).body, first.body);
    assert_eq!(figure(&world, "gewu_tile_cache_hits_total"), 1);
    assert!(figure(&world, "gewu_tile_cache_bytes") as usize > first.body.len());

    let edited = world.edit("update gewu.grid_version set name = '新名' where code = '532901003'");
    let (second, same) = (world.get(TILE), world.get(far));
    assert_ne!(second.body, first.body);
    assert_ne!(second.header("etag"), first.header("etag"));
    assert_eq!((&same.body, same.header("etag")), (&elsewhere.body, elsewhere.header("etag")));
    for answer in [&second, &same] {
        assert_eq!(answer.header("gewu-revision"), edited.revision().to_string());
    }
    assert_eq!(figure(&world, "gewu_tile_cache_misses_total"), 3);
    assert_eq!(figure(&world, "gewu_tile_cache_hits_total"), 2);
}

#[test]
fn a_kept_tile_answers_as_a_built_one_does() {
    let world = of_its_own();
    for (encoding, name) in [("identity", ""), ("gzip", "gzip"), ("gzip;q=0", ""), ("deflate, gzip", "gzip")]
    {
        let ask = |more: &[(&str, &str)]| {
            let headers: Vec<_> = [("accept-encoding", encoding)].iter().chain(more).copied().collect();
            world.get_with("/tiles/grids,overview/9/398/218", &headers)
        };
        let (built, kept, through_the_router) =
            (ask(&[]), ask(&[]), ask(&[("origin", "http://localhost:5173")]));
        for name in ["etag", "content-type", "content-encoding", "cache-control", "vary", "gewu-revision"] {
            assert_eq!(built.header(name), kept.header(name), "{name} {encoding}");
            if name != "vary" {
                assert_eq!(through_the_router.header(name), kept.header(name), "{name} {encoding}");
            }
        }
        assert!(kept.header("vary").contains("accept-encoding"));
        assert_eq!((&built.body, &through_the_router.body), (&kept.body, &kept.body));
        let again = ask(&[("if-none-match", kept.header("etag"))]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, kept.header("etag")));
        let mut plain = kept.body.clone();
        assert_eq!(kept.header("content-encoding"), name, "{encoding}");
        if name == "gzip" {
            plain.clear();
            flate2::read::GzDecoder::new(kept.body.as_slice()).read_to_end(&mut plain).unwrap();
        }
        assert!(
            mvt_reader::Reader::new(plain)
                .unwrap()
                .get_layer_names()
                .unwrap()
                .contains(&"overview_3".to_owned())
        );
    }
    let empty = ["/tiles/grids/10/0/0"; 2].map(|path| world.get(path));
    assert!(empty.iter().all(|answer| (answer.status, answer.body.len()) == (204, 0)));
    assert_eq!(world.send("HEAD", TILE, &[], Vec::new()).status, 200);
    assert_eq!(world.get_with(TILE, &[("host", "elsewhere.example")]).status, 421);
}

#[test]
fn without_room_every_tile_is_built() {
    let world = World::start(ServerSettings { tile_cache_mb: Some(0), ..ServerSettings::default() });
    let packed = world.get_with(TILE, &[("accept-encoding", "gzip")]);
    assert_eq!((packed.status, world.get(TILE).status), (200, 200));
    assert_eq!(figure(&world, "gewu_tile_cache_misses_total"), 2);
    assert_eq!(figure(&world, "gewu_tile_cache_bytes"), 0);
}

#[test]
fn only_the_address_of_the_present_version_may_be_kept_for_ever() {
    let world = of_its_own();
    let versioned = |world: &World| {
        let address = world.get("/tiles/grids").json()["tiles"][0].as_str().unwrap().to_owned();
        let address = address.replace("{z}/{x}/{y}", "10/797/436");
        address.strip_prefix(&world.url("")).unwrap().to_owned()
    };
    let lasting = |path: &str| world.get(path).header("cache-control").to_owned();
    let first = versioned(&world);
    // Built, then kept.
    for _ in 0..2 {
        assert_eq!(lasting(&first), "public, max-age=31536000, immutable");
    }
    assert_eq!(lasting(TILE), "no-cache");
    assert_eq!(lasting(&format!("{TILE}?v=2")), "no-cache", "a revision alone is not a version");
    let before = world.get(&first);
    world.edit("update gewu.grid_version set name = '新名' where code = '532901002'");
    let second = versioned(&world);
    assert_ne!(first, second);
    assert_eq!(lasting(&first), "no-cache");
    assert_ne!(world.get(&first).body, before.body, "the present tile comes under any address");
    assert_eq!(lasting(&second), "public, max-age=31536000, immutable");
    world.get(&format!("{TILE}?w=1")).problem(400);
    world.get(&format!("{TILE}?v=1&v=2")).problem(400);
}

/// The tilesets and the tile that an address names.
fn named(path: &str) -> (&str, Tile) {
    let parts: Vec<&str> = path.split('/').collect();
    let number = |text: &str| text.parse::<u32>().unwrap();
    match parts[1..] {
        ["tiles", names, z, x, y] => {
            (names, TileId::new(number(z) as u8, number(x), number(y)).unwrap().into())
        }
        ["collections", names, "tiles", set, z, row, column] => {
            let set = TileMatrixSet::parse(set).unwrap();
            (names, set.tile(number(z) as u8, number(column), number(row)).unwrap())
        }
        _ => panic!("{path}"),
    }
}

/// Readers hammer tiles while edits land. What each of them got is compared with a tile of the revision that it named, made
/// from an atlas of that revision without any cache.
#[test]
fn no_reader_ever_gets_a_tile_of_another_revision_than_the_one_that_it_names() {
    const PATHS: [&str; 7] = [
        "/tiles/grids/10/797/436",
        "/tiles/overview/9/398/218",
        "/tiles/grids,facilities/12/3188/1746",
        "/tiles/facilities/8/199/109",
        "/tiles/buildings/14/12755/6986",
        "/collections/grids/tiles/CGCS2000Quad/9/183/797",
        "/collections/overview,facilities/tiles/WorldCRS84Quad/10/366/1594",
    ];
    let world = of_its_own();
    let over = AtomicBool::new(false);
    let mut atlases: BTreeMap<i64, Arc<Atlas>> = BTreeMap::new();
    atlases.insert(world.state.atlas().revision(), world.state.atlas());
    let edits = [
        "update gewu.grid_version set name = name || '一' where code = '532901002'",
        "update gewu.facility set class = 'clinic' where source_id = 'facilities-0'",
        "delete from gewu.assignment where worker_id in (select id from gewu.worker where name = '赵敏')",
        "update gewu.grid_version set households = households + 1 where code = '532901003'",
        "update gewu.building set height_m = 20 where source_id = 'buildings-0'",
        "delete from gewu.person where source_id = 'people-3'",
        "update gewu.grid_version set name = name || '二' where code = '532901'",
        "update gewu.facility set class = 'school' where source_id = 'facilities-0'",
    ];
    let got = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|number| {
                let (world, over) = (&world, &over);
                scope.spawn(move || {
                    let mut got = Vec::new();
                    for turn in number.. {
                        let path = PATHS[turn % PATHS.len()];
                        let packed = [("accept-encoding", "gzip")];
                        let headers = if turn % 3 == 0 { &packed[..] } else { &[] };
                        let answer = world.get_with(path, headers);
                        let revision: i64 = answer.header("gewu-revision").parse().unwrap();
                        let mut body = answer.body.clone();
                        if answer.header("content-encoding") == "gzip" {
                            body.clear();
                            flate2::read::GzDecoder::new(answer.body.as_slice())
                                .read_to_end(&mut body)
                                .unwrap();
                        }
                        got.push((path, revision, body));
                        if over.load(Ordering::Relaxed) {
                            return got;
                        }
                    }
                    got
                })
            })
            .collect();
        for edit in edits.iter().cycle().take(24) {
            let atlas = world.edit(edit);
            atlases.insert(atlas.revision(), atlas);
        }
        over.store(true, Ordering::Relaxed);
        readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect::<Vec<_>>()
    });
    let tilesets = Tilesets::embedded().unwrap();
    let mut rendered: BTreeMap<(&str, i64), Vec<u8>> = BTreeMap::new();
    let mut revisions: BTreeMap<i64, u32> = BTreeMap::new();
    for (path, revision, body) in &got {
        let expected = rendered.entry((path, *revision)).or_insert_with(|| {
            let (names, tile) = named(path);
            let selection = tilesets.select(names).unwrap();
            selection.render(&atlases[revision], &Principal::open(), tile).unwrap()
        });
        assert!(body == expected, "{path} of revision {revision}");
        *revisions.entry(*revision).or_default() += 1;
    }
    assert!(revisions.len() > 5 && got.len() > 100, "{} tiles of the revisions {revisions:?}", got.len());
    // The names of the first and the last revision differ: the comparison could fail.
    let ends = [atlases.keys().next().unwrap(), atlases.keys().last().unwrap()];
    let [first, last] = ends.map(|revision| {
        let tile = TileId::new(10, 797, 436).unwrap();
        let selection = tilesets.select("grids").unwrap();
        name_of_the_middle_leaf(&selection.render(&atlases[revision], &Principal::open(), tile).unwrap())
    });
    assert_ne!(first, last);
}
