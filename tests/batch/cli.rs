//! `gewu resolve`.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::world::World;

fn resolve(world: &World, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gewu"))
        .args(["resolve", "--database-url", &world.database.url()])
        .args(arguments)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_pipe_gets_nothing_but_the_result_and_errors_decide_the_exit_code() {
    let world = World::start(gewu::config::ServerSettings::default());
    let done = resolve(&world, &["--crs", "wgs84"], "id,lon,lat\n7,100.2676,25.6065\n");
    assert_eq!(
        text(&done.stdout),
        "id,lon,lat,status,code,code_1,code_2,code_3,error\n\
         7,100.2676,25.6065,inside,532901003,5329,532901,532901003,\n",
        "{}",
        text(&done.stderr)
    );
    assert_eq!((done.status.code(), text(&done.stderr)), (Some(0), ""));

    let wrong = resolve(
        &world,
        &["-", "--crs", "wgs84", "--format", "ndjson", "--fields", "code"],
        "[100.1,25.6]\nx\n",
    );
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("1 of 2 rows"), "{}", text(&wrong.stderr));
    assert!(text(&wrong.stdout).lines().nth(1).unwrap().contains("row 2: "));

    let usage = resolve(&world, &[], "lon,lat\n");
    assert_eq!(usage.status.code(), Some(2));
    assert!(text(&usage.stderr).contains("--crs"), "{}", text(&usage.stderr));
    assert_eq!(resolve(&world, &["--crs", "wgs84"], "x,y\n1,2\n").status.code(), Some(1));
    assert_eq!(resolve(&world, &["--crs", "wgs84", "missing.csv"], "").status.code(), Some(2));
    let past = resolve(&world, &["--crs", "wgs84", "--at", "2020-01-01T00:00:00Z"], "lon,lat\n100.1,25.6\n");
    assert!(text(&past.stdout).contains("532901009"), "the grid of then: {}", text(&past.stdout));
}

#[test]
fn a_file_appears_when_it_is_whole_and_not_at_all_when_it_is_not() {
    let world = World::start(gewu::config::ServerSettings::default());
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let [input, out] =
        ["in.csv", "out.csv"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    std::fs::write(&input, "lon,lat\n100.1,25.6\n").unwrap();
    let done = resolve(&world, &[&input, "--crs", "wgs84", "--fields", "code", "--out", &out], "");
    assert_eq!((done.status.code(), text(&done.stdout)), (Some(0), ""), "{}", text(&done.stderr));
    assert_eq!(
        std::fs::read_to_string(&out).unwrap(),
        "lon,lat,status,code,error\n100.1,25.6,inside,532901001,\n"
    );

    std::fs::write(&input, "x,y\n").unwrap();
    let failed = resolve(&world, &[&input, "--crs", "wgs84", "--out", &format!("{out}.2")], "");
    assert_eq!(failed.status.code(), Some(1));
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
