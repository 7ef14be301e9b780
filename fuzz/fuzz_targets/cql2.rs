//! Whatever bytes come as a filter are read or refused; what is read is answered, and written down so that it is read again.

#![no_main]

#[allow(dead_code, unused_imports, reason = "the room has more than this asks")]
#[path = "../../src/cql/mod.rs"]
mod cql;

use std::borrow::Cow;

use cql::{Feature, Kind, Language, Property, Queryable, Value};
use geo::{Geometry, Rect};
use libfuzzer_sys::fuzz_target;

const KNOWN: [Queryable; 8] = [
    Queryable { name: "name", kind: Kind::Text, key: 0 },
    Queryable { name: "floors", kind: Kind::Number, key: 1 },
    Queryable { name: "pool", kind: Kind::Truth, key: 2 },
    Queryable { name: "built", kind: Kind::Date, key: 3 },
    Queryable { name: "updated", kind: Kind::Timestamp, key: 4 },
    Queryable { name: "geometry", kind: Kind::Geometry, key: 5 },
    Queryable { name: "tags", kind: Kind::Texts, key: 6 },
    Queryable { name: "years", kind: Kind::Numbers, key: 7 },
];

struct House;

impl Feature for House {
    fn value(&self, property: &Property) -> Option<Value<'_>> {
        match property.kind {
            Kind::Text => Some(Value::Text(Cow::Borrowed("Straße 5"))),
            Kind::Number => Some(Value::Number(3.0)),
            Kind::Truth => Some(Value::Truth(true)),
            Kind::Texts => Some(Value::List(["庭院", "shop"].map(|tag| Value::Text(Cow::Borrowed(tag))).into())),
            Kind::Numbers => Some(Value::List([1998.0, 2020.5].map(Value::Number).into())),
            Kind::Date | Kind::Timestamp | Kind::Geometry => None,
        }
    }

    fn geometry(&self, _: &Property) -> Option<Cow<'_, Geometry<f64>>> {
        Some(Cow::Owned(Geometry::Polygon(Rect::new((0.0, 0.0), (4.0, 4.0)).to_polygon())))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(filter) = std::str::from_utf8(bytes) else { return };
    for language in [Language::Text, Language::Json] {
        let Ok(condition) = cql::parse(filter, language, &KNOWN) else { continue };
        let answer = condition.answer(&House);
        let written = condition.to_string();
        // Written down it has more parentheses, and may be too much to read again.
        if let Ok(again) = cql::parse(&written, Language::Text, &KNOWN) {
            assert_eq!(again, condition, "{written}");
            assert_eq!(again.answer(&House), answer, "{written}");
        }
    }
});
