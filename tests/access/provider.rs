//! A real provider of tokens beside the test: see `provider.mjs`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::world::agent;

/// A provider; ended when dropped.
pub(crate) struct Provider {
    child: Child,
    pub(crate) issuer: String,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/access/provider.mjs");
        let mut command = Command::new("node");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node runs the provider");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "{line:?}; `npm ci` in web/ brings oidc-provider");
        Self { child, issuer: line.trim().to_owned() }
    }

    /// What tokens of the service say, beside what every token says.
    pub(crate) fn say(&self, claims: &Value) {
        self.ask("/test/claims", &json!({ "service": claims }));
    }

    /// A token as the provider gives it to a service.
    pub(crate) fn token(&self, algorithm: &str) -> String {
        let form = format!("grant_type=client_credentials&resource=https://gewu.example/{algorithm}");
        let secret = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, "service:service-secret");
        let request = agent().post(format!("{}/token", self.issuer));
        let request = request.header("authorization", format!("Basic {secret}"));
        let mut answer = request.content_type("application/x-www-form-urlencoded").send(form).unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// A token as somebody would make it who has the keys, or has not.
    pub(crate) fn forge(&self, how: &Value) -> String {
        self.ask("/test/forge", how)["token"].as_str().unwrap().to_owned()
    }

    /// Claims of a token that is taken, with others in their place; null takes one away.
    pub(crate) fn claims(&self, others: &Value) -> Value {
        let now = chrono::Utc::now().timestamp();
        let mut claims = json!({"iss": self.issuer, "aud": "gewu", "sub": "u1", "exp": now + 300, "gewu_roles": ["worker"]});
        for (name, value) in others.as_object().unwrap() {
            match value.is_null() {
                true => claims.as_object_mut().unwrap().remove(name),
                false => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        claims
    }

    /// New keys in the place of the old ones.
    pub(crate) fn rotate(&self) {
        self.ask("/test/rotate", &json!({}));
    }

    pub(crate) fn away(&self, away: bool) {
        self.ask("/test/away", &json!({ "away": away }));
    }

    /// How often its keys were asked for.
    pub(crate) fn asked(&self) -> u64 {
        self.ask("/test/asked", &json!({}))["asked"].as_u64().unwrap()
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let mut answer = agent().post(format!("{}{path}", self.issuer)).send_json(body).unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        assert!(answer["error"].is_null(), "{answer}");
        answer
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
