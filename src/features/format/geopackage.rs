//! GeoPackage, by GDAL: a file that is written in place, so it cannot be streamed, and nothing is handed out.

use std::path::Path;

use gdal::errors::GdalError;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::sql::Dialect;
use gdal::vector::{Defn, Feature as Row, Geometry, Layer, LayerAccess, LayerOptions};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};
use geozero::{CoordDimensions, ToWkb};

use super::placed::placed;
use super::{EncodeError, FeatureEncoder, Shown, srs};
use crate::model::{Feature, FieldKind, FieldValue};

/// Features of one transaction.
const BATCH: usize = 5_000;
/// What degrees of CRS84 are in the EPSG register; a GeoPackage has x before y anyway.
const WGS84: u32 = 4326;

/// Writes a GeoPackage with one layer.
pub struct GeoPackageEncoder {
    shown: Shown,
    /// `None`: it is closed.
    dataset: Option<Dataset>,
    waiting: Vec<Feature>,
}

impl GeoPackageEncoder {
    /// Creates the file, which must not be there yet.
    pub fn create(path: &Path, shown: &Shown) -> Result<Self, EncodeError> {
        let srs = srs::spatial_ref(shown.crs.epsg().unwrap_or(WGS84))?;
        create(path, shown, &srs).map_err(failed)?;
        let open_flags = GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE;
        let dataset = Dataset::open_ex(path, DatasetOptions { open_flags, ..DatasetOptions::default() });
        Ok(Self { shown: shown.clone(), dataset: Some(dataset.map_err(failed)?), waiting: Vec::new() })
    }

    fn write_waiting(&mut self) -> Result<(), EncodeError> {
        let Some(dataset) = &mut self.dataset else { return Ok(()) };
        let transaction = dataset.start_transaction().map_err(failed)?;
        {
            let layer = transaction.layer(0).map_err(failed)?;
            for feature in self.waiting.drain(..) {
                write(&layer, layer.defn(), &self.shown, &feature)?;
            }
        }
        transaction.commit().map_err(failed)
    }
}

impl FeatureEncoder for GeoPackageEncoder {
    fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }

    fn feature(&mut self, _: &mut Vec<u8>, feature: &Feature) -> Result<(), EncodeError> {
        self.waiting.push(feature.clone());
        if self.waiting.len() < BATCH { Ok(()) } else { self.write_waiting() }
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.write_waiting()?;
        self.dataset.take().map_or(Ok(()), |dataset| dataset.close().map_err(failed))
    }
}

/// Columns are added by a statement, since GDAL's own fields know no truth values by way of this crate.
fn create(path: &Path, shown: &Shown, srs: &SpatialRef) -> Result<(), GdalError> {
    let mut dataset = DriverManager::get_driver_by_name("GPKG")?.create_vector_only(path)?;
    let [fid, geometry] = ["fid", "geom"].map(|name| shown.beside_fields(name));
    let options = [format!("FID={fid}"), format!("GEOMETRY_NAME={geometry}")];
    let options = [options[0].as_str(), options[1].as_str()];
    dataset.create_layer(LayerOptions {
        name: &shown.name,
        srs: Some(srs),
        options: Some(&options),
        ..LayerOptions::default()
    })?;
    let id =
        (shown.beside_fields("id"), if shown.has_whole_ids { FieldKind::Whole } else { FieldKind::Text });
    let fields = shown.chosen_fields().map(|(_, field)| (field.name.clone(), field.kind));
    for (name, kind) in std::iter::once(id).chain(fields) {
        let statement =
            format!("ALTER TABLE {} ADD COLUMN {} {}", quoted(&shown.name), quoted(&name), column_type(kind));
        dataset.execute_sql(statement, None, Dialect::DEFAULT)?;
    }
    dataset.close()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The types of GeoPackage 1.3, table 1.
fn column_type(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text | FieldKind::Uuid => "TEXT",
        FieldKind::Json | FieldKind::Texts | FieldKind::Numbers => "TEXT",
        FieldKind::Whole => "INTEGER",
        FieldKind::Number => "DOUBLE",
        FieldKind::Truth => "BOOLEAN",
        FieldKind::Date => "DATE",
        FieldKind::Instant => "DATETIME",
    }
}

fn write(layer: &Layer<'_>, defn: &Defn, shown: &Shown, feature: &Feature) -> Result<(), EncodeError> {
    let mut row = Row::new(defn).map_err(failed)?;
    row.set_field_string(0, &feature.id.to_string()).map_err(failed)?;
    for (column, (at, _)) in (1..).zip(shown.chosen_fields()) {
        let written = match feature.values.get(at).and_then(Option::as_ref) {
            None => Ok(()),
            Some(FieldValue::Whole(number)) => row.set_field_integer64(column, *number),
            Some(FieldValue::Number(number)) => row.set_field_double(column, *number),
            Some(FieldValue::Truth(truth)) => row.set_field_integer(column, (*truth).into()),
            // GDAL reads instants with all their digits.
            Some(other) => row.set_field_string(column, &other.to_string()),
        };
        written.map_err(failed)?;
    }
    if let Some(geometry) = &feature.geometry {
        let wkb = placed(&shown.crs, geometry)?.to_wkb(CoordDimensions::xy());
        let wkb = wkb.map_err(|error| EncodeError::Format(error.to_string()))?;
        let geometry = Geometry::from_wkb(&wkb).map_err(failed)?;
        row.set_geometry(geometry).map_err(failed)?;
    }
    row.create(layer).map_err(failed)
}

fn failed(error: GdalError) -> EncodeError {
    EncodeError::Format(match error {
        GdalError::NullPointer { msg, .. } | GdalError::CplError { msg, .. } => msg,
        other => other.to_string(),
    })
}
