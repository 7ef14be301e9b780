//! Servers that authenticate, in this process and as one of their own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use gewu::access::KeySecret;
use gewu::config::{AccessSettings, ServerSettings};
use gewu::model::{ApiKey, GridId};

use crate::common::{gewu, output};
use crate::provider::Provider;
use crate::world::{Answer, World, agent};

/// A point in 532901003, whose worker is on duty.
pub(crate) const RESOLVE: &str = "/v1/resolve?lon=100.27&lat=25.6&crs=wgs84";

/// Settings that take the tokens of a provider, and keys.
pub(crate) fn settings(provider: &Provider) -> AccessSettings {
    AccessSettings {
        oidc_issuer: Some(provider.issuer.clone()),
        oidc_audience: Some("gewu".into()),
        oidc_clock_skew: Some(5),
        ..AccessSettings::default()
    }
}

/// Settings that take keys only.
pub(crate) fn keys_only() -> AccessSettings {
    AccessSettings { api_keys: Some(true), ..AccessSettings::default() }
}

/// A server in this process.
pub(crate) fn world(access: AccessSettings) -> World {
    World::start(ServerSettings { access, ..ServerSettings::default() })
}

/// Asks with a token or key.
pub(crate) fn get(world: &World, path: &str, token: &str) -> Answer {
    world.get_with(path, &[("authorization", &format!("Bearer {token}"))])
}

/// A key of these roles and areas (none: everywhere), and its text.
pub(crate) fn key(roles: &[&str], areas: Option<Vec<GridId>>) -> (ApiKey, String) {
    let secret = KeySecret::new();
    let key = ApiKey {
        id: secret.id,
        hash: secret.hash(),
        name: "test".into(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        areas,
        created: Utc::now(),
        expires: Utc::now() + TimeDelta::days(1),
        revoked: None,
    };
    (key, secret.reveal())
}

/// A server of its own process; ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) origin: String,
}

impl Server {
    /// With settings as the environment gives them, and a place for its log.
    pub(crate) fn start(database: &str, environment: &[(&str, &str)], log: Stdio) -> Self {
        Self::start_by("serve", database, environment, log)
    }

    /// The same by another verb.
    pub(crate) fn start_by(verb: &str, database: &str, environment: &[(&str, &str)], log: Stdio) -> Self {
        let mut command = gewu(&[verb, "--listen", "127.0.0.1:0"]);
        command.env("GEWU_DATABASE_URL", database).env("GEWU_SAVED_ATLAS", "false").stderr(log);
        let mut child = command.envs(environment.iter().copied()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, origin: line.trim().trim_end_matches('/').to_owned() }
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        let request = agent().get(format!("{}{path}", self.origin));
        Answer::read(request.header("authorization", format!("Bearer {token}")).call().unwrap())
    }

    /// Waits until it answers with a status; gives how long that took.
    pub(crate) fn until(&self, path: &str, token: &str, status: u16) -> Duration {
        let asked = Instant::now();
        loop {
            let answer = self.get(path, token);
            if answer.status == status {
                return asked.elapsed();
            }
            assert!(asked.elapsed() < Duration::from_secs(20), "{}: {}", answer.status, answer.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `gewu token` on a database.
pub(crate) fn token(database: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    output(gewu(&["token"]).args(arguments).env("GEWU_DATABASE_URL", database))
}
