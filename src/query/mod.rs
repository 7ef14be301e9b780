//! What is here, how much of it, and what is missing?

mod neighbors;
mod overview;
mod withheld;

pub use neighbors::neighbors;
pub use overview::{
    ChildOverview, ClassCounts, Gaps, GridCounts, Overview, PeopleCount, counts, gaps_below, overview,
};
pub use withheld::{PEOPLE_THRESHOLD, Withheld};
