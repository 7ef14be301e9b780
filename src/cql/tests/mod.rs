//! Reading, answering, and what is refused.

mod abstract_tests;
mod answering;
mod bounds;
mod examples;
mod reading;
mod sets;
mod temporal;

use std::borrow::Cow;
use std::collections::BTreeMap;

use geo::Geometry;

use super::{Condition, CqlError, Feature, Kind, Language, Property, Queryable, Value, parse};

/// A made-up collection: `key` is the place in this list.
const KNOWN: [Queryable; 15] = [
    queryable("name", Kind::Text, 0),
    queryable("owner", Kind::Text, 1),
    queryable("级别", Kind::Text, 2),
    queryable("eo:instrument", Kind::Text, 3),
    queryable("floors", Kind::Number, 4),
    queryable("height", Kind::Number, 5),
    queryable("value", Kind::Number, 6),
    queryable("pool", Kind::Truth, 7),
    queryable("built", Kind::Date, 8),
    queryable("updated", Kind::Timestamp, 9),
    queryable("geometry", Kind::Geometry, 10),
    queryable("and", Kind::Number, 11),
    queryable("tags", Kind::Texts, 12),
    queryable("aliases", Kind::Texts, 13),
    queryable("storeys", Kind::Numbers, 14),
];

const fn queryable(name: &'static str, kind: Kind, key: usize) -> Queryable<'static> {
    Queryable { name, kind, key }
}

fn text(filter: &str) -> Result<Condition, CqlError> {
    parse(filter, Language::Text, &KNOWN)
}

fn json(filter: &str) -> Result<Condition, CqlError> {
    parse(filter, Language::Json, &KNOWN)
}

/// A feature of the collection: what is not in it is absent.
#[derive(Debug, Default)]
struct Row {
    values: BTreeMap<usize, Value<'static>>,
    geometry: Option<Geometry<f64>>,
}

impl Row {
    fn with(mut self, name: &str, value: Value<'static>) -> Self {
        let found = KNOWN.iter().find(|queryable| queryable.name == name).unwrap();
        self.values.insert(found.key, value);
        self
    }
}

impl Feature for Row {
    fn value(&self, property: &Property) -> Option<Value<'_>> {
        self.values.get(&property.key).cloned()
    }

    fn geometry(&self, _: &Property) -> Option<Cow<'_, Geometry<f64>>> {
        self.geometry.as_ref().map(Cow::Borrowed)
    }
}
