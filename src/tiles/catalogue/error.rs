//! What can be wrong with a catalogue, and with what is asked of it.

use std::path::PathBuf;

use thiserror::Error;

use super::DEEPEST_ZOOM;

/// Why a tileset definition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CatalogueError {
    /// The text is no tileset definition.
    #[error("a tileset definition cannot be read: {0}")]
    Syntax(String),
    /// A name that cannot stand in a URL beside others.
    #[error("the tileset name {0:?} must be 1 to 64 of a-z, 0-9, '_' and '-'")]
    Name(String),
    /// Two tilesets of one name, or two layers.
    #[error("{0:?} is defined twice; tilesets and layers need names of their own")]
    Duplicate(String),
    /// A zoom that is none, or a range that is empty.
    #[error(
        "layer {layer:?} of tileset {tileset:?} has the zooms {min} to {max}; give 0 to {DEEPEST_ZOOM}, the first not above the last"
    )]
    Zooms {
        /// The tileset.
        tileset: String,
        /// The layer.
        layer: String,
        /// The first zoom.
        min: u8,
        /// The last zoom.
        max: u8,
    },
    /// A field that its source does not have.
    #[error(
        "layer {layer:?} of tileset {tileset:?} asks for the field {field:?}, which its source does not have"
    )]
    Field {
        /// The tileset.
        tileset: String,
        /// The layer.
        layer: String,
        /// The field.
        field: &'static str,
    },
    /// The folder, or a file in it, cannot be read.
    #[error("the catalogue {}: {reason}", path.display())]
    Unreadable {
        /// The folder or the file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Something is wrong in a file of the folder.
    #[error("{}: {fault}", file.display())]
    InFile {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        fault: Box<CatalogueError>,
    },
}

/// A name that is no tileset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no tileset {name:?}; there are: {known}")]
pub struct UnknownTileset {
    /// The name as given.
    pub name: String,
    /// The names that exist, separated by commas.
    pub known: String,
}
