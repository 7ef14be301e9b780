//! Tiles of the whole sample region against the database that they were made from: read by a published decoder, compared
//! with what PostGIS says of the same tile, the same shapes and the same rows.

mod common;

#[allow(dead_code, reason = "shared with the tests of small regions")]
#[path = "tiles/decoded.rs"]
mod decoded;
#[allow(dead_code, reason = "shared with the tests of small regions")]
#[path = "../benches/support/lattice.rs"]
mod lattice;
#[path = "common/python.rs"]
mod python;
#[allow(dead_code, reason = "shared with the tests of small regions")]
#[path = "tiles/raw.rs"]
mod raw;
#[allow(dead_code, reason = "shared with the tests of small regions")]
#[path = "tiles/region.rs"]
mod region;

#[path = "tiles_oracle/postgis.rs"]
mod postgis;
#[path = "tiles_oracle/sample.rs"]
mod sample;

#[path = "tiles_oracle/attributes.rs"]
mod attributes;
#[path = "tiles_oracle/decoders.rs"]
mod decoders;
#[path = "tiles_oracle/filters.rs"]
mod filters;
#[path = "tiles_oracle/labels.rs"]
mod labels;
#[path = "tiles_oracle/presence.rs"]
mod presence;
#[path = "tiles_oracle/rings.rs"]
mod rings;
#[path = "tiles_oracle/seams.rs"]
mod seams;
#[allow(dead_code, reason = "shared with the tests of small regions")]
#[path = "tiles/slivers.rs"]
mod slivers;
