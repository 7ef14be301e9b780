//! Baked pyramids: what is in them, how they survive an end, how they are served.

mod common;
#[path = "../benches/support/lattice.rs"]
mod lattice;
#[path = "common/python.rs"]
mod python;
#[allow(dead_code, reason = "the tests of tiles use the rest")]
#[path = "tiles/region.rs"]
mod region;

#[path = "bake/process.rs"]
mod process;
#[path = "bake/pyramid.rs"]
mod pyramid;
#[path = "bake/readers.rs"]
mod readers;
#[path = "bake/resumed.rs"]
mod resumed;
