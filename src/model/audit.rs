//! The audit log: who did what with personal data or rights. Identifiers only.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Something that is to be in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Who: an identifier, never a name.
    pub subject: String,
    /// With which roles.
    pub roles: Vec<String>,
    /// What for, as the caller said.
    pub purpose: Option<String>,
    /// What was done.
    pub action: Cow<'static, str>,
    /// With what: people, workers, api_key and the like.
    pub entity: Cow<'static, str>,
    /// With which of them, as far as they are known: [`MOST_AUDITED_IDS`] at most.
    pub ids: Vec<Uuid>,
    /// With how many.
    pub rows: i64,
    /// The grids below which it was allowed; `None`: everywhere.
    pub area: Option<Vec<Uuid>>,
    /// From where: an address, or `local`.
    pub origin: String,
}

/// Identities that one entry holds at most.
pub const MOST_AUDITED_IDS: usize = 1_000;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number: one more than that of the entry before, from 1 on.
    pub id: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// What it tells.
    pub event: AuditEvent,
    /// The hash of the entry before and of this one.
    pub hash: AuditHash,
}

/// A SHA-256 of the chain.
pub type AuditHash = [u8; 32];

/// Which entries of the log are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Those with a greater number.
    pub after: i64,
    /// Those of one subject.
    pub subject: Option<String>,
    /// Those about one kind of thing.
    pub entity: Option<String>,
    /// So many at most.
    pub limit: usize,
}
