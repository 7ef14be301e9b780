//! A table of the database that a deployment registers in its catalogue, as it is named there.

use std::fmt;
use std::time::Duration;

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
    /// How long one query may take.
    pub time_limit: Duration,
    /// The most features of one tile.
    pub max_features: u32,
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
