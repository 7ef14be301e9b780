//! API keys: made, listed, revoked by `gewu token`, and followed by every server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use gewu::access::KeySecret;

use crate::place::{RESOLVE, Server, token};
use crate::world::{World, agent};

/// How long a revoked key may open anything.
const SOON: Duration = Duration::from_secs(1);

fn create(database: &str, more: &[&str]) -> String {
    let mut arguments = vec!["create", "--name", "12345 热线"];
    arguments.extend(more);
    let (code, out, error) = token(database, &arguments);
    assert_eq!(code, Some(0), "{error}");
    let key = out.trim().to_owned();
    assert!(KeySecret::read(&key).is_some() && out.lines().count() == 1, "{out}");
    assert!(!error.contains(&key[40..]), "only once: {error}");
    key
}

#[test]
fn a_key_is_made_taken_listed_and_revoked_within_a_second_on_every_server() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let log = tempfile::NamedTempFile::new().unwrap();
    let settings = [("GEWU_API_KEYS", "true"), ("GEWU_LOG", "trace")];
    let one = Server::start(&url, &settings, log.reopen().unwrap().into());
    let two = Server::start(&url, &settings[..1], Stdio::null());
    let key =
        create(&url, &["--role", "integrator", "--role", "analyst", "--area", "532901", "--expires", "12h"]);
    let other = create(&url, &["--role", "auditor", "--area", "all"]);
    for server in [&one, &two] {
        for key in [&key, &other] {
            let took = server.until(RESOLVE, key, 200);
            assert!(took < SOON, "{took:?}");
        }
    }
    let seen = one.get("/v1/access", &key).json();
    let grid = one.get("/v1/grids/532901", &key).json();
    let id = KeySecret::read(&key).unwrap().id.to_string();
    assert_eq!(seen["caller"]["subject"], format!("key:{id}"));
    assert_eq!(seen["caller"]["roles"], serde_json::json!(["integrator", "analyst"]));
    assert_eq!(seen["caller"]["areas"], serde_json::json!([grid["id"]]));

    let (code, list, _) = token(&url, &["list"]);
    let line = list.lines().find(|line| line.starts_with(&id)).unwrap();
    let columns: Vec<_> = line.split('\t').collect();
    assert_eq!(
        (code, columns[1], columns[2], columns[3]),
        (Some(0), "12345 热线", "integrator,analyst", "532901")
    );
    assert!(columns[6] == "holds" && list.contains("\tall\t"), "{list}");

    // Somebody listens when it is revoked.
    let listening =
        agent().get(format!("{}/v1/events", one.origin)).header("authorization", format!("Bearer {key}"));
    let mut heard = BufReader::new(listening.call().unwrap().into_body().into_reader());
    heard.read_line(&mut String::new()).unwrap();

    assert_eq!(token(&url, &["revoke", &id]).0, Some(0));
    let revoked = Instant::now();
    for server in [&one, &two] {
        server.until(RESOLVE, &key, 401);
    }
    assert!(revoked.elapsed() < SOON, "{:?}", revoked.elapsed());
    let answer = one.get(RESOLVE, &key);
    assert!(answer.problem(401)["detail"].as_str().unwrap().contains("revoked"));
    heard.read_to_string(&mut String::new()).unwrap();
    assert!(revoked.elapsed() < 2 * SOON, "the stream ends: {:?}", revoked.elapsed());
    for server in [&one, &two] {
        assert_eq!(server.get(RESOLVE, &other).status, 200, "no other key is touched");
    }
    let (_, list, _) = token(&url, &["list"]);
    assert!(list.lines().any(|line| line.starts_with(&id) && line.contains("\trevoked 20")), "{list}");

    drop(one);
    let mut written = String::new();
    log.reopen().unwrap().read_to_string(&mut written).unwrap();
    assert!(written.contains("/v1/resolve"), "it logs");
    for key in [&key, &other] {
        assert!(!written.contains(&key[38..]), "a key is in the log");
    }
    let stored: Vec<String> = place.wait(async {
        let pool = place.database.pool().await;
        let rows = sqlx::query_scalar("select to_jsonb(k)::text from gewu.api_key k").fetch_all(&pool).await;
        pool.close().await;
        rows.unwrap()
    });
    assert!(stored.len() == 2 && !stored.iter().any(|row| row.contains(&key[38..])), "{stored:?}");
}

#[test]
fn a_batch_breaks_off_when_its_key_is_revoked_in_the_midst_of_it() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let server = Server::start(&url, &[("GEWU_API_KEYS", "true")], Stdio::null());
    let key = create(&url, &["--role", "integrator", "--area", "all"]);
    server.until(RESOLVE, &key, 200);
    let mut batch = TcpStream::connect(server.origin.trim_start_matches("http://")).unwrap();
    batch.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head = format!(
        "POST /v1/resolve?crs=wgs84 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
         content-type: text/csv\r\naccept: text/csv\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    batch.write_all(head.as_bytes()).unwrap();
    let send = |batch: &mut TcpStream, rows: &str| write!(batch, "{:x}\r\n{rows}\r\n", rows.len());
    send(&mut batch, "lon,lat\n100.27,25.6\n").unwrap();
    let mut heard = String::new();
    while !heard.contains("532901003") {
        let mut some = [0; 4096];
        let read = batch.read(&mut some).unwrap();
        assert!(read > 0, "{heard}");
        heard += &String::from_utf8_lossy(&some[..read]);
    }
    let id = KeySecret::read(&key).unwrap().id.to_string();
    assert_eq!(token(&url, &["revoke", &id]).0, Some(0));
    server.until(RESOLVE, &key, 401);
    send(&mut batch, "100.27,25.6\n").unwrap();
    let mut rest = Vec::new();
    // A connection that breaks off may say so.
    let _ = batch.read_to_end(&mut rest);
    let rest = String::from_utf8_lossy(&rest);
    assert!(!rest.contains("532901003"), "no more is told: {rest}");
    assert!(!rest.contains("0\r\n\r\n"), "it does not look as if it were whole: {rest}");
}

#[test]
fn whoever_writes_the_keys_every_server_follows() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let server = Server::start(&url, &[("GEWU_API_KEYS", "true")], Stdio::null());
    let key = create(&url, &["--role", "integrator", "--area", "all"]);
    server.until(RESOLVE, &key, 200);
    let by_hand = |statement: &'static str, status: u16, why: &str| {
        place.wait(async {
            let pool = place.database.pool().await;
            sqlx::raw_sql(statement).execute(&pool).await.unwrap();
            pool.close().await;
        });
        let took = server.until(RESOLVE, &key, status);
        assert!(took < SOON, "{statement}: {took:?}");
        assert!(server.get(RESOLVE, &key).text().contains(why), "{statement}");
    };
    by_hand("update gewu.api_key set expires = now() - interval '1 minute'", 401, "expired");
    by_hand("update gewu.api_key set expires = now() + interval '1 minute'", 200, "532901003");
    by_hand("delete from gewu.api_key", 401, "not known");
}

#[test]
fn what_cannot_be_a_key_is_refused_with_what_to_do() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let create = |arguments: &[&str]| token(&url, &[&["create"][..], arguments].concat());
    for (arguments, code, says) in [
        (&["--name", "x", "--role", "worker"][..], 2, "--area"),
        (&["--name", "x", "--area", "all"], 2, "--role"),
        (&["--role", "worker", "--area", "all"], 2, "--name"),
        (&["--name", "", "--role", "worker", "--area", "all"], 2, "100 characters"),
        (&["--name", "x", "--role", "worker", "--area", "all", "--area", "532901"], 2, "alone"),
        (&["--name", "x", "--role", "worker", "--area", "530000"], 1, "530000"),
        (&["--name", "x", "--role", "worker", "--area", "532901009"], 1, "532901001"),
        (&["--name", "x", "--role", "worker", "--area", "all", "--expires", "never"], 2, "90d"),
        (&["--name", "x", "--role", "worker", "--area", "all", "--expires", "2020-01-01"], 2, "future"),
    ] {
        let (got, out, error) = create(arguments);
        assert_eq!((got, out.as_str()), (Some(code), ""), "{arguments:?}: {error}");
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
    assert_eq!(token(&url, &["revoke", "00000000-0000-0000-0000-000000000000"]).0, Some(1));
    assert_eq!(token(&url, &["revoke", "gewu_x"]).0, Some(2));
    let (code, list, _) = token(&url, &["list"]);
    assert_eq!((code, list.lines().count()), (Some(0), 1), "nothing was made: {list}");
}
