//! CSV (RFC 4180) with a header: the identity, the fields, and the geometry as well-known text. Begins with the mark by which spreadsheets know UTF-8.

use geo::{Coord, Geometry, MapCoords};
use wkt::ToWkt;

use super::{EncodeError, FeatureEncoder, Shown};
use crate::features::OutputCrs;
use crate::model::{Feature, FieldValue};

/// Spreadsheets take UTF-8 for what it is by this.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// A spreadsheet takes a text that begins with one of these for a formula, and works it out.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes CSV.
pub struct CsvEncoder {
    shown: Shown,
}

impl CsvEncoder {
    /// For features that are shown like this.
    pub fn new(shown: &Shown) -> Self {
        Self { shown: shown.clone() }
    }
}

impl FeatureEncoder for CsvEncoder {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(BYTE_ORDER_MARK);
        let names = self.shown.chosen_fields().map(|(_, field)| field.name.clone());
        let [id, geometry] = ["id", "geometry"].map(|name| self.shown.beside_fields(name));
        record(out, std::iter::once(id).chain(names).chain([geometry]))
    }

    fn feature(&mut self, out: &mut Vec<u8>, feature: &Feature) -> Result<(), EncodeError> {
        let value = |(at, _)| feature.values.get(at).and_then(Option::as_ref).map(plain).unwrap_or_default();
        let geometry = match &feature.geometry {
            Some(geometry) => text(&self.shown.crs, geometry)?,
            None => String::new(),
        };
        let values = self.shown.chosen_fields().map(value);
        record(out, std::iter::once(feature.id.to_string()).chain(values).chain([geometry]))
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }
}

/// A value that no spreadsheet works out: a text that would be a formula has an apostrophe before it, which spreadsheets do not show.
fn plain(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) if text.starts_with(FORMULA) => format!("'{text}"),
        other => other.to_string(),
    }
}

fn text(crs: &OutputCrs, geometry: &Geometry<f64>) -> Result<String, EncodeError> {
    if crs.is_as_kept() {
        return Ok(geometry.wkt_string());
    }
    let placed = geometry.try_map_coords(|at| crs.axes(at).map(|[x, y]| Coord { x, y }))?;
    Ok(placed.wkt_string())
}

fn record(out: &mut Vec<u8>, values: impl Iterator<Item = String>) -> Result<(), EncodeError> {
    let failed = |error: csv::Error| EncodeError::Format(error.to_string());
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(values).map_err(failed)?;
    writer.flush().map_err(|error| EncodeError::Format(error.to_string()))
}
