//! The provider whose tokens are taken, as checked.

use std::path::PathBuf;
use std::time::Duration;

use super::{AccessSettings, is_safe_address};
use crate::config::ConfigError;
use crate::config::values::{list, text, within, wrong};

/// Tokens that are taken.
#[derive(Debug, Clone)]
pub struct TokenAccess {
    /// Whose.
    pub issuer: String,
    /// For whom; at least one.
    pub audiences: Vec<String>,
    /// Where the keys come from.
    pub keys: KeySource,
    /// Time between two looks at them.
    pub refresh: Duration,
    /// By how much clocks may differ.
    pub clock_skew: Duration,
    /// The claim with roles.
    pub roles_claim: String,
    /// The claim with areas.
    pub areas_claim: String,
    /// The claim with the worker.
    pub worker_claim: String,
    /// How the map page logs in, if it does.
    pub page: Option<PageLogin>,
}

/// Where the keys of a provider come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// From where its discovery document says.
    Discovery,
    /// From this address.
    Url(String),
    /// From this file.
    File(PathBuf),
}

/// How the map page logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLogin {
    /// Its name at the provider.
    pub client_id: String,
    /// What it asks for.
    pub scope: String,
    /// For which resource.
    pub resource: Option<String>,
}

impl TokenAccess {
    /// `None`: no provider is set, and nothing that would need one.
    pub(super) fn check(typed: AccessSettings) -> Result<Option<Self>, ConfigError> {
        let file = typed.oidc_key_file.filter(|file| !file.as_os_str().is_empty());
        let url = text(typed.oidc_jwks_url);
        let client_id = text(typed.oidc_client_id);
        let Some(issuer) = text(typed.oidc_issuer) else {
            let alone = [
                ("oidc_audience", text(typed.oidc_audience)),
                ("oidc_jwks_url", url),
                ("oidc_key_file", file.map(|file| file.to_string_lossy().into_owned())),
                ("oidc_client_id", client_id),
            ];
            let alone = alone.into_iter().find_map(|(setting, value)| Some((setting, value?)));
            return match alone {
                Some((setting, value)) => Err(wrong(setting, &value, "it needs oidc_issuer")),
                None => Ok(None),
            };
        };
        let safe = "give an https address, or one of http on this machine: whoever can change what comes over another one lets in whom they like";
        let keys = match (url, file) {
            (Some(_), Some(file)) => {
                let both = "give oidc_jwks_url or oidc_key_file, not both";
                return Err(wrong("oidc_key_file", &file.to_string_lossy(), both));
            }
            (Some(url), None) if !is_safe_address(&url) => {
                return Err(wrong("oidc_jwks_url", &url, safe));
            }
            (Some(url), None) => KeySource::Url(url),
            (None, Some(file)) => KeySource::File(file),
            (None, None) => KeySource::Discovery,
        };
        let asks_issuer = keys == KeySource::Discovery || client_id.is_some();
        if asks_issuer && !is_safe_address(&issuer) {
            return Err(wrong("oidc_issuer", &issuer, safe));
        }
        let audiences = list(typed.oidc_audience);
        if audiences.is_empty() {
            let why =
                "oidc_audience is needed beside it: without it tokens for any other service would be taken";
            return Err(wrong("oidc_issuer", &issuer, why));
        }
        let claim = |typed: Option<String>, name: &str| text(typed).unwrap_or_else(|| name.to_owned());
        let (scope, resource) = (text(typed.oidc_scope), text(typed.oidc_resource));
        let scope = scope.unwrap_or_else(|| "openid".to_owned());
        Ok(Some(Self {
            issuer,
            audiences,
            keys,
            refresh: seconds("oidc_refresh", typed.oidc_refresh.unwrap_or(300), 1, 86_400)?,
            clock_skew: seconds("oidc_clock_skew", typed.oidc_clock_skew.unwrap_or(30), 0, 300)?,
            roles_claim: claim(typed.oidc_roles_claim, "gewu_roles"),
            areas_claim: claim(typed.oidc_areas_claim, "gewu_areas"),
            worker_claim: claim(typed.oidc_worker_claim, "gewu_worker"),
            page: client_id.map(|client_id| PageLogin { client_id, scope, resource }),
        }))
    }
}

fn seconds(setting: &'static str, value: u64, least: u64, most: u64) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(within(setting, value, least, most)?))
}
