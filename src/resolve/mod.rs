//! Whose is this point, and who is on duty? Point > leaf > chain > people.

mod check_in;
mod duty;
mod point;
#[cfg(test)]
mod tests;

pub use check_in::{CheckIn, Presence, check_in};
pub use duty::{ResponsibleWorker, lies_within, responsible};
pub use point::{
    Candidate, ChainLink, Disagreement, GridSummary, MAX_ACCURACY_M, MAX_CANDIDATES, NearestGrid, Place,
    Question, Resolution, Status, as_of, chain, resolve, summarize,
};
