//! What stands beside every answer, and which pages of other origins may read.

use gewu::config::{DoorSettings, ServerSettings};
use gewu::http::operations;

use crate::world::{Answer, World, world};

fn assert_dressed(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "SAMEORIGIN"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {what}");
    }
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors"),
        "{what}: {policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
    assert!(!policy.contains("http:") && !policy.contains("https:"), "{what} asks nobody else: {policy}");
    assert_eq!(answer.header("x-request-id").len(), 36, "{what}");
    let is_page = answer.header("content-type").starts_with("text/html");
    assert_eq!(
        answer.header("cross-origin-opener-policy"),
        if is_page { "same-origin" } else { "" },
        "{what}"
    );
}

/// A route with something in place of its parameters.
fn filled(route: &str) -> String {
    let parts = route.split('/').map(|part| match part {
        "{z}" | "{x}" | "{y}" | "{tileMatrix}" | "{tileRow}" | "{tileCol}" => "0",
        "{tilesets}" | "{collection}" | "{collectionId}" => "grids",
        part if part.starts_with('{') => "532901",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_operation_and_every_refusal_is_dressed() {
    let world = world();
    let mut seen = 0;
    for (method, route) in operations() {
        // Events do not end.
        if route.contains("events") {
            continue;
        }
        for method in [method, "DELETE", "HEAD", "OPTIONS"] {
            let path = filled(route);
            assert_dressed(&world.send(method, &path, &[], Vec::new()), &format!("{method} {path}"));
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
    for path in [
        "/nothing",
        "/assets/nothing.js",
        "/v1/resolve?lon=x",
        "/tiles/grids/0/0/0",
        "/icon.svg",
        "/docs",
        "/?f=html",
    ] {
        assert_dressed(&world.get(path), path);
    }
    assert_dressed(&world.get_with("/v1/status", &[("host", "evil.example")]), "421");
    let door = DoorSettings { rate_limit: Some(1), rate_burst: Some(1), ..DoorSettings::default() };
    let hurried = World::start(ServerSettings { door, ..ServerSettings::default() });
    hurried.get("/healthz");
    let refused = hurried.get("/v1/resolve");
    assert_eq!(refused.status, 429);
    assert_dressed(&refused, "429");
}

#[test]
fn pages_run_only_scripts_of_this_server() {
    let world = world();
    for (path, wanted) in [
        ("/?f=html", ["script-src 'self';", "worker-src 'self' blob:", "img-src 'self' data: blob:;"]),
        ("/docs", ["script-src 'self';", "style-src 'self';", "frame-ancestors 'self'"]),
        ("/collections?f=html", ["default-src 'none'", "style-src 'sha256-", "frame-ancestors"]),
    ] {
        let answer = world.get(path);
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        for part in wanted {
            let policy = answer.header("content-security-policy");
            assert!(policy.contains(part), "{part} in {policy} of {path}");
        }
    }
}

#[test]
fn pages_of_origins_on_the_list_may_read_and_none_may_write_or_send_credentials() {
    let world = World::start(ServerSettings {
        cors_origins: Some("https://map.example, https://other.example:8443".into()),
        ..ServerSettings::default()
    });
    for path in ["/v1/status", "/v1/resolve?lon=100.1&lat=25.6&crs=wgs84", "/tiles/grids/0/0/0"] {
        for (origin, allowed) in [
            ("https://map.example", true),
            ("https://other.example:8443", true),
            ("http://localhost:5173", true),
            ("http://map.example", false),
            ("https://map.example.evil.example", false),
            ("https://other.example", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            let answer = world.get_with(path, &[("origin", origin)]);
            let expected = if allowed { origin } else { "" };
            assert_eq!(answer.header("access-control-allow-origin"), expected, "{path} {origin}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            let vary =
                answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_lowercase());
            assert!(
                vary.collect::<Vec<_>>().join(",").contains("origin"),
                "{path}: a cache must tell them apart"
            );
        }
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let asked = [("origin", "https://map.example"), ("access-control-request-method", method)];
        let answer = world.send("OPTIONS", "/v1/resolve", &asked, Vec::new());
        let methods = answer.header("access-control-allow-methods");
        assert!(!methods.contains(method), "{method}: {methods}");
    }
}
