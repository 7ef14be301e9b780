//! Paths, filters, headers and bodies that want to be more than they are.

use std::io::Write;

use gewu::query::MAX_AREA_VERTICES;
use serde_json::json;

use super::{Scene, Tried, statuses, tried};
use crate::wire;

const GEOJSON: (&str, &str) = ("content-type", "application/geo+json");

/// Of one who is no auditor and serves 532901003.
const PATHS: [&str; 16] = [
    "/v1/access/../audit",
    "/v1/access/%2e%2e/audit",
    "/v1/access/..%2faudit",
    "//v1/audit",
    "/v1//audit",
    "/v1/audit/",
    "/v1/audit%00",
    "/v1/audit;x=/healthz",
    "/V1/AUDIT",
    "/healthz/../v1/audit",
    "/collections/facilities/../people/items?grid=532902",
    "/collections/people%2fitems",
    "/collections/PEOPLE/items",
    "/collections/people/items/",
    "/collections/people/items/../items?grid=532902",
    "/collections/people%00/items",
];

const FILTERS: [&str; 9] = [
    "name = 'x' OR 1=1 --",
    "class = (select name from gewu.person limit 1)",
    "class in (select hash::text from gewu.api_key)",
    "person.name = 'x'",
    "pg_sleep(9) = 1",
    "leaf_id IS NOT NULL); select set_config('gewu.areas', '*', false); --",
    "people > 0",
    "workers LIKE '%'",
    "CASEI(phone) = '1'",
];

pub(super) fn tried_with(scene: &Scene) -> Vec<Tried> {
    let worker = scene.worker();
    vec![
        tried(
            "tricks with paths: `..`, `%2e`, `//`, `;`, `%00`, capitals, a slash more",
            paths(scene, &worker),
        ),
        tried(
            "SQL, subselects, functions and fields that there are not in CQL2, as text and as JSON, of features and tiles",
            filters(scene, &worker),
        ),
        tried(
            "a filter that is none, an order, a box, fields, a format on residents",
            on_residents(scene, &worker),
        ),
        tried(
            "a filter or an order by what no caller sees (`phone`, `source_id`)",
            by_what_is_not_seen(scene, &worker),
        ),
        tried("CR, LF and NUL in a purpose, a token, a request id", split(scene, &worker)),
        tried("a body of more bytes than are taken", oversized(scene, &worker)),
        tried("an area of more vertices than are taken", vertices(scene, &worker)),
        tried("JSON and CQL2 nested ten thousand deep", nested(scene, &worker)),
        tried("a body that stops", slow(scene, &worker)),
    ]
}

fn paths(scene: &Scene, worker: &str) -> String {
    statuses(PATHS.map(|path| {
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {worker}\r\nconnection: close\r\n\r\n");
        let answer = wire::exchange(scene.address(), head.as_bytes());
        assert!(!answer.contains("\"entries\"") && !answer.contains("标人"), "{path}: {answer}");
        wire::status(&answer)
    }))
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn filters(scene: &Scene, worker: &str) -> String {
    let mut got = Vec::new();
    for filter in FILTERS {
        for path in
            ["/collections/facilities/items", "/collections/grids/items", "/tiles/facilities/10/797/436"]
        {
            got.push(scene.get(&format!("{path}?{}", query(&[("filter", filter)])), worker).status);
        }
        let json = json!({"op": "=", "args": [{"property": filter}, "x"]}).to_string();
        let asked = query(&[("filter", &json), ("filter-lang", "cql2-json")]);
        got.push(scene.get(&format!("/collections/facilities/items?{asked}"), worker).status);
    }
    statuses(got)
}

fn on_residents(scene: &Scene, worker: &str) -> String {
    let asks = [
        "filter=name%20LIKE%20%27%25%27",
        "sortby=name",
        "bbox=100,25,101,26",
        "properties=name",
        "name=x",
        "f=csv",
        "datetime=2026-01-01",
        "offset=1",
        "limit=101",
    ];
    statuses(asks.map(|ask| scene.get(&format!("/collections/people/items?{ask}"), worker).status))
}

fn by_what_is_not_seen(scene: &Scene, worker: &str) -> String {
    let asks = ["phone", "leaf_id", "household", "tags", "areas"];
    let of = |ask: &str| {
        ["filter", "sortby", "properties"].map(|parameter| {
            let value = if parameter == "filter" { format!("{ask} IS NOT NULL") } else { ask.to_owned() };
            let asked = query(&[(parameter, &value)]);
            scene.get(&format!("/collections/facilities/items?{asked}"), worker).status
        })
    };
    statuses(asks.iter().flat_map(|ask| of(ask)))
}

/// Nothing that was put in stands as a header of the answer.
fn split(scene: &Scene, worker: &str) -> String {
    let mut got = Vec::new();
    for (name, value) in [
        ("gewu-purpose", "service\rset-cookie: a=b"),
        ("gewu-purpose", "service\0"),
        ("x-request-id", "a\rx-request-id: b"),
        ("authorization", "Bearer a\rb"),
    ] {
        let own = if name == "authorization" {
            String::new()
        } else {
            format!("authorization: Bearer {worker}\r\n")
        };
        let head = format!(
            "GET /v1/access HTTP/1.1\r\nhost: localhost\r\n{own}{name}: {value}\r\nconnection: close\r\n\r\n"
        );
        let answer = wire::exchange(scene.address(), head.as_bytes());
        assert!(!answer.to_lowercase().contains("set-cookie"), "{answer}");
        got.push(wire::status(&answer));
    }
    statuses(got)
}

fn oversized(scene: &Scene, worker: &str) -> String {
    statuses(["/v1/within", "/v1/resolve", "/v1/break-glass", "/collections/facilities/items"].map(|path| {
        let token = match path {
            "/v1/break-glass" => scene.token("commander", &json!([])),
            "/collections/facilities/items" => scene.token("integrator", &json!("*")),
            _ => worker.to_owned(),
        };
        let media = if path.starts_with("/coll") { "application/geo+json" } else { "application/json" };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: {media}\r\n\
             content-length: 900000000\r\nconnection: close\r\n\r\n{{"
        );
        wire::status(&wire::exchange(scene.address(), head.as_bytes()))
    }))
}

fn vertices(scene: &Scene, worker: &str) -> String {
    let ring: Vec<_> = (0..=MAX_AREA_VERTICES)
        .map(|at| std::f64::consts::TAU * at as f64 / MAX_AREA_VERTICES as f64)
        .map(|angle| json!([100.2 + 0.01 * angle.cos(), 25.6 + 0.01 * angle.sin()]))
        .collect();
    let area = json!({"type": "Polygon", "coordinates": [ring]}).to_string();
    statuses([scene.send("POST", "/v1/within", worker, &[GEOJSON], &area).status])
}

fn nested(scene: &Scene, worker: &str) -> String {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let json = ("content-type", "application/json");
    let text = format!("{}class = 'x'{}", "(".repeat(1_000), ")".repeat(1_000));
    statuses([
        scene.send("POST", "/v1/within", worker, &[GEOJSON], &deep).status,
        scene.send("POST", "/v1/resolve", worker, &[json], &deep).status,
        scene.get(&format!("/collections/facilities/items?{}", query(&[("filter", &text)])), worker).status,
        scene
            .get(
                &format!(
                    "/collections/facilities/items?{}",
                    query(&[("filter", &deep[..4_000]), ("filter-lang", "cql2-json")])
                ),
                worker,
            )
            .status,
    ])
}

fn slow(scene: &Scene, worker: &str) -> String {
    statuses(["/v1/within", "/v1/resolve"].map(|path| {
        let mut stream = wire::connect(scene.address());
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {worker}\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).unwrap();
        wire::status(&wire::rest(&mut stream))
    }))
}
