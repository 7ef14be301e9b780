//! Why nothing can be said of a table.

use thiserror::Error;

use crate::model::{Relation, TableSource};
use crate::store::StoreError;

/// What went wrong with a registered table.
#[derive(Debug, Error)]
pub enum TableError {
    /// The database is away, or refused in a way that has nothing to do with the table's definition.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database is asked for as many tables at once as it may be.
    #[error("as many tables are being read as may be (pool_size)")]
    Busy,
    /// The query took longer than the table may.
    #[error("{relation} took longer than {limit_ms} ms")]
    TooSlow {
        /// The table.
        relation: Relation,
        /// Its limit.
        limit_ms: u128,
    },
    /// The tile would have more features than the table may give to one.
    #[error("{relation} has more than {most} features in one tile")]
    TooMany {
        /// The table.
        relation: Relation,
        /// Its limit.
        most: u32,
    },
    /// The table is not what its definition says.
    #[error("{relation}: {what}")]
    Unfit {
        /// The table.
        relation: Relation,
        /// What is wrong, what there is instead, and what to do.
        what: String,
    },
    /// The table leads to personal data.
    #[error(
        "{relation} leads to {personal}, which holds personal data or secrets: it cannot be registered, nor can a view on it"
    )]
    Personal {
        /// The table.
        relation: Relation,
        /// What it leads to.
        personal: String,
    },
    /// The table is no longer what it was when it was looked at.
    #[error("{relation} is not what it was: {reason}")]
    Changed {
        /// The table.
        relation: Relation,
        /// What the database says.
        reason: String,
    },
}

impl TableError {
    pub(super) fn unfit(source: &TableSource, what: impl Into<String>) -> Self {
        Self::Unfit { relation: source.relation.clone(), what: what.into() }
    }

    /// What an error of a query means for the table that it was about. Codes of PostgreSQL's table of errors: 57014 is the time limit;
    /// class 42 and 3F000 are names that are gone or rights that were taken; 0A000 is a row type that changed.
    pub(super) fn of(source: &TableSource, error: sqlx::Error) -> Self {
        let relation = source.relation.clone();
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
        match &*code {
            "57014" => Self::TooSlow { relation, limit_ms: source.time_limit.as_millis() },
            "0A000" | "3F000" => Self::Changed { relation, reason: error.to_string() },
            code if code.starts_with("42") => Self::Changed { relation, reason: error.to_string() },
            _ => Self::Store(error.into()),
        }
    }
}
