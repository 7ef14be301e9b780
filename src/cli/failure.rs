//! How a verb fails, and the exit code that says so.

use std::process::ExitCode;

use thiserror::Error;

use crate::access::GateError;
use crate::config::ConfigError;
use crate::features::CollectionError;
use crate::http::{DoorError, TableFault};
use crate::ingest::IngestError;
use crate::seal::SealError;
use crate::store::{ClusterError, StoreError};
use crate::synth::SynthError;
use crate::tiles::CatalogueError;

/// Why a verb did not do what it was asked to.
#[derive(Debug, Error)]
pub enum Failure {
    /// The data were found wanting; the report says where. Exit code 1.
    #[error("{0}")]
    Wanting(String),
    /// The arguments or settings are wrong. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The environment lacks something: no database, port taken, disk full. Exit code 3.
    #[error("{0}")]
    Environment(String),
    /// Ended by the user before it was done. Exit code 130, as a shell expects after an interrupt.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    /// The exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Wanting(_) => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::Environment(_) => ExitCode::from(3),
            Self::Interrupted => ExitCode::from(130),
        }
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Self {
        match error.exit_code() {
            1 => Self::Wanting(error.to_string()),
            2 => Self::Usage(error.to_string()),
            _ => Self::Environment(error.to_string()),
        }
    }
}

/// The generator fails on what it was given: parents that are no polygons, totals that do not fit.
impl From<SynthError> for Failure {
    fn from(error: SynthError) -> Self {
        Self::Wanting(error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// A key file that is none, or a machine without roots of trust.
impl From<GateError> for Failure {
    fn from(error: GateError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<CatalogueError> for Failure {
    fn from(error: CatalogueError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<CollectionError> for Failure {
    fn from(error: CollectionError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// A table that is not what the catalogue says is a mistake in the catalogue.
impl From<TableFault> for Failure {
    fn from(fault: TableFault) -> Self {
        Self::Usage(fault.to_string())
    }
}

/// A certificate that cannot be used is a mistake in the settings; an address that is taken is none.
impl From<DoorError> for Failure {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::Tls(_) => Self::Usage(error.to_string()),
            DoorError::Address { .. } => Self::Environment(error.to_string()),
        }
    }
}

/// Keys that are not there, or are others, are a mistake in the settings.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Sealed(error) => error.into(),
            StoreError::WrongKey(_) => Self::Usage(error.to_string()),
            error => Self::Environment(error.to_string()),
        }
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Broken { .. } | SealError::Unfit { .. } => Self::Wanting(error.to_string()),
            SealError::Library(_) => Self::Environment(error.to_string()),
            error => Self::Usage(error.to_string()),
        }
    }
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        Self::Environment(error.to_string())
    }
}
