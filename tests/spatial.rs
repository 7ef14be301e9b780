//! Spatial calls on the sample region, beside queries of PostGIS that were written for them.

mod common;

#[path = "spatial/coverage.rs"]
mod coverage;
#[path = "spatial/nearby.rs"]
mod nearby;
#[path = "spatial/place.rs"]
mod place;
#[path = "spatial/roads.rs"]
mod roads;
#[path = "spatial/search.rs"]
mod search;
#[path = "spatial/stats.rs"]
mod stats;
#[path = "spatial/within.rs"]
mod within;
