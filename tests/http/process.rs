//! The process: what it refuses to start with, how it ends, what it does without its database.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gewu::store::{Cluster, PoolLimits, Store};

use crate::common::{gewu, output};
use crate::world::{Answer, agent, world};

/// A server of its own process; ended when dropped.
struct Server {
    child: Child,
    origin: String,
}

impl Server {
    fn start(database: &str) -> Self {
        let mut child = gewu(&["serve", "--listen", "127.0.0.1:0"])
            .env("GEWU_DATABASE_URL", database)
            .env("GEWU_SAVED_ATLAS", "false")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, origin: line.trim().trim_end_matches('/').to_owned() }
    }

    fn get(&self, path: &str) -> Answer {
        Answer::read(agent().get(format!("{}{path}", self.origin)).call().unwrap())
    }

    fn wait_until(&self, path: &str, what: impl Fn(&Answer) -> bool) -> Answer {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let answer = self.get(path);
            if what(&answer) {
                return answer;
            }
            assert!(Instant::now() < deadline, "{path}: {}", answer.text());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(child: &Child, name: &str) {
    assert!(
        Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap().success()
    );
}

#[test]
fn an_address_that_others_can_reach_is_refused_before_anything_starts() {
    let (code, out, error) = output(&mut gewu(&["serve", "--listen", "0.0.0.0:0"]));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        error.contains("0.0.0.0") && error.contains("authenticate") && error.contains("127.0.0.1"),
        "{error}"
    );
}

#[test]
fn printed_settings_mask_the_password_and_flag_wins_over_environment_over_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("settings.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:7001\"\nrequest_timeout = 7\nmax_batch_points = 7\n")
        .unwrap();
    let mut command = gewu(&["serve", "--print-config", "--listen", "127.0.0.1:7003", "--config"]);
    command.arg(&file).env("GEWU_LISTEN", "127.0.0.1:7002").env("GEWU_REQUEST_TIMEOUT", "8");
    command.env("GEWU_DATABASE_URL", "postgres://gewu:hunter2@db.example/gewu").env("GEWU_POOL_SIZE", "");
    let (code, out, error) = output(&mut command);
    assert_eq!(code, Some(0), "{error}");
    assert!(!(out.clone() + &error).contains("hunter2"), "{out}");
    for line in [
        "listen = \"127.0.0.1:7003\"",
        "request_timeout = 8",
        "max_batch_points = 7",
        "pool_size = 8",
        "database_url = \"postgres://gewu:***@db.example/gewu\"",
    ] {
        assert!(out.contains(line), "{line} in {out}");
    }
}

#[test]
fn mistakes_in_settings_are_usage() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gewu.toml");
    std::fs::write(&file, "lisen = 1").unwrap();
    let (code, _, error) = output(gewu(&["serve"]).current_dir(dir.path()));
    assert_eq!(code, Some(2));
    assert!(error.contains("\"lisen\"") && error.contains("listen"), "{error}");
    assert_eq!(output(&mut gewu(&["serve", "--config", "/does/not/exist.toml"])).0, Some(2));
    assert_eq!(output(&mut gewu(&["dance"])).0, Some(2));
}

#[test]
fn a_taken_port_and_an_absent_database_are_the_environment() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, error) = output(&mut gewu(&["serve", "--listen", &address]));
    assert_eq!(code, Some(3));
    assert!(error.contains(&address) && error.contains("--listen"), "{error}");
    let absent =
        ["serve", "--listen", "127.0.0.1:0", "--database-url", "postgres://gewu:hunter2@127.0.0.1:1/gewu"];
    let (code, _, error) = output(&mut gewu(&absent));
    assert_eq!(code, Some(3));
    assert!(error.contains("database") && !error.contains("hunter2"), "{error}");
}

#[test]
fn it_ends_in_good_order_within_three_seconds_even_with_a_request_in_flight() {
    let world = world();
    for name in ["INT", "TERM"] {
        let mut server = Server::start(&world.database.url());
        assert_eq!(server.get("/readyz").status, 200);
        let address = server.origin.trim_start_matches("http://").to_owned();
        let mut slow = std::net::TcpStream::connect(address).unwrap();
        let head = b"POST /v1/resolve HTTP/1.1\r\nhost: localhost\r\ncontent-length: 90\r\n\r\n{";
        std::io::Write::write_all(&mut slow, head).unwrap();
        let asked = Instant::now();
        signal(&server.child, name);
        let status = server.child.wait().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
        assert_eq!(status.code(), Some(0), "{name}");
    }
}

#[test]
fn without_its_database_it_answers_from_memory_says_so_and_catches_up_when_it_is_back() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("http-cluster");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cluster = runtime.block_on(Cluster::start(&dir)).unwrap();
    let store = runtime.block_on(async {
        let store = Store::connect(cluster.connect_options(), PoolLimits::default()).await.unwrap();
        store.migrate().await.unwrap();
        store
    });
    let url = cluster.url().to_owned();
    runtime.block_on(crate::world::revise(&store));
    let server = Server::start(&url);
    let fresh = server.get("/v1/resolve?lon=100.1&lat=25.6&crs=wgs84");
    assert_eq!((fresh.status, fresh.header("gewu-stale")), (200, ""));

    runtime.block_on(async {
        store.close().await;
        cluster.stop().await.unwrap();
    });
    server.wait_until("/readyz", |answer| answer.json()["status"] == "stale");
    let stale = server.get("/v1/resolve?lon=100.1&lat=25.6&crs=wgs84");
    assert_eq!(stale.json()["grid"]["code"], "532901001");
    assert!(stale.header("gewu-stale").parse::<u64>().is_ok(), "{:?}", stale.headers);
    let card = server.get("/v1/grids/532901001").json();
    assert!(card["valid"].is_null() && card["geometry"].is_object());
    assert_eq!(server.get("/tiles/grids/10/797/436").status, 200);

    let cluster = runtime.block_on(Cluster::start(&dir)).unwrap();
    let latest = runtime.block_on(async {
        let store = Store::connect(cluster.connect_options(), PoolLimits::default()).await.unwrap();
        crate::world::revise(&store).await;
        let latest = store.latest_revision().await.unwrap();
        store.close().await;
        latest
    });
    let caught_up = server.wait_until("/readyz", |answer| answer.json()["revision"] == latest);
    assert_eq!((&caught_up.json()["status"], caught_up.header("gewu-stale")), (&"ready".into(), ""));
    drop(server);
    runtime.block_on(cluster.stop()).unwrap();
}
