//! How often one caller may ask.

use std::time::Duration;

use gewu::config::{DoorSettings, ServerSettings};

use crate::world::{World, world};

const RESOLVE: &str = "/v1/resolve?lon=100.1&lat=25.6&crs=wgs84";

fn with_door(door: DoorSettings) -> World {
    World::start(ServerSettings { door, ..ServerSettings::default() })
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back_and_is_answered_then() {
    let door = DoorSettings { rate_limit: Some(1), rate_burst: Some(3), ..DoorSettings::default() };
    // Before the router and behind it, the count is the same.
    for paths in
        [[RESOLVE; 4], ["/v1/status", "/tiles/grids/0/0/0", RESOLVE, "/nothing"], ["/"; 4], ["/readyz"; 4]]
    {
        let world = with_door(door.clone());
        for path in &paths[..3] {
            assert_ne!(world.get(path).status, 429, "{path}");
        }
        let refused = world.get(paths[3]);
        let problem = refused.problem(429);
        assert!(problem["detail"].as_str().unwrap().contains("rate_limit"), "{problem}");
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.header("x-content-type-options"), "nosniff");
        std::thread::sleep(Duration::from_millis(1_050));
        assert_ne!(world.get(paths[3]).status, 429);
        std::thread::sleep(Duration::from_millis(1_050));
        let figures = world.get("/metrics").text();
        assert!(figures.contains("gewu_turned_away_total 1"), "{figures}");
    }
}

#[test]
fn this_machine_may_ask_as_often_as_it_likes_where_nothing_is_set() {
    let world = world();
    let agent = crate::world::agent();
    for _ in 0..1_500 {
        let answer = agent.get(world.url("/healthz")).call().unwrap();
        assert_eq!(answer.status(), 200);
    }
}

#[test]
fn a_key_has_a_rate_of_its_own_wherever_it_is_used() {
    let door = DoorSettings {
        key_rate_limit: Some(1),
        trusted_proxies: Some("127.0.0.1".into()),
        ..DoorSettings::default()
    };
    let world = with_door(door);
    let ask = |key: &str, from: &str| {
        world.get_with("/healthz", &[("authorization", key), ("x-forwarded-for", from)])
    };
    for at in 0..10 {
        assert_ne!(ask("Bearer one", &format!("192.0.2.{at}")).status, 429);
    }
    let problem = ask("Bearer one", "192.0.2.77").problem(429);
    assert!(problem["detail"].as_str().unwrap().contains("key_rate_limit"), "{problem}");
    assert!(!problem.to_string().contains("Bearer"), "{problem}");
    // It is the same key, however the scheme before it is written.
    assert_eq!(ask("bearer  one ", "192.0.2.78").status, 429);
    assert_ne!(ask("Bearer two", "192.0.2.77").status, 429);
    assert_eq!(world.get("/healthz").status, 200);
}

#[test]
fn behind_a_proxy_each_caller_is_counted_by_itself_and_nobody_else_can_say_who_it_is() {
    let door = |proxies: Option<&str>| DoorSettings {
        rate_limit: Some(1),
        rate_burst: Some(2),
        trusted_proxies: proxies.map(str::to_owned),
        ..DoorSettings::default()
    };
    let from = |world: &World, from: &str| world.get_with(RESOLVE, &[("x-forwarded-for", from)]).status;
    let world = with_door(door(Some("127.0.0.0/8")));
    for caller in ["192.0.2.1", "192.0.2.2", "2001:db8:0:1::1"] {
        assert_eq!([(); 3].map(|()| from(&world, caller)), [200, 200, 429], "{caller}");
    }
    // The same network of the sixth version, and what the caller itself wrote before the proxy's own word.
    assert_eq!(from(&world, "2001:db8:0:1::2"), 429);
    assert_eq!(from(&world, "203.0.113.9, 192.0.2.1"), 429);
    let world = with_door(door(None));
    let all = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|caller| from(&world, caller));
    assert_eq!(all, [200, 200, 429]);
}
