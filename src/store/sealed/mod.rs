//! Sealed values where they are stored: by which keys, sealed anew, and taken away with the person.

mod keys;
mod person;
mod rekey;

pub(super) use keys::note_key;

pub use keys::SealedColumn;
pub use person::Erased;
pub use rekey::{Cursor, Resealed, SealedTable};
