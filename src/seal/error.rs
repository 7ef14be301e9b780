//! What is wrong with keys or sealed values, and what to do.

use std::path::PathBuf;

use thiserror::Error;

use super::{Field, KeyId};

/// What is wrong with keys or sealed values. Nothing here shows a key or a text.
#[derive(Debug, Error)]
pub enum SealError {
    /// The file of keys cannot be read or written.
    #[error("the data key file {file}: {reason}")]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// Others than its owner can read the file.
    #[error("the data key file {file} can be read by others (mode {mode:o}): chmod 600 {file}")]
    Open {
        /// The file.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A line of the file is no key.
    #[error(
        "the data key file {file}, line {line}, is no key: a key is `gewu-key-1:` and 43 characters, as `gewu data-key new` writes it"
    )]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1 on.
        line: usize,
    },
    /// The file has no key.
    #[error("the data key file {0} has no key; make one with: gewu data-key new {0}")]
    Empty(PathBuf),
    /// Something is sealed, and there is no key at all.
    #[error(
        "names and phones in this database are sealed, and no data key is set: give the file by data_key_file (GEWU_DATA_KEY_FILE)"
    )]
    NoKey,
    /// It is sealed by a key that is not there.
    #[error(
        "the {field} of {row} is sealed by the data key {key}, which is not in the data key file: put that key back into it"
    )]
    UnknownKey {
        /// Which value.
        field: Field,
        /// Of which row.
        row: uuid::Uuid,
        /// Its key.
        key: KeyId,
    },
    /// It was changed, or stood elsewhere.
    #[error(
        "the {field} of {row} is not as it was sealed: it was changed, or put there from another row or column"
    )]
    Broken {
        /// Which value.
        field: Field,
        /// Of which row.
        row: uuid::Uuid,
    },
    /// A file is not as it was sealed.
    #[error("it is not as it was sealed: it was changed or cut")]
    BrokenFile,
    /// A file is sealed by a key that is not there.
    #[error("it is sealed by the data key {0}, which is not in the data key file: put that key back into it")]
    UnknownFileKey(KeyId),
    /// A text that may not be sealed.
    #[error("the {field} of {row} cannot be sealed: it is longer than 65,536 bytes, or begins with `gewu1:`")]
    Unfit {
        /// Which value.
        field: Field,
        /// Of which row.
        row: uuid::Uuid,
    },
    /// The library refused.
    #[error("the library for cryptography refuses to work ({0})")]
    Library(&'static str),
}
