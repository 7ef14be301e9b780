//! The door, from outside: transport security, proxies, rates, bounds and tricks, tried on a real server over real sockets.

mod common;
#[path = "http/world.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod world;

#[path = "door/authority.rs"]
mod authority;
#[path = "door/bounds.rs"]
mod bounds;
#[path = "door/headers.rs"]
mod headers;
#[path = "door/proxies.rs"]
mod proxies;
#[path = "door/rates.rs"]
mod rates;
#[path = "door/secrets.rs"]
mod secrets;
#[path = "door/server.rs"]
mod server;
#[path = "door/tls.rs"]
mod tls;
#[path = "door/tricks.rs"]
mod tricks;
#[path = "door/wire.rs"]
mod wire;
