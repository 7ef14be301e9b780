//! Is somebody there? An identity of elsewhere and one of nobody are answered alike.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Scene, Tried, tried};

const ROUNDS: usize = 200;

pub(super) fn tried_with(scene: &Scene) -> Vec<Tried> {
    vec![
        tried("identities of residents elsewhere beside identities of nobody", alike(scene)),
        tried("whether residents of an identity exist, by one who serves nobody", closed(scene)),
        tried("the kind of an API key that is refused: unknown, wrong, of no form", keys(scene)),
    ]
}

fn path(id: &str) -> String {
    format!("/collections/people/items/{id}")
}

/// A document without what every request has of its own.
fn shape(mut document: Value) -> Value {
    for own in ["request_id", "instance"] {
        document.as_object_mut().unwrap().remove(own);
    }
    document
}

fn alike(scene: &Scene) -> String {
    let worker = scene.worker();
    let (stranger, nobody) = (path(scene.person("532902")), path("01900000-0000-7000-8000-000000000001"));
    let sibling = path(scene.person("532901001"));
    let shapes = [&stranger, &nobody, &sibling].map(|path| shape(scene.get(path, &worker).problem(404)));
    assert!(shapes.iter().all(|one| *one == shapes[0]), "{shapes:?}");
    // Taking turns, so that what else the machine does meets both.
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (took, path) in took.iter_mut().zip([&stranger, &nobody]) {
            let begun = Instant::now();
            assert_eq!(scene.get(path, &worker).status, 404);
            took.push(begun.elapsed());
        }
    }
    let [stranger, nobody] = took.map(middle);
    let ratio = stranger.as_secs_f64() / nobody.as_secs_f64();
    println!("somebody elsewhere {stranger:?}, nobody {nobody:?}");
    assert!((0.67..1.5).contains(&ratio), "{ratio}");
    "404, the same document, in the same time".to_owned()
}

fn middle(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn closed(scene: &Scene) -> String {
    let analyst = scene.token("analyst", &serde_json::json!("*"));
    let shapes = [scene.person("532901003"), "01900000-0000-7000-8000-000000000001", "x"]
        .map(|id| shape(scene.get(&path(id), &analyst).problem(403)));
    assert!(shapes.iter().all(|one| *one == shapes[0]), "{shapes:?}");
    "403, the same document".to_owned()
}

fn keys(scene: &Scene) -> String {
    let real = gewu::access::KeySecret::new();
    let shapes =
        ["gewu_1", &real.reveal(), "gewu_"].map(|key| shape(scene.get("/v1/status", key).problem(401)));
    assert!(shapes.iter().all(|one| *one == shapes[0]), "{shapes:?}");
    "401, the same document".to_owned()
}
