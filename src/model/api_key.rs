//! API keys as they are stored: never the secret itself.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::GridId;

/// An API key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identity, which the key itself holds too.
    pub id: Uuid,
    /// The hash of its secret.
    pub hash: KeyHash,
    /// What it is for, in the words of whoever made it.
    pub name: String,
    /// The names of its roles.
    pub roles: Vec<String>,
    /// The grids below which it opens; `None`: everywhere.
    pub areas: Option<Vec<GridId>>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it ends.
    pub expires: DateTime<Utc>,
    /// When it was revoked.
    pub revoked: Option<DateTime<Utc>>,
}

/// The SHA-256 of a secret. Not shown either: whoever has it has no key, but has no use for it in a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyHash(pub [u8; 32]);

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
