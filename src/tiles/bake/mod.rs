//! The whole pyramid at once, into one file: every tile that holds something, each content once, gzipped.
//!
//! The pyramid is walked in the order of PMTiles, zoom by zoom and along a Hilbert curve, past whole subtrees in which nothing
//! lies (`walk.rs`, `occupied.rs`). Tiles are made a batch at a time, on every core, and appended to a work file beside the
//! target (`work.rs`), which survives any end: the same bake goes on after its last whole batch. When all are there, the work
//! file is put in order as PMTiles (`pmtiles.rs`) or MBTiles (`mbtiles.rs`), and the result takes its name in one step.
//!
//! In memory are a batch and some hundred bytes a tile for what is stored where.

mod error;
mod kind;
mod mbtiles;
mod metadata;
mod occupied;
mod pmtiles;
mod run;
mod walk;
mod work;

pub use error::BakeError;
pub use kind::Kind;
pub use run::{Baked, Job, Step, bake};
