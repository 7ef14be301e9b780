//! Attacks, each with the answer that it got. The list is in SECURITY.md, word by word.

mod caches;
mod counts;
mod enumeration;
mod requests;
mod stolen;
mod tokens;

use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::{Value, json};
use ureq::http::Request;

use crate::matrix::region::{self, Place};
use crate::matrix::serving;
use crate::place::Server;
use crate::provider::Provider;
use crate::world::{Answer, World, agent};

/// What was tried, and what came of it.
#[derive(Debug)]
struct Tried {
    attack: &'static str,
    answer: String,
}

fn tried(attack: &'static str, answer: impl Into<String>) -> Tried {
    Tried { attack, answer: answer.into() }
}

/// The statuses that attempts of one kind got, each once.
fn statuses(answers: impl IntoIterator<Item = u16>) -> String {
    let mut all: Vec<_> = answers.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    all.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// The place, the server before it, and who is attacked.
struct Scene {
    _world: World,
    places: Vec<Place>,
    provider: Provider,
    server: Server,
}

impl Scene {
    fn new() -> Self {
        let world = World::start(Default::default());
        let places = region::mark(&world);
        let (provider, server) = serving(&world, &[("GEWU_BODY_TIMEOUT", "1")], Stdio::null());
        Self { _world: world, places, provider, server }
    }

    fn place(&self, code: &str) -> &Place {
        self.places.iter().find(|place| place.code == code).unwrap()
    }

    fn person(&self, code: &str) -> &str {
        self.place(code).person.as_deref().unwrap()
    }

    /// A good token.
    fn token(&self, role: &str, areas: &Value) -> String {
        let claims = json!({"sub": format!("{role} of {areas}"), "gewu_roles": [role], "gewu_areas": areas});
        self.provider.forge(&json!({"alg": "ES256", "claims": self.provider.claims(&claims)}))
    }

    /// The worker of 532901003.
    fn worker(&self) -> String {
        self.token("worker", &json!(["532901003"]))
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        self.server.get(path, token)
    }

    fn send(&self, method: &str, path: &str, token: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.server.origin));
        request = request.header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body.is_empty() {
            true => agent().run(request.body(()).unwrap()),
            false => agent().run(request.body(body.to_owned()).unwrap()),
        };
        Answer::read(answer.unwrap())
    }

    fn address(&self) -> SocketAddr {
        self.server.origin.trim_start_matches("http://").parse().unwrap()
    }
}

#[test]
fn every_attack_gets_the_answer_that_is_written_down() {
    let scene = Scene::new();
    let mut all = tokens::tried_with(&scene);
    for more in [
        stolen::tried_with,
        requests::tried_with,
        caches::tried_with,
        enumeration::tried_with,
        counts::tried_with,
    ] {
        all.extend(more(&scene));
    }
    let lines: Vec<String> =
        all.iter().map(|Tried { attack, answer }| format!("| {attack} | {answer} |")).collect();
    println!("{}", lines.join("\n"));
    let list = include_str!("../../../SECURITY.md");
    let missing: Vec<_> =
        lines.iter().filter(|line| !list.lines().any(|own| own == line.as_str())).cloned().collect();
    assert!(missing.is_empty(), "not in SECURITY.md, or another answer there:\n{}", missing.join("\n"));
    assert!(all.len() > 30, "{}", all.len());
}
