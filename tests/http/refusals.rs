//! What is refused, how, and that nothing leaks while refusing.

use gewu::config::ServerSettings;
use serde_json::json;

use crate::world::{REVISION, World, world};

fn fields(problem: &serde_json::Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[test]
fn without_a_reference_system_nothing_is_guessed_and_the_answer_says_why() {
    let problem = world().get("/v1/resolve?lon=100.2&lat=25.6").problem(400);
    assert_eq!(fields(&problem), ["crs"]);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("guessed") && detail.contains("gcj02") && detail.contains("400 m"), "{detail}");
    let problem = world().post("/v1/resolve", &json!({"points": [[100.2, 25.6]]})).problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("guessed"));
}

#[test]
fn an_unknown_parameter_is_named_beside_the_known_ones() {
    let world = world();
    for path in [
        "/v1/resolve?lon=100.2&lat=25.6&crs=wgs84&acuracy=5",
        "/v1/grids?acuracy=5",
        "/v1/grids/532901?acuracy=5",
        "/v1/status?acuracy=5",
        "/tiles/grids?acuracy=5",
        "/tiles/grids/0/0/0?acuracy=5",
        "/style.json?acuracy=5",
        "/docs?acuracy=5",
        "/?acuracy=5",
    ] {
        let problem = world.get(path).problem(400);
        assert_eq!(fields(&problem), ["acuracy"], "{path}");
        assert!(
            problem["detail"].as_str().unwrap().contains("known are")
                || problem["detail"].as_str().unwrap().contains("there are none")
        );
    }
    let problem = world.get("/v1/resolve?acuracy=5").problem(400);
    let unknown = &problem["errors"][0]["detail"];
    assert!(unknown.as_str().unwrap().contains("lon, lat, crs, accuracy, at, roles"), "{unknown}");
}

#[test]
fn every_wrong_value_is_listed() {
    let problem = world()
        .get("/v1/resolve?lon=east&lat=NaN&crs=mars&accuracy=-1&at=noon&roles=boss&x=1&lon=2")
        .problem(400);
    assert_eq!(fields(&problem), ["x", "lon", "lon", "lat", "crs", "accuracy", "at", "roles"]);
    assert_eq!(problem["instance"], "/v1/resolve");
}

#[test]
fn the_past_is_answered_from_the_grids_that_held_then() {
    let world = world();
    let at = |year: u16| {
        world.get(&format!("/v1/resolve?lon=100.1&lat=25.6&crs=wgs84&at={year}-03-03T08:00:00Z")).json()
    };
    assert_eq!((&at(2020)["status"], &at(2020)["grid"]["code"]), (&"inside".into(), &"532901009".into()));
    assert_eq!((&at(2019)["status"], &at(2019)["responsible"]), (&"outside".into(), &serde_json::json!([])));
    let list = world.get("/v1/grids?at=2020-03-03T08:00:00Z").json();
    assert_eq!((&list["number_matched"], &list["grids"][0]["code"]), (&1.into(), &"532901009".into()));
    let staff = world.get("/v1/grids/532901009/staff?at=2020-03-03T08:00:00Z").json();
    assert_eq!(staff["vacant"], true);
    world.get("/v1/grids/532901/staff?at=2020-03-03T08:00:00Z").problem(404);
    // To the microsecond: the start of this second may lie before the import.
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    assert_eq!(
        world.get(&format!("/v1/resolve?lon=100.1&lat=25.6&crs=wgs84&at={now}")).json()["status"],
        "inside"
    );
}

#[test]
fn an_unknown_route_and_a_wrong_method_are_problems_too() {
    let world = world();
    world.get("/v1/nothing").problem(404);
    world.get("/v1/grids/no-such-code").problem(404);
    world.get("/v1/workers/00000000-0000-0000-0000-000000000000").problem(404);
    world.get("/v1/workers/7").problem(400);
    let wrong = world.send("POST", "/v1/grids", &[("content-type", "application/json")], b"{}".to_vec());
    wrong.problem(405);
    assert!(wrong.header("allow").contains("GET"), "{:?}", wrong.headers);
}

#[test]
fn a_retired_code_is_gone_with_its_successors_wherever_a_grid_is_named() {
    let world = world();
    for path in [
        "/v1/grids/532901009",
        "/v1/grids/532901009/staff",
        "/v1/grids?within=532901009",
        "/v1/check-in?lon=100.1&lat=25.6&crs=wgs84&grid=532901009",
    ] {
        let problem = world.get(path).problem(410);
        assert_eq!(problem["successors"][0]["code"], "532901001", "{path}");
        assert_eq!(problem["successors"][0]["share"], 1.0);
    }
}

#[test]
fn what_is_too_large_or_of_another_type_is_refused() {
    let world = World::start(ServerSettings {
        max_batch_points: Some(2),
        max_body_bytes: Some(1_024),
        ..ServerSettings::default()
    });
    let points = |count: usize| json!({"crs": "wgs84", "points": vec![[100.1, 25.6]; count]});
    assert_eq!(world.post("/v1/resolve", &points(2)).status, 200);
    let problem = world.post("/v1/resolve", &points(3)).problem(413);
    assert!(problem["detail"].as_str().unwrap().contains("max_batch_points"), "{problem}");
    let problem = world.post("/v1/resolve", &points(500)).problem(413);
    assert!(problem["detail"].as_str().unwrap().contains("max_body_bytes"), "{problem}");
    world.send("POST", "/v1/resolve", &[("content-type", "text/plain")], b"1,2".to_vec()).problem(415);
    world.send("POST", "/v1/resolve", &[("content-type", "application/json")], b"{".to_vec()).problem(400);
    world.post("/v1/resolve", &json!({"crs": "wgs84", "points": [], "more": 1})).problem(400);
    world.post("/v1/resolve?fields=phone", &points(1)).problem(400);
}

#[test]
fn more_requests_at_once_than_allowed_are_told_to_come_back() {
    let world =
        World::start(ServerSettings { max_concurrent_requests: Some(1), ..ServerSettings::default() });
    // A body that does not arrive keeps the only place, when it comes while nobody else has it.
    let head = "POST /v1/resolve HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{";
    let take = || {
        let mut slow = std::net::TcpStream::connect(world.address).unwrap();
        std::io::Write::write_all(&mut slow, head.as_bytes()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
        slow
    };
    let mut slow = take();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let refused = loop {
        let answer = world.get("/v1/status");
        if answer.status == 503 {
            break answer;
        }
        assert!(std::time::Instant::now() < deadline, "never refused");
        slow = take();
    };
    refused.problem(503);
    assert_eq!(refused.header("retry-after"), "2");
    assert_eq!(world.get("/healthz").status, 200);
    drop(slow);
}

#[test]
fn a_request_that_takes_too_long_is_ended() {
    let world = World::start(ServerSettings { request_timeout: Some(1), ..ServerSettings::default() });
    let mut slow = std::net::TcpStream::connect(world.address).unwrap();
    let head = "POST /v1/resolve HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{";
    std::io::Write::write_all(&mut slow, head.as_bytes()).unwrap();
    let mut answer = [0_u8; 12];
    std::io::Read::read_exact(&mut slow, &mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 503");
}

#[test]
fn a_host_that_this_server_is_not_is_refused() {
    let world = world();
    for host in ["evil.example", "127.0.0.1.evil.example:8080", "user@localhost"] {
        let status = world.get_with("/v1/status", &[("host", host)]).status;
        assert!([400, 421].contains(&status), "{host}: {status}");
    }
    for host in ["localhost:8080", "LOCALHOST", "[::1]:8080"] {
        assert_eq!(world.get_with("/v1/status", &[("host", host)]).status, 200, "{host}");
    }
    let forwarded = world.get_with("/tiles/grids", &[("x-forwarded-host", "evil.example")]);
    assert!(!forwarded.text().contains("evil"));
}

#[test]
fn pages_of_this_machine_may_read_and_others_may_not() {
    let world = world();
    let allowed = |origin: &str| {
        let answer = world.get_with("/v1/status", &[("origin", origin)]);
        answer.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(allowed("http://localhost:5173"), "http://localhost:5173");
    assert_eq!(allowed("https://evil.example"), "");
    let open = World::start(ServerSettings { cors_origins: Some("*".into()), ..ServerSettings::default() });
    let answer = open.get_with("/v1/status", &[("origin", "https://map.example")]);
    assert_eq!(answer.header("access-control-allow-origin"), "https://map.example");
}

#[test]
fn every_answer_carries_an_identity_and_the_headers_of_safety() {
    let world = world();
    for path in ["/v1/status", "/v1/nothing", "/", "/docs"] {
        let answer = world.get(path);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("default-src"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
    assert_eq!(world.get_with("/healthz", &[("x-request-id", "abc-1")]).header("x-request-id"), "abc-1");
    assert_eq!(world.get_with("/healthz", &[("x-request-id", "a b")]).header("x-request-id").len(), 36);
}

#[test]
fn head_answers_like_get_without_a_body() {
    let world = world();
    let head = world.send("HEAD", "/v1/grids/532901", &[], Vec::new());
    assert_eq!(
        (head.status, head.body.len(), head.header("gewu-revision")),
        (200, 0, REVISION.to_string().as_str())
    );
    let missing = world.send("HEAD", "/v1/grids/none", &[], Vec::new());
    assert_eq!((missing.status, missing.body.len()), (404, 0));
}
