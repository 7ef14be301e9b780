//! How it is all spoken over HTTP: routes; parse > ask access > call > render.
//!
//! Every operation is one `Endpoint`: its route, its parameters and its handler stand in one
//! place, and the router, the check for unknown parameters, the OpenAPI document and the readable page are all made from it.

mod answer;
mod archive;
mod around;
mod audit;
mod audited;
mod body;
mod break_glass;
mod cached;
mod check_in;
mod coarsened;
mod collections;
mod coverage;
mod documents;
mod door;
mod encoding;
mod endpoint;
mod events;
mod figures;
mod freshness;
mod front;
mod glyphs;
mod grids;
mod host;
mod looking;
mod meter;
mod nearby;
mod openapi;
mod operation;
mod page;
mod params;
mod people;
mod people_filter;
mod plain_page;
mod position;
mod principal;
mod problem;
mod public;
mod resolve;
mod resolve_batch;
mod roads;
mod routes;
mod search;
mod sprite;
mod state;
mod stats;
mod style;
mod styles;
mod table_tile;
mod tables;
mod tile_cache;
mod tile_filter;
mod tile_sets;
mod tiles;
mod who;
mod within;
mod worker_items;
mod workers;

pub use door::{Door, DoorError};
pub use freshness::Freshness;
pub use problem::{FieldError, Problem};
pub use routes::operations;
pub use state::AppState;
pub use tables::TableFault;
