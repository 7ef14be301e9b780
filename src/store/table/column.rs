//! The columns that features carry.

use super::quoted;

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
            "geometry" | "geography" | "raster" | "topogeometry" | "bytea" => return None,
            _ => Self::Other,
        })
    }
}

impl Column {
    /// The value as a tile holds it, of the row `t`.
    pub(super) fn attribute(&self) -> String {
        let name = quoted(&self.name);
        match self.kind {
            ColumnKind::Whole | ColumnKind::Single | ColumnKind::Truth => format!("t.{name}"),
            ColumnKind::Real => format!("t.{name}::float8 as {name}"),
            _ => format!("t.{name}::text as {name}"),
        }
    }
}
