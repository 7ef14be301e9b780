//! The cluster as its users see it: come in, connect, leave.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::ClusterError;
use super::account::Account;
use super::lock::Lock;
use super::place::Place;
use super::postmaster::Postmaster;
use super::server::{self, ROLE};
use super::wanted::Wanted;

/// The database that holds everything.
const DATABASE: &str = "gewu";
/// How long another gewu may take to start this cluster, its recovery after a crash included.
const ENTER: Duration = Duration::from_secs(330);
/// How long leaving waits for somebody who comes or goes at the same time.
const LEAVE: Duration = Duration::from_secs(2);
/// How long a server that says it is ready may refuse connections.
const CONNECT: Duration = Duration::from_secs(30);

/// A private PostGIS cluster of this machine, shared by all gewu processes with the same data directory.
///
/// The server belongs to no process: who comes first starts it, who goes last stops it, and one that was left behind by a
/// killed gewu is joined by the next. Nobody but the user who started it, and root, can connect.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    users: Option<Lock>,
    options: PgConnectOptions,
    url: String,
}

impl Cluster {
    /// Starts the cluster under `data_dir/postgres`, or joins it where it runs, and makes the database `gewu` if it is
    /// missing.
    ///
    /// As root, the server runs as the user `postgres`; where that user cannot enter `data_dir`, the data are under
    /// `/var/lib/gewu`, and [`Cluster::notes`] says so.
    ///
    /// Dropping the future gives the start up: a helper thread then ends what it started, within a second or two.
    pub async fn start(data_dir: &Path) -> Result<Self, ClusterError> {
        let data_dir = data_dir.to_owned();
        let (wanted, _waiting) = Wanted::new();
        // The thread gives a whole cluster: if nobody takes it, it stops as it is dropped.
        let cluster = tokio::task::spawn_blocking(move || enter(&data_dir, &wanted)).await??;
        for note in &cluster.place.notes {
            tracing::warn!("{note}");
        }
        let options = cluster.options.clone().database("postgres");
        ensure_database(options).await.map_err(|e| ClusterError::Connect(e, cluster.place.log.clone()))?;
        Ok(cluster)
    }

    /// How to reach the database `gewu`.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The address of the database `gewu`, as `psql` and [`Store::connect_url`](super::super::Store::connect_url) read
    /// it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the operator should know, such as a directory that had to be elsewhere.
    pub fn notes(&self) -> &[String] {
        &self.place.notes
    }

    /// What starts the server again should it end.
    pub fn reviver(&self) -> Reviver {
        Reviver(self.place.clone())
    }

    /// The directory of PostgreSQL's data.
    pub fn data_directory(&self) -> &Path {
        &self.place.data
    }

    /// Leaves the cluster; the last one out stops it, within 3 s. Dropping it does the same and blocks meanwhile.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        let (place, users) = (self.place.clone(), self.users.take());
        tokio::task::spawn_blocking(move || users.map_or(Ok(()), |users| leave(&place, users))).await?
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(users) = self.users.take()
            && let Err(error) = leave(&self.place, users)
        {
            tracing::warn!("{error}");
        }
    }
}

/// Starts the server of a cluster in use again, should it have ended.
#[derive(Debug, Clone)]
pub struct Reviver(Place);

impl Reviver {
    /// Starts the server if it does not run; a running one is left alone. To be called only while the cluster is in use.
    /// Dropping the future gives it up.
    pub async fn revive(&self) -> Result<(), ClusterError> {
        let place = self.0.clone();
        let (wanted, _waiting) = Wanted::new();
        tokio::task::spawn_blocking(move || {
            let _gate = Lock::alone(&place.gate, ENTER, &wanted)?;
            server::revive(&place, &Account::choose(&place.data)?, &wanted)
        })
        .await?
    }
}

/// Coming and going happen one at a time, behind the gate; so a server never stops under somebody who just came.
fn enter(data_dir: &Path, wanted: &Wanted) -> Result<Cluster, ClusterError> {
    let (place, account) = Place::prepare(data_dir)?;
    let _gate = Lock::alone(&place.gate, ENTER, wanted)?;
    let users = Lock::shared(&place.users)?;
    match server::ensure_running(&place, &account, wanted) {
        Ok(server) => Ok(Cluster {
            url: url(&server),
            options: connect_options(&server).database(DATABASE),
            place,
            users: Some(users),
        }),
        Err(ClusterError::GivenUp) if users.is_last(&place.users)? => {
            server::stop_at_once(&place)?;
            Err(ClusterError::GivenUp)
        }
        Err(error) => Err(error),
    }
}

fn leave(place: &Place, users: Lock) -> Result<(), ClusterError> {
    // Who holds the gate that long is starting the server, and will stop it.
    let Ok(_gate) = Lock::alone(&place.gate, LEAVE, &Wanted::default()) else { return Ok(()) };
    if users.is_last(&place.users)? { server::stop(place) } else { Ok(()) }
}

/// Nothing is left to the environment: `PGHOST` and the like mean other servers.
fn connect_options(server: &Postmaster) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(&server.socket)
        .port(server.port)
        .username(ROLE)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable)
}

fn url(server: &Postmaster) -> String {
    let host: String =
        server.socket.as_os_str().as_encoded_bytes().iter().map(|byte| escape(*byte)).collect();
    format!("postgres://{ROLE}@localhost:{}/{DATABASE}?host={host}&sslmode=disable", server.port)
}

/// A byte of a path inside a query: unreserved characters as they are (RFC 3986), others as `%XX`.
fn escape(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

async fn ensure_database(options: PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = connect_patiently(options).await?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = 'gewu')")
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        let made = sqlx::query("create database gewu template template0").execute(&mut connection).await;
        match made {
            // Somebody else who came at the same time was faster.
            Err(sqlx::Error::Database(error))
                if error.is_unique_violation() || error.code().as_deref() == Some("42P04") => {}
            other => other.map(|_| ())?,
        }
    }
    connection.close().await
}

async fn connect_patiently(options: PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let started = Instant::now();
    loop {
        match options.connect().await {
            Ok(connection) => return Ok(connection),
            Err(error) if started.elapsed() > CONNECT || !passes(&error) => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Does this failure pass by itself? `57P03`: the server is starting up.
fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().as_deref() == Some("57P03"),
        _ => false,
    }
}
