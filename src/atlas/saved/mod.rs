//! A saved atlas: everything that it is made of in one sequence of bytes, so that a restart has it back without the database.
//!
//! ```text
//! "GEWUATLS"  format u32  stamp  revision, at, levels, borders | grids | is prepared, depths, dated, workers ... people
//! grids u64  others u64  length u64  CRC-32 u32  "GEWU-END"
//! ```
//!
//! The two places are where the parts behind the bars begin: the three are read at the same time. *Borders* are lines, each once; grids
//! name them by number, as rings; *depths* say from which zoom on each vertex is drawn, which takes longer to work out than all else
//! together. *Dated* are the versions of other times, with territories of their own.
//!
//! Rows stand one after the other, each behind a byte that says that there is one more, so writing holds nothing and reading
//! believes no count; grids, which are many and large, are announced, and no more are believed than the bytes can hold. Whole numbers are LEB128, coordinates the eight bytes of the double: geometry comes back bit for bit. Lookup
//! structures are not saved: building them takes less time than reading them would.

mod error;
mod read;
mod record;
mod rows;
#[cfg(test)]
mod tests;
mod write;

pub use error::SavedError;
pub use read::Saved;

use chrono::{DateTime, Utc};

/// The first bytes of every saved atlas.
const MAGIC: &[u8; 8] = b"GEWUATLS";
/// The last bytes of every one that is complete.
const END: &[u8; 8] = b"GEWU-END";
/// The number of the layout: to be raised whenever a saved row, or what a row means, is another one.
const FORMAT: u32 = 5;
/// Length, checksum and [`END`].
const TAIL: usize = 8 + 4 + 8;

/// Whose atlas it is, and how old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The version of Gewu that wrote it.
    pub version: String,
    /// Where the settings said that the database is, without any secret.
    pub origin: String,
    /// The identity of the database that it was read from.
    pub database: String,
    /// When its revision was committed there.
    pub committed: DateTime<Utc>,
    /// When the database last said that there is no newer revision.
    pub confirmed: DateTime<Utc>,
}
