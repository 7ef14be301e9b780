//! What goes into the audit log, and whether the log is whole.
//!
//! The database writes the chain (`migrations/0013_audit.sql`), this room checks it, from a text and a hash of its own: whoever changes one of the
//! two alone is found out.

mod canonical;
mod chain;
mod event;

pub use chain::{Broken, Chain, Head, HeadError};
pub use event::{AuditAction, AuditedRead, event_of};
