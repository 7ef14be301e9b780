//! The pieces of the table of grids that copies share.

use std::sync::Arc;

use super::{GridIndex, GridTable, Row};
use crate::atlas::chunked::CHUNK;

/// Some grids, one after the other by index.
#[derive(Debug, Clone)]
pub(in crate::atlas) struct GridPart {
    first: usize,
    rows: Arc<Vec<Option<Arc<Row>>>>,
}

impl GridPart {
    pub(in crate::atlas) fn identity(&self) -> usize {
        Arc::as_ptr(&self.rows).addr()
    }

    /// Index, code and name of each.
    pub(in crate::atlas) fn named(&self) -> impl Iterator<Item = (GridIndex, &str, &str)> {
        let rows = self.rows.iter().enumerate();
        rows.filter_map(|(at, row)| {
            let row = row.as_ref()?;
            Some((GridIndex((self.first + at) as u32), row.code.as_str(), row.name.as_str()))
        })
    }
}

impl GridTable {
    pub(in crate::atlas) fn parts(&self) -> impl Iterator<Item = GridPart> {
        let chunks = self.rows.chunks().iter().enumerate();
        chunks.map(|(number, rows)| GridPart { first: number * CHUNK, rows: Arc::clone(rows) })
    }
}
