//! The saved atlas: the built binary is stopped and started, and answers at once what it answered before, or what is right by then.

mod common;

#[allow(dead_code, reason = "shared with the tests of survival")]
#[path = "survival/home.rs"]
mod home;
#[allow(dead_code, reason = "shared with the tests of survival")]
#[path = "survival/region.rs"]
mod region;
#[allow(dead_code, reason = "shared with the tests of survival")]
#[path = "survival/server.rs"]
mod server;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::home::{Home, await_that};
use crate::region::{State, name, places};
use crate::server::Server;

/// Between the start of the process and its first answer.
const AT_ONCE: Duration = Duration::from_secs(1);

fn file(home: &Home) -> PathBuf {
    home.path().join("atlas.bin")
}

fn names(state: State) -> Vec<String> {
    places().map(|(_, _, number)| name(state, number)).to_vec()
}

/// A home whose server has run, saved its atlas and ended; what it answered.
fn left() -> (Home, Vec<Value>) {
    let home = Home::seeded();
    let server = Server::start(&home);
    await_that("the atlas is saved with all that is worked out of it", || {
        server.log().contains("is_prepared=true")
    });
    let resolved = server.resolved();
    assert!(server.interrupt().0.success());
    home.assert_deserted();
    (home, resolved)
}

fn serve(home: &Home) -> Command {
    home.gewu(&["serve", "--listen", "127.0.0.1:0"])
}

/// Holds the gate of the private cluster, so that it cannot start.
fn hold_the_database(home: &Home) -> fs::File {
    let gate = fs::File::options().write(true).open(home.path().join("postgres/gate.lock")).unwrap();
    gate.lock().unwrap();
    gate
}

#[test]
fn a_restart_answers_within_a_second_what_it_answered_before_and_says_how_old_that_is() {
    let (home, resolved) = left();
    assert_eq!(fs::metadata(file(&home)).unwrap().permissions().mode() & 0o777, 0o600);
    let gate = hold_the_database(&home);
    std::thread::sleep(Duration::from_millis(1_100));
    let started = Instant::now();
    let server = Server::listening(&home, serve(&home));
    let (lon, lat, number) = places()[1];
    let answer = server.get(&format!("/v1/resolve?lon={lon}&lat={lat}&crs=cgcs2000"));
    let took = started.elapsed();
    assert_eq!((answer.status, &answer.body["grid"]["name"]), (200, &name(State::Old, number).into()));
    assert!(took < AT_ONCE, "{took:?}");
    assert!(answer.stale.is_some_and(|seconds| (1..60).contains(&seconds)), "{:?}", answer.stale);
    assert_eq!(server.resolved(), resolved);
    let ready = server.get("/readyz");
    assert_eq!(
        (ready.status, &ready.body["status"], &ready.body["revision"]),
        (200, &"stale".into(), &1.into())
    );
    assert_eq!(server.get("/v1/grids/532901001").status, 200);
    assert_eq!(home.postmaster(), None, "all of that without PostgreSQL");

    drop(gate);
    await_that("the database", || server.get("/readyz").body["status"] == "ready");
    let answer = server.get(&format!("/v1/resolve?lon={lon}&lat={lat}&crs=cgcs2000"));
    assert_eq!(answer.stale, None);
    assert_eq!(server.resolved(), resolved);
    assert!(!server.log().contains("reading everything again"), "{}", server.log());
    assert!(server.interrupt().0.success());
    home.assert_deserted();
}

#[test]
fn what_was_written_while_the_server_was_down_is_shown_and_saved_at_the_end() {
    let (home, resolved) = left();
    home.import(State::New);
    let server = Server::start(&home);
    await_that("the import", || server.names() == names(State::New));
    assert_ne!(server.resolved(), resolved);
    let revision = server.revision();
    assert!(server.interrupt().0.success());

    let gate = hold_the_database(&home);
    let server = Server::listening(&home, serve(&home));
    assert_eq!((server.revision(), server.names()), (revision, names(State::New)));
    // Ctrl-C while the database is waited for.
    let (status, took) = server.interrupt();
    assert!(status.success() && took < Duration::from_secs(3), "{status} after {took:?}");
    drop(gate);
    home.assert_deserted();
}

#[test]
fn what_was_worked_out_before_is_there_after_a_restart() {
    let (home, _) = left();
    fs::write(home.path().join("serve.log"), "").unwrap();
    let server = Server::listening(&home, serve(&home));
    let log = server.log();
    let read = log.lines().find(|line| line.contains("read the saved atlas")).unwrap();
    assert!(read.contains("is_prepared=true"), "{log}");
    assert!(server.interrupt().0.success());
}

#[test]
fn a_bake_draws_the_same_from_the_saved_atlas_as_from_the_database() {
    let (home, _) = left();
    let bake = |name: &str| {
        let mut bake = home.gewu(&["bake", "--out", name, "--zoom", "0-12"]);
        let output = bake.env("GEWU_LOG", "info,sqlx=error").output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{log}");
        (fs::read(home.path().join(name)).unwrap(), log)
    };
    let without = |name: &str| {
        let away = home.path().join("away");
        fs::rename(file(&home), &away).unwrap();
        let (bytes, log) = bake(name);
        assert!(!log.contains("saved atlas"), "{log}");
        fs::rename(&away, file(&home)).unwrap();
        bytes
    };
    let (kept, log) = bake("kept.pmtiles");
    assert!(log.contains("the saved atlas is the latest"), "{log}");
    assert_eq!(kept, without("read.pmtiles"));

    home.import(State::New);
    let (followed, log) = bake("followed.pmtiles");
    assert!(log.contains("followed the saved atlas"), "{log}");
    assert_eq!(followed, without("read-anew.pmtiles"));
    assert_ne!(followed, kept);

    // What is no atlas is said, and does no harm.
    fs::write(file(&home), "no atlas").unwrap();
    let (anew, log) = bake("anew.pmtiles");
    assert!(log.contains("it is no saved atlas"), "{log}");
    assert_eq!(anew, followed);
    home.assert_deserted();
}

#[test]
fn a_single_row_that_changed_meanwhile_comes_by_the_feed() {
    let (home, _) = left();
    let private = Server::start(&home);
    private.kill();
    home.ask("with w as (update gewu.grid_version set name = '改名' where code = '532901001' returning 1) select count(*)::text from w");
    let server = Server::start(&home);
    assert_eq!(server.names()[0], "改名");
    assert!(!server.log().contains("reading everything again"), "{}", server.log());
    assert!(server.interrupt().0.success());
}

#[test]
fn a_file_that_is_not_the_one_that_was_written_is_refused_with_its_reason_and_written_anew() {
    let (home, resolved) = left();
    let good = fs::read(file(&home)).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 0x10;
    let cases = [
        (flipped, "it is not as it was sealed"),
        (good[..good.len() / 3].to_vec(), "it is not as it was sealed"),
        (b"\x7fELF".to_vec(), "it is no saved atlas"),
        (Vec::new(), "it is no saved atlas"),
    ];
    for (bytes, reason) in cases {
        fs::write(file(&home), &bytes).unwrap();
        fs::write(home.path().join("serve.log"), "").unwrap();
        let server = Server::listening(&home, serve(&home));
        let (lon, lat, _) = places()[0];
        let first = server.get(&format!("/v1/resolve?lon={lon}&lat={lat}&crs=cgcs2000"));
        assert_eq!((first.status, first.stale), (200, None), "read from the database");
        assert_eq!(server.resolved(), resolved);
        assert!(server.log().contains(reason), "{reason}: {}", server.log());
        // The instant of the reading is another, and takes as many bytes as it needs.
        await_that("it is written anew", || {
            let now = fs::read(file(&home)).unwrap();
            now != bytes && now.len().abs_diff(good.len()) < 16
        });
        assert!(server.interrupt().0.success());
    }
}

#[test]
fn a_file_of_another_database_is_refused_before_it_is_shown_or_once_the_database_tells() {
    let (home, _) = left();
    // Other settings: it is never shown.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(common::database());
    let mut import = home.import_command(State::New);
    assert!(import.env("GEWU_DATABASE_URL", database.url()).output().unwrap().status.success());
    let kept = fs::read(file(&home)).unwrap();
    let mut other = serve(&home);
    other.env("GEWU_DATABASE_URL", database.url());
    let server = Server::listening(&home, other);
    assert_eq!(server.names(), names(State::New));
    assert!(server.log().contains("another database than that of the settings"), "{}", server.log());
    await_that("it is replaced", || fs::read(file(&home)).unwrap() != kept);
    assert!(server.interrupt().0.success());

    // The same settings, but another cluster was put in the place of the first.
    fs::write(file(&home), &kept).unwrap();
    fs::remove_dir_all(home.path().join("postgres")).unwrap();
    home.import(State::New);
    let server = Server::start(&home);
    await_that("what the new database holds", || server.names() == names(State::New));
    assert!(server.log().contains("was read from another database"), "{}", server.log());
    await_that("it is replaced", || fs::read(file(&home)).unwrap() != kept);
    assert!(server.interrupt().0.success());
}

#[test]
fn the_file_shows_nobody_without_the_key_and_opens_only_with_it() {
    let (home, resolved) = left();
    let kept = fs::read(file(&home)).unwrap();
    let text = String::from_utf8_lossy(&kept);
    assert!(text.starts_with("gewu-sealed-1") && names(State::Old).iter().all(|name| !text.contains(name)));
    let key = home.path().join("data.key");
    let former = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let server = Server::listening(&home, serve(&home));
    assert_eq!(server.resolved(), resolved, "read from the database");
    assert!(server.log().contains("it is sealed by the data key"), "{}", server.log());
    assert!(server.interrupt().0.success());
    fs::write(&key, former).unwrap();
    fs::write(file(&home), kept).unwrap();
    let gate = hold_the_database(&home);
    let server = Server::listening(&home, serve(&home));
    assert_eq!(server.resolved(), resolved, "from the file alone");
    drop(gate);
    assert!(server.interrupt().0.success());
}

#[test]
fn a_database_put_back_to_an_earlier_state_is_read_again() {
    let home = Home::seeded();
    let backup = home.path().join("backup");
    assert!(
        Command::new("cp")
            .arg("-a")
            .arg(home.path().join("postgres"))
            .arg(&backup)
            .status()
            .unwrap()
            .success()
    );
    home.import(State::New);
    let server = Server::start(&home);
    await_that("the atlas is saved", || file(&home).exists());
    assert!(server.interrupt().0.success());
    fs::remove_dir_all(home.path().join("postgres")).unwrap();
    fs::rename(&backup, home.path().join("postgres")).unwrap();
    let server = Server::start(&home);
    await_that("what it held", || server.names() == names(State::Old));
    assert_eq!(server.revision(), 1);
    assert!(server.log().contains("reading everything again"), "{}", server.log());
    assert!(server.interrupt().0.success());
}

#[test]
fn a_database_that_cannot_be_reached_is_tried_again_while_answers_go_on() {
    let (home, resolved) = left();
    let data = home.data();
    let away = data.with_extension("away");
    // Nothing to start and no way to make a new one.
    fs::rename(&data, &away).unwrap();
    fs::write(&data, "").unwrap();
    let server = Server::listening(&home, serve(&home));
    await_that("the log says why", || server.log().contains("answers come from the saved atlas"));
    assert_eq!(server.resolved(), resolved);
    fs::remove_file(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    await_that("the database", || server.get("/readyz").body["status"] == "ready");
    assert!(server.interrupt().0.success());
    home.assert_deserted();
}

#[test]
fn switched_off_nothing_is_written_and_nothing_read() {
    let home = Home::seeded();
    let off = || {
        let mut command = serve(&home);
        command.args(["--saved-atlas", "false"]);
        command
    };
    let server = Server::listening(&home, off());
    std::thread::sleep(Duration::from_secs(1));
    assert!(server.interrupt().0.success());
    assert!(!file(&home).exists());
    fs::write(file(&home), "neither read nor complained about").unwrap();
    let server = Server::listening(&home, off());
    assert!(server.interrupt().0.success());
    assert!(!fs::read_to_string(home.path().join("serve.log")).unwrap().contains("saved"));
}

#[test]
fn what_a_killed_server_was_writing_is_cleared_away_and_what_another_writes_is_left() {
    let (home, _) = left();
    let [old, young] = [".atlas-x1.new", ".atlas-x2.new"].map(|name| home.path().join(name));
    let made = [&old, &young].map(|path| fs::File::create(path).unwrap());
    made[0].set_modified(SystemTime::now() - Duration::from_secs(3_600)).unwrap();
    let server = Server::start(&home);
    assert_eq!((old.exists(), young.exists()), (false, true));
    assert!(server.interrupt().0.success());
}
