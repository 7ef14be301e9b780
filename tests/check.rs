//! `gewu check` against PostGIS, on the sample, and as operators run it.

mod common;

#[path = "check/cli.rs"]
mod cli;
#[path = "check/lattice.rs"]
mod lattice;
#[path = "check/postgis.rs"]
mod postgis;
#[path = "check/sample.rs"]
mod sample;
#[path = "check/unheld.rs"]
mod unheld;
