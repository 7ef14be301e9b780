//! The log of who looked at what: whole, or found out; added to by every server, read by auditors, without personal data.

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

#[path = "audit/break_glass.rs"]
mod break_glass;
#[path = "audit/chain.rs"]
mod chain;
#[path = "audit/content.rs"]
mod content;
#[path = "audit/given_back.rs"]
mod given_back;
#[path = "audit/ledger.rs"]
mod ledger;
#[path = "audit/rights.rs"]
mod rights;
#[path = "audit/serve.rs"]
mod serve;
