//! Why a pyramid was not baked.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::super::encode::TileError;

/// Why a pyramid was not baked.
#[derive(Debug, Error)]
pub enum BakeError {
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// Another bake is at work for the same target.
    #[error("another bake is writing {}; let it end, or choose another --out", .0.display())]
    Busy(PathBuf),
    /// A tile cannot be encoded.
    #[error("tile {tile}: {reason}")]
    Tile {
        /// Zoom, column and row.
        tile: String,
        /// Why not.
        reason: TileError,
    },
    /// PMTiles cannot be written.
    #[error("PMTiles: {0}")]
    Pmtiles(#[from] ::pmtiles::PmtError),
    /// MBTiles cannot be written.
    #[error("MBTiles: {0}")]
    Mbtiles(#[from] rusqlite::Error),
    /// There is nothing to bake.
    #[error("these tilesets hold nothing at zooms {first} to {last}")]
    Nothing {
        /// The first zoom.
        first: u8,
        /// The last zoom.
        last: u8,
    },
}

impl BakeError {
    /// To be used with `map_err`: says which file.
    pub(super) fn of(path: &std::path::Path) -> impl Fn(io::Error) -> Self + '_ {
        |reason| Self::File { path: path.to_owned(), reason }
    }
}
