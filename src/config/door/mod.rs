//! Settings of the door: transport security, proxies in front, rates, and how large and how slow may be what comes in.

mod rates;
mod rules;
mod typed;

pub use rates::{ByAddress, Rate};
pub use rules::{DoorRules, ProxyHeaders, TlsFiles};
pub use typed::DoorSettings;
