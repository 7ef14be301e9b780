//! What is here, how much of it, and what is missing?

pub mod check;
mod coverage;
mod figures;
mod initials;
mod nearby;
mod neighbors;
mod overview;
mod search;
mod stats;
mod thing;
mod withheld;
mod within;

pub use coverage::{
    Coverage, CoverageQuestion, CoverageRow, Outside, PeopleOutside, RoadNetwork, coverage, coverage_by_road,
    facility_classes,
};
pub use figures::{Figure, FigureRow, Figures, Rows, SizeRule, figures};
pub use initials::has_initials;
pub use nearby::{
    Found, MAX_RADIUS_M, MAX_TOUCHED, Near, Nearby, NearbyQuestion, RingCount, Touched, nearby,
};
pub use neighbors::neighbors;
pub use overview::{
    ChildOverview, ClassCounts, Gaps, GridCounts, Overview, PeopleCount, counts, gaps_below, overview,
};
pub use search::{SearchAnswer, SearchHit, SearchIndex, SearchQuestion, Searched, Sought, search};
pub use stats::{Counted, Stats, StatsRow, stats};
pub use thing::{Collection, Looking};
pub use withheld::{PEOPLE_THRESHOLD, Withheld, WithheldNear};
pub use within::{CutGrid, InArea, MAX_AREA_VERTICES, MAX_CUT, WithinQuestion, within};
