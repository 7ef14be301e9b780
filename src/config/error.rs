//! What is wrong with the settings, and what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

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
