//! `gewu serve` in front of a database that others write: what they commit is answered within a second.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::runtime::Runtime;

use crate::common::database;
use crate::place::import;

/// How old an answer may be.
const CURRENT: Duration = Duration::from_secs(1);

/// A server of its own process; ended when dropped.
struct Server {
    child: Child,
    origin: String,
}

impl Server {
    fn start(database: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gewu"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(env!("CARGO_TARGET_TMPDIR"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GEWU_")) {
            command.env_remove(name);
        }
        command.env("GEWU_SAVED_ATLAS", "false");
        command.env("GEWU_DATABASE_URL", database).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, origin: line.trim().trim_end_matches('/').to_owned() }
    }

    /// What it answers for a point: the revision of the header, and the body.
    fn resolve(&self, lon: f64) -> (i64, Value) {
        let url = format!("{}/v1/resolve?lon={lon}&lat=25.5&crs=cgcs2000", self.origin);
        let mut answer = ureq::get(&url).call().unwrap();
        let revision = answer.headers()["gewu-revision"].to_str().unwrap().parse().unwrap();
        (revision, answer.body_mut().read_json().unwrap())
    }

    /// Waits until it answers so; gives the revision and how long it took.
    fn await_answer(&self, lon: f64, is: impl Fn(&Value) -> bool) -> (i64, Duration) {
        let started = Instant::now();
        loop {
            let (revision, body) = self.resolve(lon);
            if is(&body) {
                assert_eq!(body["revision"], revision);
                return (revision, started.elapsed());
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{body}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn on_duty(body: &Value) -> Vec<&str> {
    body["responsible"].as_array().unwrap().iter().map(|person| person["name"].as_str().unwrap()).collect()
}

#[test]
fn what_others_write_is_answered_within_a_second_with_a_higher_revision() {
    let runtime = Runtime::new().unwrap();
    let (database, place, pool) = runtime.block_on(async {
        let database = database().await;
        let place = import(&database.store).await;
        let pool = database.pool().await;
        (database, place, pool)
    });
    let run = |pool: &PgPool, statement: String| {
        runtime.block_on(sqlx::query(AssertSqlSafe(statement)).execute(pool)).unwrap();
    };
    let one = Server::start(&database.url());
    let two = Server::start(&database.url());
    let (first, body) = one.resolve(100.2);
    assert_eq!((first, on_duty(&body)), (place.revision, vec!["张*"]));
    assert!(on_duty(&one.resolve(100.7).1).is_empty());

    run(&pool, format!("update gewu.worker set name = '王芳' where id = '{}'", place.workers[0]));
    let (second, took) = one.await_answer(100.2, |body| on_duty(body) == ["王*"]);
    assert!(second > first && took < CURRENT, "{second} after {took:?}");
    let (same, _) = two.await_answer(100.2, |body| on_duty(body) == ["王*"]);
    assert_eq!(same, second, "two servers call it by the same number");

    run(
        &pool,
        format!("update gewu.assignment set grid_id = '{}' where id = '{}'", place.east, place.assignment),
    );
    let (third, took) = one.await_answer(100.7, |body| on_duty(body) == ["王*"]);
    assert!(third > second && took < CURRENT, "{third} after {took:?}");
    assert!(on_duty(&one.resolve(100.2).1).is_empty());

    // A bulk statement: the server reads everything again by itself.
    run(
        &pool,
        "insert into gewu.worker (id, source, source_id, name, role) \
                select gen_random_uuid(), 'bulk', n::text, '众', 'head' from generate_series(1, 6000) n"
            .to_owned(),
    );
    run(&pool, format!("update gewu.worker set name = '欧阳修' where id = '{}'", place.workers[0]));
    let (fourth, _) = one.await_answer(100.7, |body| on_duty(body) == ["欧**"]);
    assert_eq!(fourth, third + 2);
    runtime.block_on(pool.close());
}

#[test]
fn a_database_that_comes_back_from_a_backup_with_the_same_number_is_read_again() {
    let runtime = Runtime::new().unwrap();
    let (database, place, pool) = runtime.block_on(async {
        let database = database().await;
        let place = import(&database.store).await;
        let pool = database.pool().await;
        (database, place, pool)
    });
    let server = Server::start(&database.url());
    assert_eq!(on_duty(&server.resolve(100.2).1), ["张*"]);
    std::thread::sleep(CURRENT); // It has seen its revision confirmed.
    // Another history behind the same number, of which no trigger tells; then all connections are lost.
    let restored = format!(
        "begin; set local session_replication_role = replica; \
         update gewu.worker set name = '王芳' where id = '{}'; \
         update gewu.revision set committed = committed - interval '1 hour' where number = {}; commit; \
         select pg_terminate_backend(pid) from pg_stat_activity \
         where datname = current_database() and pid <> pg_backend_pid()",
        place.workers[0], place.revision
    );
    runtime.block_on(sqlx::raw_sql(AssertSqlSafe(restored)).execute(&pool)).unwrap();
    let (revision, _) = server.await_answer(100.2, |body| on_duty(body) == ["王*"]);
    assert_eq!(revision, place.revision);
    runtime.block_on(pool.close());
}
