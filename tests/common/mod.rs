//! A fresh database for each test, on one private cluster that all test programs of this checkout share.
//!
//! The cluster's data stay in the build's temporary directory, so that only the first test ever pays for making it; the
//! server stops with the last test that uses it.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};

use geo::{MultiPolygon, Polygon};
use gewu::model::{Code, County, Grid, GridId, Level};
use gewu::store::{Cluster, PgConnectOptions, PoolLimits, Store};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool};
use tokio::sync::Mutex;
use uuid::Uuid;

static SHARED: Mutex<Weak<Cluster>> = Mutex::const_new(Weak::new());
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A migrated, empty database of one test; it is gone when this is dropped.
pub struct TestDatabase {
    /// The store on it.
    pub store: Store,
    name: String,
    cluster: Arc<Cluster>,
    kept: bool,
}

/// Makes one. Takes some 0.2 s, the first one ever a few seconds.
pub async fn database() -> TestDatabase {
    let (cluster, template) = shared().await;
    let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut connection = admin(&cluster).await;
    run(&mut connection, format!("create database {name} template {template}")).await;
    connection.close().await.unwrap();
    let options = cluster.connect_options().database(&name);
    let store = Store::connect(options, PoolLimits::default()).await.unwrap();
    TestDatabase { store, name, cluster, kept: false }
}

/// The whole sample region, to read only: all tests share it, and it is loaded again only when what makes it changes.
pub async fn sample_region() -> TestDatabase {
    let (cluster, template) = shared().await;
    let name = format!("sample_{}", digest(&["migrations", "src/synth", "src/store/import", "data"]));
    let mut connection = admin(&cluster).await;
    run(&mut connection, "select pg_advisory_lock(2)".to_owned()).await;
    if !exists(&mut connection, &name).await {
        let former: Vec<String> =
            sqlx::query_scalar("select datname::text from pg_database where datname like 'sample\\_%'")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        for name in former {
            run(&mut connection, format!("drop database if exists {name} with (force)")).await;
        }
        run(&mut connection, format!("create database sample_loading template {template}")).await;
        let options = cluster.connect_options().database("sample_loading");
        let store = Store::connect(options, PoolLimits::default()).await.unwrap();
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
        gewu::cli::demo::prepare(&store, cache).await.unwrap();
        store.close().await;
        run(&mut connection, format!("alter database sample_loading rename to {name}")).await;
    }
    connection.close().await.unwrap();
    let store =
        Store::connect(cluster.connect_options().database(&name), PoolLimits::default()).await.unwrap();
    TestDatabase { store, name, cluster, kept: true }
}

impl TestDatabase {
    /// How to connect to it.
    pub fn options(&self) -> PgConnectOptions {
        self.cluster.connect_options().database(&self.name)
    }

    /// Its address, for `--database-url` and the like.
    pub fn url(&self) -> String {
        self.cluster.url().replacen("/gewu?", &format!("/{}?", self.name), 1)
    }

    /// Connections of the test's own, for SQL as an independent witness.
    pub async fn pool(&self) -> PgPool {
        PgPool::connect_with(self.options()).await.unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let (cluster, name) = (self.cluster.clone(), self.name.clone());
        // A thread of its own: a test's runtime cannot wait here.
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = admin(&cluster).await;
                run(&mut connection, format!("drop database if exists {name} with (force)")).await;
            });
        });
        let _ = dropper.join();
    }
}

/// The cluster and the name of the migrated template on it.
async fn shared() -> (Arc<Cluster>, String) {
    let mut shared = SHARED.lock().await;
    let cluster = match shared.upgrade() {
        Some(running) => running,
        None => {
            let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cluster");
            Arc::new(Cluster::start(&directory).await.unwrap())
        }
    };
    *shared = Arc::downgrade(&cluster);
    let template = template(&cluster).await;
    (cluster, template)
}

/// Made once for each state of the migrations; test programs that run at once wait for each other.
async fn template(cluster: &Cluster) -> String {
    let name = format!("template_{}", digest(&["migrations"]));
    let mut connection = admin(cluster).await;
    run(&mut connection, "select pg_advisory_lock(1)".to_owned()).await;
    if !exists(&mut connection, &name).await {
        remove_leftovers(&mut connection).await;
        run(&mut connection, "drop database if exists unfinished with (force)".to_owned()).await;
        run(&mut connection, "create database unfinished template template0".to_owned()).await;
        let options = cluster.connect_options().database("unfinished");
        let store = Store::connect(options, PoolLimits::default()).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await;
        run(&mut connection, format!("alter database unfinished rename to {name}")).await;
    }
    connection.close().await.unwrap();
    name
}

/// Drops databases of test programs that were killed.
async fn remove_leftovers(connection: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database where datname ~ '^(test_[0-9]+_|template_)'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for name in names {
        let owner = name.split('_').nth(1).unwrap_or_default();
        if name.starts_with("template_") || !Path::new("/proc").join(owner).exists() {
            run(connection, format!("drop database if exists {name} with (force)")).await;
        }
    }
}

async fn exists(connection: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(connection)
        .await
        .unwrap()
}

/// A name for the state of these folders of the repository.
fn digest(folders: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut digest = Sha256::new();
    for folder in folders {
        add_folder(&mut digest, &root.join(folder));
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn add_folder(digest: &mut Sha256, folder: &Path) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            add_folder(digest, &entry);
        } else {
            digest.update(std::fs::read(entry).unwrap());
        }
    }
}

async fn admin(cluster: &Cluster) -> PgConnection {
    cluster.connect_options().database("postgres").connect().await.unwrap()
}

async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}

/// A grid of one polygon, made up.
pub fn grid(code: &str, level: i64, parent: Option<&Grid>, territory: Polygon<f64>) -> Grid {
    let code = Code::parse(code).unwrap();
    Grid {
        id: GridId(Uuid::now_v7()),
        county: County::of(&code),
        scheme: "division".to_owned(),
        level: Level::new(level).unwrap(),
        parent: parent.map(|grid| grid.id),
        kind: None,
        name: format!("网格{code}"),
        households: None,
        invented: true,
        geometry: MultiPolygon(vec![territory]),
        code,
    }
}

/// The program, in the build's temporary directory, with no settings of whoever runs the tests.
pub fn gewu(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gewu"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GEWU_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end: exit code, standard output, standard error.
pub fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}
