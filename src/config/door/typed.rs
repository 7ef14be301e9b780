//! The settings of the door as typed.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::config::values::text;

/// Settings of the door, as typed.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub struct DoorSettings {
    /// Certificate chain in PEM; with it and its key the server speaks HTTPS only [default: none, plain HTTP]
    #[arg(long, value_name = "FILE", env = "GEWU_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM; nobody else should be able to read it
    #[arg(long, value_name = "FILE", env = "GEWU_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Seconds for which browsers that came by HTTPS shall come by nothing else; 0: they are not told
    /// [default: 31536000]
    #[arg(long, value_name = "SECONDS", env = "GEWU_HSTS", hide_short_help = true)]
    pub hsts: Option<u64>,
    /// Networks of the proxies in front, separated by commas (10.1.0.0/16, ::1): what they say of a caller is believed
    /// [default: none]
    #[arg(long, value_name = "NETWORKS", env = "GEWU_TRUSTED_PROXIES", hide_short_help = true)]
    pub trusted_proxies: Option<String>,
    /// How these proxies say it: x-forwarded (X-Forwarded-For, -Proto, -Host) or forwarded (RFC 7239)
    /// [default: x-forwarded]
    #[arg(long, value_name = "NAME", env = "GEWU_PROXY_HEADERS", hide_short_help = true)]
    pub proxy_headers: Option<String>,
    /// Requests a second of one address; 0: any number [default: 100, any number from this machine]
    #[arg(long, value_name = "N", env = "GEWU_RATE_LIMIT", hide_short_help = true)]
    pub rate_limit: Option<u64>,
    /// Requests at once before the rate counts [default: those of ten seconds]
    #[arg(long, value_name = "N", env = "GEWU_RATE_BURST", hide_short_help = true)]
    pub rate_burst: Option<u64>,
    /// Requests a second with one key or token, from wherever; 0: any number [default: 0]
    #[arg(long, value_name = "N", env = "GEWU_KEY_RATE_LIMIT", hide_short_help = true)]
    pub key_rate_limit: Option<u64>,
    /// Connections at the same time [default: 4096]
    #[arg(long, value_name = "N", env = "GEWU_MAX_CONNECTIONS", hide_short_help = true)]
    pub max_connections: Option<u64>,
    /// Connections of one address at the same time; 0: any number [default: 256, any number from this machine and from
    /// trusted proxies]
    #[arg(long, value_name = "N", env = "GEWU_MAX_CONNECTIONS_PER_ADDRESS", hide_short_help = true)]
    pub max_connections_per_address: Option<u64>,
    /// Longest path and query of a request in bytes [default: 51200]
    #[arg(long, value_name = "BYTES", env = "GEWU_MAX_URL_BYTES", hide_short_help = true)]
    pub max_url_bytes: Option<u64>,
    /// Largest head of a request in bytes: its line and its headers [default: 65536]
    #[arg(long, value_name = "BYTES", env = "GEWU_MAX_HEADER_BYTES", hide_short_help = true)]
    pub max_header_bytes: Option<u64>,
    /// Seconds in which the head of the next request must have come [default: 30]
    #[arg(long, value_name = "SECONDS", env = "GEWU_HEADER_TIMEOUT", hide_short_help = true)]
    pub header_timeout: Option<u64>,
    /// Seconds that may pass between two pieces of a body [default: 15]
    #[arg(long, value_name = "SECONDS", env = "GEWU_BODY_TIMEOUT", hide_short_help = true)]
    pub body_timeout: Option<u64>,
    /// Seconds for which a reader may take nothing of its answer [default: 60]
    #[arg(long, value_name = "SECONDS", env = "GEWU_SEND_TIMEOUT", hide_short_help = true)]
    pub send_timeout: Option<u64>,
}

impl DoorSettings {
    pub(in crate::config) fn or(self, other: Self) -> Self {
        Self {
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            hsts: self.hsts.or(other.hsts),
            trusted_proxies: text(self.trusted_proxies).or(other.trusted_proxies),
            proxy_headers: text(self.proxy_headers).or(other.proxy_headers),
            rate_limit: self.rate_limit.or(other.rate_limit),
            rate_burst: self.rate_burst.or(other.rate_burst),
            key_rate_limit: self.key_rate_limit.or(other.key_rate_limit),
            max_connections: self.max_connections.or(other.max_connections),
            max_connections_per_address: self
                .max_connections_per_address
                .or(other.max_connections_per_address),
            max_url_bytes: self.max_url_bytes.or(other.max_url_bytes),
            max_header_bytes: self.max_header_bytes.or(other.max_header_bytes),
            header_timeout: self.header_timeout.or(other.header_timeout),
            body_timeout: self.body_timeout.or(other.body_timeout),
            send_timeout: self.send_timeout.or(other.send_timeout),
        }
    }
}
