//! What does this tile look like?
//!
//! A tileset of the [`catalogue`] names layers; a tile of it is made in four steps, one file each: [`select`] (what lies
//! in the tile), [`shape`] (projected, snapped, [`clip`]ped, wound), [`attributes`] (what is said of it),
//! [`encode`] (Mapbox Vector Tile 2.1, the only file that knows the encoder). [`render`] walks the steps.
//!
//! No layer has a source of people, so no tile can hold one, nor a count of them.

mod attributes;
mod catalogue;
mod clip;
mod encode;
mod render;
mod select;
mod shape;
mod tilejson;
mod wind;
mod zooms;

pub use catalogue::{CatalogueError, Selection, Tilesets, UnknownTileset};
pub use encode::TileError;
pub use select::feature_id;
pub use shape::{BUFFER, EXTENT};
