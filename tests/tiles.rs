//! Tiles as their readers see them: decoded by a published decoder and by a strict reading of the specification.

#[allow(dead_code, reason = "shared with the tests of the sample region")]
#[path = "tiles/decoded.rs"]
mod decoded;
#[path = "../benches/support/lattice.rs"]
mod lattice;
#[allow(dead_code, reason = "shared with the tests of the sample region")]
#[path = "common/python.rs"]
mod python;
#[path = "tiles/raw.rs"]
mod raw;
#[path = "tiles/region.rs"]
mod region;

#[path = "tiles/blocks.rs"]
mod blocks;
#[path = "tiles/borders.rs"]
mod borders;
#[path = "tiles/budget.rs"]
mod budget;
#[path = "tiles/content.rs"]
mod content;
#[path = "tiles/counts.rs"]
mod counts;
#[path = "tiles/decoders.rs"]
mod decoders;
#[path = "tiles/degrees.rs"]
mod degrees;
#[path = "tiles/filters.rs"]
mod filters;
#[path = "tiles/geometry.rs"]
mod geometry;
#[path = "tiles/light.rs"]
mod light;
#[path = "tiles/low_zooms.rs"]
mod low_zooms;
#[path = "tiles/slivers.rs"]
mod slivers;
#[path = "tiles/tilejson.rs"]
mod tilejson;
