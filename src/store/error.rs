//! What can go wrong between Gewu and its database.

use thiserror::Error;
use uuid::Uuid;

use crate::seal::SealError;

/// An error of the store: what was wrong, with which value, and what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database cannot be reached, is starting, or has no connection to spare. Try again later.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The database has no PostGIS.
    #[error(
        "the database has no PostGIS ({0}); install the package postgresql-<version>-postgis-3 on its server, \
         and let a superuser run: create extension postgis; create extension btree_gist; create extension pg_trgm"
    )]
    NoPostgis(String),
    /// Whoever logged in may not work as the role of a server.
    #[error(
        "the database has no role {role} that {login} may take; let a superuser run: create role {role} nologin; grant {role} to {login}; \
         and then as {login}: select gewu.let_serve('{role}')"
    )]
    NoServerRole {
        /// The role of a server.
        role: &'static str,
        /// Who logged in.
        login: String,
    },
    /// The address of the database cannot be read.
    #[error("the database URL cannot be read: {0}")]
    Url(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the schema cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database refused or could not finish a statement.
    #[error("the database: {0}")]
    Database(#[source] sqlx::Error),
    /// A code that a retired grid had; it is never given away again.
    #[error(
        "the code {code} (scheme {scheme}) belonged to a grid that is retired; a retired code is never used again"
    )]
    RetiredCode {
        /// The code.
        code: String,
        /// Its scheme.
        scheme: String,
    },
    /// Two grids of one batch with one code.
    #[error("the code {code} (scheme {scheme}) is given to two grids of the same batch")]
    CodeTwice {
        /// The code.
        code: String,
        /// Its scheme.
        scheme: String,
    },
    /// A level that the level scheme does not name.
    #[error("level {0} has no name yet; put the level scheme before the grids")]
    UnknownLevel(i16),
    /// A grid that is neither stored nor in this import.
    #[error("{what} refers to the grid {id}, which is neither stored nor part of this import")]
    UnknownGrid {
        /// The row that refers to it.
        what: String,
        /// The identity that it names.
        id: Uuid,
    },
    /// A worker who is neither stored nor in this import.
    #[error("{what} refers to the worker {id}, who is neither stored nor part of this import")]
    UnknownWorker {
        /// The row that refers to the worker.
        what: String,
        /// The identity that it names.
        id: Uuid,
    },
    /// Two rows of one batch that are the same thing.
    #[error("{what} is given twice in the same batch")]
    Twice {
        /// The thing, by the identity that the owner gave it.
        what: String,
    },
    /// A row overlaps in time with stored rows that it cannot replace.
    #[error("{what} overlaps in time with another one that is stored or given: {detail}")]
    Overlap {
        /// The kind of row.
        what: &'static str,
        /// What the database said.
        detail: String,
    },
    /// A property of a person that Gewu does not keep.
    #[error(
        "the person {source_id} has the property {property:?}; of a person only household, phone and tags are kept. \
         Leave it out of the file or of the mapping"
    )]
    PersonProperty {
        /// The person's identity in the owning system.
        source_id: String,
        /// The name of the property.
        property: String,
    },
    /// A property or geometry of the wrong kind.
    #[error("the {collection} row {source_id}: {property} is {found}, wanted {wanted}")]
    Property {
        /// Collection of the row.
        collection: String,
        /// The row's identity in the owning system.
        source_id: String,
        /// The name of the property.
        property: &'static str,
        /// What was given.
        found: String,
        /// What is needed.
        wanted: &'static str,
    },
    /// A collection that the catalogue does not define.
    #[error(
        "there is no collection {0:?}; collections are buildings, facilities, people and those of the catalogue"
    )]
    UnknownCollection(String),
    /// What followed a revision is no longer kept in the feed.
    #[error(
        "the changes after revision {after} are no longer kept; read everything again, then follow from there \
         (kept are those after revision {pruned_to})"
    )]
    Pruned {
        /// Where the reader stands.
        after: i64,
        /// Where the reader would have to stand at least.
        pruned_to: i64,
    },
    /// Keys or sealed values are not as they must be.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The keys are not those that this database was written with.
    #[error(
        "names and phones in this database are sealed by the data key {0}, which is not in the data key file: put that key back into it, or give \
         the right file by data_key_file (GEWU_DATA_KEY_FILE)"
    )]
    WrongKey(String),
    /// A stored row that breaks the schema's promises.
    #[error("a stored {table} row cannot be read: {what}")]
    Stored {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
}

impl StoreError {
    /// Is the database away, so that the same call may succeed later?
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Migrate(sqlx::migrate::MigrateError::Execute(error)) => is_outage(error),
            _ => false,
        }
    }

    /// Did a caller give a text with the zero character, which PostgreSQL keeps in no text? Codes of its table of errors.
    pub fn is_zero_in_text(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| matches!(&*code, "22021" | "22P05"))
    }

    pub(super) fn stored(table: &'static str, what: impl ToString) -> Self {
        Self::Stored { table, what: what.to_string() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) { Self::Unavailable(error) } else { Self::Database(error) }
    }
}

/// Connection failures, shutdown, recovery and exhausted connections pass by themselves; the rest does not.
/// Classes 08, 53 and 57P of PostgreSQL's table of error codes.
fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("08") || code.starts_with("53") || code.starts_with("57P")),
        _ => false,
    }
}
