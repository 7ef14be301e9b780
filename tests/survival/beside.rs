//! What runs beside what: an import beside a server, a given database beside the private one, and nothing on a port.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::home::{Home, await_that};
use crate::region::{GRIDS, State, name, places};
use crate::server::Server;

#[test]
fn an_import_beside_a_server_is_shown_within_two_seconds_and_the_server_goes_on() {
    let home = Home::seeded();
    let server = Server::start(&home);
    let postmaster = home.postmaster();
    assert_eq!(server.revision(), 1);
    home.import(State::New);
    let imported = Instant::now();
    let new = places().map(|(_, _, number)| name(State::New, number));
    await_that("the new revision", || server.names() == new);
    assert!(imported.elapsed() < Duration::from_secs(2), "{:?}", imported.elapsed());
    let revision: i64 = home.ask("select max(number)::text from gewu.revision").parse().unwrap();
    assert_eq!(server.revision(), revision);
    assert_eq!(home.postmaster(), postmaster, "the import leaves the database to the server");
    let ready = server.get("/readyz");
    assert_eq!((&ready.body["status"], ready.stale), (&"ready".into(), None));
    assert!(server.interrupt().0.success());
    home.assert_deserted();
}

#[test]
fn the_served_database_is_on_no_port_and_closed_to_others_and_not_run_by_root() {
    let home = Home::seeded();
    let server = Server::start(&home);
    let postmaster = home.postmaster().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for directory in ["postgres", "postgres/data", "postgres/socket"] {
        assert_eq!(mode(&home.path().join(directory)), 0o700, "{directory}");
    }
    assert_ne!(std::fs::metadata(format!("/proc/{postmaster}")).unwrap().uid(), 0);
    let listening = listening_sockets();
    let own = sockets_of(server.pid());
    assert_eq!(listening.iter().filter(|inode| own.contains(inode)).count(), 1, "the server's own, for HTTP");
    for process in home.processes_but(&[server.pid()]) {
        let sockets = sockets_of(process);
        assert!(!listening.iter().any(|inode| sockets.contains(inode)), "process {process} is on a port");
    }
    assert!(server.interrupt().0.success());
}

/// The inodes of all TCP sockets that listen (state `0A` of `/proc/net/tcp`).
fn listening_sockets() -> Vec<String> {
    let tables =
        ["tcp", "tcp6"].map(|kind| std::fs::read_to_string(format!("/proc/net/{kind}")).unwrap_or_default());
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(3) == Some(&"0A"))
        .map(|fields| fields[9].to_owned())
        .collect()
}

/// The inodes of the sockets that a process has open.
fn sockets_of(process: i32) -> Vec<String> {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    open.filter_map(|fd| std::fs::read_link(fd.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect()
}

#[test]
fn a_given_database_is_used_instead_of_a_private_one_and_outlives_the_server() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(crate::common::database());
    let home = Home::fresh();
    let mut import = home.import_command(State::Old);
    let imported = import.env("GEWU_DATABASE_URL", database.url()).output().unwrap();
    assert!(imported.status.success(), "{imported:?}");
    let mut serve = home.gewu(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("GEWU_DATABASE_URL", database.url());
    let server = Server::of(&home, serve);
    assert_eq!(server.names(), places().map(|(_, _, number)| name(State::Old, number)));
    assert!(server.interrupt().0.success());
    assert!(!home.path().join("postgres").exists(), "no private database was made");
    let stored: i64 = runtime.block_on(async {
        let count = "select count(*) from gewu.grid";
        sqlx::query_scalar(count).fetch_one(&database.pool().await).await.unwrap()
    });
    assert_eq!(stored, i64::from(GRIDS));
}

#[test]
fn without_postgresql_the_packages_to_install_are_named() {
    let hidden = "mount -t tmpfs none /usr/lib/postgresql && exec \"$@\"";
    let unshare = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", hidden, "sh"]).args(arguments);
        command
    };
    if !unshare(&["true"]).output().is_ok_and(|output| output.status.success()) {
        eprintln!("not tested: nothing can be hidden from a program here");
        return;
    }
    let home = Home::fresh();
    let mut command =
        unshare(&[env!("CARGO_BIN_EXE_gewu"), "serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let said = command.arg(home.path()).env_remove("GEWU_DATABASE_URL").output().unwrap();
    let error = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.status.code(), Some(3), "{error}");
    assert!(error.contains("apt-get install postgresql") && error.contains("-postgis-3"), "{error}");
    assert!(error.contains("--database-url"), "{error}");
    home.assert_deserted();
}
