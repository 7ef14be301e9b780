//! Resources lie in the leaf that covers them, whoever moves what: held against a query of PostGIS.

mod common;

#[path = "leaves/random.rs"]
mod random;
#[path = "leaves/region.rs"]
mod region;
#[path = "leaves/written.rs"]
mod written;
