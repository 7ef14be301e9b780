//! What does this tile look like?
//!
//! A tileset of the catalogue (`catalogue.rs`, `tiles/*.toml`) names layers. A tile is made in four steps, one file each:
//! `select.rs` (what lies in the tile), `shape.rs` with `clip.rs` and `wind.rs` (projected, snapped, clipped, wound),
//! `attributes.rs` (what is said of it), `encode.rs` (Mapbox Vector Tile 2.1, the only file that knows the encoder).
//! `render.rs` walks the steps; `zooms.rs` says which layers a zoom has, `tilejson.rs` tells it to the world.
//!
//! No layer has a source of people, so no tile can hold one, nor a count of them.

mod attributes;
mod catalogue;
mod clip;
mod encode;
mod lattice;
mod render;
mod select;
mod shape;
mod tilejson;
mod trace;
mod wind;
mod zooms;

pub use catalogue::{CatalogueError, Selection, Tilesets, UnknownTileset};
pub use encode::TileError;
pub use select::feature_id;
pub use shape::{BUFFER, EXTENT};
