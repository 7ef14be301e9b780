//! Names and phones in the database: sealed, found by exactly one, sealed anew, given out and taken away, on a real PostGIS with servers and the command line.

mod common;
#[path = "http/world.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod world;

#[path = "access/place.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod place;
#[path = "access/provider.rs"]
#[allow(dead_code, reason = "keys are enough here")]
mod provider;

#[path = "person/demo.rs"]
mod demo;
#[path = "person/exactly.rs"]
mod exactly;
#[path = "person/keys.rs"]
mod keys;
#[path = "person/marked.rs"]
mod marked;
#[path = "person/request.rs"]
mod request;
#[path = "person/rotation.rs"]
mod rotation;
#[path = "person/sealed.rs"]
mod sealed;
#[path = "person/speed.rs"]
mod speed;
