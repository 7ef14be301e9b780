//! A policy that counts people to nobody is kept by every answer that counts them.

use gewu::config::AccessSettings;
use serde_json::Value;

use crate::common::{gewu, output};
use crate::matrix::region;
use crate::place::{get, key, keys_only, world};
use crate::unpacked;
use crate::world::World;

/// Workers see where residents live; nobody is told how many there are.
const NEVER: &str = "[people]\nposition = { worker = \"visible\" }\nname = { worker = \"visible\" }";
/// Where counts of people stand in answers.
const COUNTS: [(&str, &str); 9] = [
    ("/v1/status", "/people"),
    ("/v1/grids/532901/overview", "/counts/people/count"),
    ("/v1/stats?collection=people&level=2", "/total/count"),
    ("/v1/stats?collection=people&level=2", "/rows/0/count"),
    ("/v1/stats?collection=people&level=6", "/total/count"),
    ("/v1/stats?collection=people&level=6&within=532901", "/total/count"),
    ("/v1/figures?figures=people&parent=5329", "/rows/0/values/0"),
    ("/v1/coverage?class=school&minutes=5", "/total/people/outside"),
    ("/v1/coverage?class=school&minutes=5", "/total/people/total"),
];

fn counts(world: &World, key: &str) -> Vec<Value> {
    let count = |(path, pointer): &(&str, &str)| {
        let answer = get(world, path, key).json();
        answer.pointer(pointer).unwrap_or_else(|| panic!("{path} has no {pointer}: {answer}")).clone()
    };
    COUNTS.iter().map(count).collect()
}

#[test]
fn a_policy_that_counts_people_to_nobody_is_kept_by_every_answer_and_every_pyramid() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("never.toml");
    std::fs::write(&policy, NEVER).unwrap();
    let shown = |access: AccessSettings| {
        let world = world(access);
        region::mark(&world);
        let (analyst, text) = key(&["analyst"], None);
        world.state.gate().keys().unwrap().replace(vec![analyst]);
        let tile = get(&world, "/tiles/overview/10/797/436", &text);
        let found = get(&world, "/tiles/overview/10/797/436?filter=people%20%3E%200", &text).status;
        (counts(&world, &text), unpacked::answer(&tile).contains("\"people\": UInt("), found)
    };
    let (all, in_tile, found) = shown(keys_only());
    assert!(all.iter().all(Value::is_number) && in_tile, "{all:?}");
    assert_eq!(found, 200);
    let hidden = AccessSettings { access_policy: Some(policy.clone()), ..keys_only() };
    let (all, in_tile, found) = shown(hidden);
    assert!(all.iter().all(Value::is_null) && !in_tile, "{all:?}");
    assert_eq!(found, 204, "not even by asking which are more than none");

    let world = World::start(Default::default());
    region::mark(&world);
    for (more, is_counted) in [(&[][..], true), (&["--access-policy", policy.to_str().unwrap()], false)] {
        let file = folder.path().join(format!("{is_counted}.pmtiles"));
        let out = file.to_str().unwrap();
        let bake = [&["bake", "--tilesets", "overview", "--zoom", "10", "--out", out][..], more].concat();
        let mut command = gewu(&bake);
        command.env("GEWU_DATABASE_URL", world.database.url()).env("GEWU_SAVED_ATLAS", "false");
        let (code, _, error) = output(&mut command);
        assert_eq!(code, Some(0), "{error}");
        assert_eq!(unpacked::file(&file).contains("\"people\": UInt("), is_counted, "{out}");
    }
}
