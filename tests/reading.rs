//! The views for analysts: what they promise, what they show beside what the API shows, and what nobody reads through them.

mod common;

#[path = "spatial/place.rs"]
#[allow(dead_code, reason = "this program uses its own part of it")]
mod place;
#[path = "reading/rights.rs"]
mod rights;
#[path = "reading/shape.rs"]
mod shape;
#[path = "reading/values.rs"]
mod values;
