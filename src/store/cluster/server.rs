//! Makes the data directory, starts the server, stops it.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::account::Account;
use super::installation::Installation;
use super::place::Place;
use super::postmaster::{Postmaster, forget_dead, kill, working_in};
use super::wanted::Wanted;
use super::{ClusterError, settings};

/// The number in the socket's name; no port is opened.
pub(super) const PORT: u16 = 5432;
/// The database role, and the name of its map of operating system users.
pub(super) const ROLE: &str = "gewu";

/// How long the recovery after a crash may take.
const RECOVERY: Duration = Duration::from_secs(300);
/// How long processes of a killed server may take to notice.
const LEFTOVERS: Duration = Duration::from_secs(15);
/// A fast shutdown writes what is in memory; longer than this is not waited for, and the write-ahead log does the rest.
const FAST: Duration = Duration::from_millis(2200);
/// An immediate shutdown only ends processes.
const IMMEDIATE: Duration = Duration::from_millis(700);
const POLL: Duration = Duration::from_millis(20);
/// A longer log is set aside at the next start.
const LOG_MAX: u64 = 8 << 20;

/// Joins the running server of a place, or starts one. The caller holds the gate.
pub(super) fn ensure_running(
    place: &Place,
    account: &Account,
    wanted: &Wanted,
) -> Result<Postmaster, ClusterError> {
    let started = Instant::now();
    while let Some(server) = Postmaster::of(&place.data) {
        if server.status == "ready" && server.listens() {
            return Ok(server);
        }
        wanted.check()?;
        if started.elapsed() > RECOVERY {
            let output = format!("the server is {:?} and not ready", server.status);
            return Err(ClusterError::Program { program: "postgres", output });
        }
        std::thread::sleep(POLL);
    }
    let installation = Installation::find(&place.data)?;
    if !place.data.join("PG_VERSION").exists() {
        create(&installation, place, account, wanted)?;
    }
    wanted.check()?;
    settings::write(place, account)?;
    start(&installation, place, account, wanted)
}

/// Starts the server of a place again if it ended; never makes a new one. The caller holds the gate.
pub(super) fn revive(place: &Place, account: &Account, wanted: &Wanted) -> Result<(), ClusterError> {
    let version = place.data.join("PG_VERSION");
    std::fs::metadata(&version).map_err(ClusterError::file("cannot find", &version))?;
    ensure_running(place, account, wanted).map(|_| ())
}

/// `initdb` beside the final place, so that one that was interrupted leaves nothing that looks finished.
fn create(
    installation: &Installation,
    place: &Place,
    account: &Account,
    wanted: &Wanted,
) -> Result<(), ClusterError> {
    let unfinished = place.data.with_extension("new");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)
            .map_err(ClusterError::file("cannot remove the unfinished", &unfinished))?;
    }
    let mut command = account.command(&installation.program("initdb"));
    command.args(["--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject"]);
    command.arg(format!("--username={ROLE}")).arg("-D").arg(&unfinished);
    let made = run("initdb", command, || wanted.check());
    if matches!(made, Err(ClusterError::GivenUp)) {
        working_in(&unfinished).into_iter().for_each(kill);
    }
    made?;
    std::fs::rename(&unfinished, &place.data)
        .map_err(ClusterError::file("cannot move into place the new", &unfinished))
}

/// `pg_ctl` puts the server into a session of its own, so that Ctrl-C in gewu's terminal does not reach it.
fn start(
    installation: &Installation,
    place: &Place,
    account: &Account,
    wanted: &Wanted,
) -> Result<Postmaster, ClusterError> {
    set_log_aside(&place.log);
    forget_dead(&place.data);
    // No server lives, the gate is held, the directory is private: whoever wrote this is gone.
    let _ = std::fs::remove_file(place.socket.join(format!(".s.PGSQL.{PORT}.lock")));
    let started = Instant::now();
    loop {
        let mut command = account.command(&installation.program("pg_ctl"));
        command.args(["start", "--silent", "--wait", "--timeout"]).arg(RECOVERY.as_secs().to_string());
        command.arg("-D").arg(&place.data).arg("--log").arg(&place.log);
        // A server that is on its way is waited for until it can be seen: an unseen one could not be stopped.
        let unless = || if Postmaster::of(&place.data).is_some() { wanted.check() } else { Ok(()) };
        let failure = match run("pg_ctl", command, unless) {
            Ok(()) => match Postmaster::of(&place.data) {
                Some(server) => return Ok(server),
                None => "it started and ended at once".to_owned(),
            },
            Err(ClusterError::GivenUp) => return Err(ClusterError::GivenUp),
            Err(error) => error.to_string(),
        };
        wanted.check()?;
        // Backends of a killed server hold its shared memory until they notice, and PostgreSQL refuses to start so long.
        let in_use = tail(&place.log).contains("shared memory block");
        if !in_use {
            let output = format!("{failure}\n{}", tail(&place.log));
            return Err(ClusterError::Program { program: "postgres", output });
        }
        if started.elapsed() > LEFTOVERS {
            let processes = working_in(&place.data);
            return Err(ClusterError::Leftovers { directory: place.data.clone(), processes });
        }
        std::thread::sleep(POLL * 10);
    }
}

/// Stops the server of a place if it runs: orderly if that is quick, else by ending its processes, which loses nothing that
/// was committed. The caller holds the gate.
pub(super) fn stop(place: &Place) -> Result<(), ClusterError> {
    signal_until_gone(place, &[(Signal::INT, FAST), (Signal::QUIT, IMMEDIATE)])
}

/// Stops the server of a place that nobody has used since it was started. The caller holds the gate.
pub(super) fn stop_at_once(place: &Place) -> Result<(), ClusterError> {
    signal_until_gone(place, &[(Signal::QUIT, IMMEDIATE)])
}

fn signal_until_gone(place: &Place, signals: &[(Signal, Duration)]) -> Result<(), ClusterError> {
    for &(signal, patience) in signals {
        let Some(server) = Postmaster::of(&place.data) else { return Ok(()) };
        server.signal(signal);
        if is_gone_within(&server, &place.data, patience) {
            return Ok(());
        }
    }
    match Postmaster::of(&place.data) {
        Some(server) => Err(ClusterError::Unstoppable(server.pid)),
        None => Ok(()),
    }
}

/// The process is asked, not its file: that goes first.
fn is_gone_within(server: &Postmaster, data: &Path, patience: Duration) -> bool {
    let started = Instant::now();
    while server.is_alive(data) {
        if started.elapsed() > patience {
            return false;
        }
        std::thread::sleep(POLL);
    }
    true
}

/// Runs one of PostgreSQL's programs to its end, or kills it when `unless` says that nobody waits for it any more.
fn run(
    program: &'static str,
    mut command: std::process::Command,
    unless: impl Fn() -> Result<(), ClusterError>,
) -> Result<(), ClusterError> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let output = spawned.and_then(|mut child| {
        // What these programs say fits into the pipes.
        while child.try_wait()?.is_none() {
            if let Err(given_up) = unless() {
                child.kill()?;
                child.wait()?;
                return Ok(Err(given_up));
            }
            std::thread::sleep(POLL);
        }
        child.wait_with_output().map(Ok)
    });
    let output = output.map_err(ClusterError::file("cannot run", command.get_program()))??;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(ClusterError::Program { program, output: String::from_utf8_lossy(&said).trim().to_owned() })
}

/// The last lines of the log.
fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(8).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn set_log_aside(log: &Path) {
    if std::fs::metadata(log).is_ok_and(|log| log.len() > LOG_MAX) {
        let _ = std::fs::rename(log, log.with_extension("log.old"));
    }
}
