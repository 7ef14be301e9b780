//! Is somebody there? An identity of elsewhere and one of nobody are answered alike.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Scene, Tried, tried};

const ROUNDS: usize = 200;

pub(super) fn tried_with(scene: &Scene) -> Vec<Tried> {
    vec![
        tried("identities of residents elsewhere beside identities of nobody", alike(scene)),
        tried("phones of residents elsewhere beside phones of nobody (`filter=phone = …`)", by_phone(scene)),
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
    in_equal_time(scene, &worker, [&stranger, &nobody], 404);
    "404, the same document, in the same time".to_owned()
}

/// Two questions of which the answers must not differ, taking turns, so that what else the machine does meets both.
fn in_equal_time(scene: &Scene, token: &str, questions: [&str; 2], status: u16) {
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (took, path) in took.iter_mut().zip(questions) {
            let begun = Instant::now();
            assert_eq!(scene.get(path, token).status, status);
            took.push(begun.elapsed());
        }
    }
    let [elsewhere, nowhere] = took.map(middle);
    let ratio = elsewhere.as_secs_f64() / nowhere.as_secs_f64();
    println!("somebody elsewhere {elsewhere:?}, nobody {nowhere:?}");
    assert!((0.67..1.5).contains(&ratio), "{ratio}");
}

fn by_phone(scene: &Scene) -> String {
    let worker = scene.worker();
    let asked = |phone: &str| format!("/collections/people/items?filter=phone%3D%27{phone}%27");
    // That of whom lives in 532902, and that of nobody.
    let (stranger, nobody) = (asked("13977772902"), asked("13977770000"));
    let [one, other] = [&stranger, &nobody].map(|path| scene.get(path, &worker).json()["features"].clone());
    assert_eq!((one, other), (serde_json::json!([]), serde_json::json!([])));
    in_equal_time(scene, &worker, [&stranger, &nobody], 200);
    "200, nobody, in the same time".to_owned()
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
