//! More than the own area, with a good token.

use serde_json::{Value, json};

use super::{Scene, Tried, statuses, tried};

const ITEMS: &str = "/collections/people/items";

pub(super) fn tried_with(scene: &Scene) -> Vec<Tried> {
    let worker = scene.worker();
    let items = |query: &str| scene.get(&format!("{ITEMS}{query}"), &worker);
    let elsewhere = ["532901001", "532901", "532902", "5329"];
    let by_code = statuses(elsewhere.map(|code| items(&format!("?grid={code}")).status));
    let nowhere = scene.token("worker", &json!(["999999", "", "**", "532901003' or true --"]));
    let nobody = scene.get(ITEMS, &nowhere);
    assert_eq!(nobody.json()["features"], json!([]));
    vec![
        tried("residents of a sibling, of the grid above, of elsewhere (`grid=`)", by_code),
        tried(
            "an area that no grid has in a good token (`999999`, nothing, `**`, SQL)",
            format!("{}, nobody", nobody.status),
        ),
        tried("areas, roles and scopes as parameters", parameters(scene, &worker)),
        tried("areas, roles and another address or method as headers", headers(scene, &worker)),
        tried("a purpose that is none, or two", purposes(scene, &worker)),
        tried("behind the last of one's own residents (`after=` somebody else's)", behind(scene, &worker)),
    ]
}

fn parameters(scene: &Scene, worker: &str) -> String {
    let asks =
        ["areas=*", "role=admin", "gewu.areas=*", "scope=all", "fields=name", "grid=532901003&grid=532902"];
    statuses(asks.map(|ask| scene.get(&format!("{ITEMS}?{ask}"), worker).status))
}

/// The answer is the same as without them.
fn headers(scene: &Scene, worker: &str) -> String {
    let shown = |headers: &[(&str, &str)]| {
        let answer = scene.send("GET", "/v1/access", worker, headers, "");
        let residents = scene.send("GET", &format!("{ITEMS}?limit=100"), worker, headers, "");
        assert_eq!(residents.json()["numberReturned"], 27);
        answer.json()["caller"].clone()
    };
    let plain = shown(&[]);
    for header in [
        ("gewu-areas", "*"),
        ("x-gewu-roles", "admin"),
        ("x-forwarded-user", "admin"),
        ("x-original-url", "/v1/audit"),
        ("x-rewrite-url", "/v1/audit"),
        ("x-http-method-override", "DELETE"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
    ] {
        assert_eq!(shown(&[header]), plain, "{header:?}");
    }
    "200, as without them".to_owned()
}

fn purposes(scene: &Scene, worker: &str) -> String {
    let wrong = ["curiosity", "service,duty", "*"].map(|purpose| {
        let answer = scene.send("GET", ITEMS, worker, &[("gewu-purpose", purpose)], "");
        answer.status
    });
    let two = [("gewu-purpose", "service"), ("gewu-purpose", "duty")];
    statuses(wrong.into_iter().chain([scene.send("GET", ITEMS, worker, &two, "").status]))
}

fn behind(scene: &Scene, worker: &str) -> String {
    let answer = scene.get(&format!("{ITEMS}?limit=100&after={}", scene.person("532902")), worker);
    let document: Value = answer.json();
    let all_own =
        document["features"].as_array().unwrap().iter().all(|one| one["properties"]["grid"] == "532901003");
    assert!(all_own, "{document}");
    format!("{}, one's own only", answer.status)
}
