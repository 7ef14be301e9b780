//! The second wall alone: a server whose handlers ask nobody whether they may, as only a test build can be.

use gewu::atlas::Atlas;
use gewu::config::{CommonSettings, Config, ServerSettings};
use gewu::http::{AppState, Door};
use gewu::model::{ApiKey, GridId};
use gewu::tiles::Tilesets;
use serde_json::Value;

use crate::matrix::region::{self, PLACES};
use crate::place::{key, keys_only};
use crate::world::{Answer, World, agent};

const ITEMS: &str = "/collections/people/items";

/// A server on the database of a place, working as `gewu_server`, with these keys.
fn unchecked(world: &World, keys: Vec<ApiKey>) -> String {
    world.wait(async {
        let store = gewu::store::Store::connect(world.database.options(), Default::default()).await.unwrap();
        let atlas = Atlas::build(store.read_snapshot().await.unwrap()).unwrap();
        let listen = Some("127.0.0.1:0".to_owned());
        let settings = ServerSettings { listen, access: keys_only(), ..ServerSettings::default() };
        let empty = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty.toml");
        let config = Config::load(Some(&empty), CommonSettings::default(), settings).unwrap();
        let door = Door::open(&config).await.unwrap();
        let address = door.address();
        let state = AppState::new(config, store.clone(), atlas, Tilesets::embedded().unwrap()).unwrap();
        let state = state.without_checks();
        state.act_as_server(&store).await.unwrap();
        state.gate().keys().unwrap().replace(keys);
        tokio::spawn(door.serve(state, std::future::pending()));
        format!("http://{address}")
    })
}

fn get(origin: &str, path: &str, key: &str) -> Answer {
    let request = agent().get(format!("{origin}{path}")).header("authorization", format!("Bearer {key}"));
    Answer::read(request.call().unwrap())
}

/// The grids of those who were shown.
fn grids(answer: &Answer) -> Vec<String> {
    let document: Value = answer.json();
    let features = document["features"].as_array().unwrap();
    let mut grids: Vec<_> =
        features.iter().map(|one| one["properties"]["grid"].as_str().unwrap_or("none").to_owned()).collect();
    grids.sort_unstable();
    grids.dedup();
    grids
}

#[test]
fn with_the_checks_of_the_handlers_switched_off_row_level_security_alone_holds() {
    let world = World::start(Default::default());
    let places = region::mark(&world);
    let grid = |code: &str| -> GridId {
        let atlas = world.state.atlas();
        atlas.grids().id(atlas.grids().find_code(code).unwrap())
    };
    let own = |roles: &[&str], code: &str| key(roles, Some(vec![grid(code)]));
    let (worker, office) = (own(&["worker"], "532901003"), own(&["grid_office"], "532901"));
    let others =
        ["public", "integrator", "analyst", "commander", "auditor", "admin"].map(|role| key(&[role], None));
    let keys = [&worker, &office].into_iter().chain(&others).map(|(key, _)| key.clone());
    let origin = unchecked(&world, keys.collect());

    // The handler asks nobody: whoever comes is answered.
    for (_, other) in &others {
        assert!(grids(&get(&origin, &format!("{ITEMS}?limit=100"), other)).is_empty());
        for place in &places {
            assert!(
                grids(&get(&origin, &format!("{ITEMS}?limit=100&grid={}", place.code), other)).is_empty()
            );
            if let Some(person) = &place.person {
                assert_eq!(get(&origin, &format!("{ITEMS}/{person}"), other).status, 404);
            }
        }
    }
    for ((_, key), area) in [(&worker, "532901003"), (&office, "532901")] {
        let seen = grids(&get(&origin, &format!("{ITEMS}?limit=100"), key));
        assert!(!seen.is_empty() && seen.iter().all(|grid| grid.starts_with(area)), "{seen:?}");
        for place in &places {
            let seen = grids(&get(&origin, &format!("{ITEMS}?limit=100&grid={}", place.code), key));
            assert!(seen.iter().all(|grid| grid.starts_with(area)), "{}: {seen:?}", place.code);
            let is_shown = if place.code.starts_with(area) { 200 } else { 404 };
            if let Some(person) = &place.person {
                let answer = get(&origin, &format!("{ITEMS}/{person}"), key);
                assert_eq!(answer.status, is_shown, "{}", place.code);
            }
        }
    }
    // It is switched off: names are not even masked for whom they would be.
    let text = get(&origin, &format!("{ITEMS}?limit=100"), &office.1).text();
    assert!(text.contains("标人5329010031"), "{text}");
    assert_eq!(PLACES.len(), places.len());
}
