//! Who asks, and what they may see. Every function that reads takes a [`Principal`].
//!
//! A [`Gate`] lets callers in: by tokens of an OpenID Connect provider (`token/`) or by API keys (`keys.rs`). Without either it is open,
//! which only a server on loopback may be. A commander may have an area opened for a time (`glass.rs`). What is seen of people, and every change of
//! rights, is told to the log (`audit/`).

mod area;
mod audit;
mod gate;
mod glass;
mod keys;
mod mask;
mod policy;
mod principal;
mod purpose;
mod refusal;
mod role;
mod secret;
mod token;

pub use area::Areas;
pub use audit::{AuditAction, AuditedRead, Broken, Chain, Head, HeadError, event_of};
pub use gate::{FindArea, Gate, GateError};
pub use glass::Glasses;
pub use keys::KeyRing;
pub use mask::{show_name, show_phone};
pub use policy::{Explanation, PersonalField, Policy, PolicyError, Sight};
pub use principal::{Identity, Means, PolicyClass, Principal};
pub use purpose::Purpose;
pub use refusal::Refusal;
pub use role::{Role, Roles};
pub use secret::{KeySecret, PREFIX};
