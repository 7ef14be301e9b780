//! The standards of the OGC, held against a running server: their abstract tests one by one, named by their identifiers, answers compared with PostGIS,
//! and the clients that analysts use.

mod common;
#[path = "common/python.rs"]
mod python;
#[path = "http/world.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod world;

#[path = "ogc/clients.rs"]
mod clients;
#[path = "ogc/contract.rs"]
mod contract;
#[path = "ogc/core.rs"]
mod core;
#[path = "ogc/crs.rs"]
mod crs;
#[path = "ogc/filter.rs"]
mod filter;
#[path = "ogc/injection.rs"]
mod injection;
#[path = "ogc/paging.rs"]
mod paging;
#[path = "ogc/queries.rs"]
mod queries;
#[path = "ogc/schema.rs"]
mod schema;
#[path = "ogc/styles.rs"]
mod styles;
#[path = "ogc/support.rs"]
mod support;
#[path = "ogc/tables.rs"]
mod tables;
#[path = "ogc/time.rs"]
mod time;
#[path = "ogc/writes.rs"]
mod writes;
