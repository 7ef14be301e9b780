//! What both encodings are read into, before anything is known of the properties.

use chrono::{DateTime, NaiveDate, Utc};
use geo::{Coord, Geometry};

use super::CqlError;
use super::error::quoted;

/// The bytes that a filter may have.
pub const LONGEST: usize = 16_384;
/// The operators and values that a filter may have.
pub const MOST_NODES: usize = 1_000;
/// How deep operators, parentheses and chains of arithmetic may be nested.
pub const DEEPEST: usize = 32;
/// The vertices that the geometries of a filter may have together.
pub const MOST_VERTICES: usize = 1_000;
/// The geometries that a filter may name: each is held against every feature that comes near it.
pub const MOST_GEOMETRIES: usize = 16;

/// An expression in the shape of CQL2 JSON: operators by name, nothing checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Property(String),
    Text(String),
    Number(f64),
    Truth(bool),
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    /// A geometry, as written.
    Geometry(Geometry<f64>),
    /// A box by its first and its second corner, as written.
    Box(Coord<f64>, Coord<f64>),
    List(Vec<Node>),
    /// An operator or function; operators under their name in JSON.
    Call(String, Vec<Node>),
}

impl Node {
    pub(super) fn call<const N: usize>(name: &str, args: [Node; N]) -> Self {
        Self::Call(name.to_owned(), args.into())
    }

    pub(super) fn date(text: &str) -> Result<Self, CqlError> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d");
        date.map(Self::Date).map_err(|_| CqlError::Instant(quoted(text), "date; write 2026-12-31"))
    }

    pub(super) fn timestamp(text: &str) -> Result<Self, CqlError> {
        let instant = text.ends_with('Z').then(|| DateTime::parse_from_rfc3339(text).ok()).flatten();
        let instant = instant.map(|instant| Self::Timestamp(instant.to_utc()));
        instant.ok_or_else(|| CqlError::Instant(quoted(text), "timestamp in UTC; write 2026-12-31T23:59:59Z"))
    }
}

/// What may still be read.
#[derive(Debug, Default)]
pub(super) struct Budget {
    nodes: usize,
    vertices: usize,
    geometries: usize,
    depth: usize,
}

impl Budget {
    /// One more operator or value.
    pub(super) fn node(&mut self) -> Result<(), CqlError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err(CqlError::TooManyNodes) } else { Ok(()) }
    }

    /// One more vertex.
    pub(super) fn vertex(&mut self) -> Result<(), CqlError> {
        self.vertices += 1;
        if self.vertices > MOST_VERTICES { Err(CqlError::TooManyVertices) } else { Ok(()) }
    }

    /// One more geometry.
    pub(super) fn geometry(&mut self) -> Result<(), CqlError> {
        self.geometries += 1;
        if self.geometries > MOST_GEOMETRIES { Err(CqlError::TooManyGeometries) } else { Ok(()) }
    }

    /// One deeper.
    pub(super) fn enter(&mut self) -> Result<(), CqlError> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(CqlError::TooDeep) } else { Ok(()) }
    }

    /// So many up again.
    pub(super) fn leave(&mut self, levels: usize) {
        self.depth -= levels;
    }
}
