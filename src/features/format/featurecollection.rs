//! One GeoJSON document (RFC 7946) of any length, written feature by feature.

use super::geojson::GeoJsonWriter;
use super::{EncodeError, FeatureEncoder, Shown};
use crate::model::Feature;

/// Writes a FeatureCollection.
pub struct FeatureCollectionEncoder {
    writer: GeoJsonWriter,
    name: String,
    is_first: bool,
}

impl FeatureCollectionEncoder {
    /// For features that are shown like this.
    pub fn new(shown: &Shown) -> Self {
        Self { writer: GeoJsonWriter::new(shown), name: shown.name.clone(), is_first: true }
    }
}

impl FeatureEncoder for FeatureCollectionEncoder {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let name = serde_json::Value::from(self.name.as_str());
        out.extend_from_slice(
            format!("{{\"type\":\"FeatureCollection\",\"name\":{name},\"features\":[").as_bytes(),
        );
        Ok(())
    }

    fn feature(&mut self, out: &mut Vec<u8>, feature: &Feature) -> Result<(), EncodeError> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        out.extend_from_slice(if is_first { b"\n" } else { b",\n" });
        Ok(self.writer.feature(out, feature)?)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(b"\n]}\n");
        Ok(())
    }
}
