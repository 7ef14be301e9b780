//! Who is let in: tokens of a real OpenID Connect provider, API keys, and what is refused, over the wire.

mod common;
#[path = "door/wire.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod wire;
#[path = "http/world.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod world;

#[path = "access/attacks/mod.rs"]
mod attacks;
#[path = "access/caches.rs"]
mod caches;
#[path = "access/hunt.rs"]
mod hunt;
#[path = "access/keys.rs"]
mod keys;
#[path = "access/matrix/mod.rs"]
mod matrix;
#[path = "access/place.rs"]
mod place;
#[path = "access/provider.rs"]
mod provider;
#[path = "access/residents.rs"]
mod residents;
#[path = "access/rotation.rs"]
mod rotation;
#[path = "access/routes.rs"]
mod routes;
#[path = "access/tokens.rs"]
mod tokens;
#[cfg(debug_assertions)]
#[path = "access/unchecked.rs"]
mod unchecked;
#[path = "access/uncounted.rs"]
mod uncounted;
#[path = "access/unpacked.rs"]
mod unpacked;
#[path = "access/written.rs"]
mod written;
