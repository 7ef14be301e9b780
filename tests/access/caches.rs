//! What one caller gets is kept for no other.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use gewu::access::{Principal, Role};
use gewu::config::AccessSettings;
use gewu::geom::TileId;
use gewu::model::OpenGlass;
use gewu::tiles::Tilesets;

use crate::place::{get, key, keys_only, world};
use crate::world::World;

const TILE: &str = "/tiles/grids/10/797/436";
/// What depends on the caller more than any other: it counts people.
const SHOWN: &str = "/tiles/overview/10/797/436";

fn figure(world: &World, key: &str, name: &str) -> u64 {
    let figures = get(world, "/metrics", key).text();
    let line = figures.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
    line.split(' ').next_back().unwrap().parse().unwrap()
}

/// One with a role in some areas; its key, what it says that it is there for.
struct Caller {
    key: String,
    purpose: Option<&'static str>,
}

impl Caller {
    /// As the server sees it.
    fn principal(&self, world: &World) -> Principal {
        let gate = world.state.gate();
        let known = gate.known(&self.key).unwrap().unwrap();
        let known = match self.purpose {
            Some(purpose) => known.with_purpose(gate.purpose(purpose).unwrap()),
            None => known,
        };
        known.under(gate.policy())
    }

    /// The tile as the server answers it, and how many tiles it built for that.
    fn tile(&self, world: &World) -> (Vec<u8>, u64) {
        let built = || figure(world, &self.key, "gewu_tile_cache_misses_total");
        let before = built();
        let bearer = format!("Bearer {}", self.key);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(self.purpose.map(|purpose| ("gewu-purpose", purpose)));
        let answer = world.get_with(SHOWN, &headers);
        assert_eq!(answer.status, 200);
        (answer.body, built() - before)
    }
}

/// Every role with a grid, another one, the grid above both, nowhere and everywhere, with a purpose and without; and a commander who opened an area.
fn every_caller(world: &World) -> Vec<Caller> {
    let atlas = world.state.atlas();
    let grid = |code: &str| atlas.grids().id(atlas.grids().find_code(code).unwrap());
    let areas = [
        Some(vec![grid("532901001")]),
        Some(vec![grid("532901003")]),
        Some(vec![grid("532901")]),
        Some(Vec::new()),
        None,
    ];
    let mut keys: Vec<_> = Role::ALL
        .iter()
        .flat_map(|role| areas.iter().map(|area| key(&[role.as_str()], area.clone())))
        .collect();
    keys.push(key(&["worker", "analyst"], Some(vec![grid("532901001")])));
    keys.push(key(&["commander"], Some(vec![grid("532901001")])));
    let incident = OpenGlass {
        id: uuid::Uuid::now_v7(),
        subject: format!("key:{}", keys.last().unwrap().0.id),
        area: grid("532902"),
        granted: Utc::now(),
        until: Utc::now() + TimeDelta::hours(1),
    };
    world.state.gate().keys().unwrap().replace(keys.iter().map(|(key, _)| key.clone()).collect());
    world.state.gate().glasses().replace(vec![incident]);
    let of_key = |key: &String| [None, Some("duty")].map(|purpose| Caller { key: key.clone(), purpose });
    keys.iter().flat_map(|(_, text)| of_key(text)).collect()
}

/// Under each policy, with how many different tiles there are then: people are counted to all, to none, to those with a purpose.
const POLICIES: [(&str, usize); 3] = [
    ("[people]\nposition = { everybody = \"aggregate\", worker = \"visible\" }", 1),
    ("[people]\nposition = { worker = \"visible\" }\nname = { worker = \"visible\" }", 1),
    ("[people]\nposition = { everybody = \"aggregate\", worker = \"visible\", purpose = true }", 2),
];

#[test]
fn two_callers_share_a_kept_tile_where_they_would_get_the_same_one_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let tilesets = Tilesets::embedded().unwrap();
    let selection = tilesets.select("overview").unwrap();
    let tile = TileId::new(10, 797, 436).unwrap();
    for (number, (policy, different)) in POLICIES.iter().enumerate() {
        let file = folder.path().join(format!("{number}.toml"));
        std::fs::write(&file, policy).unwrap();
        let world = world(AccessSettings { access_policy: Some(file), ..keys_only() });
        let callers = every_caller(&world);
        assert_eq!(callers.len(), 84);
        let atlas = world.state.atlas();
        // As it would be drawn for each of them alone.
        let principals: Vec<_> = callers.iter().map(|caller| caller.principal(&world)).collect();
        let drawn: Vec<_> =
            principals.iter().map(|who| selection.render(&atlas, who, tile).unwrap()).collect();
        for (one, who) in principals.iter().enumerate() {
            for (other, whom) in principals.iter().enumerate() {
                let shares = who.policy_class() == whom.policy_class();
                assert_eq!(shares, drawn[one] == drawn[other], "{policy}: {who:?} and {whom:?}");
            }
        }
        // And as the server answers it, which built each different one once.
        let mut built = 0;
        for (caller, drawn) in callers.iter().zip(&drawn) {
            let (answered, more) = caller.tile(&world);
            assert!(answered == *drawn, "{policy}: another tile than its own");
            built += more;
        }
        assert_eq!(built, *different as u64, "{policy}");
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), *different, "{policy}");
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
