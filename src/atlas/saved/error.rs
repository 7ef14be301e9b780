//! Why bytes are not the atlas that is wanted.

use thiserror::Error;

use crate::atlas::BuildError;

/// Why a saved atlas cannot be read. Nothing is lost: the database has it all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SavedError {
    /// Something else altogether.
    #[error("it is no saved atlas")]
    NotOne,
    /// Of a format that this version does not know.
    #[error("it has format {0}, this version of Gewu reads format {known}", known = super::FORMAT)]
    Format(u32),
    /// The end is missing.
    #[error("it is cut short: {0} bytes and no end")]
    CutShort(usize),
    /// Length or checksum is another.
    #[error("it is damaged: its {what} is {found}, not {wanted}")]
    Damaged {
        /// Length or checksum.
        what: &'static str,
        /// As it is.
        found: u64,
        /// As it was when it was written.
        wanted: u64,
    },
    /// What it says cannot be.
    #[error("it cannot be understood at byte {at}: {what}")]
    Content {
        /// Where.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Its parts are whole, and do not fit together.
    #[error("its parts do not fit together: {0}")]
    Parts(&'static str),
    /// What it holds is no atlas.
    #[error(transparent)]
    Build(#[from] BuildError),
}
