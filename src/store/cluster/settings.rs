//! The server's configuration files, written anew at every start.

use std::path::Path;

use super::ClusterError;
use super::account::Account;
use super::place::Place;
use super::server::{PORT, ROLE};

/// Writes `postgresql.conf`, `pg_hba.conf` and `pg_ident.conf`.
///
/// An operator's own settings go to `operator.conf` beside them, which is read last and never written.
pub(super) fn write(place: &Place, account: &Account) -> Result<(), ClusterError> {
    put(&place.data.join("postgresql.conf"), &configuration(place))?;
    put(&place.data.join("pg_hba.conf"), &format!("local all {ROLE} peer map={ROLE}\n"))?;
    let map: String = account.names.iter().map(|name| format!("{ROLE} \"{name}\" {ROLE}\n")).collect();
    put(&place.data.join("pg_ident.conf"), &map)
}

/// Tuned for one application on a machine that it may share. Safety against power failure stays on.
fn configuration(place: &Place) -> String {
    let operator = if place.data.join("operator.conf").exists() { "include = 'operator.conf'\n" } else { "" };
    let socket = place.socket.to_string_lossy().replace('\'', "''");
    format!(
        "# written by gewu at every start; put your own settings into operator.conf\n\
         listen_addresses = ''\n\
         unix_socket_directories = '{socket}'\n\
         unix_socket_permissions = 0700\n\
         port = {PORT}\n\
         max_connections = 60\n\
         shared_buffers = 256MB\n\
         maintenance_work_mem = 256MB\n\
         work_mem = 32MB\n\
         temp_buffers = 64MB\n\
         effective_cache_size = 1GB\n\
         max_wal_size = 4GB\n\
         min_wal_size = 256MB\n\
         checkpoint_timeout = 15min\n\
         checkpoint_completion_target = 0.9\n\
         wal_compression = on\n\
         wal_level = minimal\n\
         max_wal_senders = 0\n\
         random_page_cost = 1.1\n\
         jit = off\n\
         fsync = on\n\
         synchronous_commit = on\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         lc_messages = 'C'\n\
         log_min_duration_statement = -1\n\
         cluster_name = 'gewu'\n\
         {operator}"
    )
}

/// The file stays its owner's: the server made it when the cluster was made.
fn put(path: &Path, text: &str) -> Result<(), ClusterError> {
    std::fs::write(path, text).map_err(ClusterError::file("cannot write", path))
}
