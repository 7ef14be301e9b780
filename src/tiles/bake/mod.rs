//! The whole pyramid at once, into one file: every tile that holds something, each content once, gzipped.
//!
//! The pyramid is walked in the order of PMTiles, zoom by zoom and along a Hilbert curve, past whole subtrees in which nothing
//! lies (`walk.rs`, `occupied.rs`). Tiles are made on every core (`line.rs`) and appended, a batch at a time, to files beside the
//! target (`work.rs`), which survive any end: the same bake goes on after its last whole batch. The contents become PMTiles where they stand
//! (`pmtiles.rs`), or MBTiles grow beside them (`mbtiles.rs`); when all is there, the result takes its name in one step (`archive.rs`).
//!
//! In memory are some batches and some hundred bytes a tile for what is stored where.

mod archive;
mod error;
mod kind;
mod line;
mod mbtiles;
mod metadata;
mod occupied;
mod pmtiles;
mod run;
mod walk;
mod work;
mod writeback;

pub use error::BakeError;
pub use kind::Kind;
pub use run::{Baked, Job, Step, bake};
