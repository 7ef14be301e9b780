//! Why a batch cannot begin. What is wrong with a row later on is said in its place.

use thiserror::Error;

/// Why a batch cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BatchError {
    /// The stream ended before its header.
    #[error("there is no header: the first line names the columns, among them lon and lat")]
    NoHeader,
    /// The header is too long to be one.
    #[error("the first line is longer than {0} bytes: no header is; is this CSV?")]
    LongHeader(usize),
    /// A column that must be there is not, or is there twice.
    #[error("the columns {columns:?} hold {column} {times} times; it must be there once{hint}")]
    Column {
        /// Its name.
        column: &'static str,
        /// How often it is there.
        times: usize,
        /// What the columns are called.
        columns: Vec<String>,
        /// What may have happened; empty, or starting with a semicolon.
        hint: &'static str,
    },
    /// A coordinate column of Arrow is of another type than float64 and float32.
    #[error("the column {column} is of type {kind}; send float64 or float32")]
    Type {
        /// The column.
        column: &'static str,
        /// Its type.
        kind: String,
    },
    /// The bytes are no Arrow stream.
    #[error("this is no Arrow IPC stream: {0}")]
    NotArrow(String),
    /// The answer cannot be written in Arrow.
    #[error("the columns cannot be written as an Arrow stream: {0}")]
    Unwritable(String),
}

/// What callers sent is quoted in messages, but not at any length.
pub(super) fn quoted(bytes: &[u8]) -> String {
    const LONGEST: usize = 64;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * LONGEST)]);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
