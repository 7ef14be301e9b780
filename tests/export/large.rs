//! What a large export costs the server, and what becomes of one that nobody reads any more.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use gewu::config::ServerSettings;
use gewu::features::Collections;
use gewu::tiles::Tilesets;
use sqlx::PgPool;

use crate::common::{self, TestDatabase, database, sample_region};
use crate::world::World;

/// A server; ended when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(database: &TestDatabase) -> Self {
        let mut command = common::gewu(&["serve", "--listen", "127.0.0.1:0", "--access-log", "false"]);
        command.args(["--database-url", &database.url()]).env("GEWU_SAVED_ATLAS", "false");
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { child, address }
    }

    /// Megabytes that it holds in memory.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Reads an answer to its end: megabytes of it, and the most memory meanwhile.
    fn drained(&self, path: &str) -> (f64, f64) {
        let mut stream = asked(&self.address, path);
        let (mut bytes, mut most, mut buffer) = (0, 0.0_f64, vec![0; 1 << 18]);
        loop {
            match stream.read(&mut buffer).unwrap() {
                0 => return (bytes as f64 / 1e6, most),
                read => bytes += read,
            }
            most = most.max(self.memory());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn asked(address: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn all_buildings_leave_the_server_as_small_as_a_part_of_them_does() {
    let database = sample_region().await;
    let count: i64 = sqlx::query_scalar("select count(*) from gewu.building")
        .fetch_one(&database.pool().await)
        .await
        .unwrap();
    assert!(count > 100_000, "{count}");
    let server = Server::start(&database);
    // What of GeoParquet waits for its row group is counted in a test of its encoder: all of it is smaller than what a server's memory varies by.
    for format in ["geojsonseq", "csv", "fgb"] {
        let (_, warm) = server.drained(&format!("/collections/buildings/items?f={format}&limit=10000"));
        let before = server.memory();
        let began = Instant::now();
        let (bytes, most) = server.drained(&format!("/collections/buildings/items?f={format}"));
        let seconds = began.elapsed().as_secs_f64();
        println!("{format}: {bytes:.1} MB in {seconds:.1} s; memory {before:.0} MB, at most {most:.0} MB");
        let grown = most - before.max(warm);
        assert!(grown < 24.0, "{format}: {grown} MB more in memory for {bytes} MB");
        assert!(bytes > 30.0, "{format}: {bytes} MB prove little");
    }
}

/// A page of points that come at once, and others each of which takes 100 ms.
const SLOW: &str = "create table public.spots (id int primary key, at geometry(point, 4326)); \
    insert into spots select n, st_setsrid(st_makepoint(100 + n * 0.0001, 25.5), 4326) from generate_series(1, 3000) n; analyze spots; \
    create view public.slow as select id, at from spots where id <= 1500 or pg_sleep(0.1)::text is not null";
const CATALOGUE: &str = "[[collection]]\nid = 'slow'\ntitle = 'slow'\n[collection.source]\ntable = 'public.slow'\nfeature_id = 'id'\ntime_limit_ms = 30000\n";
const RUNNING: &str = "select count(*) from pg_stat_activity where state = 'active' and query like '%slow%' \
    and query not like '%pg_stat%' and datname = current_database()";

fn wait_until(world: &World, pool: &PgPool, running: i64, patience: Duration) {
    let began = Instant::now();
    let count = || -> i64 { world.wait(sqlx::query_scalar(RUNNING).fetch_one(pool)).unwrap() };
    while count() != running {
        assert!(began.elapsed() < patience, "{} run, not {running}", count());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_export_whose_reader_left_is_gone_from_the_database_and_its_connection_serves_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("collections")).unwrap();
    std::fs::write(folder.path().join("collections/slow.toml"), CATALOGUE).unwrap();
    let place = async { (database().await, Vec::new()) };
    let collections = Collections::load(Some(folder.path())).unwrap();
    let world = World::of(place, ServerSettings::default(), Tilesets::embedded().unwrap(), collections);
    let pool = world.wait(world.database.pool());
    world.wait(sqlx::raw_sql(SLOW).execute(&pool)).unwrap();
    for format in ["geojsonseq", "fgb", "parquet"] {
        for _ in 0..2 {
            let streams: Vec<_> = (0..4)
                .map(|_| {
                    let path = format!("/collections/slow/items?f={format}");
                    let mut stream = asked(&world.address.to_string(), &path);
                    let mut head = [0; 256];
                    let length = stream.read(&mut head).unwrap();
                    let head = String::from_utf8_lossy(&head[..length]);
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    stream
                })
                .collect();
            wait_until(&world, &pool, 4, Duration::from_secs(5));
            drop(streams);
            wait_until(&world, &pool, 0, Duration::from_secs(3));
        }
    }
    let (connections, _) = world.state.store().connections();
    assert!(connections <= 8, "{connections} connections");
    let answer = world.get("/collections/slow/items?limit=3&count=false");
    assert_eq!(answer.status, 200, "{}", answer.text());
}
