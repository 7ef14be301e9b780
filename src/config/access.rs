//! Who may call: the provider of tokens, API keys, purposes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::values::{list, text, within};

/// Purposes that callers may name where the settings name none.
const PURPOSES: &str = "duty,emergency,service,planning,audit";

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

/// Who may call. Without tokens and keys: everybody, which only a server on loopback may allow.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Tokens that are taken.
    pub tokens: Option<TokenAccess>,
    /// Are API keys taken?
    pub api_keys: bool,
    /// Purposes that a caller may name.
    pub purposes: Vec<String>,
    /// The file of the policy; `None`: that of the program.
    pub policy: Option<PathBuf>,
}

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

impl Access {
    /// May everybody call?
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && !self.api_keys
    }

    pub(super) fn check(typed: AccessSettings) -> Result<Self, ConfigError> {
        let policy = typed.access_policy.clone().filter(|file| !file.as_os_str().is_empty());
        let purposes = list(text(typed.purposes.clone()).or_else(|| Some(PURPOSES.to_owned())));
        if let Some(wrong) = purposes.iter().find(|name| !is_plain(name, 32)) {
            return Err(wrong_value("purposes", wrong, "give names of up to 32 of a-z, 0-9, '_' and '-'"));
        }
        if purposes.len() > 32 {
            return Err(wrong_value("purposes", &purposes.join(","), "give at most 32"));
        }
        let api_keys = typed.api_keys;
        let tokens = TokenAccess::check(typed)?;
        Ok(Self { api_keys: api_keys.unwrap_or(tokens.is_some()), tokens, purposes, policy })
    }

    /// What is in force, as lines of a settings file: names and texts, or none where a setting is not set.
    pub(super) fn printed(&self) -> Vec<(&'static str, Option<toml::Value>)> {
        let tokens = self.tokens.as_ref();
        let page = tokens.and_then(|tokens| tokens.page.as_ref());
        let text = |text: Option<&str>| text.map(toml::Value::from);
        let seconds = |time: Option<Duration>| time.map(|time| toml::Value::from(time.as_secs() as i64));
        let (url, file) = match tokens.map(|tokens| &tokens.keys) {
            Some(KeySource::Url(url)) => (Some(url.clone()), None),
            Some(KeySource::File(file)) => (None, Some(file.to_string_lossy().into_owned())),
            Some(KeySource::Discovery) | None => (None, None),
        };
        vec![
            ("oidc_issuer", text(tokens.map(|tokens| tokens.issuer.as_str()))),
            ("oidc_audience", tokens.map(|tokens| tokens.audiences.join(",").into())),
            ("oidc_jwks_url", url.map(Into::into)),
            ("oidc_key_file", file.map(Into::into)),
            ("oidc_refresh", seconds(tokens.map(|tokens| tokens.refresh))),
            ("oidc_clock_skew", seconds(tokens.map(|tokens| tokens.clock_skew))),
            ("oidc_roles_claim", text(tokens.map(|tokens| tokens.roles_claim.as_str()))),
            ("oidc_areas_claim", text(tokens.map(|tokens| tokens.areas_claim.as_str()))),
            ("oidc_worker_claim", text(tokens.map(|tokens| tokens.worker_claim.as_str()))),
            ("oidc_client_id", text(page.map(|page| page.client_id.as_str()))),
            ("oidc_scope", text(page.map(|page| page.scope.as_str()))),
            ("oidc_resource", text(page.and_then(|page| page.resource.as_deref()))),
            ("api_keys", Some(self.api_keys.into())),
            ("purposes", Some(self.purposes.join(",").into())),
            ("access_policy", self.policy.as_ref().map(|file| file.to_string_lossy().into_owned().into())),
        ]
    }
}

impl TokenAccess {
    /// `None`: no provider is set, and nothing that would need one.
    fn check(typed: AccessSettings) -> Result<Option<Self>, ConfigError> {
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
                Some((setting, value)) => Err(wrong_value(setting, &value, "it needs oidc_issuer")),
                None => Ok(None),
            };
        };
        let safe = "give an https address, or one of http on this machine: whoever can change what comes over another one lets in whom they like";
        let keys = match (url, file) {
            (Some(_), Some(file)) => {
                let both = "give oidc_jwks_url or oidc_key_file, not both";
                return Err(wrong_value("oidc_key_file", &file.to_string_lossy(), both));
            }
            (Some(url), None) if !is_safe_address(&url) => {
                return Err(wrong_value("oidc_jwks_url", &url, safe));
            }
            (Some(url), None) => KeySource::Url(url),
            (None, Some(file)) => KeySource::File(file),
            (None, None) => KeySource::Discovery,
        };
        let asks_issuer = keys == KeySource::Discovery || client_id.is_some();
        if asks_issuer && !is_safe_address(&issuer) {
            return Err(wrong_value("oidc_issuer", &issuer, safe));
        }
        let audiences = list(typed.oidc_audience);
        if audiences.is_empty() {
            let why =
                "oidc_audience is needed beside it: without it tokens for any other service would be taken";
            return Err(wrong_value("oidc_issuer", &issuer, why));
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

impl AccessSettings {
    pub(super) fn or(self, other: Self) -> Self {
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

/// Is nobody on the way able to change what comes from this address: by https, or from this machine?
pub fn is_safe_address(address: &str) -> bool {
    let (rest, on_this_machine) = match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = address
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'@' | b'\\' | b'"' | b'\'' | b';' | b','));
    let host = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let host = host.map_or(authority, |(host, _)| host);
    plain && !host.is_empty() && (!on_this_machine || matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

fn seconds(setting: &'static str, value: u64, least: u64, most: u64) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(within(setting, value, least, most)?))
}

fn is_plain(name: &str, most: usize) -> bool {
    let fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    (1..=most).contains(&name.len()) && name.bytes().all(fit)
}

fn wrong_value(setting: &'static str, value: &str, reason: &str) -> ConfigError {
    ConfigError::Value { setting, value: value.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: AccessSettings) -> Result<Access, ConfigError> {
        Access::check(typed)
    }

    fn provider() -> AccessSettings {
        AccessSettings {
            oidc_issuer: Some("https://id.example/realms/dali".into()),
            oidc_audience: Some("gewu, https://gewu.example".into()),
            ..AccessSettings::default()
        }
    }

    #[test]
    fn without_settings_it_is_open_and_with_a_provider_keys_are_taken_too() {
        assert!(check(AccessSettings::default()).unwrap().is_open());
        let access = check(provider()).unwrap();
        let tokens = access.tokens.as_ref().unwrap();
        assert_eq!(tokens.audiences, ["gewu", "https://gewu.example"]);
        assert!(access.api_keys && !access.is_open() && tokens.keys == KeySource::Discovery);
        let only_keys = check(AccessSettings { api_keys: Some(true), ..AccessSettings::default() }).unwrap();
        assert!(!only_keys.is_open() && only_keys.tokens.is_none());
        let only_tokens = check(AccessSettings { api_keys: Some(false), ..provider() }).unwrap();
        assert!(!only_tokens.api_keys);
    }

    #[test]
    fn what_would_let_in_anybody_is_refused() {
        let message = |typed: AccessSettings| check(typed).unwrap_err().to_string();
        let without = AccessSettings { oidc_audience: None, ..provider() };
        assert!(message(without).contains("oidc_audience"));
        let plain = AccessSettings { oidc_issuer: Some("http://id.example".into()), ..provider() };
        assert!(message(plain).contains("https"));
        let plain = AccessSettings { oidc_jwks_url: Some("http://id.example/keys".into()), ..provider() };
        assert!(message(plain).contains("oidc_jwks_url"));
        let alone = AccessSettings { oidc_audience: Some("gewu".into()), ..AccessSettings::default() };
        assert!(message(alone).contains("needs oidc_issuer"));
        let both = AccessSettings {
            oidc_jwks_url: Some("https://id.example/k".into()),
            oidc_key_file: Some("k.pem".into()),
            ..provider()
        };
        assert!(message(both).contains("not both"));
        assert!(
            message(AccessSettings { purposes: Some("visit,\u{1}".into()), ..provider() })
                .contains("purposes")
        );
        assert!(message(AccessSettings { oidc_clock_skew: Some(3_600), ..provider() }).contains("0 to 300"));
        // A file is as safe as the machine, whatever the issuer is called.
        let file = AccessSettings {
            oidc_key_file: Some("k.pem".into()),
            oidc_issuer: Some("our-portal".into()),
            ..provider()
        };
        assert!(check(file).is_ok());
    }

    #[test]
    fn only_https_and_this_machine_are_safe() {
        for safe in [
            "https://id.example",
            "https://id.example:8443/a?b",
            "http://127.0.0.1:3000/jwks",
            "http://localhost",
            "http://[::1]:1/",
        ] {
            assert!(is_safe_address(safe), "{safe}");
        }
        for unsafe_one in [
            "http://id.example",
            "http://localhost.id.example",
            "http://127.0.0.1@id.example",
            "http://id.example\\@localhost",
            "https://",
            "ftp://localhost",
            "https://a b",
            "localhost",
            "http://[::1].example/",
            "https://x'; script-src *",
        ] {
            assert!(!is_safe_address(unsafe_one), "{unsafe_one}");
        }
    }
}
