//! What is here, how much of it, and what is missing?

pub mod check;
mod initials;
mod neighbors;
mod overview;
mod withheld;

pub use initials::has_initials;
pub use neighbors::neighbors;
pub use overview::{
    ChildOverview, ClassCounts, Gaps, GridCounts, Overview, PeopleCount, counts, gaps_below, overview,
};
pub use withheld::{PEOPLE_THRESHOLD, Withheld, WithheldNear};
