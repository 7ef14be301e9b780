//! Who may call: the provider of tokens, API keys, purposes.

mod address;
mod checked;
mod tokens;
mod typed;

pub use address::is_safe_address;
pub use checked::Access;
pub use tokens::{KeySource, PageLogin, TokenAccess};
pub use typed::AccessSettings;

use super::ConfigError;

fn wrong_value(setting: &'static str, value: &str, reason: &str) -> ConfigError {
    ConfigError::Value { setting, value: value.to_owned(), reason: reason.to_owned() }
}
