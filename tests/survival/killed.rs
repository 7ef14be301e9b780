//! `kill -9`: of an import, of the server, of its PostgreSQL, of all of them.

use std::fs::File;
use std::process::Child;
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;

use crate::home::{Home, await_that, signal};
use crate::region::{GRIDS, State, name, places};
use crate::server::Server;

/// An import that has changed rows and stands still before its commit.
struct HalfDone {
    import: Child,
    /// Holds what the import waits for.
    obstacle: PgConnection,
    runtime: Runtime,
}

impl HalfDone {
    /// The cluster must run. The import stands at the insert into `grid_code`: the old versions are closed by then.
    fn begin(home: &Home) -> Self {
        let runtime = Runtime::new().unwrap();
        let obstacle = runtime.block_on(async {
            let mut obstacle = home.connect().await;
            sqlx::raw_sql("begin; lock table gewu.grid_code in share mode")
                .execute(&mut obstacle)
                .await
                .unwrap();
            obstacle
        });
        let mut half = Self { import: home.import_command(State::New).spawn().unwrap(), obstacle, runtime };
        await_that("the import waits before its commit", || half.stands_still());
        half
    }

    fn stands_still(&mut self) -> bool {
        // Not pg_stat_activity, which stays as first seen until the end of a transaction.
        let waits = "select exists (select from pg_locks where relation = 'gewu.grid_code'::regclass \
                     and not granted)";
        let query = sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut self.obstacle);
        assert_eq!(self.import.try_wait().unwrap(), None, "the import is under way");
        self.runtime.block_on(query).unwrap()
    }

    fn kill(mut self) {
        self.import.kill().unwrap();
        self.import.wait().unwrap();
        let _ = self.runtime.block_on(self.obstacle.close());
    }
}

fn names(state: State) -> Vec<String> {
    places().map(|(_, _, number)| name(state, number)).to_vec()
}

#[test]
fn an_import_killed_before_its_commit_leaves_the_old_data_and_the_next_one_succeeds() {
    let home = Home::seeded();
    let server = Server::start(&home);
    let (before, resolved) = (home.contents(), server.resolved());
    assert!(before.contains(&format!("grid_version {GRIDS} ")), "{before}");
    HalfDone::begin(&home).kill();
    assert_eq!(home.contents(), before);
    assert_eq!(server.resolved(), resolved);
    assert!(server.interrupt().0.success());

    let server = Server::start(&home);
    assert_eq!(home.contents(), before);
    assert_eq!(server.resolved(), resolved);
    assert_eq!((server.revision(), server.names()), (1, names(State::Old)));
    assert!(server.interrupt().0.success());

    home.import(State::New);
    let server = Server::start(&home);
    assert_eq!(server.names(), names(State::New));
    assert!(home.contents().contains(&format!("grid {} ", GRIDS + 1)));
    assert!(server.interrupt().0.success());
}

#[test]
fn an_import_killed_together_with_server_and_database_leaves_the_old_data() {
    let home = Home::seeded();
    let server = Server::start(&home);
    let (before, resolved) = (home.contents(), server.resolved());
    let half_done = HalfDone::begin(&home);
    let postmaster = home.postmaster().unwrap();
    server.kill();
    signal(postmaster, "KILL");
    half_done.kill();

    let server = Server::start(&home);
    assert_ne!(home.postmaster(), Some(postmaster));
    assert_eq!(home.contents(), before);
    assert_eq!(server.resolved(), resolved);
    home.import(State::New);
    await_that("the server shows the import", || server.names() == names(State::New));
    assert!(server.interrupt().0.success());
    home.assert_deserted();
}

#[test]
fn a_killed_server_is_followed_by_one_that_takes_over_its_database_and_answers_the_same() {
    let home = Home::seeded();
    let server = Server::start(&home);
    let (before, resolved) = (home.contents(), server.resolved());
    let postmaster = home.postmaster().unwrap();
    server.kill();
    assert_eq!(home.postmaster(), Some(postmaster), "PostgreSQL outlives a killed gewu");

    let server = Server::start(&home);
    assert_eq!(home.postmaster(), Some(postmaster), "and is joined by the next");
    assert_eq!((home.contents(), server.resolved()), (before, resolved));
    assert!(server.interrupt().0.success());
    home.assert_deserted();
}

#[test]
fn while_its_killed_database_is_away_the_server_answers_from_memory_says_so_and_starts_it_again() {
    let home = Home::seeded();
    let server = Server::start(&home);
    let (before, resolved) = (home.contents(), server.resolved());
    assert_eq!(server.get("/readyz").body["status"], "ready");
    // As if another gewu were starting or stopping the cluster: until it is done, nobody else may start it.
    let gate = File::options().write(true).open(home.path().join("postgres/gate.lock")).unwrap();
    gate.lock().unwrap();
    let postmaster = home.postmaster();
    home.kill_postgres(&[server.pid()]);
    let (lon, lat, number) = places()[1];
    let resolve = format!("/v1/resolve?lon={lon}&lat={lat}&crs=cgcs2000");
    await_that("the server says that it is stale", || {
        let answer = server.get(&resolve);
        assert_eq!((answer.status, &answer.body["grid"]["name"]), (200, &name(State::Old, number).into()));
        answer.stale.is_some()
    });
    assert_eq!(server.resolved(), resolved);
    let ready = server.get("/readyz");
    assert_eq!((ready.status, &ready.body["status"]), (200, &"stale".into()));
    assert!(server.log().contains("answers come from memory"), "{}", server.log());

    drop(gate);
    await_that("the database is back", || server.get("/readyz").body["status"] == "ready");
    assert!(home.postmaster().is_some() && home.postmaster() != postmaster);
    assert_eq!((server.get(&resolve).stale, home.contents(), server.resolved()), (None, before, resolved));
    home.import(State::New);
    await_that("the server shows the import", || server.names() == names(State::New));
    assert!(server.interrupt().0.success());
    home.assert_deserted();
}

#[test]
fn a_server_whose_database_was_killed_ends_in_time_and_the_next_start_has_everything() {
    let home = Home::seeded();
    let server = Server::start(&home);
    let (before, resolved) = (home.contents(), server.resolved());
    home.kill_postgres(&[server.pid()]);
    let (status, took) = server.interrupt();
    assert!(status.success() && took < Duration::from_secs(3), "{status} after {took:?}");
    home.assert_deserted();
    let server = Server::start(&home);
    assert_eq!((home.contents(), server.resolved()), (before, resolved));
    assert!(server.interrupt().0.success());
}
