//! GeoJSON text sequences (RFC 8142): a record separator, a feature, a line feed.

use super::geojson::GeoJsonWriter;
use super::{EncodeError, FeatureEncoder, Shown};
use crate::model::Feature;

/// Writes a GeoJSON text sequence.
pub struct GeoJsonSeqEncoder(GeoJsonWriter);

impl GeoJsonSeqEncoder {
    /// For features that are shown like this.
    pub fn new(shown: &Shown) -> Self {
        Self(GeoJsonWriter::new(shown))
    }
}

impl FeatureEncoder for GeoJsonSeqEncoder {
    fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }

    fn feature(&mut self, out: &mut Vec<u8>, feature: &Feature) -> Result<(), EncodeError> {
        const RECORD_SEPARATOR: u8 = 0x1e;
        out.push(RECORD_SEPARATOR);
        self.0.feature(out, feature)?;
        out.push(b'\n');
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }
}
