//! Which grid a row belongs under: by a field, by its code, or by where it lies.

mod candidates;
mod space;

pub(crate) use candidates::{Candidate, Candidates, Found, find_cycles};
pub(crate) use space::{Territories, Territory};
