//! A condition answered for a feature in memory.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use geo::{BoundingRect, Geometry, Intersects, Rect};

use super::expression::{Arithmetic, Comparison, Condition, Kind, Literal, Property, Relation, Scalar, Set};
use super::like::{fold, matches};
use super::spatial::relates;

/// Something that can be asked.
pub trait Feature {
    /// The value of a property; `None`: it is absent. Of the kind that the property has.
    fn value(&self, property: &Property) -> Option<Value<'_>>;

    /// The geometry that a property holds, in longitude and latitude, degrees.
    fn geometry(&self, property: &Property) -> Option<Cow<'_, Geometry<f64>>>;

    /// The envelope of that geometry, which often settles the question; worth giving where it is at hand.
    fn envelope(&self, property: &Property) -> Option<Rect<f64>> {
        self.geometry(property)?.bounding_rect()
    }
}

/// A value of a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Characters.
    Text(Cow<'a, str>),
    /// A finite number.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// A day.
    Date(NaiveDate),
    /// An instant.
    Timestamp(DateTime<Utc>),
    /// Several, without those that are absent.
    List(Vec<Value<'a>>),
}

impl Condition {
    /// Is it true of a feature? What is unknown is not.
    pub fn holds(&self, feature: &impl Feature) -> bool {
        self.answer(feature) == Some(true)
    }

    /// True, false or unknown.
    pub fn answer(&self, feature: &impl Feature) -> Option<bool> {
        match self {
            Self::Always(truth) => Some(*truth),
            Self::All(parts) => decided(parts, feature, false),
            Self::Any(parts) => decided(parts, feature, true),
            Self::Not(part) => part.answer(feature).map(|truth| !truth),
            Self::Compare(left, comparison, right) => {
                let ordering = order(&left.of(feature)?, &right.of(feature)?)?;
                Some(comparison.says(ordering))
            }
            Self::In(value, list) => {
                let value = value.of(feature)?;
                let equal = |one: &Scalar| Some(order(&value, &one.of(feature)?)? == Ordering::Equal);
                any(list.iter().map(equal))
            }
            Self::Like(value, pattern) => match value.of(feature)? {
                Value::Text(text) => Some(matches(&text, pattern)),
                _ => None,
            },
            Self::IsNull(Scalar::Property(property)) if property.kind == Kind::Geometry => {
                Some(feature.envelope(property).is_none())
            }
            Self::IsNull(value) => Some(value.of(feature).is_none()),
            Self::Spatial(property, relation, shape) => {
                if !feature.envelope(property)?.intersects(shape.envelope()) {
                    return Some(*relation == Relation::Disjoint);
                }
                Some(relates(&*feature.geometry(property)?, *relation, shape.geometry()))
            }
            Self::Related(one, relation, other) => {
                Some(relates(&*feature.geometry(one)?, *relation, &*feature.geometry(other)?))
            }
            Self::Sets(property, relation, set) => {
                let other = match set {
                    Set::Property(other) => list(feature, other)?,
                    Set::Literals(literals) => literals.iter().map(Literal::value).collect(),
                };
                Some(relation.says(&list(feature, property)?, &other))
            }
        }
    }
}

fn list<'a>(feature: &'a impl Feature, property: &Property) -> Option<Vec<Value<'a>>> {
    match feature.value(property)? {
        Value::List(values) => Some(values),
        _ => None,
    }
}

/// Any part that says `deciding` decides; otherwise any unknown makes the whole unknown.
fn decided(parts: &[Condition], feature: &impl Feature, deciding: bool) -> Option<bool> {
    any(parts.iter().map(|part| part.answer(feature).map(|truth| truth == deciding)))
        .map(|found| found == deciding)
}

/// Is any of these true? Unknown where only unknown ones could be.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all_known = true;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all_known = false,
        }
    }
    all_known.then_some(false)
}

impl Scalar {
    fn of<'a>(&'a self, feature: &'a impl Feature) -> Option<Value<'a>> {
        match self {
            Self::Property(property) => feature.value(property),
            Self::Literal(literal) => Some(literal.value()),
            Self::Folded(text) => match text.of(feature)? {
                Value::Text(text) => Some(Value::Text(Cow::Owned(fold(&text)))),
                _ => None,
            },
            Self::Arithmetic(left, arithmetic, right) => match (left.of(feature)?, right.of(feature)?) {
                (Value::Number(left), Value::Number(right)) => {
                    Some(arithmetic.of(left, right)).filter(|number| number.is_finite()).map(Value::Number)
                }
                _ => None,
            },
        }
    }
}

impl Literal {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Number(number) => Value::Number(*number),
            Self::Truth(truth) => Value::Truth(*truth),
            Self::Date(date) => Value::Date(*date),
            Self::Timestamp(instant) => Value::Timestamp(*instant),
        }
    }
}

impl Arithmetic {
    fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
            Self::Modulo => left % right,
            Self::Whole => (left / right).trunc(),
            Self::Power => left.powf(right),
        }
    }
}

impl Comparison {
    pub(super) fn says(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Unequal => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

/// How two values of one kind lie.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::Truth(left), Value::Truth(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Timestamp(left), Value::Timestamp(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
