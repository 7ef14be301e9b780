//! Single settings from text: what each may be, and what to say when it is not.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{ConfigError, Secret};

/// An empty setting is one that is not set: environment files often hold `NAME=`.
pub(super) fn text(value: Option<String>) -> Option<String> {
    value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}

pub(super) fn list(value: Option<String>) -> Vec<String> {
    let value = value.unwrap_or_default();
    value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

pub(super) fn database_url(url: Option<Secret>) -> Result<Option<Secret>, ConfigError> {
    let Some(secret) = Secret::given(url) else { return Ok(None) };
    if ["postgres://", "postgresql://"].iter().any(|scheme| secret.0.starts_with(scheme)) {
        return Ok(Some(secret));
    }
    Err(ConfigError::Value {
        setting: "database_url",
        value: secret.masked(),
        reason: "give postgres://user:password@host:port/database".to_owned(),
    })
}

pub(super) fn tianditu_key(key: Option<Secret>) -> Result<Option<Secret>, ConfigError> {
    let Some(key) = Secret::given(key) else { return Ok(None) };
    // It stands in addresses, as it is.
    let plain = key.0.len() <= 64 && key.0.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain {
        Ok(Some(key))
    } else {
        Err(ConfigError::Value {
            setting: "tianditu_key",
            value: "***".to_owned(),
            reason: "give the key as Tianditu shows it: at most 64 letters and digits".to_owned(),
        })
    }
}

pub(super) fn archives(items: Vec<String>) -> Result<Vec<(String, PathBuf)>, ConfigError> {
    let mut archives: Vec<(String, PathBuf)> = Vec::new();
    for item in items {
        let wrong = |reason: &str| ConfigError::Value {
            setting: "pmtiles",
            value: item.clone(),
            reason: reason.to_owned(),
        };
        let (name, file) = item.split_once('=').ok_or_else(|| wrong("give name=file"))?;
        let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        if !(1..=64).contains(&name.len()) || !name.chars().all(fit) || file.is_empty() {
            return Err(wrong("give name=file; the name is 1 to 64 of a-z, 0-9, '_' and '-'"));
        }
        if archives.iter().any(|(known, _)| known == name) {
            return Err(wrong("this name stands twice"));
        }
        archives.push((name.to_owned(), file.into()));
    }
    Ok(archives)
}

pub(super) fn listen_address(listen: &str) -> Result<SocketAddr, ConfigError> {
    let numbers = listen.replace("localhost:", "127.0.0.1:");
    numbers.parse().map_err(|_| ConfigError::Value {
        setting: "listen",
        value: listen.to_owned(),
        reason: "give an address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned(),
    })
}

/// A value that a setting cannot have, and what to do.
pub(super) fn wrong(setting: &'static str, value: &str, reason: &str) -> ConfigError {
    ConfigError::Value { setting, value: value.to_owned(), reason: reason.to_owned() }
}

pub(super) fn within(setting: &'static str, value: u64, least: u64, most: u64) -> Result<u64, ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(ConfigError::Value { setting, value: value.to_string(), reason: format!("give {least} to {most}") })
}
