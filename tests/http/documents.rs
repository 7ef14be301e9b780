//! What the API says of itself is so.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::{World, agent, world};

fn documents(world: &World) -> [Value; 2] {
    ["/openapi.json", "/api"]
        .map(|path| world.get(path))
        .map(|answer| serde_json::from_slice(&answer.body).unwrap())
}

#[test]
fn the_documents_list_exactly_the_routes_that_exist() {
    let world = world();
    let routes: BTreeSet<_> = gewu::http::operations()
        .into_iter()
        .map(|(method, path)| (method.to_lowercase(), path.to_owned()))
        .collect();
    assert_eq!(routes.len(), gewu::http::operations().len(), "no route twice");
    for document in documents(&world) {
        let listed: BTreeSet<_> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
            })
            .collect();
        assert_eq!(listed, routes);
    }
}

/// What a server that knows nobody opens to nobody; `tests/audit` asks for these with a key.
const CLOSED: [&str; 6] = [
    "/v1/audit",
    "/v1/break-glass",
    "/collections/people/items",
    "/collections/people/items/{featureId}",
    "/collections/workers/items",
    "/collections/workers/items/{featureId}",
];

#[test]
fn every_example_of_the_documents_runs() {
    let world = world();
    let mut ran = 0;
    for document in documents(&world) {
        for (path, item) in document["paths"].as_object().unwrap() {
            // Those that change or take away what the others ask for have tests of their own.
            let operations = item
                .as_object()
                .unwrap()
                .iter()
                .filter(|(method, _)| ["get", "post"].contains(&method.as_str()));
            for (method, operation) in operations {
                let answer = run(&world, method, path, operation);
                assert!(operation["responses"][answer.to_string()].is_object(), "{method} {path}: {answer}");
                match CLOSED.contains(&path.as_str()) {
                    true => assert_eq!(answer, 403, "{method} {path}"),
                    false => assert!((200..300).contains(&answer), "{method} {path}: {answer}"),
                }
                ran += 1;
            }
        }
    }
    let those = gewu::http::operations().into_iter().filter(|(method, _)| matches!(*method, "GET" | "POST"));
    assert_eq!(ran, 2 * those.count());
}

fn run(world: &World, method: &str, path: &str, operation: &Value) -> u16 {
    let mut path = path.to_owned();
    let mut query = form_urlencoded::Serializer::new(String::new());
    for parameter in operation["parameters"].as_array().unwrap() {
        let Some(example) = parameter.get("example") else { continue };
        let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        match parameter["in"].as_str().unwrap() {
            "path" => {
                let text = text.replace(' ', "%20");
                path = path.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), &text);
            }
            _ => drop(query.append_pair(parameter["name"].as_str().unwrap(), &text)),
        }
    }
    let target = format!("{path}?{}", query.finish());
    let target = target.trim_end_matches('?');
    match method {
        "post" => {
            let body = &operation["requestBody"]["content"]["application/json"]["example"];
            let body = body.as_str().map_or_else(|| body.clone(), |text| serde_json::from_str(text).unwrap());
            world.post(target, &body).status
        }
        // This one never ends.
        _ if operation["responses"]["200"]["content"]["text/event-stream"].is_object() => {
            agent().get(world.url(target)).call().unwrap().status().as_u16()
        }
        _ => world.get(target).status,
    }
}

#[test]
fn every_reference_in_the_documents_leads_somewhere() {
    for document in documents(&world()) {
        let text = document.to_string();
        let references: Vec<_> =
            text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(references.len() > 20);
        for reference in references {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }
}

#[test]
fn the_older_document_holds_nothing_that_only_the_newer_version_knows() {
    let [newer, older] = documents(&world());
    assert_eq!((&newer["openapi"], &older["openapi"]), (&"3.1.0".into(), &"3.0.3".into()));
    assert!(newer.to_string().contains("\"null\""));
    assert!(!older.to_string().contains("\"null\"") && older.to_string().contains("\"nullable\":true"));
    assert_eq!(world().get("/api").header("content-type"), "application/vnd.oai.openapi+json;version=3.0");
}

#[test]
fn the_page_for_developers_is_served_like_the_map_and_reads_everything_else_from_the_api() {
    let world = world();
    let page = world.get("/docs");
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert_eq!(policy, world.get_with("/", &[("accept", "text/html")]).header("content-security-policy"));
    assert!(!policy.contains("unsafe") && policy.contains("script-src 'self';"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-cache");
    let again = world.get_with("/docs", &[("if-none-match", page.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let head = world.send("HEAD", "/docs", &[], Vec::new());
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, page.header("etag")));
    assert_eq!(world.get("/docs.html").status, 404, "it has one address");
    let html = page.text();
    assert!(!html.contains("http"), "it names no other server: {html}");
    let parts = html.split(['"', '\'']).filter_map(|part| part.strip_prefix("./"));
    let loaded: Vec<_> = parts.map(|part| world.get(&format!("/{part}")).status).collect();
    assert!(loaded.len() > 2 && loaded.iter().all(|status| *status == 200), "{loaded:?} in {html}");
}

#[test]
fn every_kind_of_problem_is_told_once_under_the_number_that_its_type_ends_with() {
    let world = world();
    for document in documents(&world) {
        let told = document["components"]["responses"].as_object().unwrap();
        for status in [400, 401, 403, 404, 405, 406, 410, 412, 413, 415, 422, 429, 500, 503, 504] {
            let problem = &told[&format!("Problem{status}")];
            assert!(problem["description"].as_str().unwrap().len() > 20, "{status}");
            assert!(problem["content"]["application/problem+json"].is_object(), "{status}");
        }
    }
    assert_eq!(world.get("/v1/grids/none").problem(404)["type"], "/docs#problem-404");
}

#[test]
fn the_landing_document_leads_to_documents_that_exist() {
    let world = world();
    let landing = world.get_with("/", &[("accept", "application/json")]).json();
    for link in landing["links"].as_array().unwrap() {
        let path = link["href"].as_str().unwrap().strip_prefix(&world.url("")).unwrap();
        assert_eq!(world.get(path).status, 200, "{path}");
    }
    let browser = world.get_with("/", &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
    assert!(browser.header("content-type").starts_with("text/html"));
    assert!(browser.header("content-security-policy").contains("default-src"));
    assert!(world.get("/").header("content-type").starts_with("application/json"));
}

#[test]
fn status_counts_what_is_loaded() {
    let world = world();
    let status = world.get("/v1/status").json();
    for (key, count) in
        [("revision", 2), ("grids", 6), ("workers", 7), ("buildings", 1), ("facilities", 3), ("people", 39)]
    {
        assert_eq!(status[key], count, "{key}");
    }
    assert_eq!((&status["invented"], &status["stale_seconds"]), (&true.into(), &0.into()));
    assert_eq!(status["bounds"], serde_json::json!([100.0, 25.5, 100.5, 25.8]));
    assert_eq!((&status["levels"][2]["name"], &status["levels"][2]["count"]), (&"网格".into(), &3.into()));
    assert!(status["memory_bytes"].as_u64().unwrap() > 1_000_000);
    assert_eq!(world.get("/readyz").json()["status"], "ready");
}

#[test]
fn metrics_count_requests_by_route_and_never_by_what_was_asked() {
    let world = World::start(gewu::config::ServerSettings::default());
    world.get("/v1/grids/532901");
    world.get("/v1/grids/none");
    let text = world.get("/metrics").text();
    for line in [
        "gewu_requests_total{route=\"/v1/grids/{code}\",method=\"GET\",status=\"2xx\"} 1",
        "gewu_requests_total{route=\"/v1/grids/{code}\",method=\"GET\",status=\"4xx\"} 1",
        "gewu_request_seconds_count{route=\"/v1/grids/{code}\",method=\"GET\"} 2",
        "gewu_revision 2",
        "gewu_stale_seconds 0",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("532901"));
}
