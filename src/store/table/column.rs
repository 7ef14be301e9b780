//! The columns that features carry.

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::quoted;
use crate::model::{FieldKind, FieldValue};

/// A column of a registered table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as it is stored.
    pub name: String,
    /// What its values are.
    pub kind: ColumnKind,
}

/// What the values of a column are, and hence what they are in a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers of single precision.
    Single,
    /// Numbers; of any precision, a double in a tile.
    Real,
    /// True or false.
    Truth,
    /// Days; text in a tile.
    Day,
    /// Instants or times of a calendar; text in a tile.
    Instant,
    /// UUIDs; text in a tile.
    Uuid,
    /// JSON; text in a tile.
    Json,
    /// Lists of texts; JSON in a tile.
    Texts,
    /// Lists of numbers; JSON in a tile.
    Numbers,
    /// Anything else: as PostgreSQL writes it, in text.
    Other,
}

impl ColumnKind {
    /// The kind of a type of PostgreSQL; `None`: its values are no attribute.
    pub(super) fn of(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "text" | "varchar" | "bpchar" | "name" | "citext" => Self::Text,
            "int2" | "int4" | "int8" => Self::Whole,
            "float4" => Self::Single,
            "float8" | "numeric" => Self::Real,
            "bool" => Self::Truth,
            "date" => Self::Day,
            "timestamp" | "timestamptz" => Self::Instant,
            "uuid" => Self::Uuid,
            "json" | "jsonb" => Self::Json,
            "_text" | "_varchar" | "_bpchar" | "_uuid" => Self::Texts,
            "_int2" | "_int4" | "_int8" | "_float4" | "_float8" => Self::Numbers,
            "geometry" | "geography" | "raster" | "topogeometry" | "bytea" => return None,
            _ => Self::Other,
        })
    }
}

impl ColumnKind {
    /// What its values are in a feature.
    pub fn field(self) -> FieldKind {
        match self {
            Self::Text | Self::Other => FieldKind::Text,
            Self::Whole => FieldKind::Whole,
            Self::Single | Self::Real => FieldKind::Number,
            Self::Truth => FieldKind::Truth,
            Self::Day => FieldKind::Date,
            Self::Instant => FieldKind::Instant,
            Self::Uuid => FieldKind::Uuid,
            Self::Json => FieldKind::Json,
            Self::Texts => FieldKind::Texts,
            Self::Numbers => FieldKind::Numbers,
        }
    }
}

impl Column {
    /// The value as a feature holds it, of the row `t`. What is no finite number is absent.
    pub(super) fn value(&self) -> String {
        let name = format!("t.{}", quoted(&self.name));
        match self.kind {
            ColumnKind::Whole => format!("{name}::int8"),
            ColumnKind::Real => format!("case when abs({name}) < 1e308 then {name}::float8 end"),
            // As the decimal that it was given as.
            ColumnKind::Single => format!("case when abs({name}) < 1e308 then {name}::text::float8 end"),
            ColumnKind::Truth => name,
            ColumnKind::Day => format!("case when isfinite({name}) then {name} end"),
            ColumnKind::Instant => format!("case when isfinite({name}) then {name}::timestamptz end"),
            ColumnKind::Json => format!("{name}::jsonb"),
            ColumnKind::Texts | ColumnKind::Numbers => format!("to_jsonb({name})"),
            ColumnKind::Text | ColumnKind::Uuid | ColumnKind::Other => format!("{name}::text"),
        }
    }

    /// The value of [`Column::value`] in a row.
    pub(super) fn read(&self, row: &PgRow, at: usize) -> Result<Option<FieldValue>, sqlx::Error> {
        Ok(match self.kind.field() {
            FieldKind::Text | FieldKind::Uuid => row.try_get::<Option<_>, _>(at)?.map(FieldValue::Text),
            FieldKind::Whole => row.try_get::<Option<_>, _>(at)?.map(FieldValue::Whole),
            FieldKind::Number => row.try_get::<Option<_>, _>(at)?.map(FieldValue::Number),
            FieldKind::Truth => row.try_get::<Option<_>, _>(at)?.map(FieldValue::Truth),
            FieldKind::Date => row.try_get::<Option<_>, _>(at)?.map(FieldValue::Date),
            FieldKind::Instant => row.try_get::<Option<_>, _>(at)?.map(FieldValue::Instant),
            FieldKind::Json | FieldKind::Texts | FieldKind::Numbers => {
                row.try_get::<Option<_>, _>(at)?.map(FieldValue::Json)
            }
        })
    }

    /// The value as a tile holds it, of the row `t`.
    pub(super) fn attribute(&self) -> String {
        let name = quoted(&self.name);
        match self.kind {
            ColumnKind::Whole | ColumnKind::Single | ColumnKind::Truth => format!("t.{name}"),
            ColumnKind::Real => format!("t.{name}::float8 as {name}"),
            ColumnKind::Texts | ColumnKind::Numbers => format!("to_jsonb(t.{name})::text as {name}"),
            _ => format!("t.{name}::text as {name}"),
        }
    }
}
