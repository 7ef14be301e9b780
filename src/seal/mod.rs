//! How are names and phones kept so that a dump of the database tells none? Keys of the deployment, sealed values, tags by which equals are found. No SQL.
//!
//! A value is sealed with AES-256-GCM under a key of its column, which is derived (HKDF-SHA-256) from the newest key of the [`Keyring`]. The identity of
//! the row and the column are authenticated with it, so that a sealed value read from any other place is refused. It carries a keyed hash
//! (HMAC-SHA-256) of the folded text where equals may be looked for ([`Field::is_matched`]), and one of row and text by which an import sees that nothing changed.
//! `envelope.rs` says how that is written.

mod data_key;
mod envelope;
mod error;
mod field;
mod file;
mod keyring;
mod sealer;
mod stream;
#[cfg(test)]
mod tests;

pub use data_key::KeyId;
pub use envelope::{EXACT_LENGTH, KEY_LENGTH, PREFIX, TAG_LENGTH, is_sealed};
pub use error::SealError;
pub use field::Field;
pub use keyring::Keyring;
pub use sealer::Sealer;
pub use stream::{SealedWriter, is_sealed_file};
