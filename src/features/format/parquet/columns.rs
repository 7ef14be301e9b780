//! Values on their way to becoming columns.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, NullBufferBuilder,
    StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, StructArray};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use chrono::NaiveDate;
use geo::{Geometry, Rect};
use geozero::{CoordDimensions, ToWkb};

use crate::features::format::EncodeError;
use crate::model::{FieldKind, FieldValue};

/// The time zone of instants.
const UTC: &str = "UTC";

/// The values of a field.
pub(super) enum Column {
    Text(StringBuilder),
    Whole(Int64Builder),
    Number(Float64Builder),
    Truth(BooleanBuilder),
    Date(Date32Builder),
    Instant(TimestampMicrosecondBuilder),
}

impl Column {
    /// For values of a kind. JSON and UUIDs are text.
    pub(super) fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text | FieldKind::Uuid | FieldKind::Json | FieldKind::Texts | FieldKind::Numbers => {
                Self::Text(StringBuilder::new())
            }
            FieldKind::Whole => Self::Whole(Int64Builder::new()),
            FieldKind::Number => Self::Number(Float64Builder::new()),
            FieldKind::Truth => Self::Truth(BooleanBuilder::new()),
            FieldKind::Date => Self::Date(Date32Builder::new()),
            FieldKind::Instant => Self::Instant(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
        }
    }

    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Whole(_) => DataType::Int64,
            Self::Number(_) => DataType::Float64,
            Self::Truth(_) => DataType::Boolean,
            Self::Date(_) => DataType::Date32,
            Self::Instant(_) => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        }
    }

    /// Appends a value of the column's kind.
    pub(super) fn push(&mut self, value: Option<&FieldValue>) {
        match (self, value) {
            (Self::Text(column), Some(FieldValue::Text(text))) => column.append_value(text),
            (Self::Text(column), other) => column.append_option(other.map(ToString::to_string)),
            (Self::Whole(column), Some(FieldValue::Whole(number))) => column.append_value(*number),
            (Self::Number(column), Some(FieldValue::Number(number))) => column.append_value(*number),
            (Self::Truth(column), Some(FieldValue::Truth(truth))) => column.append_value(*truth),
            (Self::Date(column), Some(FieldValue::Date(date))) => column.append_value(days(*date)),
            (Self::Instant(column), Some(FieldValue::Instant(at))) => {
                column.append_value(at.timestamp_micros())
            }
            (Self::Whole(column), _) => column.append_null(),
            (Self::Number(column), _) => column.append_null(),
            (Self::Truth(column), _) => column.append_null(),
            (Self::Date(column), _) => column.append_null(),
            (Self::Instant(column), _) => column.append_null(),
        }
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Whole(column) => Arc::new(column.finish()),
            Self::Number(column) => Arc::new(column.finish()),
            Self::Truth(column) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Instant(column) => Arc::new(column.finish()),
        }
    }
}

/// Days since 1970.
fn days(date: NaiveDate) -> i32 {
    (date - NaiveDate::default()).num_days() as i32
}

/// Geometries as well-known binary.
#[derive(Default)]
pub(super) struct Geometries {
    column: BinaryBuilder,
    rows: usize,
    bytes: usize,
}

impl Geometries {
    pub(super) fn push(&mut self, geometry: Option<&Geometry<f64>>) -> Result<(), EncodeError> {
        let wkb = geometry.map(|geometry| geometry.to_wkb(CoordDimensions::xy())).transpose();
        let wkb = wkb.map_err(|error| EncodeError::Format(error.to_string()))?;
        self.bytes += wkb.as_ref().map_or(0, Vec::len);
        self.rows += 1;
        self.column.append_option(wkb);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        (self.rows, self.bytes) = (0, 0);
        Arc::new(self.column.finish())
    }
}

/// How far each geometry reaches.
#[derive(Default)]
pub(super) struct Boxes {
    sides: [Float64Builder; 4],
    rows: Vec<bool>,
}

impl Boxes {
    pub(super) const SIDES: [&'static str; 4] = ["xmin", "ymin", "xmax", "ymax"];

    pub(super) fn data_type() -> DataType {
        DataType::Struct(Self::fields())
    }

    fn fields() -> Fields {
        Self::SIDES.iter().map(|side| Field::new(*side, DataType::Float64, false)).collect()
    }

    pub(super) fn push(&mut self, bounds: Option<Rect<f64>>) {
        let sides = bounds.map(|bounds| [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y]);
        for (column, side) in self.sides.iter_mut().zip(sides.unwrap_or_default()) {
            column.append_value(side);
        }
        self.rows.push(sides.is_some());
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        let mut present = NullBufferBuilder::new(self.rows.len());
        self.rows.drain(..).for_each(|is_there| present.append(is_there));
        let sides = self.sides.iter_mut().map(|side| Arc::new(side.finish()) as ArrayRef).collect();
        Arc::new(StructArray::new(Self::fields(), sides, present.finish()))
    }
}
