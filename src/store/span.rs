//! Spans of time from PostgreSQL's ranges.

use std::ops::Bound;

use chrono::{DateTime, Utc};
use sqlx::postgres::types::PgRange;

use crate::model::Span;

/// Gewu writes every range with its lower bound included and its upper one excluded.
pub(super) fn of(range: PgRange<DateTime<Utc>>) -> Span {
    let instant = |bound| match bound {
        Bound::Included(at) | Bound::Excluded(at) => Some(at),
        Bound::Unbounded => None,
    };
    Span { from: instant(range.start), until: instant(range.end) }
}
