//! Ctrl-C: whenever it comes, gewu and its PostgreSQL end within three seconds.

use std::time::{Duration, Instant};

use crate::home::{Home, await_some, await_that};
use crate::region::State;
use crate::server::{Server, interrupt};

/// What Ctrl-C may take.
const LIMIT: Duration = Duration::from_secs(3);

#[test]
fn ctrl_c_ends_the_server_and_its_database_within_three_seconds() {
    let home = Home::seeded();
    let server = Server::start(&home);
    assert!(home.postmaster().is_some());
    let (status, took) = server.interrupt();
    assert!(took < LIMIT, "{took:?}");
    assert_eq!(status.code(), Some(0));
    home.assert_deserted();
}

/// At which moment of a start.
enum Moment {
    /// `initdb` is at work.
    Making,
    /// PostgreSQL has just been started.
    Starting,
    /// The tables are being made.
    Migrating,
}

/// Interrupts a first start as soon as something is to be seen, and then waits for the rest of three seconds.
fn interrupt_first_start(moment: Moment) {
    let home = Home::fresh();
    let mut child = home.gewu(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let reached = || match moment {
        Moment::Making => home.path().join("postgres/data.new/PG_VERSION").exists(),
        Moment::Starting => home.data().join("postmaster.pid").exists(),
        Moment::Migrating => {
            home.data().join("base/16384").exists() || home.data().join("base/16385").exists()
        }
    };
    await_that("the moment of the start", reached);
    let asked = Instant::now();
    let (status, took) = interrupt(&mut child);
    assert!(took < LIMIT, "{took:?}");
    assert_eq!(status.code(), Some(130));
    while !home.processes().is_empty() {
        assert!(asked.elapsed() < LIMIT, "left behind: {:?}", home.processes());
        std::thread::sleep(Duration::from_millis(20));
    }
    let server = Server::start(&home);
    assert_eq!(server.revision(), 0, "the next start is as if it were the first");
    assert!(server.interrupt().0.success());
}

#[test]
fn ctrl_c_while_the_database_is_being_made_ends_everything() {
    interrupt_first_start(Moment::Making);
}

#[test]
fn ctrl_c_while_the_database_starts_ends_everything() {
    interrupt_first_start(Moment::Starting);
}

#[test]
fn ctrl_c_while_the_tables_are_made_ends_everything() {
    interrupt_first_start(Moment::Migrating);
}

#[test]
fn ctrl_c_during_an_import_ends_it_and_its_database_and_leaves_the_old_data() {
    let home = Home::seeded();
    let mut import = home.import_command(State::New).spawn().unwrap();
    await_some("the database of the import", || home.postmaster());
    let (status, took) = interrupt(&mut import);
    assert!(took < LIMIT, "{took:?}");
    assert_eq!(status.code(), Some(130));
    home.assert_deserted();
    let server = Server::start(&home);
    assert_eq!(server.revision(), 1);
    assert!(server.interrupt().0.success());
}
