//! Everybody who asks: each role with an area that is a grid, one that is the grid above it, and everywhere.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use crate::matrix::table::Relation;
use crate::place::Server;
use crate::provider::Provider;
use crate::world::agent;

pub(crate) const ROLES: [&str; 8] =
    ["public", "integrator", "worker", "grid_office", "analyst", "commander", "auditor", "admin"];
/// Where they have them; "" is everywhere.
const AREAS: [&str; 3] = ["532901003", "532901", ""];

/// One of them.
#[derive(Debug)]
pub(crate) struct Caller {
    /// As the table calls it.
    pub(crate) role: &'static str,
    pub(crate) area: Option<&'static str>,
    token: Option<String>,
    purpose: Option<&'static str>,
}

impl Caller {
    pub(crate) fn relation(&self, place: &str) -> Relation {
        Relation::of(place, self.area)
    }

    pub(crate) fn name(&self) -> String {
        match self.area {
            None => self.role.to_owned(),
            Some("") => format!("{} everywhere", self.role),
            Some(area) => format!("{} of {area}", self.role),
        }
    }

    /// What it proves itself with.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.token.as_deref().into_iter()
    }

    /// Puts its token and its purpose in a request.
    pub(crate) fn sign(&self, mut request: ureq::http::request::Builder) -> ureq::http::request::Builder {
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        match self.purpose {
            Some(purpose) => request.header("gewu-purpose", purpose),
            None => request,
        }
    }
}

fn token(provider: &Provider, subject: &str, role: &str, areas: Value) -> Option<String> {
    let claims = json!({"sub": subject, "gewu_roles": [role], "gewu_areas": areas});
    Some(provider.forge(&json!({"alg": "ES256", "claims": provider.claims(&claims)})))
}

/// One with a role in an area.
pub(crate) fn caller(provider: &Provider, role: &'static str, area: &'static str) -> Caller {
    let token = token(provider, &format!("{role}-{area}"), role, json!([area]));
    Caller { role, area: Some(area), token, purpose: None }
}

/// All of them, known to a server.
pub(crate) fn callers(provider: &Provider, server: &Server) -> Vec<Caller> {
    let mut all = vec![Caller { role: "anonymous", area: None, token: None, purpose: None }];
    for area in AREAS {
        let areas = if area.is_empty() { json!("*") } else { json!([area]) };
        for role in ROLES {
            let token = token(provider, &format!("{role}-{area}"), role, areas.clone());
            if role == "worker" {
                let (token, purpose) = (token.clone(), Some("service"));
                all.push(Caller { role: "worker_with_purpose", area: Some(area), token, purpose });
            }
            all.push(Caller { role, area: Some(area), token, purpose: None });
        }
    }
    all.push(behind_glass(provider, server));
    all
}

/// A commander with no area but one that was opened for an emergency.
fn behind_glass(provider: &Provider, server: &Server) -> Caller {
    let token = token(provider, "incident", "commander", json!([]));
    let caller = Caller { role: "commander_behind_glass", area: Some("532901003"), token, purpose: None };
    let wish = json!({"reason": "a landslide on the east bank", "minutes": 30, "area": "532901003"});
    let request =
        Request::post(format!("{}/v1/break-glass", server.origin)).header("content-type", "application/json");
    let agent: Agent = agent();
    let opened = agent.run(caller.sign(request).body(wish.to_string()).unwrap()).unwrap();
    assert_eq!(opened.status(), 201);
    let begun = Instant::now();
    let asks = || {
        agent
            .run(caller.sign(Request::get(format!("{}/v1/access", server.origin))).body(()).unwrap())
            .unwrap()
    };
    while asks().body_mut().read_json::<Value>().unwrap()["caller"]["areas"].as_array().unwrap().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    caller
}
