//! What does this filter ask? CQL2 (OGC 21-065r2) as text or JSON, read into a condition that anyone can walk.
//!
//! Reading has two steps. `text.rs` (with `token.rs` and `well_known_text.rs`) and `json.rs` know the two encodings and make the same bounded tree of both
//! (`syntax.rs`; `shape.rs` for geometry literals); `check.rs` (with `temporal.rs` and `sets.rs`) holds that against the list of what can be asked ([`Queryable`]) and makes
//! a typed [`Condition`] of it (`expression.rs`), in which nothing is left to go wrong. `evaluate.rs` answers it for a feature in memory, with
//! the three-valued logic of SQL; `print.rs` writes it down in one canonical way.
//!
//! Everything is bounded ([`LONGEST`], [`MOST_NODES`], [`DEEPEST`], [`MOST_VERTICES`], [`MOST_GEOMETRIES`]), and nothing that a caller sends ends up anywhere but
//! in a value. The crate `cql2` was looked at first: it has no such bounds, takes time exponential in the number of opening
//! parentheses, and brings a SQL parser and a JSON Schema validator with it.

mod check;
mod error;
mod evaluate;
mod expression;
mod json;
mod like;
mod print;
mod sets;
mod shape;
mod spatial;
mod syntax;
mod temporal;
mod text;
mod token;
mod well_known_text;

#[cfg(test)]
mod tests;

use geo::Coord;

pub use error::CqlError;
pub use evaluate::{Feature, Value};
pub use expression::{
    Arithmetic, Comparison, Condition, Kind, Literal, Property, Queryable, Relation, Scalar, Set, SetRelation,
};
pub use like::fold;
pub use shape::Shape;
pub use syntax::{DEEPEST, LONGEST, MOST_GEOMETRIES, MOST_NODES, MOST_VERTICES};

/// How a filter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// `households > 100 AND kind = 'base'`
    #[default]
    Text,
    /// `{"op": "=", "args": [{"property": "kind"}, "base"]}`
    Json,
}

/// Reads a filter, which may name what is in the list and nothing else. Its geometries are in longitude and latitude, degrees.
pub fn parse(text: &str, language: Language, known: &[Queryable]) -> Result<Condition, CqlError> {
    parse_in(text, language, known, &Ok)
}

/// The same of a filter whose geometries are in another reference system: `degrees` gives the longitude and latitude of a position.
pub fn parse_in(
    text: &str,
    language: Language,
    known: &[Queryable],
    degrees: &dyn Fn(Coord<f64>) -> Result<Coord<f64>, String>,
) -> Result<Condition, CqlError> {
    if text.len() > LONGEST {
        return Err(CqlError::TooLong);
    }
    let node = match language {
        Language::Text => text::read(text)?,
        Language::Json => json::read(text)?,
    };
    check::condition(&node, known, degrees)
}
