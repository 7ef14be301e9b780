//! What can stop a private cluster from running.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why there is no private cluster, and what to do about it.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// The machine has no PostgreSQL server.
    #[error(
        "no PostgreSQL server is installed. Install it with PostGIS: apt-get install postgresql postgresql-{0}-postgis-3 \
         (other systems: the packages of PostgreSQL and PostGIS 3), or give a database with --database-url"
    )]
    NoPostgres(String),
    /// PostgreSQL is there, PostGIS is not.
    #[error(
        "PostgreSQL {0} is installed without PostGIS. Install it: apt-get install postgresql-{0}-postgis-3, \
         or give a database with --database-url"
    )]
    NoPostgis(String),
    /// The data were written by another major version of PostgreSQL.
    #[error(
        "the data in {directory} belong to PostgreSQL {needed}, which is not installed with PostGIS. Install it: \
         apt-get install postgresql-{needed} postgresql-{needed}-postgis-3, or upgrade the data with pg_upgrade"
    )]
    OtherVersion {
        /// The data directory.
        directory: PathBuf,
        /// The major version of its data.
        needed: String,
    },
    /// PostgreSQL refuses to run as root, and there is nobody else to run it.
    #[error(
        "PostgreSQL does not run as root, and this machine has no user 'postgres' to run it. Start gewu as another user, \
         or create that user: useradd --system postgres"
    )]
    NoServerUser,
    /// A directory or file cannot be made or read.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// How it failed.
        source: std::io::Error,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{program} failed: {output}")]
    Program {
        /// The program.
        program: &'static str,
        /// The end of what it said.
        output: String,
    },
    /// Another gewu is starting or stopping this cluster and does not finish.
    #[error("another gewu has been starting or stopping the cluster for {seconds} s; it holds {lock}")]
    Busy {
        /// How long was waited.
        seconds: u64,
        /// The lock file.
        lock: PathBuf,
    },
    /// Processes of an earlier server of this cluster are still there.
    #[error(
        "processes {processes:?} of an earlier server of {directory} do not end; end them and start again"
    )]
    Leftovers {
        /// The data directory.
        directory: PathBuf,
        /// Their process ids.
        processes: Vec<i32>,
    },
    /// The server runs but does not accept connections.
    #[error("the cluster runs but cannot be used: {0}; its log is {1}")]
    Connect(#[source] sqlx::Error, PathBuf),
    /// The server would not stop.
    #[error("the PostgreSQL server (process {0}) does not stop")]
    Unstoppable(i32),
    /// Who wanted the cluster went away before it ran.
    #[error("starting the cluster was given up")]
    GivenUp,
    /// A helper thread ended before its time.
    #[error("starting or stopping the cluster was interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl ClusterError {
    pub(super) fn file(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(std::io::Error) -> ClusterError {
        let path = path.as_ref().to_owned();
        move |source| Self::File { action, path, source }
    }
}
