//! The keys of a provider change, and the provider is away.

use std::process::Stdio;
use std::time::{Duration, Instant};

use gewu::config::AccessSettings;
use serde_json::json;

use crate::place::{RESOLVE, Server, get, settings, world};
use crate::provider::Provider;
use crate::world::World;

fn server(world: &World, provider: &Provider) -> Server {
    let environment = [
        ("GEWU_OIDC_ISSUER", provider.issuer.as_str()),
        ("GEWU_OIDC_AUDIENCE", "gewu"),
        ("GEWU_OIDC_REFRESH", "1"),
        ("GEWU_OIDC_CLOCK_SKEW", "0"),
    ];
    Server::start(&world.database.url(), &environment, Stdio::null())
}

#[test]
fn new_keys_are_taken_withdrawn_ones_no_longer_and_known_ones_while_the_provider_is_away() {
    let (provider, place) = (Provider::start(), World::start(Default::default()));
    let server = server(&place, &provider);
    let old = provider.token("ES256");
    server.until(RESOLVE, &old, 200);

    provider.rotate();
    let new = provider.token("ES256");
    let took = server.until(RESOLVE, &new, 200);
    assert!(took < Duration::from_secs(3), "{took:?}");
    // It has not expired, and it was known: the key behind it is gone.
    let answer = server.get(RESOLVE, &old);
    assert!(answer.problem(401)["detail"].as_str().unwrap().contains("does not publish"));

    provider.away(true);
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(server.get(RESOLVE, &new).status, 200);
    let fresh = provider.forge(&json!({"alg": "RS256", "claims": provider.claims(&json!({}))}));
    assert_eq!(server.get(RESOLVE, &fresh).status, 200, "the keys are known still");

    // Withdrawn while nobody asks for another key: a look at the clock finds it.
    provider.away(false);
    provider.rotate();
    let took = server.until(RESOLVE, &new, 401);
    assert!(took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn a_server_that_starts_without_its_provider_says_so_and_takes_tokens_when_it_is_there() {
    let (provider, place) = (Provider::start(), World::start(Default::default()));
    let token = provider.token("EdDSA");
    provider.away(true);
    let server = server(&place, &provider);
    let answer = server.get(RESOLVE, &token);
    assert!(answer.problem(503)["detail"].as_str().unwrap().contains("provider"));
    assert_eq!(answer.header("retry-after"), "2");
    provider.away(false);
    server.until(RESOLVE, &token, 200);
}

#[test]
fn tokens_with_made_up_keys_do_not_make_it_ask_the_provider_each_time() {
    let provider = Provider::start();
    let world = world(settings(&provider));
    assert_eq!(get(&world, RESOLVE, &provider.token("ES256")).status, 200);
    assert_eq!(provider.asked(), 1);
    let started = Instant::now();
    for number in 0..40 {
        let kid = format!("made-up-{number}");
        let token =
            provider.forge(&json!({"alg": "ES256", "kid": kid, "claims": provider.claims(&json!({}))}));
        assert_eq!(get(&world, RESOLVE, &token).status, 401);
    }
    // One at the beginning, and no more than one in ten seconds.
    let most = 1 + started.elapsed().as_secs() / 10;
    assert!(provider.asked() <= 1 + most, "{} in {:?}", provider.asked(), started.elapsed());
}

#[test]
fn keys_of_a_file_need_no_provider() {
    let provider = Provider::start();
    let jwks = crate::world::agent().get(format!("{}/jwks", provider.issuer)).call().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.json");
    std::fs::write(&file, jwks.into_body().read_to_vec().unwrap()).unwrap();
    let tokens = ["RS256", "ES256", "EdDSA"].map(|algorithm| provider.token(algorithm));
    let access = AccessSettings { oidc_key_file: Some(file), ..settings(&provider) };
    provider.away(true);
    let world = world(access);
    for token in &tokens {
        assert_eq!(get(&world, RESOLVE, token).status, 200);
    }
    let stranger = provider.forge(&json!({"as": "stranger", "claims": provider.claims(&json!({}))}));
    get(&world, RESOLVE, &stranger).problem(401);

    let missing = crate::common::gewu(&["serve", "--listen", "127.0.0.1:0", "--oidc-key-file", "/none.pem"])
        .envs([("GEWU_OIDC_ISSUER", "portal"), ("GEWU_OIDC_AUDIENCE", "gewu"), ("GEWU_SAVED_ATLAS", "false")])
        .env("GEWU_DATABASE_URL", world.database.url())
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/none.pem"));
}
