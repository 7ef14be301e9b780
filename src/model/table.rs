//! A table of the database that a deployment registers in its catalogue, as it is named there.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

/// A table or view with a geometry. What is named here is not known to exist: the store looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSource {
    /// Its schema and its name.
    pub relation: Relation,
    /// The column with the geometry; `None`: the only one there is.
    pub geometry: Option<String>,
    /// The column that tells features apart, an integer or a UUID; `None`: features have no id.
    pub feature_id: Option<String>,
    /// The columns that features carry as attributes.
    pub columns: Vec<String>,
    /// Only the rows whose columns say this, as text.
    pub only: BTreeMap<String, String>,
    /// How long one query may take.
    pub time_limit: Duration,
    /// The most features of one tile.
    pub max_features: u32,
}

/// How long a query of a table may take where the catalogue says nothing, and what it may say.
const TIME_LIMIT_MS: u32 = 2_000;
const TIME_LIMITS_MS: RangeInclusive<u32> = 10..=30_000;
/// The most features of a tile where the catalogue says nothing, and what it may say.
const MAX_FEATURES: u32 = 50_000;
const MOST_FEATURES: RangeInclusive<u32> = 1..=1_000_000;
/// The most attributes of a table.
const MOST_COLUMNS: usize = 100;

/// The keys by which a catalogue names a table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableKeys {
    /// `schema.name`.
    pub table: String,
    /// The column with the geometry.
    pub geometry: Option<String>,
    /// The column that tells features apart.
    pub feature_id: Option<String>,
    /// Only the rows whose columns say this.
    #[serde(default)]
    pub only: BTreeMap<String, String>,
    /// How long one query may take.
    pub time_limit_ms: Option<u32>,
    /// The most features of one tile.
    pub max_features: Option<u32>,
}

impl TableSource {
    /// The table that a catalogue names, with these columns. What cannot be is told with what can.
    pub fn of(keys: TableKeys, columns: Vec<String>) -> Result<Self, String> {
        let named = &keys.table;
        let relation = Relation::parse(named)
            .ok_or_else(|| format!("table = {named:?} names no table; give \"schema.name\""))?;
        for column in columns.iter().chain(&keys.geometry).chain(&keys.feature_id).chain(keys.only.keys()) {
            if !(1..=Relation::LONGEST).contains(&column.len()) || column.contains(char::is_control) {
                return Err(format!("{column:?} names no column; give 1 to {} bytes", Relation::LONGEST));
            }
        }
        if columns.len() > MOST_COLUMNS {
            return Err(format!(
                "{} fields are more than the {MOST_COLUMNS} that there may be",
                columns.len()
            ));
        }
        let within = |key: &str, value: u32, range: RangeInclusive<u32>| match range.contains(&value) {
            true => Ok(value),
            false => Err(format!("{key} = {value}: give {} to {}", range.start(), range.end())),
        };
        let time_limit_ms =
            within("time_limit_ms", keys.time_limit_ms.unwrap_or(TIME_LIMIT_MS), TIME_LIMITS_MS)?;
        Ok(Self {
            relation,
            geometry: keys.geometry,
            feature_id: keys.feature_id,
            columns,
            only: keys.only,
            time_limit: Duration::from_millis(time_limit_ms.into()),
            max_features: within("max_features", keys.max_features.unwrap_or(MAX_FEATURES), MOST_FEATURES)?,
        })
    }
}

/// The name of a table or view: its schema and its own name, as they are stored. Displayed `schema.name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    /// The schema.
    pub schema: String,
    /// The name in it.
    pub name: String,
}

impl Relation {
    /// The longest name in bytes: PostgreSQL cuts a longer one off.
    pub const LONGEST: usize = 63;

    /// Reads `schema.name`; neither part may hold a dot. `None`: it is no such name.
    pub fn parse(text: &str) -> Option<Self> {
        let (schema, name) = text.split_once('.')?;
        let fit = |part: &str| {
            (1..=Self::LONGEST).contains(&part.len()) && !part.contains(|c: char| c == '.' || c.is_control())
        };
        (fit(schema) && fit(name)).then(|| Self { schema: schema.to_owned(), name: name.to_owned() })
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_is_a_schema_and_a_name_as_they_are_stored() {
        for text in ["public.roads", "公安.道路", "a.Roads of 2026", "a.\"b\";--"] {
            assert_eq!(Relation::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["roads", ".roads", "public.", "db.public.roads", "public.a\nb", "a.b\0"] {
            assert_eq!(Relation::parse(wrong), None, "{wrong:?}");
        }
        assert_eq!(Relation::parse(&format!("a.{}", "b".repeat(64))), None);
    }
}
