//! How features are written for files and clients: one file a format. What is streamed is a [`FeatureEncoder`].

mod csv;
pub mod geojson;
mod geojsonseq;

use std::sync::Arc;

use thiserror::Error;

pub use self::csv::CsvEncoder;
pub use self::geojsonseq::GeoJsonSeqEncoder;
use crate::features::OutputCrs;
use crate::geom::CrsError;
use crate::model::{Feature, Field};

/// Which fields are shown, and in which reference system.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The fields of the collection.
    pub fields: Arc<[Field]>,
    /// Those that are shown, by their places.
    pub chosen: Vec<usize>,
    /// The reference system of coordinates.
    pub crs: OutputCrs,
}

impl Shown {
    /// The fields that are shown, with their places.
    pub fn chosen_fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.chosen.iter().filter_map(|at| Some((*at, self.fields.get(*at)?)))
    }
}

/// Why a feature cannot be written.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// It lies where the reference system does not reach.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// The format cannot hold it.
    #[error("{0}")]
    Format(String),
}

/// Writes features one after the other; what is ready is appended to the bytes, and need not stay there.
pub trait FeatureEncoder: Send {
    /// What comes before the first feature.
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// One feature.
    fn feature(&mut self, out: &mut Vec<u8>, feature: &Feature) -> Result<(), EncodeError>;

    /// What comes behind the last one.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}
