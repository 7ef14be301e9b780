//! Tokens: those of a real provider are taken, and none that is not what it says.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::place::{RESOLVE, get, settings, world};
use crate::provider::Provider;

#[test]
fn a_token_of_a_provider_is_taken_by_each_way_of_signing() {
    let provider = Provider::start();
    let world = world(settings(&provider));
    let grid = world.state.atlas().grids().find_code("532901").unwrap();
    let id = world.state.atlas().grids().id(grid).0.to_string();
    provider.say(&json!({"gewu_roles": ["grid_office", "root"], "gewu_areas": ["532901", "999999"], "gewu_worker": id}));
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let token = provider.token(algorithm);
        // The first time by the router, which verifies it; then by the front, which knows it.
        for _ in 0..2 {
            let answer = get(&world, RESOLVE, &token);
            assert_eq!(answer.json()["grid"]["code"], "532901003", "{algorithm}");
            assert_eq!(answer.header("cache-control"), "private, no-cache");
            assert_eq!(answer.header("vary"), "authorization");
        }
        let seen = get(&world, "/v1/access", &token).json();
        let caller = &seen["caller"];
        assert_eq!((&caller["means"], &caller["subject"]), (&"token".into(), &"service".into()));
        assert_eq!(caller["roles"], json!(["public", "grid_office"]));
        assert_eq!((&caller["areas"], &caller["worker_id"]), (&json!([id]), &json!(id)));
    }
    provider.say(&json!({"gewu_areas": "*"}));
    assert!(get(&world, "/v1/access", &provider.token("ES256")).json()["caller"]["areas"].is_null());
}

#[test]
fn a_token_that_is_not_what_it_says_is_refused_everywhere_and_told_why() {
    let provider = Provider::start();
    let world = world(settings(&provider));
    let now = chrono::Utc::now().timestamp();
    let forge = |how: Value, claims: Value| {
        let mut how = how;
        how["claims"] = provider.claims(&claims);
        provider.forge(&how)
    };
    let good = forge(json!({}), json!({}));
    let (head, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let swapped = {
        let admin = forge(json!({"as": "stranger"}), json!({"gewu_roles": ["admin"]}));
        let body = admin.split('.').nth(1).unwrap().to_owned();
        format!("{head}.{body}.{signature}")
    };
    let refused = [
        ("unsigned", forge(json!({"as": "none"}), json!({})), "signed in a way"),
        (
            "unsigned in capitals",
            forge(json!({"as": "none", "header": {"alg": "nOnE"}}), json!({})),
            "signed in a way",
        ),
        (
            "says RS256, has no signature",
            forge(json!({"as": "none", "header": {"alg": "RS256"}}), json!({})),
            "signature",
        ),
        ("the public key as a secret", forge(json!({"as": "secret"}), json!({})), "signed in a way"),
        ("of a stranger, by the name of our key", forge(json!({"as": "stranger"}), json!({})), "signature"),
        ("of an unknown key", forge(json!({"kid": "nobody"}), json!({})), "does not publish"),
        (
            "ES256 by the name of the RSA key",
            forge(json!({"alg": "ES256", "kid": kid(&good)}), json!({})),
            "does not publish",
        ),
        (
            "with something critical",
            forge(json!({"header": {"crit": ["unheard"], "unheard": 1}}), json!({})),
            "neither",
        ),
        ("other claims than were signed", swapped, "signature"),
        ("expired", forge(json!({}), json!({"exp": now - 10})), "expired"),
        ("not yet valid", forge(json!({}), json!({"nbf": now + 60})), "not valid yet"),
        ("of another issuer", forge(json!({}), json!({"iss": "https://id.example"})), "another issuer"),
        ("for another audience", forge(json!({}), json!({"aud": ["map", "other"]})), "another audience"),
        ("without an end", forge(json!({}), json!({"exp": null})), "exp"),
        ("without an issuer", forge(json!({}), json!({"iss": null})), "iss"),
        ("without an audience", forge(json!({}), json!({"aud": null})), "aud"),
        ("without a subject", forge(json!({}), json!({"sub": null})), "sub"),
        ("with a worker who is none", forge(json!({}), json!({"gewu_worker": "张伟"})), "gewu_worker"),
        ("huge", forge(json!({}), json!({"more": "x".repeat(9_000)})), "more than 8192 bytes"),
        ("garbage", "\u{1f}garbage".replace('\u{1f}', "~"), "neither"),
        ("an empty one", "..".to_owned(), "neither"),
        ("five parts", "e30.e30.e30.e30.e30".to_owned(), "neither"),
        ("an API key that is none", "gewu_0123".to_owned(), "not known"),
    ];
    for (what, token, why) in refused {
        for path in
            [RESOLVE, "/v1/status", "/tiles/grids/10/797/436", "/v1/access", "/healthz", "/no/such/file"]
        {
            let answer = get(&world, path, &token);
            let problem = answer.problem(401);
            let said = answer.header("www-authenticate");
            assert!(problem["detail"].as_str().unwrap().contains(why), "{what}: {problem}");
            assert!(
                said.starts_with("Bearer realm=\"gewu\"") && said.contains("invalid_token"),
                "{what}: {said}"
            );
            assert!(!answer.text().contains(signature), "{what}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    // Within what clocks may differ, and good all along.
    for claims in
        [json!({"exp": now - 2}), json!({"nbf": now + 3}), json!({"aud": ["other", "gewu"]}), json!({})]
    {
        assert_eq!(get(&world, RESOLVE, &forge(json!({}), claims.clone())).status, 200, "{claims}");
    }
}

/// The name of the key in the header of a token.
fn kid(token: &str) -> String {
    let head = token.split('.').next().unwrap();
    let head = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, head).unwrap();
    serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[test]
fn a_token_that_ends_while_it_is_known_is_refused_from_then_on() {
    let provider = Provider::start();
    let world = world(settings(&provider));
    let now = chrono::Utc::now().timestamp();
    let token = provider.forge(&json!({"claims": provider.claims(&json!({"exp": now - 3}))}));
    assert_eq!(get(&world, RESOLVE, &token).status, 200);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while get(&world, RESOLVE, &token).status == 200 {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let problem = get(&world, RESOLVE, &token).problem(401);
    assert!(problem["detail"].as_str().unwrap().contains("expired"), "{problem}");
    assert!(chrono::Utc::now().timestamp() >= now + 2);
}

#[test]
fn only_one_header_with_the_one_scheme_is_read() {
    let provider = Provider::start();
    let world = world(settings(&provider));
    let token = provider.token("ES256");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(world.get_with(RESOLVE, &[("authorization", &format!("{scheme} {token}"))]).status, 200);
    }
    let bearer = format!("Bearer {token}");
    for headers in [
        &[("authorization", "Basic dTpw")][..],
        &[("authorization", token.as_str())],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer  ")],
        &[("authorization", bearer.as_str()), ("authorization", "Bearer e30.e30.e30")],
        &[("authorization", bearer.as_str()), ("authorization", bearer.as_str())],
    ] {
        for path in [RESOLVE, "/v1/status", "/"] {
            let answer = world.get_with(path, headers);
            answer.problem(401);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{headers:?}");
        }
    }
    // What no client sends by itself.
    for value in
        ["", "Bearer t\u{f6}ken", "Bearer a\tb", &format!("Bearer {token}\r\nauthorization: Bearer x")]
    {
        let head = format!(
            "GET {RESOLVE} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: {value}\r\n\r\n"
        );
        let mut stream = std::net::TcpStream::connect(world.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 401", "{value:?}");
    }
    // Nowhere else is a token looked for: addresses stand in logs.
    assert_eq!(world.get(&format!("{RESOLVE}&access_token={token}")).status, 401);
    assert_eq!(world.get_with(RESOLVE, &[("cookie", &format!("access_token={token}"))]).status, 401);
    assert_eq!(world.get_with(RESOLVE, &[("x-api-key", &token)]).status, 401);
}

#[test]
fn a_purpose_is_one_of_the_settings() {
    let provider = Provider::start();
    let world = world(settings(&provider));
    let bearer = format!("Bearer {}", provider.token("ES256"));
    let with = |purpose: &str| {
        world.get_with("/v1/access", &[("authorization", &bearer), ("gewu-purpose", purpose)])
    };
    assert_eq!(with("emergency").json()["caller"]["purpose"], "emergency");
    for wrong in ["curiosity", "", "emergency,duty", &"x".repeat(2_000)] {
        let problem = with(wrong).problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("duty, emergency"), "{problem}");
    }
    let front = world.get_with(RESOLVE, &[("authorization", &bearer), ("gewu-purpose", "curiosity")]);
    front.problem(400);
}
