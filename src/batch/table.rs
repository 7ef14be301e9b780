//! The rows of one chunk as columns.

use arrow_array::RecordBatch;

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Its place in the chunk.
    pub row: u32,
    /// What is wrong, and what to do; without the number of the row.
    pub text: String,
    /// How many fields the row lacks (CSV).
    pub missing: usize,
}

/// What the rows were read from.
#[derive(Debug)]
pub(super) enum Source {
    /// Lines of text, each with the place of its content.
    Lines(Vec<u8>, Vec<Line>),
    /// Columns.
    Batch(RecordBatch),
    /// Nothing that passes through.
    Points,
}

/// How a line of NDJSON says its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An object, or a row of CSV.
    Members,
    /// An object without members.
    Empty,
    /// `[lon, lat]`.
    Pair,
    /// Nothing that could be repeated.
    Broken,
}

/// One line: where its content begins and ends in the bytes of the chunk, without line ending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub start: u32,
    pub end: u32,
    pub shape: Shape,
    /// Which names of the answer the line uses itself; a bit each, in the order of [`super::ndjson::NAMES`].
    pub taken: u8,
}

/// The rows of one chunk.
#[derive(Debug)]
pub(super) struct Table {
    /// The number of the first row; the first of a stream is 1.
    pub first_row: u64,
    /// Longitudes or eastings; anything where the row is wrong.
    pub x: Vec<f64>,
    /// Latitudes or northings.
    pub y: Vec<f64>,
    /// Rows that have no position, in ascending order.
    pub wrong: Vec<Wrong>,
    /// What they were read from.
    pub source: Source,
}

impl Table {
    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.x.len()
    }
}
