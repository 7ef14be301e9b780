//! A feature as standards and files know it: an identity, a geometry, and values of named fields.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use geo::Geometry;
use uuid::Uuid;

/// A field that the features of a collection have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it means.
    pub about: String,
    /// What its values are.
    pub kind: FieldKind,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Characters.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers.
    Number,
    /// True or false.
    Truth,
    /// Days.
    Date,
    /// Instants.
    Instant,
    /// UUIDs.
    Uuid,
    /// Anything that JSON can say.
    Json,
    /// Several texts, as a list of JSON.
    Texts,
    /// Several numbers, as a list of JSON.
    Numbers,
}

impl FieldKind {
    /// Are its values written as JSON?
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Texts | Self::Numbers)
    }
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Characters.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A finite number.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// A day.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// Anything that JSON can say.
    Json(serde_json::Value),
}

impl fmt::Display for FieldValue {
    /// As text: days and instants as RFC 3339 writes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Truth(truth) => truth.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Instant(instant) => f.write_str(&rfc3339(*instant)),
            Self::Json(value) => value.fmt(f),
        }
    }
}

/// An instant as RFC 3339 writes it, with as many digits as it needs.
pub fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// What tells the features of a collection apart. In its order features come, page after page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeatureId {
    /// A number.
    Whole(i64),
    /// A UUID.
    Uuid(Uuid),
}

impl fmt::Display for FeatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            Self::Uuid(uuid) => uuid.fmt(f),
        }
    }
}

/// One feature of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its identity.
    pub id: FeatureId,
    /// Where it is, in degrees of CGCS2000; `None`: nobody knows.
    pub geometry: Option<Geometry<f64>>,
    /// A value a field, in the order of the collection; `None`: absent.
    pub values: Vec<Option<FieldValue>>,
}
