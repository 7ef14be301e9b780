//! PMTiles or MBTiles, by the name of the file.

use std::path::Path;

/// The form of a baked pyramid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One file that can be read in parts over HTTP: PMTiles 3.
    Pmtiles,
    /// A SQLite database: MBTiles 1.3.
    Mbtiles,
}

impl Kind {
    /// The form that a file's extension asks for.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "pmtiles" => Some(Self::Pmtiles),
            "mbtiles" => Some(Self::Mbtiles),
            _ => None,
        }
    }
}
