//! Settings as typed: on the command line, in the environment, in the file. Everything is optional.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::access::AccessSettings;
use super::door::DoorSettings;
use super::secret::Secret;
use super::values::text;

/// Settings that every verb takes, as typed.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub struct CommonSettings {
    /// Directory of the private database and of everything else that Gewu keeps [default: .gewu]
    #[arg(long, global = true, value_name = "DIR", env = "GEWU_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// PostGIS to use instead of a private one: postgres://user:password@host/database
    #[arg(long, global = true, value_name = "URL", env = "GEWU_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,
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
    /// File with the keys that seal names and phones, for its owner only (mode 0600); see `gewu data-key` [default: data.key in
    /// the data directory]
    #[arg(long, global = true, value_name = "FILE", env = "GEWU_DATA_KEY_FILE", hide_short_help = true)]
    pub data_key_file: Option<PathBuf>,
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
    pub tianditu_key: Option<Secret>,
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
    /// Who comes in, how, and how often.
    #[command(flatten)]
    #[serde(flatten)]
    pub door: DoorSettings,
}

impl CommonSettings {
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(other.data_dir),
            database_url: Secret::given(self.database_url).or(other.database_url),
            log: text(self.log).or(other.log),
            pool_size: self.pool_size.or(other.pool_size),
            catalogue: self.catalogue.or(other.catalogue),
            data_key_file: self.data_key_file.or(other.data_key_file),
        }
    }
}

impl ServerSettings {
    pub(super) fn or(self, other: Self) -> Self {
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
            tianditu_key: Secret::given(self.tianditu_key).or(other.tianditu_key),
            tile_cache_mb: self.tile_cache_mb.or(other.tile_cache_mb),
            tile_budget_kb: self.tile_budget_kb.or(other.tile_budget_kb),
            pmtiles: text(self.pmtiles).or(other.pmtiles),
            access: self.access.or(other.access),
            door: self.door.or(other.door),
        }
    }
}
