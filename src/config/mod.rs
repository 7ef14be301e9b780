//! Settings: flag, then `GEWU_*` environment, then `gewu.toml`; checked once into one [`Config`].
//!
//! Settings exist twice: as typed ([`CommonSettings`], [`ServerSettings`]: everything optional) and as checked
//! ([`Config`]). The rest of the house sees only the second.

mod access;
mod door;
mod error;
mod file;
mod printed;
mod secret;
mod typed;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use access::{Access, AccessSettings, KeySource, PageLogin, TokenAccess, is_safe_address};
pub use door::{ByAddress, DoorRules, DoorSettings, ProxyHeaders, Rate, TlsFiles};
pub use error::ConfigError;
pub use secret::Secret;
pub use typed::{CommonSettings, ServerSettings};

use file::{part, read_file, refuse_unknown_keys};
use values::{archives, database_url, list, listen_address, text, tianditu_key, within};

/// The file that is read when no other one is named.
pub const DEFAULT_FILE: &str = "gewu.toml";

/// Checked settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Directory of the private cluster.
    pub data_dir: PathBuf,
    /// The database to use; `None`: a private cluster. A secret: it may hold a password.
    pub database_url: Option<Secret>,
    /// Directives for the log; `None`: the verb decides.
    pub log: Option<String>,
    /// Connections to the database at most.
    pub pool_size: u32,
    /// The folder of the deployment's own tileset definitions.
    pub catalogue: Option<PathBuf>,
    /// The file with the data keys; `None`: `data.key` in the data directory, where there is one.
    pub data_key_file: Option<PathBuf>,
    /// Where the server listens: a loopback address, unless callers are authenticated.
    pub listen: SocketAddr,
    /// One log line a request?
    pub access_log: bool,
    /// Are GCJ-02 and BD-09 accepted?
    pub gcj_inverse: bool,
    /// Web origins that may read, beside those of this machine; `*` is any.
    pub cors_origins: Vec<String>,
    /// Host names of this server, beside those of this machine; in lower case, without port.
    pub allowed_hosts: Vec<String>,
    /// Bounds of what one request may ask.
    pub limits: Limits,
    /// Is the atlas saved in the data directory?
    pub saved_atlas: bool,
    /// Key of Tianditu; `None`: no base map. Readers of the map get it, logs and messages do not.
    pub tianditu_key: Option<Secret>,
    /// Mebibytes of tiles kept in memory.
    pub tile_cache_mb: u64,
    /// How large a tile may be.
    pub tile_budget_bytes: usize,
    /// PMTiles files to serve: the name under which, and the file. No name twice.
    pub pmtiles: Vec<(String, PathBuf)>,
    /// Who may call.
    pub access: Access,
    /// Who comes in, how, and how often.
    pub door: DoorRules,
}

/// Bounds of what requests may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest request body in bytes.
    pub body_bytes: usize,
    /// Most points of one JSON batch.
    pub batch_points: usize,
    /// Longest time of one request.
    pub request_timeout: Duration,
    /// Requests answered at the same time.
    pub concurrent_requests: usize,
}

impl Config {
    /// Completes what was typed from a file, and checks it. `file`: the file named by the caller, which must exist;
    /// `None`: `gewu.toml` in the working directory, if there is one.
    pub fn load(
        file: Option<&Path>,
        common: CommonSettings,
        server: ServerSettings,
    ) -> Result<Self, ConfigError> {
        let table = read_file(file)?;
        let from = file.unwrap_or(Path::new(DEFAULT_FILE));
        refuse_unknown_keys(from, &table)?;
        let common = common.or(part(from, &table)?);
        let server = server.or(part(from, &table)?);
        Self::check(common, server)
    }

    fn check(common: CommonSettings, server: ServerSettings) -> Result<Self, ConfigError> {
        let listen_text = text(server.listen).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let access = Access::check(server.access)?;
        let listen = listen_address(&listen_text)?;
        if !listen.ip().is_loopback() && access.is_open() {
            return Err(ConfigError::NotLoopback(listen));
        }
        Ok(Self {
            data_dir: common.data_dir.filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(".gewu".into()),
            database_url: database_url(common.database_url)?,
            log: text(common.log),
            pool_size: within("pool_size", common.pool_size.unwrap_or(8).into(), 1, 1_000)? as u32,
            catalogue: common.catalogue.filter(|dir| !dir.as_os_str().is_empty()),
            data_key_file: common.data_key_file.filter(|file| !file.as_os_str().is_empty()),
            listen,
            access_log: server.access_log.unwrap_or(true),
            gcj_inverse: server.gcj_inverse.unwrap_or(true),
            cors_origins: list(server.cors_origins),
            saved_atlas: server.saved_atlas.unwrap_or(true),
            tianditu_key: tianditu_key(server.tianditu_key)?,
            tile_cache_mb: within("tile_cache_mb", server.tile_cache_mb.unwrap_or(256), 0, 1 << 20)?,
            tile_budget_bytes: 1_000
                * within("tile_budget_kb", server.tile_budget_kb.unwrap_or(500), 1, 100_000)? as usize,
            pmtiles: archives(list(server.pmtiles))?,
            access,
            door: DoorRules::check(server.door)?,
            allowed_hosts: list(server.allowed_hosts).iter().map(|h| h.to_ascii_lowercase()).collect(),
            limits: Limits {
                body_bytes: within(
                    "max_body_bytes",
                    server.max_body_bytes.unwrap_or(8 << 20),
                    1_024,
                    1 << 30,
                )? as usize,
                batch_points: within(
                    "max_batch_points",
                    server.max_batch_points.unwrap_or(100_000),
                    1,
                    10_000_000,
                )? as usize,
                request_timeout: Duration::from_secs(within(
                    "request_timeout",
                    server.request_timeout.unwrap_or(30),
                    1,
                    3_600,
                )?),
                concurrent_requests: within(
                    "max_concurrent_requests",
                    server.max_concurrent_requests.unwrap_or(1_024),
                    1,
                    1_000_000,
                )? as usize,
            },
        })
    }
}

#[cfg(test)]
mod tests;
