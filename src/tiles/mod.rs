//! What does this tile look like?
//!
//! A tileset of the catalogue (`catalogue.rs`, `tiles/*.toml`) names layers. A tile is made in four steps: `select.rs` (what lies in
//! the tile) with `filter.rs` (and is asked for), `trace.rs`, `lattice.rs` and `shape.rs` with `clip.rs` and `wind.rs` (borders as the zoom shows them, projected once,
//! snapped, put together to rings, clipped, wound), `attributes.rs` (what is said of it), `cluster.rs` and `blocks.rs` (many as one), `encode.rs` (Mapbox Vector
//! Tile 2.1, the only file that knows it). `canvas.rs` walks the steps for `render.rs`; `zooms.rs` says which layers a zoom has, `tilejson.rs` and
//! `tileset.rs` tell it to the world; `tables.rs` says which layers the database makes instead. `budget.rs` has a tile that would be too large drawn more coarsely
//! (`manner.rs`, `merge.rs`). `bake/` makes the whole pyramid at once; `archive.rs` reads such a file, or any PMTiles, again.
//!
//! People are in tiles as counts of grids only, and small ones, or what would give them away, are withheld (`query::Withheld`).

mod archive;
mod attributes;
pub mod bake;
mod blocks;
mod budget;
mod canvas;
mod catalogue;
mod clip;
mod cluster;
mod depends;
mod encode;
mod filter;
mod gzip;
mod lattice;
mod manner;
mod merge;
mod render;
mod select;
mod shape;
mod tables;
mod tilejson;
mod tileset;
mod trace;
mod wind;
mod zooms;

pub use archive::{Archive, ArchiveError, Archives};
pub use budget::{Budget, Coarsened, Fitted};
pub use canvas::Canvas;
pub use catalogue::{CatalogueError, Selection, Tilesets, UnknownTileset};
pub use encode::TileError;
pub use filter::{Asked, FilterError};
pub use gzip::gzip;
pub use manner::Step;
pub use shape::{BUFFER, EXTENT};
