//! `gewu serve` as a process, and what it answers.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::home::{Home, PATIENCE, await_some, await_that, pid, signal};
use crate::region::places;

/// A server; killed when dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    origin: String,
    log: std::path::PathBuf,
}

/// An answer: status, the header `Gewu-Stale`, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) stale: Option<u64>,
    pub(crate) body: Value,
}

impl Server {
    /// Starts one and waits until it answers from its database.
    pub(crate) fn start(home: &Home) -> Self {
        Self::of(home, home.gewu(&["serve", "--listen", "127.0.0.1:0"]))
    }

    /// Waits until a command that serves answers from its database, not only from a saved atlas.
    pub(crate) fn of(home: &Home, command: Command) -> Self {
        let server = Self::listening(home, command);
        await_that("the database", || server.get("/readyz").body["status"] != "stale");
        server
    }

    /// Waits until a command that serves listens.
    pub(crate) fn listening(home: &Home, mut command: Command) -> Self {
        let log = home.path().join("serve.log");
        let appended = File::options().create(true).append(true).open(&log).unwrap();
        let mut child = command.stderr(appended).spawn().unwrap();
        let (sender, receiver) = channel();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = out.read_line(&mut line);
            let _ = sender.send(line);
        });
        let line = receiver.recv_timeout(PATIENCE).unwrap_or_default();
        let server = Self { child, origin: line.trim().trim_end_matches('/').to_owned(), log };
        assert!(server.origin.starts_with("http://127.0.0.1:"), "{line:?}: {}", server.log());
        server
    }

    pub(crate) fn pid(&self) -> i32 {
        pid(&self.child)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.timeout_global(Some(PATIENCE)).build().into();
        let mut answer = agent.get(format!("{}{path}", self.origin)).call().unwrap();
        let stale = answer.headers().get("gewu-stale").map(|value| value.to_str().unwrap().parse().unwrap());
        Answer {
            status: answer.status().as_u16(),
            stale,
            body: answer.body_mut().read_json().unwrap_or_default(),
        }
    }

    /// What resolve answers for each of [`places`], the moment left out.
    pub(crate) fn resolved(&self) -> Vec<Value> {
        let resolve = |(lon, lat, _)| {
            let answer = self.get(&format!("/v1/resolve?lon={lon}&lat={lat}&crs=cgcs2000"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            let mut body = answer.body;
            body.as_object_mut().unwrap().remove("at");
            body
        };
        places().into_iter().map(resolve).collect()
    }

    /// The names of the grids at [`places`].
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |answer: Value| answer["grid"]["name"].as_str().unwrap_or_default().to_owned();
        self.resolved().into_iter().map(name).collect()
    }

    pub(crate) fn revision(&self) -> i64 {
        self.get("/v1/status").body["revision"].as_i64().unwrap()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it as Ctrl-C does and waits; its status, and how long it took.
    pub(crate) fn interrupt(mut self) -> (ExitStatus, Duration) {
        interrupt(&mut self.child)
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Ends a process as Ctrl-C does and waits; its status, and how long it took.
pub(crate) fn interrupt(child: &mut Child) -> (ExitStatus, Duration) {
    let asked = Instant::now();
    signal(pid(child), "INT");
    let status = await_some("the end after Ctrl-C", || child.try_wait().unwrap());
    (status, asked.elapsed())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
