//! Break-glass: an area that a commander opened for a time, for a reason.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::GridId;

/// An area that is open to a caller beyond its own, until it closes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenGlass {
    /// Its identity.
    pub id: Uuid,
    /// To whom.
    pub subject: String,
    /// The grid below which it opens.
    pub area: GridId,
    /// Since when.
    pub granted: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// The same with its reason, as auditors are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlassNotice {
    /// What was opened.
    pub glass: OpenGlass,
    /// Why, in the commander's words.
    pub reason: String,
    /// Its end before its time, if it came to one.
    pub ended: Option<GlassEnd>,
}

/// The end of something that was open, before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlassEnd {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub subject: String,
}

/// What somebody wants closed before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlassesToEnd {
    /// All that it opened itself.
    Own,
    /// One of these, by its identity.
    OwnOne(Uuid),
    /// One, whoever opened it.
    One(Uuid),
}
