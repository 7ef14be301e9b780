//! Where in the files a row stands.

use serde::Serialize;

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Place {
    /// The file as the operator named it.
    pub file: String,
    /// The row, counted from 1 in the order of reading; 0 for the file as a whole.
    pub row: usize,
    /// The identity that the file itself gives the feature, where it has one.
    pub fid: Option<u64>,
}

impl Place {
    /// A row of a file.
    pub fn new(file: &str, row: usize, fid: Option<u64>) -> Self {
        Self { file: file.to_owned(), row, fid }
    }

    /// The file as a whole.
    pub fn whole(file: &str) -> Self {
        Self { file: file.to_owned(), row: 0, fid: None }
    }
}
