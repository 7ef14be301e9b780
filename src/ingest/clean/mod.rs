//! What is wrong with a row, and what can be repaired without guessing: one file a family of defects.

pub mod axes;
pub mod codes;
pub mod rings;
mod territory;
pub mod validity;

pub(crate) use territory::{position_or_footprint, territory};
