//! GeoParquet 1.1 as a stream: rows are gathered into row groups, and each is given away when it is full. See <https://geoparquet.org/releases/v1.1.0/>.
//!
//! Geometries are well-known binary, x before y; beside them stands the column `bbox`, by which readers pass over row groups. The description
//! of both is written behind the last row, so that it can name the kinds of geometry that came, and how far they reach.

mod columns;
mod described;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use self::columns::{Boxes, Column, Geometries};
use self::described::Described;
use super::placed::placed;
use super::{EncodeError, FeatureEncoder, Shown};
use crate::model::{Feature, FeatureId, FieldKind, FieldValue};

/// Rows of a batch, which become columns together.
const BATCH: usize = 1_000;
/// Bytes of geometries in a batch.
const BATCH_BYTES: usize = 1 << 20;
/// Rows and bytes of a row group, which waits in memory until it is full.
const GROUP: usize = 16 * BATCH;
const GROUP_BYTES: usize = 8 << 20;

/// Writes GeoParquet.
pub struct GeoParquetEncoder {
    shown: Shown,
    schema: Arc<Schema>,
    ids: Column,
    columns: Vec<Column>,
    geometries: Geometries,
    boxes: Boxes,
    described: Described,
    writer: ArrowWriter<Vec<u8>>,
}

impl GeoParquetEncoder {
    /// For features that are shown like this. An error: PROJ does not know the reference system.
    pub fn new(shown: &Shown) -> Result<Self, EncodeError> {
        let kind = if shown.has_whole_ids { FieldKind::Whole } else { FieldKind::Text };
        let ids = Column::of(kind);
        let columns: Vec<_> = shown.chosen_fields().map(|(_, field)| Column::of(field.kind)).collect();
        let [id, geometry, bbox] = ["id", "geometry", "bbox"].map(|name| shown.beside_fields(name));
        let mut fields = vec![Field::new(&id, ids.data_type(), false)];
        fields.extend(
            shown
                .chosen_fields()
                .zip(&columns)
                .map(|((_, field), column)| Field::new(&field.name, column.data_type(), true)),
        );
        fields.push(Field::new(&geometry, DataType::Binary, true));
        fields.push(Field::new(&bbox, Boxes::data_type(), true));
        let schema = Arc::new(Schema::new(fields));
        let described = Described::new(&shown.crs, &geometry, &bbox)?;
        let writer =
            ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties(&geometry, &bbox)));
        Ok(Self {
            shown: shown.clone(),
            schema,
            ids,
            columns,
            geometries: Geometries::default(),
            boxes: Boxes::default(),
            described,
            writer: writer.map_err(failed)?,
        })
    }

    /// Hands the rows that were gathered to the row group.
    fn close_batch(&mut self) -> Result<(), EncodeError> {
        if self.geometries.len() == 0 {
            return Ok(());
        }
        let mut arrays = vec![self.ids.finish()];
        arrays.extend(self.columns.iter_mut().map(Column::finish));
        arrays.push(self.geometries.finish());
        arrays.push(self.boxes.finish());
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        let batch = batch.map_err(|error| EncodeError::Format(error.to_string()))?;
        self.writer.write(&batch).map_err(failed)
    }

    /// Gives away what is written.
    fn drain(&mut self, out: &mut Vec<u8>) {
        out.append(self.writer.inner_mut());
    }
}

impl FeatureEncoder for GeoParquetEncoder {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.drain(out);
        Ok(())
    }

    fn feature(&mut self, out: &mut Vec<u8>, feature: &Feature) -> Result<(), EncodeError> {
        let geometry =
            feature.geometry.as_ref().map(|geometry| placed(&self.shown.crs, geometry)).transpose()?;
        self.ids.push(Some(&match feature.id {
            FeatureId::Whole(number) => FieldValue::Whole(number),
            FeatureId::Uuid(uuid) => FieldValue::Text(uuid.to_string()),
        }));
        for (column, (at, _)) in self.columns.iter_mut().zip(self.shown.chosen_fields()) {
            column.push(feature.values.get(at).and_then(Option::as_ref));
        }
        self.geometries.push(geometry.as_ref())?;
        self.boxes.push(geometry.as_ref().and_then(|geometry| self.described.see(geometry)));
        if self.geometries.len() >= BATCH || self.geometries.bytes() >= BATCH_BYTES {
            self.close_batch()?;
            self.drain(out);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.close_batch()?;
        self.writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), self.described.to_json()));
        self.writer.finish().map_err(failed)?;
        self.drain(out);
        Ok(())
    }
}

fn properties(geometry: &str, bbox: &str) -> WriterProperties {
    let geometry = ColumnPath::from(geometry);
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("gewu ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        // The least and the greatest of bytes say nothing, and no two are the same.
        .set_column_statistics_enabled(geometry.clone(), EnabledStatistics::None)
        .set_column_dictionary_enabled(geometry, false);
    for side in Boxes::SIDES {
        let side = ColumnPath::new(vec![bbox.to_owned(), side.to_owned()]);
        properties = properties.set_column_dictionary_enabled(side, false);
    }
    properties.build()
}

fn failed(error: ParquetError) -> EncodeError {
    EncodeError::Format(error.to_string())
}

#[cfg(test)]
mod tests {
    use geo::{LineString, Point, Polygon};

    use super::*;
    use crate::features::OutputCrs;

    /// Writes so many features; the most bytes that waited, the most rows that did, and all bytes that came.
    fn written(count: i64, geometry: impl Fn(i64) -> geo::Geometry<f64>) -> (usize, usize, usize) {
        let field = crate::model::Field { name: "name".into(), about: String::new(), kind: FieldKind::Text };
        let shown = Shown {
            name: "c".into(),
            fields: [field].into(),
            has_whole_ids: true,
            chosen: vec![0],
            crs: OutputCrs::default(),
        };
        let mut encoder = GeoParquetEncoder::new(&shown).unwrap();
        let (mut bytes, mut rows, mut all, mut since) = (0, 0, 0, 0);
        let mut out = Vec::new();
        encoder.begin(&mut out).unwrap();
        for number in 0..count {
            let value = Some(FieldValue::Text(format!("建筑 {number}")));
            let feature = Feature {
                id: FeatureId::Whole(number),
                geometry: Some(geometry(number)),
                values: vec![value],
            };
            encoder.feature(&mut out, &feature).unwrap();
            bytes = bytes.max(encoder.writer.memory_size() + encoder.geometries.bytes());
            since = if out.len() > 4 { 0 } else { since + 1 };
            rows = rows.max(since);
            all += std::mem::take(&mut out).len();
        }
        encoder.end(&mut out).unwrap();
        (bytes, rows, all + out.len())
    }

    /// Positions that do not compress.
    fn position(number: i64) -> (f64, f64) {
        let part = |factor: f64| (number as f64 * factor).sin().fract().abs();
        (100.0 + part(12.9898), 25.0 + part(78.233))
    }

    #[test]
    fn never_more_than_a_row_group_waits_in_memory_be_it_of_many_rows_or_of_large_ones() {
        let (bytes, rows, all) = written(60_000, |number| Point::from(position(number)).into());
        assert!(bytes < GROUP_BYTES && rows <= GROUP && all > 2_000_000, "{bytes} {rows} {all}");
        let large = |number: i64| {
            let ring = (0..5_000).map(|at| position(number * 5_000 + at)).collect::<Vec<_>>();
            Polygon::new(LineString::from(ring), Vec::new()).into()
        };
        let (bytes, rows, all) = written(500, large);
        assert!(bytes < 2 * GROUP_BYTES && rows < 300 && all > 3 * GROUP_BYTES, "{bytes} {rows} {all}");
    }
}
