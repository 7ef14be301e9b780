//! What is wrong with a row, and what can be repaired without guessing: one file a family of defects.

pub(crate) mod axes;
pub(crate) mod codes;
mod reference;
pub(crate) mod rings;
mod territory;
pub(crate) mod validity;

pub(crate) use reference::tells_who;
pub(crate) use territory::{position_or_footprint, territory};
