//! Tokens that are not what they say.

use serde_json::{Value, json};

use super::{Scene, Tried, statuses, tried};

/// Anything that needs a caller.
const PATHS: [&str; 3] =
    ["/v1/resolve?lon=100.27&lat=25.6&crs=wgs84", "/collections/people/items", "/tiles/overview/10/797/436"];

pub(super) fn tried_with(scene: &Scene) -> Vec<Tried> {
    let now = chrono::Utc::now().timestamp();
    let forge = |how: Value, claims: Value| {
        let mut how = how;
        how["claims"] = scene.provider.claims(&claims);
        scene.provider.forge(&how)
    };
    let good = forge(json!({}), json!({"gewu_areas": ["532901003"]}));
    let of = |token: &str, part: usize| token.split('.').nth(part).unwrap().to_owned();
    let other = forge(json!({"as": "stranger"}), json!({"gewu_roles": ["auditor"], "gewu_areas": "*"}));
    let swapped = format!("{}.{}.{}", of(&good, 0), of(&other, 1), of(&good, 2));
    let all = [
        ("a token that says `alg: none`", forge(json!({"as": "none"}), json!({}))),
        ("`none` in other letters", forge(json!({"as": "none", "header": {"alg": "nOnE"}}), json!({}))),
        ("key confusion: HS256 with the public key as the secret", forge(json!({"as": "secret"}), json!({}))),
        (
            "a key of one kind by the name of one of another",
            forge(json!({"alg": "ES256", "kid": kid(&good)}), json!({})),
        ),
        ("a stranger's key by the name of ours", forge(json!({"as": "stranger"}), json!({}))),
        ("an expired token", forge(json!({}), json!({"exp": now - 10}))),
        ("a token for another audience", forge(json!({}), json!({"aud": "billing"}))),
        ("a token of another issuer", forge(json!({}), json!({"iss": "https://id.example"}))),
        ("a stolen area: other roles and areas under a good signature", swapped),
    ];
    let mut tried: Vec<_> = all
        .into_iter()
        .map(|(attack, token)| tried(attack, statuses(PATHS.map(|path| scene.get(path, &token).status))))
        .collect();
    assert!(PATHS.iter().all(|path| scene.get(path, &good).status == 200));
    tried.push(elsewhere(scene, &good));
    tried
}

fn kid(token: &str) -> String {
    let head = token.split('.').next().unwrap();
    let head = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, head).unwrap();
    serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
}

/// A good token where none is looked for.
fn elsewhere(scene: &Scene, good: &str) -> Tried {
    let ask = |path: &str, headers: &[(&str, &str)]| {
        let mut request = crate::world::agent().get(format!("{}{path}", scene.server.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.call().unwrap().status().as_u16()
    };
    let cookie = format!("access_token={good}");
    let basic = format!("Basic {good}");
    tried(
        "a good token in a cookie, the address, `X-Api-Key` or as Basic",
        statuses([
            ask(PATHS[0], &[("cookie", &cookie)]),
            ask(&format!("{}&access_token={good}", PATHS[0]), &[]),
            ask(PATHS[0], &[("x-api-key", good)]),
            ask(PATHS[0], &[("authorization", &basic)]),
        ]),
    )
}
