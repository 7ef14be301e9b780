//! What is secret comes by the environment or a file, and goes nowhere.

use std::time::{Duration, Instant};

use gewu::config::{CommonSettings, ServerSettings};

use crate::common::{gewu, output};
use crate::server::{Server, curl};
use crate::world::world;

const SECRET: &str = "hunter2hunter2";

#[test]
fn settings_as_typed_do_not_show_their_secrets_either() {
    let common = CommonSettings {
        database_url: Some(format!("postgres://gewu:{SECRET}@db/gewu").into()),
        ..CommonSettings::default()
    };
    let server = ServerSettings { tianditu_key: Some(SECRET.into()), ..ServerSettings::default() };
    let shown = format!(
        "{common:?} {server:?} {}",
        serde_json::to_string(&(common.clone(), server.clone())).unwrap()
    );
    assert!(!shown.contains(SECRET) && shown.contains("***"), "{shown}");
}

#[test]
fn a_file_and_an_environment_full_of_secrets_are_printed_without_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gewu.toml");
    std::fs::write(&file, format!("tianditu_key = \"{SECRET}\"\n")).unwrap();
    let mut command = gewu(&["serve", "--print-config", "--config"]);
    command
        .arg(&file)
        .env("GEWU_DATABASE_URL", format!("postgres://gewu:{SECRET}@db/gewu?password={SECRET}"));
    let (code, out, error) = output(&mut command);
    assert_eq!(code, Some(0), "{error}");
    assert!(!(out.clone() + &error).contains(SECRET) && out.matches("***").count() == 2, "{out}");
    // And a help text does not tell what is set.
    let mut help = gewu(&["serve", "--help"]);
    help.env("GEWU_DATABASE_URL", format!("postgres://gewu:{SECRET}@db/gewu"))
        .env("GEWU_TIANDITU_KEY", SECRET);
    let (_, out, error) = output(&mut help);
    assert!(out.contains("GEWU_DATABASE_URL") && !(out + &error).contains(SECRET));
}

#[test]
fn the_most_talkative_log_holds_no_password_no_token_and_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let place = world();
    let url = place.database.url().replacen("@", &format!(":{SECRET}@"), 1);
    assert!(url.contains(SECRET));
    let server =
        Server::start(dir.path(), &url, &[("GEWU_LOG", "trace"), ("GEWU_TIANDITU_KEY", "k3yk3yk3yk3y")]);
    let bearer = format!("authorization: Bearer {SECRET}");
    for path in [
        "/style.json",
        "/v1/status",
        "/collections/grids/items?limit=1",
        "/v1/resolve?lon=100.123456&lat=25.6&crs=wgs84",
    ] {
        let got = curl(&["-H", &bearer, &format!("http://localhost:{}{path}", server.port)]);
        assert!(got.head.starts_with("http/1.1 200"), "{path}: {}", got.head);
    }
    // The log is written beside the answers.
    let deadline = Instant::now() + Duration::from_secs(10);
    while !server.log().contains("route=\"/v1/resolve\"") {
        assert!(Instant::now() < deadline, "{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    let log = server.log();
    assert!(log.contains("DEBUG") && log.contains("/collections/"), "{log}");
    for secret in [SECRET, "k3yk3yk3yk3y", "100.123456"] {
        let lines: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(lines.is_empty(), "{lines:?}");
    }
}
