//! What outlives what: the built binary, its private PostgreSQL, `kill -9`, Ctrl-C, and an import beside a server.

mod common;

#[path = "survival/beside.rs"]
mod beside;
#[path = "survival/ended.rs"]
mod ended;
#[path = "survival/home.rs"]
mod home;
#[path = "survival/killed.rs"]
mod killed;
#[path = "survival/region.rs"]
mod region;
#[path = "survival/server.rs"]
mod server;
