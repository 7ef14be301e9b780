//! The settings file: read, and parted into the groups of settings.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use super::{CommonSettings, ConfigError, DEFAULT_FILE, ServerSettings};

pub(super) fn read_file(file: Option<&Path>) -> Result<toml::Table, ConfigError> {
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
pub(super) fn keys<T: Default + Serialize>() -> Vec<String> {
    match serde_json::to_value(T::default()) {
        Ok(serde_json::Value::Object(fields)) => fields.into_iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn refuse_unknown_keys(file: &Path, table: &toml::Table) -> Result<(), ConfigError> {
    let known = [keys::<CommonSettings>(), keys::<ServerSettings>()].concat();
    match table.keys().find(|key| !known.contains(key)) {
        Some(key) => {
            Err(ConfigError::UnknownKey { file: file.to_owned(), key: key.clone(), known: known.join(", ") })
        }
        None => Ok(()),
    }
}

pub(super) fn part<T: Default + Serialize + DeserializeOwned>(
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
