//! A private PostGIS cluster.

use std::path::Path;

use sqlx::postgres::PgConnectOptions;
use thiserror::Error;

/// Why there is no private cluster.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// The machine has no PostgreSQL with PostGIS.
    #[error("{0}")]
    NotInstalled(String),
}

/// A private PostGIS cluster of this machine.
#[derive(Debug)]
pub struct Cluster {
    notes: Vec<String>,
    options: PgConnectOptions,
    url: String,
}

impl Cluster {
    /// Starts the cluster under `data_dir/postgres`, or joins it where it runs.
    pub async fn start(data_dir: &Path) -> Result<Self, ClusterError> {
        Err(ClusterError::NotInstalled(format!("not written yet: {}", data_dir.display())))
    }

    /// How to reach the database `gewu`.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The address of the database `gewu`, as `psql` reads it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the operator should know, such as a directory that had to be elsewhere.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Leaves the cluster; the last one out stops it, within 3 s.
    pub async fn stop(self) -> Result<(), ClusterError> {
        Ok(())
    }
}
