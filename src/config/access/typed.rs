//! The settings of who may call as typed.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::config::values::text;

/// Settings of who may call, as typed.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessSettings {
    /// Issuer of the OpenID Connect provider whose tokens are taken, as it stands in them [default: none]
    #[arg(long, value_name = "URL", env = "GEWU_OIDC_ISSUER")]
    pub oidc_issuer: Option<String>,
    /// Audiences, separated by commas: a token must be for one of them
    #[arg(long, value_name = "NAMES", env = "GEWU_OIDC_AUDIENCE")]
    pub oidc_audience: Option<String>,
    /// Where the provider publishes its keys [default: where its discovery document says]
    #[arg(long, value_name = "URL", env = "GEWU_OIDC_JWKS_URL")]
    pub oidc_jwks_url: Option<String>,
    /// File with the public keys of the provider, PEM or JWKS, so that the provider is never asked
    #[arg(long, value_name = "FILE", env = "GEWU_OIDC_KEY_FILE")]
    pub oidc_key_file: Option<PathBuf>,
    /// Seconds between two looks at the keys of the provider [default: 300]
    #[arg(long, value_name = "SECONDS", env = "GEWU_OIDC_REFRESH")]
    pub oidc_refresh: Option<u64>,
    /// Seconds by which clocks may differ [default: 30]
    #[arg(long, value_name = "SECONDS", env = "GEWU_OIDC_CLOCK_SKEW")]
    pub oidc_clock_skew: Option<u64>,
    /// Claim with the roles of a caller; a path as in realm_access.roles may stand here [default: gewu_roles]
    #[arg(long, value_name = "CLAIM", env = "GEWU_OIDC_ROLES_CLAIM")]
    pub oidc_roles_claim: Option<String>,
    /// Claim with the areas of a caller: codes or UUIDs of grids, or * [default: gewu_areas]
    #[arg(long, value_name = "CLAIM", env = "GEWU_OIDC_AREAS_CLAIM")]
    pub oidc_areas_claim: Option<String>,
    /// Claim with the UUID of the worker that a caller is [default: gewu_worker]
    #[arg(long, value_name = "CLAIM", env = "GEWU_OIDC_WORKER_CLAIM")]
    pub oidc_worker_claim: Option<String>,
    /// Client under which the map page logs in at the provider [default: none, and the page has no login]
    #[arg(long, value_name = "ID", env = "GEWU_OIDC_CLIENT_ID")]
    pub oidc_client_id: Option<String>,
    /// Scopes that the page asks for, separated by spaces [default: openid]
    #[arg(long, value_name = "SCOPES", env = "GEWU_OIDC_SCOPE")]
    pub oidc_scope: Option<String>,
    /// Resource for which the page asks for a token (RFC 8707), where the provider wants one named [default: none]
    #[arg(long, value_name = "URI", env = "GEWU_OIDC_RESOURCE")]
    pub oidc_resource: Option<String>,
    /// Take API keys, which `gewu token` makes [default: true where oidc_issuer is set, else false]
    #[arg(long, value_name = "BOOL", env = "GEWU_API_KEYS")]
    pub api_keys: Option<bool>,
    /// Purposes that a caller may name in Gewu-Purpose, separated by commas
    /// [default: duty,emergency,service,planning,audit]
    #[arg(long, value_name = "NAMES", env = "GEWU_PURPOSES")]
    pub purposes: Option<String>,
    /// File that says who may see what of people and workers, in the place of the policy that comes with the program [default: none]
    #[arg(long, value_name = "FILE", env = "GEWU_ACCESS_POLICY", hide_short_help = true)]
    pub access_policy: Option<PathBuf>,
}

impl AccessSettings {
    pub(in crate::config) fn or(self, other: Self) -> Self {
        Self {
            oidc_issuer: text(self.oidc_issuer).or(other.oidc_issuer),
            oidc_audience: text(self.oidc_audience).or(other.oidc_audience),
            oidc_jwks_url: text(self.oidc_jwks_url).or(other.oidc_jwks_url),
            oidc_key_file: self.oidc_key_file.or(other.oidc_key_file),
            oidc_refresh: self.oidc_refresh.or(other.oidc_refresh),
            oidc_clock_skew: self.oidc_clock_skew.or(other.oidc_clock_skew),
            oidc_roles_claim: text(self.oidc_roles_claim).or(other.oidc_roles_claim),
            oidc_areas_claim: text(self.oidc_areas_claim).or(other.oidc_areas_claim),
            oidc_worker_claim: text(self.oidc_worker_claim).or(other.oidc_worker_claim),
            oidc_client_id: text(self.oidc_client_id).or(other.oidc_client_id),
            oidc_scope: text(self.oidc_scope).or(other.oidc_scope),
            oidc_resource: text(self.oidc_resource).or(other.oidc_resource),
            api_keys: self.api_keys.or(other.api_keys),
            purposes: text(self.purposes).or(other.purposes),
            access_policy: self.access_policy.or(other.access_policy),
        }
    }
}
