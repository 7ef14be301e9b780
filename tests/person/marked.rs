//! The small place, with residents and a worker whose names, phones and homes nothing else has, imported by the command line.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use gewu::seal::{Keyring, Sealer};
use gewu::store::Store;
use serde_json::json;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::common::{gewu, output};
use crate::place::Server;
use crate::world::World;

/// What must not be in a dump: names, phones, homes.
pub(crate) const MARKERS: [&str; 6] = ["标记人", "1399999", "标记路", "户标记", "标记工", "1388888"];
/// Residents of each of two leaves: 532901001 and 532901003.
pub(crate) const EACH: usize = 6;

pub(crate) struct Marked {
    pub(crate) world: World,
    pub(crate) folder: TempDir,
}

impl Marked {
    /// With a key, and with everybody imported by it.
    pub(crate) fn start() -> Self {
        let marked = Self::empty();
        marked.import();
        marked
    }

    /// With a key, and nobody imported yet but those of the place itself, who are in the clear.
    pub(crate) fn empty() -> Self {
        let marked = Self::without_key();
        Keyring::add_key(&marked.key_file()).unwrap();
        marked
    }

    /// The same, and no key either.
    pub(crate) fn without_key() -> Self {
        Self { world: World::start(Default::default()), folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("data.key")
    }

    /// The program on this database, with its key.
    pub(crate) fn gewu(&self, arguments: &[&str]) -> Command {
        let mut command = self.keyless(arguments);
        command.env("GEWU_DATA_KEY_FILE", self.key_file());
        command
    }

    pub(crate) fn keyless(&self, arguments: &[&str]) -> Command {
        let mut command = gewu(arguments);
        command
            .env("GEWU_DATABASE_URL", self.world.database.url())
            .env("GEWU_DATA_DIR", self.folder.path().join("none"));
        command.stdin(Stdio::null());
        command
    }

    /// Runs it to a good end; what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let (code, out, error) = output(&mut self.gewu(arguments));
        assert_eq!(code, Some(0), "{arguments:?}: {error}");
        out
    }

    pub(crate) fn server(&self) -> Server {
        let key = self.key_file();
        let environment = [("GEWU_API_KEYS", "true"), ("GEWU_DATA_KEY_FILE", key.to_str().unwrap())];
        Server::start(&self.world.database.url(), &environment, Stdio::null())
    }

    /// Another one, which takes an API key already.
    pub(crate) fn server_for(&self, key: &str) -> Server {
        let server = self.server();
        server.until("/v1/access", key, 200);
        server
    }

    /// A key to the API that a server takes.
    pub(crate) fn api_key(&self, server: &Server, role: &str, area: &str) -> String {
        let key = self.run(&["token", "create", "--name", "test", "--role", role, "--area", area]);
        server.until("/v1/access", key.trim(), 200);
        key.trim().to_owned()
    }

    pub(crate) fn import(&self) {
        self.import_named("标记人");
    }

    /// Residents whose names begin so, and a worker; the same rows each time.
    pub(crate) fn import_named(&self, name: &str) {
        let (people, workers) =
            (self.folder.path().join("people.geojson"), self.folder.path().join("workers.csv"));
        let features: Vec<_> = [(100.1, 0), (100.27, EACH)]
            .iter()
            .flat_map(|(lon, first)| (0..EACH).map(move |at| (*lon, first + at)))
            .map(|(lon, number)| {
                json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, 25.61]}, "properties": {
                    "id": format!("M{number}"), "name": format!("{name}{number}"), "phone": format!("1399999{number:04}"),
                    "address": format!("标记路{number}号"), "household": format!("户标记{number}"), "tags": "lives_alone"}})
            })
            .collect();
        std::fs::write(&people, json!({"type": "FeatureCollection", "features": features}).to_string())
            .unwrap();
        std::fs::write(&workers, "source_id,name,role,phone\nw1,标记工甲,full_time,13888880001\n").unwrap();
        self.run(&["import", "resources", "people", people.to_str().unwrap()]);
        self.run(&["import", "workers", workers.to_str().unwrap()]);
    }

    /// All that a backup has.
    pub(crate) fn dump(&self) -> String {
        let (code, out, error) = output(
            Command::new("pg_dump")
                .arg(self.world.database.url())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        );
        assert_eq!(code, Some(0), "{error}");
        out
    }

    /// What of these a backup has.
    pub(crate) fn found<'a>(&self, markers: &[&'a str]) -> Vec<&'a str> {
        let dump = self.dump();
        markers.iter().copied().filter(|marker| dump.contains(marker)).collect()
    }

    /// A store with the key.
    pub(crate) fn store(&self) -> Store {
        let keys = Keyring::read(&self.key_file()).unwrap();
        self.world.database.store.clone().with_sealer(Sealer::new(std::sync::Arc::new(keys)))
    }

    pub(crate) fn sql(&self, statements: &str) {
        self.world.wait(async {
            let pool = self.world.database.pool().await;
            sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&pool).await.unwrap();
        });
    }

    /// The texts that a query gives.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        self.world.wait(async {
            let pool = self.world.database.pool().await;
            sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_all(&pool).await.unwrap()
        })
    }

    pub(crate) fn identity(&self, source_id: &str) -> String {
        self.texts(&format!("select id::text from gewu.person where source_id = '{source_id}'")).remove(0)
    }
}
