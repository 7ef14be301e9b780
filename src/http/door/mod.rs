//! The door of the server: who may come in, how often, how long that may take, and by which protocol.
//!
//! A connection is taken in by [`Door`], which holds it to the bounds of the settings; each of its requests passes the [`Guard`]
//! before anything else looks at it.

mod connections;
mod forwarded;
mod guard;
mod listen;
mod rate;
mod tls;

pub(super) use forwarded::PROTO;
pub(super) use guard::{CallerAddress, Guard};
pub use listen::{Door, DoorError};
