//! Where a caller may see more than anybody.

use crate::model::GridId;

/// The areas of a caller: subtrees of grids, by identity, so that a new code, name or boundary changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Areas {
    /// Everywhere.
    All,
    /// These grids and everything below them; none: nowhere.
    Below(Box<[GridId]>),
}

impl Areas {
    /// Nowhere.
    pub fn none() -> Self {
        Self::Below(Box::default())
    }

    /// These grids and everything below them.
    pub fn below(grids: impl IntoIterator<Item = GridId>) -> Self {
        let mut grids: Vec<_> = grids.into_iter().collect();
        grids.sort_unstable();
        grids.dedup();
        Self::Below(grids.into())
    }
}
