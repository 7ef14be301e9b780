//! Answers of one scope for callers of another.

use serde_json::json;

use super::{Scene, Tried, statuses, tried};
use crate::wire;

pub(super) fn tried_with(scene: &Scene) -> Vec<Tried> {
    vec![
        tried("the tag of another caller's answer (`If-None-Match`)", tags(scene)),
        tried("a tag, and no token", tag_alone(scene)),
        tried(
            "an answer of one scope asked for by another, through the caches of tiles and answers",
            scopes(scene),
        ),
        tried("another host in `Host`", hosts(scene)),
    ]
}

const TAGGED: [&str; 5] = [
    "/tiles/overview/10/797/436",
    "/tiles/grids,overview/10/797/436",
    "/tiles/overview",
    "/v1/grids/532901003/staff",
    "/style.json",
];

/// 304 only where the own answer is the same, byte by byte.
fn tags(scene: &Scene) -> String {
    let entitled = scene.token("worker", &json!(["532901003"]));
    let other = scene.token("public", &json!([]));
    for path in TAGGED {
        let theirs = scene.get(path, &entitled);
        let own = scene.get(path, &other);
        let tag = theirs.header("etag");
        if tag.is_empty() {
            continue;
        }
        let asked = scene.send("GET", path, &other, &[("if-none-match", tag)], "");
        assert_eq!(asked.status == 304, own.header("etag") == tag, "{path}");
        assert!(asked.status != 304 || own.body == theirs.body, "{path}: a tag confirms what is not shown");
    }
    for path in ["/collections/people/items", "/collections/people/items?grid=532901003"] {
        let theirs = scene.get(path, &entitled);
        assert_eq!((theirs.header("etag"), theirs.header("cache-control")), ("", "no-store"), "{path}");
        for tag in ["*", "W/\"1\""] {
            assert_eq!(scene.send("GET", path, &other, &[("if-none-match", tag)], "").status, 403, "{path}");
        }
    }
    "304 only beside the same own answer".to_owned()
}

fn tag_alone(scene: &Scene) -> String {
    let worker = scene.worker();
    statuses(TAGGED[..3].iter().map(|path| {
        let tag = scene.get(path, &worker).header("etag").to_owned();
        let request = crate::world::agent().get(format!("{}{path}", scene.server.origin));
        request.header("if-none-match", tag).call().unwrap().status().as_u16()
    }))
}

/// Whoever comes second gets what it would have got first.
fn scopes(scene: &Scene) -> String {
    let paths = [
        "/v1/grids/532901003/staff",
        "/v1/grids/532901003/overview",
        "/v1/resolve?lon=100.27&lat=25.6&crs=wgs84",
        "/tiles/grids,overview/11/1594/872",
    ];
    for path in paths {
        let first = scene.get(path, &scene.token("public", &json!([])));
        let entitled = scene.get(path, &scene.worker());
        let again = scene.get(path, &scene.token("public", &json!(["532902"])));
        assert!(!String::from_utf8_lossy(&again.body).contains("138777"), "{path}");
        if path.contains("staff") {
            assert_ne!(first.body, entitled.body, "{path}: a test of something");
        }
        if path.starts_with("/tiles") {
            assert_eq!(first.body, again.body, "{path}");
        }
        let vary = |answer: &crate::world::Answer| {
            answer.headers.get_all("vary").iter().any(|one| one == "authorization")
        };
        assert!(vary(&first) && vary(&entitled), "{path}");
        assert_eq!(entitled.header("cache-control"), "private, no-cache", "{path}");
    }
    "each its own, `private`, `Vary: authorization`".to_owned()
}

fn hosts(scene: &Scene) -> String {
    let worker = scene.worker();
    statuses(["evil.example", "localhost.evil.example", "127.0.0.1@evil.example"].map(|host| {
        let head = format!("GET /tiles/grids HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {worker}\r\nconnection: close\r\n\r\n");
        let answer = wire::exchange(scene.address(), head.as_bytes());
        assert!(!answer.contains("http://evil") && !answer.contains("//localhost.evil"), "{answer}");
        wire::status(&answer)
    }))
}
