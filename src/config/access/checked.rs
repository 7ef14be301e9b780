//! Who may call, as checked.

use std::path::PathBuf;
use std::time::Duration;

use super::{AccessSettings, KeySource, TokenAccess};
use crate::config::ConfigError;
use crate::config::values::{list, text, wrong};

/// Purposes that callers may name where the settings name none.
const PURPOSES: &str = "duty,emergency,service,planning,audit";

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

impl Access {
    /// May everybody call?
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && !self.api_keys
    }

    pub(in crate::config) fn check(typed: AccessSettings) -> Result<Self, ConfigError> {
        let policy = typed.access_policy.clone().filter(|file| !file.as_os_str().is_empty());
        let purposes = list(text(typed.purposes.clone()).or_else(|| Some(PURPOSES.to_owned())));
        if let Some(name) = purposes.iter().find(|name| !is_plain(name, 32)) {
            return Err(wrong("purposes", name, "give names of up to 32 of a-z, 0-9, '_' and '-'"));
        }
        if purposes.len() > 32 {
            return Err(wrong("purposes", &purposes.join(","), "give at most 32"));
        }
        let api_keys = typed.api_keys;
        let tokens = TokenAccess::check(typed)?;
        Ok(Self { api_keys: api_keys.unwrap_or(tokens.is_some()), tokens, purposes, policy })
    }

    /// What is in force, as lines of a settings file: names and texts, or none where a setting is not set.
    pub(in crate::config) fn printed(&self) -> Vec<(&'static str, Option<toml::Value>)> {
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

fn is_plain(name: &str, most: usize) -> bool {
    let fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    (1..=most).contains(&name.len()) && name.bytes().all(fit)
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
}
