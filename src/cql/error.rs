//! What is wrong with a filter, in words that help to mend it.

use thiserror::Error;

use super::syntax::{DEEPEST, LONGEST, MOST_GEOMETRIES, MOST_NODES, MOST_VERTICES};

/// Why a filter cannot be used. What the caller wrote is quoted, but not at any length.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CqlError {
    /// More text than is read.
    #[error("a filter may have {LONGEST} bytes")]
    TooLong,
    /// More operators and values than are read.
    #[error("a filter may have {MOST_NODES} operators and values")]
    TooManyNodes,
    /// Nested more deeply than is read.
    #[error("a filter may be nested {DEEPEST} deep")]
    TooDeep,
    /// Geometries with more vertices than are read.
    #[error("the geometries of a filter may have {MOST_VERTICES} vertices together")]
    TooManyVertices,
    /// More geometries than are read.
    #[error("a filter may name {MOST_GEOMETRIES} geometries")]
    TooManyGeometries,
    /// The text is no CQL2.
    #[error("at character {at}: expected {expected}, found {found}")]
    Syntax {
        /// The first character that does not fit, counted from 1.
        at: usize,
        /// What would fit.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// The JSON is none, or no CQL2.
    #[error("the JSON is no CQL2: {0}")]
    Json(String),
    /// A property that nobody knows.
    #[error("there is no property {name}; there are: {known}")]
    UnknownProperty {
        /// The name as given.
        name: String,
        /// The names that exist, separated by commas.
        known: String,
    },
    /// An operator or function that is not supported.
    #[error("{name} is not supported; supported are {SUPPORTED}")]
    Unsupported {
        /// The name as given.
        name: String,
    },
    /// Something of another type than an operator takes.
    #[error("{0}")]
    Type(String),
    /// A geometry that is none.
    #[error("the geometry cannot be used: {0}")]
    Geometry(String),
    /// A date or time that is none.
    #[error("{0} is no {1}")]
    Instant(String, &'static str),
}

const SUPPORTED: &str = "and, or, not, =, <>, <, <=, >, >=, between, in, like, is null, casei, +, -, *, /, ^, %, div, s_intersects, \
    s_disjoint, s_within, s_contains, s_equals, s_touches, s_overlaps, s_crosses, of lists a_contains, a_containedBy, a_equals, \
    a_overlaps, and of instants and intervals t_after, \
    t_before, t_contains, t_disjoint, t_during, t_equals, t_finishedBy, t_finishes, t_intersects, t_meets, t_metBy, t_overlappedBy, \
    t_overlaps, t_startedBy, t_starts";

/// What a caller wrote, in quotes, not at any length.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}
