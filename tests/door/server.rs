//! A server as a process of its own, and curl, which knows nothing of us, as its caller.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use crate::common::gewu;

/// Ended when dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
    pub(crate) log: PathBuf,
}

impl Server {
    /// Starts one on a database, with further settings by the environment; its log goes to a file of the folder.
    pub(crate) fn start(dir: &Path, database: &str, settings: &[(&str, &str)]) -> Self {
        let log = dir.join("server.log");
        let mut command = gewu(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("GEWU_DATABASE_URL", database).env("GEWU_SAVED_ATLAS", "false");
        command.envs(settings.iter().copied()).stderr(std::fs::File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("{line:?}: {}", std::fs::read_to_string(&log).unwrap()));
        Self { child, port, log }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn hang_up(&self) {
        let sent = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What curl got.
pub(crate) struct Got {
    /// Its exit code: 0, 60 for a certificate that it does not trust.
    pub(crate) code: i32,
    /// Status line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// `curl OPTIONS URL`.
pub(crate) fn curl(options: &[&str]) -> Got {
    let output = Command::new("curl").args(["-sS", "-i", "--max-time", "20"]).args(options).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Got { code: output.status.code().unwrap(), head: head.to_ascii_lowercase(), body: body.to_owned() }
}
