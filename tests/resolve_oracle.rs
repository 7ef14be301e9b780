//! Where is a point, and how far is it to where? The atlas against PostGIS, and against a scan of everything.

mod common;
#[path = "resolve_oracle/communes.rs"]
mod communes;
#[path = "resolve_oracle/distance.rs"]
mod distance;
#[path = "resolve_oracle/lattice.rs"]
mod lattice;
#[path = "resolve_oracle/naive.rs"]
mod naive;
#[path = "resolve_oracle/points.rs"]
mod points;
#[path = "resolve_oracle/postgis.rs"]
mod postgis;
#[path = "resolve_oracle/rough.rs"]
mod rough;
#[path = "resolve_oracle/sample.rs"]
mod sample;
