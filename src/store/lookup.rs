//! Questions about the past and about codes that the picture in memory does not hold.

use super::{Store, StoreError};
use crate::model::{Code, GridId, Level, Span};

/// One version of a grid, without its territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridVersionRow {
    /// Identity of the grid.
    pub id: GridId,
    /// Its code during the span.
    pub code: Code,
    /// Its level during the span.
    pub level: Level,
    /// Its name during the span.
    pub name: String,
    /// When the version holds.
    pub valid: Span,
    /// The revision that brought it.
    pub revision: i64,
}

/// A grid that took over from another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Successor {
    /// Identity of the newer grid.
    pub id: GridId,
    /// Its latest code.
    pub code: Code,
    /// Its latest name.
    pub name: String,
    /// The share of the older grid's area that it took, above 0 and at most 1.
    pub share: f64,
    /// The revision of the change.
    pub revision: i64,
}

/// What a code stands for today.
#[derive(Debug, Clone, PartialEq)]
pub enum CodeStatus {
    /// A grid in force has it.
    Current(GridId),
    /// A grid had it and has ended.
    Retired {
        /// The grid that had it last.
        id: GridId,
        /// Who took over, if anybody.
        successors: Vec<Successor>,
    },
    /// No grid ever had it.
    Unknown,
}

impl Store {
    /// Every version of the grids that ever had this code, newest first; empty for an unknown code.
    pub async fn grid_history(&self, code: &str) -> Result<Vec<GridVersionRow>, StoreError> {
        let _ = code;
        Err(StoreError::stored("grid_version", "not written yet"))
    }

    /// The grids that took over from this one directly, largest share first.
    pub async fn successors(&self, grid: GridId) -> Result<Vec<Successor>, StoreError> {
        let _ = grid;
        Err(StoreError::stored("lineage", "not written yet"))
    }

    /// What a code stands for now.
    pub async fn find_code(&self, code: &str) -> Result<CodeStatus, StoreError> {
        let _ = code;
        Err(StoreError::stored("grid_code", "not written yet"))
    }
}
