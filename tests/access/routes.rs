//! Every route needs a caller, but for those of a table that is written here once more, by hand.

use serde_json::{Value, json};

use crate::place::{get, key, keys_only, token, world};
use crate::world::World;

/// What anybody may ask: is it alive, the pages, what a style is made of, how one logs in.
const PUBLIC: [&str; 13] = [
    "/",
    "/docs",
    "/healthz",
    "/readyz",
    "/v1/access",
    "/style.json",
    "/styles",
    "/styles/{style}",
    "/glyphs/{fontstack}/{range}",
    "/sprite.json",
    "/sprite.png",
    "/sprite@2x.json",
    "/sprite@2x.png",
];

/// An address of a route: whatever stands in the path, the caller is asked for first.
fn address(route: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn server_with_a_key(roles: &[&str]) -> (World, String) {
    let world = world(keys_only());
    let (key, text) = key(roles, None);
    world.state.gate().keys().unwrap().replace(vec![key]);
    (world, text)
}

#[test]
fn without_a_caller_every_route_is_closed_but_those_of_the_table() {
    let (world, key) = server_with_a_key(&["admin"]);
    let document = get(&world, "/openapi.json", &key).json();
    let routes = document["paths"].as_object().unwrap();
    let known: Vec<_> = gewu::http::operations();
    assert_eq!(routes.values().map(|item| item.as_object().unwrap().len()).sum::<usize>(), known.len());
    for (route, item) in routes {
        let is_public = PUBLIC.contains(&route.as_str());
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = world.send(method, &address(route), &[], Vec::new());
            match is_public {
                true => assert_ne!(answer.status, 401, "{method} {route}"),
                false => {
                    assert_eq!(answer.status, 401, "{method} {route}");
                    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"gewu\"");
                }
            }
            // A wrong key is never nobody.
            let wrong =
                world.send(method, &address(route), &[("authorization", "Bearer gewu_1")], Vec::new());
            assert_eq!(wrong.status, 401, "{method} {route}");
        }
        for operation in item.as_object().unwrap().values() {
            assert_eq!(operation["security"] == json!([]), is_public, "{route}");
            assert!(operation["responses"]["401"].is_object(), "{route}");
        }
    }
    assert_eq!(PUBLIC.iter().filter(|route| routes.contains_key(**route)).count(), PUBLIC.len());
    assert_eq!(document["security"], json!([{"bearer": []}]));
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    // What is no route is not told apart from a file that is not there.
    assert_eq!(world.get("/v1/nothing").status, 404);
}

#[test]
fn ways_around_the_router_meet_the_same_gate() {
    let (world, _) = server_with_a_key(&["admin"]);
    for path in [
        "//v1/status",
        "/v1//status",
        "/./v1/status",
        "/healthz/../v1/status",
        "/v1/status/",
        "/V1/STATUS",
        "/v1/%73tatus",
        "/healthz/%2e%2e/v1/status",
        "/v1/status;x=/healthz",
        "/v1/status%00",
        "/tiles/grids/10/797/436/",
        "/%2e/v1/resolve",
    ] {
        let answer = world.get(path);
        assert!([400, 401, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.text().contains("memory_bytes"), "{path}");
    }
    // A preflight asks no handler; what it allows is for the settings.
    let headers = [("origin", "http://localhost:5173"), ("access-control-request-method", "GET")];
    let preflight = world.send("OPTIONS", "/v1/status", &headers, Vec::new());
    assert_eq!((preflight.status, preflight.body.len()), (200, 0));
    let allowed = preflight.header("access-control-allow-headers").to_owned();
    assert!(allowed.contains("authorization") && allowed.contains("gewu-purpose"), "{allowed}");
    let refused = world.get_with("/v1/status", &[("origin", "http://localhost:5173")]);
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (401, "http://localhost:5173")
    );
}

#[test]
fn without_authentication_the_document_asks_for_none() {
    let open = World::start(Default::default());
    let document = open.get("/openapi.json").json();
    assert!(document["security"].is_null() && document["components"]["securitySchemes"].is_null());
    let seen = open.get("/v1/access").json();
    assert_eq!((&seen["authentication"], &seen["caller"]["means"]), (&Value::Bool(false), &"open".into()));
    // What is masked is said to be, and why.
    let seen = seen["caller"]["sees"].as_array().expect("every field").clone();
    let phone = seen.iter().find(|one| one["field"] == "workers.phone").expect("the field");
    assert_eq!((&phone["within"], &phone["beyond"]), (&"masked".into(), &"masked".into()));
    assert!(phone["why"].as_str().is_some_and(|why| why.starts_with("everybody has masked")), "{phone}");
    // As before there was any: a proxy's own header is not ours to judge.
    assert_eq!(open.get_with("/v1/status", &[("authorization", "Basic dTpw")]).status, 200);
}

#[test]
fn features_are_written_by_those_who_keep_them() {
    let place = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [100.27, 25.6]},
        "properties": {"class": "hydrant", "name": "新"}});
    for (role, status) in
        [("worker", 403), ("analyst", 403), ("public", 403), ("grid_office", 201), ("integrator", 201)]
    {
        let (world, key) = server_with_a_key(&[role]);
        let headers =
            [("authorization", format!("Bearer {key}")), ("content-type", "application/geo+json".into())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let path = "/collections/facilities/items";
        let answer = world.send("POST", path, &headers, place.to_string().into_bytes());
        assert_eq!(answer.status, status, "{role}: {}", answer.text());
        if status == 403 {
            for method in ["PUT", "PATCH", "DELETE"] {
                let one = format!("{path}/00000000-0000-0000-0000-000000000000");
                assert_eq!(world.send(method, &one, &headers, b"{}".to_vec()).status, 403, "{role} {method}");
            }
        }
    }
}

#[test]
fn the_page_may_ask_the_provider_where_it_logs_in_and_nobody_else() {
    let access = gewu::config::AccessSettings {
        oidc_issuer: Some("https://id.example:8443/realms/dali".into()),
        oidc_audience: Some("gewu".into()),
        oidc_client_id: Some("map".into()),
        ..Default::default()
    };
    let world = world(access);
    let page = world.get_with("/", &[("accept", "text/html")]);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("connect-src 'self' https://id.example:8443;"), "{policy}");
    assert_eq!(policy.matches("http").count(), 1, "{policy}");
    let login = &world.get("/v1/access").json()["login"];
    assert_eq!((&login["client_id"], &login["scope"]), (&"map".into(), &"openid".into()));
}

#[test]
fn an_address_that_others_can_reach_is_taken_with_authentication_only() {
    let printed = |environment: &[(&str, &str)]| {
        let mut command = crate::common::gewu(&["serve", "--print-config", "--listen", "0.0.0.0:8080"]);
        crate::common::output(command.envs(environment.iter().copied()))
    };
    let (code, _, error) = printed(&[]);
    assert_eq!(code, Some(2));
    assert!(error.contains("oidc_issuer") && error.contains("api_keys"), "{error}");
    assert_eq!(printed(&[("GEWU_API_KEYS", "true")]).0, Some(0));
    assert_eq!(printed(&[("GEWU_API_KEYS", "false")]).0, Some(2));
    let provider = [("GEWU_OIDC_ISSUER", "https://id.example"), ("GEWU_OIDC_AUDIENCE", "gewu")];
    assert_eq!(printed(&provider).0, Some(0));
    assert_eq!(printed(&provider[..1]).0, Some(2), "without an audience any token of the provider would do");
    let (code, _, error) = token(
        "postgres://gewu@127.0.0.1:1/none",
        &["create", "--name", "x", "--role", "root", "--area", "all"],
    );
    assert!(code == Some(2) && error.contains("grid_office"), "{error}");
}

#[test]
fn whoever_keeps_some_areas_writes_what_lies_in_them_and_nothing_elsewhere() {
    let world = world(keys_only());
    let atlas = world.state.atlas();
    let county = atlas.grids().id(atlas.grids().find_code("532901").unwrap());
    let (own, keeper) = key(&["grid_office"], Some(vec![county]));
    let (all, everybody) = key(&["grid_office"], None);
    world.state.gate().keys().unwrap().replace(vec![own, all]);
    let write = |key: &str, method: &str, path: &str, lon: f64| {
        let place = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, 25.6]}, "properties": {"class": "hydrant"}});
        let media = if method == "PATCH" { "application/merge-patch+json" } else { "application/geo+json" };
        let headers = [("authorization", &*format!("Bearer {key}")), ("content-type", media)];
        let body = if method == "DELETE" { Vec::new() } else { place.to_string().into_bytes() };
        world.send(method, path, &headers, body)
    };
    let created = |key: &str, lon: f64| {
        let answer = write(key, "POST", "/collections/facilities/items", lon);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let location = answer.header("location").to_owned();
        location[location.find("/collections").unwrap()..].to_owned()
    };
    let (inside, outside) = (created(&keeper, 100.27), created(&everybody, 100.35));
    // Nothing is put elsewhere, nor where there is no grid, nothing moves across, and what stands elsewhere stays as it is.
    for (method, path, lon) in [
        ("POST", "/collections/facilities/items", 100.35),
        ("POST", "/collections/facilities/items", 99.0),
        ("PUT", inside.as_str(), 100.35),
        ("PATCH", inside.as_str(), 100.35),
        ("PUT", outside.as_str(), 100.27),
        ("PATCH", outside.as_str(), 100.27),
        ("DELETE", outside.as_str(), 0.0),
    ] {
        let answer = write(&keeper, method, path, lon);
        assert_eq!(answer.status, 403, "{method} {path} {lon}: {}", answer.text());
        assert!(answer.text().contains("/v1/access"), "{}", answer.text());
    }
    for (method, lon) in [("PUT", 100.25), ("PATCH", 100.1), ("DELETE", 0.0)] {
        assert_eq!(write(&keeper, method, &inside, lon).status, 204, "{method}");
    }
    assert_eq!(write(&everybody, "DELETE", &outside, 0.0).status, 204);
}

#[test]
fn those_who_serve_are_listed_a_page_at_a_time_and_each_page_is_noted() {
    let world = world(keys_only());
    let atlas = world.state.atlas();
    let county = atlas.grids().id(atlas.grids().find_code("532901").unwrap());
    let (office, text) = key(&["grid_office"], Some(vec![county]));
    let (auditor, log) = key(&["auditor"], None);
    world.state.gate().keys().unwrap().replace(vec![office, auditor]);
    let all = get(&world, "/collections/workers/items?limit=100", &text);
    assert_eq!(all.header("cache-control"), "no-store");
    let all = all.json();
    let ids: Vec<_> = all["features"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert!(ids.len() > 2 && all["links"].as_array().unwrap().is_empty(), "{all}");
    assert!(
        all["features"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| !one["properties"]["name"].as_str().unwrap().contains('*'))
    );
    let (mut paged, mut next) = (Vec::new(), "/collections/workers/items?limit=2".to_owned());
    while !next.is_empty() {
        let page = get(&world, &next, &text).json();
        paged.extend(page["features"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        let link = page["links"][0]["href"].as_str();
        next = link
            .map_or("", |link| link.strip_prefix(&world.url("")).expect("an absolute address"))
            .to_owned();
    }
    assert_eq!(paged, ids);
    let noted = get(&world, "/v1/audit?limit=100", &log).json();
    let noted = noted["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["entity"] == "workers" && entry["action"] == "read")
        .count();
    assert_eq!(noted, 1 + ids.len().div_ceil(2));
    let elsewhere = get(&world, "/collections/workers/items?grid=532902", &text);
    assert_eq!(elsewhere.status, 403, "{}", elsewhere.text());
}
