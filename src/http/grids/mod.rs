//! `/v1/grids`: the grids, their tree, who serves them, what is in them.

mod find;
mod list;
mod one;
mod overview;
mod staff;
mod tree;

use super::endpoint::{Endpoint, Param};

pub(super) use find::{find, find_within};
pub(super) use list::read_level;

/// The operations on grids.
pub(super) static ENDPOINTS: [&Endpoint; 8] = [
    &list::ENDPOINT,
    &one::ENDPOINT,
    &tree::CHILDREN,
    &tree::ANCESTORS,
    &tree::DESCENDANTS,
    &tree::NEIGHBORS,
    &overview::ENDPOINT,
    &staff::ENDPOINT,
];

/// The grid in a path.
const CODE: Param =
    Param::path("code", "string", "Code or UUID of the grid. A retired code answers 410.", "{grid}");
/// The grid that something lies in.
pub(super) const WITHIN: Param =
    Param::optional("within", "string", "Only this grid (code or UUID) and what lies in it.", "{grid}");
