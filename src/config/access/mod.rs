//! Who may call: the provider of tokens, API keys, purposes.

mod address;
mod checked;
mod tokens;
mod typed;

pub use address::is_safe_address;
pub use checked::Access;
pub use tokens::{KeySource, PageLogin, TokenAccess};
pub use typed::AccessSettings;
