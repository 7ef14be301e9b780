//! What one caller gets is kept for no other.

use crate::place::{get, key, keys_only, world};
use crate::world::World;

const TILE: &str = "/tiles/grids/10/797/436";

fn figure(world: &World, key: &str, name: &str) -> u64 {
    let figures = get(world, "/metrics", key).text();
    let line = figures.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
    line.split(' ').next_back().unwrap().parse().unwrap()
}

#[test]
fn callers_who_may_see_different_things_never_share_a_kept_tile() {
    let world = world(keys_only());
    let grid = |code: &str| {
        let atlas = world.state.atlas();
        atlas.grids().id(atlas.grids().find_code(code).unwrap())
    };
    let all = [
        key(&["worker"], Some(vec![grid("532901001")])),
        key(&["worker"], Some(vec![grid("532901002")])),
        key(&["worker"], Some(vec![grid("532901")])),
        key(&["worker"], None),
        key(&["worker", "analyst"], Some(vec![grid("532901001")])),
        // Holds what the first one holds.
        key(&["worker"], Some(vec![grid("532901001")])),
    ];
    world.state.gate().keys().unwrap().replace(all.iter().map(|(key, _)| key.clone()).collect());
    let built = |key: &str| figure(&world, key, "gewu_tile_cache_misses_total");
    let asks = |key: &str| {
        let before = built(key);
        let answer = get(&world, TILE, key);
        assert_eq!(answer.status, 200);
        built(key) - before
    };
    for (at, (_, key)) in all.iter().enumerate() {
        assert_eq!(asks(key), u64::from(at < 5), "the first of its class builds it: {at}");
        assert_eq!(asks(key), 0, "then it is kept: {at}");
    }
}

#[test]
fn no_shared_cache_may_keep_an_answer_to_a_caller() {
    let world = world(keys_only());
    let (key, text) = key(&["analyst"], None);
    world.state.gate().keys().unwrap().replace(vec![key]);
    let json = get(&world, "/tiles/grids", &text).json();
    let versioned = json["tiles"][0].as_str().unwrap().replace("{z}/{x}/{y}", "10/797/436");
    let versioned = versioned.split_once("/tiles").map(|(_, rest)| format!("/tiles{rest}")).unwrap();
    assert!(versioned.contains("?v="), "{versioned}");
    for path in [
        versioned.as_str(),
        TILE,
        "/tiles/grids",
        "/v1/status",
        "/v1/grids",
        "/collections/facilities/items?f=json",
        "/v1/events",
        "/collections/grids/tiles",
        "/tileMatrixSets",
        "/docs",
        "/style.json",
        "/sprite.png",
        "/",
    ] {
        let request = crate::world::agent().get(world.url(path));
        let answer = request.header("authorization", format!("Bearer {text}")).call().unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name: &str| -> Vec<&str> {
            answer.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
        };
        assert_eq!(header("cache-control"), ["private, no-cache"], "{path}");
        assert!(header("vary").contains(&"authorization"), "{path}");
    }
    // The tag still spares the body, and an error is kept by nobody.
    let tag = get(&world, TILE, &text).header("etag").to_owned();
    let headers = [("authorization", format!("Bearer {text}")), ("if-none-match", tag.clone())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let again = world.get_with(TILE, &headers);
    assert_eq!((again.status, again.header("cache-control")), (304, "private, no-cache"));
    assert_eq!(world.get_with(TILE, &[("if-none-match", &tag)]).status, 401, "a tag is no key");
    assert_eq!(get(&world, "/v1/grids/none", &text).header("cache-control"), "no-store");

    let open = World::start(Default::default());
    let json = open.get("/tiles/grids").json();
    let versioned = json["tiles"][0].as_str().unwrap().replace("{z}/{x}/{y}", "10/797/436");
    let versioned = versioned.split_once("/tiles").map(|(_, rest)| format!("/tiles{rest}")).unwrap();
    assert!(open.get(&versioned).header("cache-control").starts_with("public, max-age="));
    assert!(!open.get(TILE).header("vary").contains("authorization"));
}
