//! What does PostgreSQL's own `postmaster.pid` say, and is it still true?

use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// A server as its `postmaster.pid` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: i32,
    pub(super) port: u16,
    pub(super) socket: PathBuf,
    /// `starting`, `ready`, `stopping`...; empty when the server has not got so far.
    pub(super) status: String,
}

impl Postmaster {
    /// The server of a data directory, if its process is alive.
    pub(super) fn of(data: &Path) -> Option<Self> {
        let found = Self::parse(&std::fs::read_to_string(data.join("postmaster.pid")).ok()?)?;
        is_server(found.pid, data).then_some(found)
    }

    /// Does it take connections? One that was killed a moment ago may still look alive, but refuses them.
    pub(super) fn listens(&self) -> bool {
        let socket = self.socket.join(format!(".s.PGSQL.{}", self.port));
        match std::os::unix::net::UnixStream::connect(socket) {
            Ok(_) => true,
            Err(error) => !matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound),
        }
    }

    /// Is its process still there?
    pub(super) fn is_alive(&self, data: &Path) -> bool {
        is_server(self.pid, data)
    }

    /// The lines of the file: process, data directory, start time, port, socket directory, address, shared memory,
    /// status (PostgreSQL's `utils/pidfile.h`).
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok()?,
            port: lines.get(3).and_then(|port| port.parse().ok()).unwrap_or(0),
            socket: PathBuf::from(lines.get(4).copied().unwrap_or_default()),
            status: lines.get(7).copied().unwrap_or_default().to_owned(),
        })
    }

    /// Sends a signal; a process that is gone is fine.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            let _ = kill_process(pid, signal);
        }
    }
}

/// Ends a process at once; one that is gone is fine.
pub(super) fn kill(process: i32) {
    if let Some(pid) = Pid::from_raw(process) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// A process number beyond every kernel's limit.
const NOBODY: i32 = i32::MAX;

/// Corrects a `postmaster.pid` whose process is no server of this data directory.
///
/// PostgreSQL clears away a file whose process is gone, but believes one whose process is a zombie that nobody collects, or
/// another program with the same number, as happens when a container restarts. The file itself must stay: by it PostgreSQL
/// finds out whether processes of the former server still use its shared memory.
pub(super) fn forget_dead(data: &Path) {
    let file = data.join("postmaster.pid");
    let Ok(text) = std::fs::read_to_string(&file) else { return };
    let Some(stale) = Postmaster::parse(&text) else { return };
    if !is_server(stale.pid, data) {
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        let _ = std::fs::write(file, format!("{NOBODY}\n{rest}"));
    }
}

/// The processes whose working directory is the data directory, as far as they may be seen: PostgreSQL's all are there.
pub(super) fn working_in(data: &Path) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let working =
        processes.filter(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == data));
    working.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Is the process a server of this data directory? Its command line names the directory and everybody may read it; a
/// zombie's is empty. Without `/proc` a living process is believed.
fn is_server(pid: i32, data: &Path) -> bool {
    if !Path::new("/proc/self").exists() {
        return Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid).is_ok());
    }
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).any(|word| word == data.as_os_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "4711\n/srv/data\n1763830000\n5432\n/srv/socket\n\n  5439 0\nready   \n";

    #[test]
    fn the_lines_of_a_pid_file_are_read_and_a_half_written_one_too() {
        let whole = Postmaster::parse(FILE).unwrap();
        assert_eq!((whole.pid, whole.port, whole.status.as_str()), (4711, 5432, "ready"));
        assert_eq!(whole.socket, Path::new("/srv/socket"));
        assert_eq!(Postmaster::parse("4711\n/srv/data\n").unwrap().status, "");
        assert_eq!(Postmaster::parse(""), None);
    }

    #[test]
    fn a_pid_file_that_names_a_stranger_is_believed_no_more_and_keeps_the_shared_memory() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("postmaster.pid");
        std::fs::write(&file, FILE.replace("4711", &std::process::id().to_string())).unwrap();
        assert_eq!(Postmaster::of(data.path()), None);
        forget_dead(data.path());
        assert_eq!(std::fs::read_to_string(file).unwrap(), FILE.replace("4711", "2147483647"));
    }
}
