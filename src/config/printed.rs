//! The settings in force, as a file that could be used again.

use super::{Config, Secret};

impl Config {
    /// What is in force, as a `gewu.toml` with secrets masked.
    pub fn printed(&self) -> String {
        let optional = |key: &str, value: Option<String>| optional(key, value.as_deref().map(quoted));
        let mut out = format!("data_dir = {}\n", quoted(&self.data_dir.to_string_lossy()));
        out += &optional("database_url", self.database_url.as_ref().map(Secret::masked));
        out += &optional("log", self.log.clone());
        out += &format!("pool_size = {}\n", self.pool_size);
        out += &optional("catalogue", self.catalogue.as_ref().map(|dir| dir.to_string_lossy().into_owned()));
        out += &optional(
            "data_key_file",
            self.data_key_file.as_ref().map(|file| file.to_string_lossy().into_owned()),
        );
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
            out += &super::printed::optional(key, value);
        }
        out + &self.door.printed()
    }
}

/// A text as TOML has it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The line of a setting that may have no value.
pub(super) fn optional(key: &str, value: Option<impl std::fmt::Display>) -> String {
    match value {
        Some(value) => format!("{key} = {value}\n"),
        None => format!("# {key} is not set\n"),
    }
}
