//! How features are written for files and clients: one file a format. What is streamed is a [`FeatureEncoder`].

mod csv;
mod featurecollection;
mod flatgeobuf;
pub mod geojson;
mod geojsonseq;
mod geopackage;
mod parquet;
mod placed;
mod srs;

use std::sync::Arc;

use thiserror::Error;

pub use self::csv::CsvEncoder;
pub use self::featurecollection::FeatureCollectionEncoder;
pub use self::flatgeobuf::FlatGeobufEncoder;
pub use self::geojsonseq::GeoJsonSeqEncoder;
pub use self::geopackage::GeoPackageEncoder;
pub use self::parquet::GeoParquetEncoder;
use crate::features::OutputCrs;
use crate::geom::CrsError;
use crate::model::{Feature, Field};

/// Which fields are shown, and in which reference system.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What the collection is called.
    pub name: String,
    /// The fields of the collection.
    pub fields: Arc<[Field]>,
    /// Are the identities whole numbers? Otherwise they are UUIDs.
    pub has_whole_ids: bool,
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

    /// A name for what every feature has beside its fields, such as its identity: the wished one, longer where a field has it already.
    fn beside_fields(&self, wished: &str) -> String {
        let mut name = wished.to_owned();
        while self.chosen_fields().any(|(_, field)| field.name.eq_ignore_ascii_case(&name)) {
            name.insert(0, '_');
        }
        name
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
