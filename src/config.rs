//! Settings: flag, then `GEWU_*` environment, then `gewu.toml`; checked once into one [`Config`].
//!
//! Settings exist twice: as typed ([`CommonSettings`], [`ServerSettings`]: everything optional) and as checked
//! ([`Config`]). The rest of the house sees only the second.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

mod access;
mod values;

pub use access::{Access, AccessSettings, KeySource, PageLogin, TokenAccess, is_safe_address};

use values::{archives, database_url, list, listen_address, text, tianditu_key, within};

/// The file that is read when no other one is named.
pub const DEFAULT_FILE: &str = "gewu.toml";

/// Settings that every verb takes, as typed.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub struct CommonSettings {
    /// Directory of the private database and of everything else that Gewu keeps [default: .gewu]
    #[arg(long, global = true, value_name = "DIR", env = "GEWU_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// PostGIS to use instead of a private one: postgres://user:password@host/database
    #[arg(long, global = true, value_name = "URL", env = "GEWU_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// What goes to the log: error, warn, info, debug, or directives such as "info,gewu::access=off"
    /// [default: info when serving, warn otherwise]
    #[arg(long, global = true, value_name = "FILTER", env = "GEWU_LOG")]
    pub log: Option<String>,
    /// Connections to the database at most [default: 8]
    #[arg(long, global = true, value_name = "N", env = "GEWU_POOL_SIZE", hide_short_help = true)]
    pub pool_size: Option<u32>,
    /// Folder of the deployment's own tileset definitions (*.toml); one with the name of a built-in one replaces it
    /// [default: none]
    #[arg(long, global = true, value_name = "DIR", env = "GEWU_CATALOGUE", hide_short_help = true)]
    pub catalogue: Option<PathBuf>,
}

/// Settings of the server, as typed.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSettings {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "GEWU_LISTEN")]
    pub listen: Option<String>,
    /// Log one line a request [default: true]
    #[arg(long, value_name = "BOOL", env = "GEWU_ACCESS_LOG")]
    pub access_log: Option<bool>,
    /// Accept positions in GCJ-02 and BD-09, which needs their inverse [default: true]
    #[arg(long, value_name = "BOOL", env = "GEWU_GCJ_INVERSE")]
    pub gcj_inverse: Option<bool>,
    /// Web origins, separated by commas, whose pages may read from this server, or *; pages on this machine always
    /// may
    #[arg(long, value_name = "ORIGINS", env = "GEWU_CORS_ORIGINS")]
    pub cors_origins: Option<String>,
    /// Further host names, separated by commas, under which this server may be addressed; names of this machine
    /// always may
    #[arg(long, value_name = "HOSTS", env = "GEWU_ALLOWED_HOSTS")]
    pub allowed_hosts: Option<String>,
    /// Largest request body in bytes [default: 8388608]
    #[arg(long, value_name = "BYTES", env = "GEWU_MAX_BODY_BYTES")]
    pub max_body_bytes: Option<u64>,
    /// Most points of one JSON batch [default: 100000]
    #[arg(long, value_name = "N", env = "GEWU_MAX_BATCH_POINTS")]
    pub max_batch_points: Option<u64>,
    /// Seconds that one request may take [default: 30]
    #[arg(long, value_name = "SECONDS", env = "GEWU_REQUEST_TIMEOUT")]
    pub request_timeout: Option<u64>,
    /// Requests answered at the same time; more get 503 [default: 1024]
    #[arg(long, value_name = "N", env = "GEWU_MAX_CONCURRENT_REQUESTS")]
    pub max_concurrent_requests: Option<u64>,
    /// Keep a copy of what is answered from in the data directory, so that a restart answers at once [default: true]
    #[arg(long, value_name = "BOOL", env = "GEWU_SAVED_ATLAS")]
    pub saved_atlas: Option<bool>,
    /// Key of Tianditu, whose maps then lie below the grids; whoever reads the map learns it [default: none, and no
    /// base map]
    #[arg(long, value_name = "KEY", env = "GEWU_TIANDITU_KEY", hide_env_values = true)]
    pub tianditu_key: Option<String>,
    /// Mebibytes of tiles kept in memory; 0: each is built anew [default: 256]
    #[arg(long, value_name = "MIB", env = "GEWU_TILE_CACHE_MB")]
    pub tile_cache_mb: Option<u64>,
    /// Kilobytes that a tile may have, not compressed; one that would have more is drawn more coarsely [default: 500]
    #[arg(long, value_name = "KB", env = "GEWU_TILE_BUDGET_KB")]
    pub tile_budget_kb: Option<u64>,
    /// PMTiles files to serve beside the tilesets: name=file, separated by commas
    #[arg(long, value_name = "NAME=FILE", env = "GEWU_PMTILES")]
    pub pmtiles: Option<String>,
    /// Who may call.
    #[command(flatten)]
    #[serde(flatten)]
    pub access: AccessSettings,
}

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

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The URL with its password struck out, and without parameters, which can hold one too.
    fn masked(&self) -> String {
        let url = self.0.split(['?', '#']).next().unwrap_or_default();
        let Some((scheme, rest)) = url.split_once("://") else { return "***".to_owned() };
        match rest.rsplit_once('@') {
            Some((user, host)) => {
                format!("{scheme}://{}:***@{host}", user.split(':').next().unwrap_or_default())
            }
            None => format!("{scheme}://{rest}"),
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

/// What is wrong with the settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {file}: {reason}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The file is not TOML, or a value has the wrong type.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A key that means nothing.
    #[error("{file}: unknown setting {key:?}; the settings are {known}")]
    UnknownKey {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
        /// All keys that exist.
        known: String,
    },
    /// A value that cannot be.
    #[error("{setting} = {value:?}: {reason}")]
    Value {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// Why not, and what would do.
        reason: String,
    },
    /// An address that others can reach.
    #[error(
        "listen = \"{0}\": other machines could reach this address, and nothing is set by which to authenticate callers. \
         Set oidc_issuer (tokens of a provider) or api_keys = true (keys of `gewu token`), or listen on 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
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
            database_url: database_url(text(common.database_url))?,
            log: text(common.log),
            pool_size: within("pool_size", common.pool_size.unwrap_or(8).into(), 1, 1_000)? as u32,
            catalogue: common.catalogue.filter(|dir| !dir.as_os_str().is_empty()),
            listen,
            access_log: server.access_log.unwrap_or(true),
            gcj_inverse: server.gcj_inverse.unwrap_or(true),
            cors_origins: list(server.cors_origins),
            saved_atlas: server.saved_atlas.unwrap_or(true),
            tianditu_key: tianditu_key(text(server.tianditu_key))?,
            tile_cache_mb: within("tile_cache_mb", server.tile_cache_mb.unwrap_or(256), 0, 1 << 20)?,
            tile_budget_bytes: 1_000
                * within("tile_budget_kb", server.tile_budget_kb.unwrap_or(500), 1, 100_000)? as usize,
            pmtiles: archives(list(server.pmtiles))?,
            access,
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

    /// What is in force, as a `gewu.toml` with secrets masked.
    pub fn printed(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let optional = |key: &str, value: Option<String>| match value {
            Some(value) => format!("{key} = {}\n", quoted(&value)),
            None => format!("# {key} is not set\n"),
        };
        let mut out = format!("data_dir = {}\n", quoted(&self.data_dir.to_string_lossy()));
        out += &optional("database_url", self.database_url.as_ref().map(Secret::masked));
        out += &optional("log", self.log.clone());
        out += &format!("pool_size = {}\n", self.pool_size);
        out += &optional("catalogue", self.catalogue.as_ref().map(|dir| dir.to_string_lossy().into_owned()));
        out += &format!("listen = {}\n", quoted(&self.listen.to_string()));
        out += &format!("access_log = {}\ngcj_inverse = {}\n", self.access_log, self.gcj_inverse);
        out += &format!("cors_origins = {}\n", quoted(&self.cors_origins.join(",")));
        out += &format!("allowed_hosts = {}\n", quoted(&self.allowed_hosts.join(",")));
        out += &format!("max_body_bytes = {}\n", self.limits.body_bytes);
        out += &format!("max_batch_points = {}\n", self.limits.batch_points);
        out += &format!("request_timeout = {}\n", self.limits.request_timeout.as_secs());
        out += &format!("max_concurrent_requests = {}\n", self.limits.concurrent_requests);
        out += &format!("saved_atlas = {}\n", self.saved_atlas);
        out += &optional("tianditu_key", self.tianditu_key.as_ref().map(Secret::masked));
        out += &format!("tile_cache_mb = {}\n", self.tile_cache_mb);
        out += &format!("tile_budget_kb = {}\n", self.tile_budget_bytes / 1_000);
        let archives: Vec<_> =
            self.pmtiles.iter().map(|(name, file)| format!("{name}={}", file.display())).collect();
        out += &format!("pmtiles = {}\n", quoted(&archives.join(",")));
        for (key, value) in self.access.printed() {
            out += &match value {
                Some(value) => format!("{key} = {value}\n"),
                None => format!("# {key} is not set\n"),
            };
        }
        out
    }
}

impl CommonSettings {
    fn or(self, other: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(other.data_dir),
            database_url: text(self.database_url).or(other.database_url),
            log: text(self.log).or(other.log),
            pool_size: self.pool_size.or(other.pool_size),
            catalogue: self.catalogue.or(other.catalogue),
        }
    }
}

impl ServerSettings {
    fn or(self, other: Self) -> Self {
        Self {
            listen: text(self.listen).or(other.listen),
            access_log: self.access_log.or(other.access_log),
            gcj_inverse: self.gcj_inverse.or(other.gcj_inverse),
            cors_origins: text(self.cors_origins).or(other.cors_origins),
            allowed_hosts: text(self.allowed_hosts).or(other.allowed_hosts),
            max_body_bytes: self.max_body_bytes.or(other.max_body_bytes),
            max_batch_points: self.max_batch_points.or(other.max_batch_points),
            request_timeout: self.request_timeout.or(other.request_timeout),
            max_concurrent_requests: self.max_concurrent_requests.or(other.max_concurrent_requests),
            saved_atlas: self.saved_atlas.or(other.saved_atlas),
            tianditu_key: text(self.tianditu_key).or(other.tianditu_key),
            tile_cache_mb: self.tile_cache_mb.or(other.tile_cache_mb),
            tile_budget_kb: self.tile_budget_kb.or(other.tile_budget_kb),
            pmtiles: text(self.pmtiles).or(other.pmtiles),
            access: self.access.or(other.access),
        }
    }
}

fn read_file(file: Option<&Path>) -> Result<toml::Table, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let written = match std::fs::read_to_string(path) {
        Ok(written) => written,
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(reason) => return Err(ConfigError::Unreadable { file: path.to_owned(), reason }),
    };
    // The message of the parser quotes the line, which may hold a password: only its place is told.
    toml::from_str(&written).map_err(|error| ConfigError::File {
        file: path.to_owned(),
        reason: match error.span() {
            Some(span) => format!(
                "line {} is not TOML: {}",
                written[..span.start.min(written.len())].lines().count().max(1),
                error.message()
            ),
            None => error.message().to_owned(),
        },
    })
}

/// The keys of a part, in alphabetical order: those of its fields.
fn keys<T: Default + Serialize>() -> Vec<String> {
    match serde_json::to_value(T::default()) {
        Ok(serde_json::Value::Object(fields)) => fields.into_iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    }
}

fn refuse_unknown_keys(file: &Path, table: &toml::Table) -> Result<(), ConfigError> {
    let known = [keys::<CommonSettings>(), keys::<ServerSettings>()].concat();
    match table.keys().find(|key| !known.contains(key)) {
        Some(key) => {
            Err(ConfigError::UnknownKey { file: file.to_owned(), key: key.clone(), known: known.join(", ") })
        }
        None => Ok(()),
    }
}

fn part<T: Default + Serialize + DeserializeOwned>(
    file: &Path,
    table: &toml::Table,
) -> Result<T, ConfigError> {
    let own = keys::<T>();
    let fields = table.iter().filter(|(key, _)| own.contains(key));
    let fields: toml::Table = fields.map(|(key, value)| (key.clone(), value.clone())).collect();
    fields.try_into().map_err(|error: toml::de::Error| ConfigError::File {
        file: file.to_owned(),
        reason: error.message().to_owned(),
    })
}

#[cfg(test)]
mod tests;
