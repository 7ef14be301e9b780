//! The HTTP room as its callers meet it: a real server on a port, a real PostGIS behind it, requests over the wire.

mod common;

#[path = "http/coverage.rs"]
mod coverage;
#[path = "http/documents.rs"]
mod documents;
#[path = "http/events.rs"]
mod events;
#[path = "http/filters.rs"]
mod filters;
#[path = "http/fresh.rs"]
mod fresh;
#[path = "http/grids.rs"]
mod grids;
#[path = "http/process.rs"]
mod process;
#[path = "http/refusals.rs"]
mod refusals;
#[path = "http/resolve.rs"]
mod resolve;
#[path = "http/search.rs"]
mod search;
#[path = "http/spatial.rs"]
mod spatial;
#[path = "http/tile_sets.rs"]
mod tile_sets;
#[path = "http/tiles.rs"]
mod tiles;
#[path = "http/world.rs"]
mod world;
