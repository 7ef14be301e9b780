//! The change feed: what was written since a revision, by whoever wrote it, in the order in which it became visible.
//!
//! Triggers write it (see `migrations/0006_change_feed.sql`); revisions are numbered while they commit, so that a reader who has
//! seen number n has seen everything up to n. [`Bell`] only says that it is worth looking.

mod bell;
mod changes;
mod following;
mod present;
mod prune;
mod touched;

pub use bell::Bell;
pub use changes::{Action, Change, FeedPosition};
pub use following::{Following, Reason, Standing};
