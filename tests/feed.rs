//! The change feed on a real PostGIS: nothing is lost, nothing told twice, everything in order, whoever writes and whatever dies.

mod common;

#[path = "feed/content.rs"]
mod content;
#[path = "feed/cost.rs"]
mod cost;
#[path = "feed/fire.rs"]
mod fire;
#[path = "feed/follower.rs"]
mod follower;
#[path = "feed/ledger.rs"]
mod ledger;
#[path = "feed/order.rs"]
mod order;
#[path = "feed/place.rs"]
mod place;
#[path = "feed/prune.rs"]
mod prune;
#[path = "feed/serve.rs"]
mod serve;
#[path = "feed/told.rs"]
mod told;
#[path = "feed/writer.rs"]
mod writer;
