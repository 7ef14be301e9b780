//! A filter as the rest of the program reads it: checked against what can be asked, typed, bounded.
//!
//! Whoever runs it somewhere else walks two types, [`Condition`] and [`Scalar`], and gives them this meaning:
//!
//! - Logic has three values, as in SQL: what compares a value that is absent is unknown; `NOT` of unknown is unknown; `AND` and `OR` are unknown
//!   where the unknown could decide. A feature passes where the whole is true.
//! - Text is compared by code points (`COLLATE "C"`). [`Scalar::Folded`] is [`super::fold`] of its text; literals are folded already.
//! - Numbers are doubles. Arithmetic whose result is no finite number, such as a division by zero, is absent. `%` has the sign of its
//!   dividend, `div` rounds towards zero.
//! - A list is a set: order, repetition and elements that are absent do not count. A list that is absent makes the answer unknown.

use chrono::{DateTime, NaiveDate, Utc};

use super::Shape;

/// Something that can be asked of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queryable<'a> {
    /// Its name in filters.
    pub name: &'a str,
    /// Its type.
    pub kind: Kind,
    /// How the owner of the list finds it again.
    pub key: usize,
}

/// The types of what can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Characters.
    Text,
    /// A number, whole or not.
    Number,
    /// True or false.
    Truth,
    /// A day.
    Date,
    /// An instant.
    Timestamp,
    /// A geometry in longitude and latitude, degrees.
    Geometry,
    /// Texts, as a set.
    Texts,
    /// Numbers, as a set.
    Numbers,
}

/// True, false or unknown of a feature.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The same of every feature.
    Always(bool),
    /// All of these; two or more.
    All(Vec<Condition>),
    /// Any of these; two or more.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
    /// Two values of one kind, compared.
    Compare(Scalar, Comparison, Scalar),
    /// Is a value equal to one of these, which are of its kind?
    In(Scalar, Vec<Scalar>),
    /// Does a text match a pattern? `%` stands for any characters, `_` for one, `\` takes their meaning from the one behind it.
    Like(Scalar, String),
    /// Is a value absent? The one place where a [`Scalar::Property`] may be a geometry.
    IsNull(Scalar),
    /// How a geometry property lies to a geometry: `property RELATION shape`.
    Spatial(Property, Relation, Shape),
    /// How two geometry properties lie to each other: `one RELATION other`.
    Related(Property, Relation, Property),
    /// How the values of a list property, as a set, lie to those of another set.
    Sets(Property, SetRelation, Set),
}

/// A value of a feature, or absent.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// An attribute.
    Property(Property),
    /// A value that the filter names.
    Literal(Literal),
    /// A text as [`super::fold`] writes it, for comparing whatever the case.
    Folded(Box<Scalar>),
    /// Two numbers put together.
    Arithmetic(Box<Scalar>, Arithmetic, Box<Scalar>),
}

/// A value that a filter names.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Characters.
    Text(String),
    /// A finite number.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// A day.
    Date(NaiveDate),
    /// An instant.
    Timestamp(DateTime<Utc>),
}

/// One of the [`Queryable`]s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// How the owner of the list finds it again.
    pub key: usize,
}

/// How two values are compared; truths are equal or not, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// How two numbers are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `%`
    Modulo,
    /// `div`
    Whole,
    /// `^`
    Power,
}

/// Values without order, whether each is there once or more often.
#[derive(Debug, Clone, PartialEq)]
pub enum Set {
    /// Those of another list property.
    Property(Property),
    /// Those that the filter names; of the kind of the property that they are held against.
    Literals(Vec<Literal>),
}

/// How two sets lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetRelation {
    /// All of the second are in the first.
    Contains,
    /// All of the first are in the second.
    ContainedBy,
    /// Both.
    Equals,
    /// They have one in common.
    Overlaps,
}

/// How geometries lie to each other, as Simple Features (OGC 06-103r4) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They have a point in common.
    Intersects,
    /// They have none.
    Disjoint,
    /// The first is a part of the second, and not of its boundary only.
    Within,
    /// The second is a part of the first, and not of its boundary only.
    Contains,
    /// They are the same points.
    Equals,
    /// Their boundaries have points in common, their interiors none.
    Touches,
    /// Geometries of one dimension have that much in common, and each has some of its own.
    Overlaps,
    /// Geometries of different dimensions, or two lines, have less than that in common.
    Crosses,
}

impl Condition {
    /// The properties that it reads, each as often as it does.
    pub fn properties(&self) -> Vec<&Property> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a Property>) {
        match self {
            Self::Always(_) => {}
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(found)),
            Self::Not(part) => part.collect(found),
            Self::Compare(left, _, right) => [left, right].into_iter().for_each(|side| side.collect(found)),
            Self::In(value, list) => std::iter::once(value).chain(list).for_each(|one| one.collect(found)),
            Self::Like(value, _) | Self::IsNull(value) => value.collect(found),
            Self::Spatial(property, ..) | Self::Sets(property, _, Set::Literals(_)) => found.push(property),
            Self::Related(one, _, other) | Self::Sets(one, _, Set::Property(other)) => {
                found.extend([one, other]);
            }
        }
    }
}

impl Scalar {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Property(property) => property.kind,
            Self::Literal(literal) => literal.kind(),
            Self::Folded(_) => Kind::Text,
            Self::Arithmetic(..) => Kind::Number,
        }
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a Property>) {
        match self {
            Self::Property(property) => found.push(property),
            Self::Literal(_) => {}
            Self::Folded(text) => text.collect(found),
            Self::Arithmetic(left, _, right) => {
                [left, right].into_iter().for_each(|side| side.collect(found));
            }
        }
    }
}

impl Literal {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Number(_) => Kind::Number,
            Self::Truth(_) => Kind::Truth,
            Self::Date(_) => Kind::Date,
            Self::Timestamp(_) => Kind::Timestamp,
        }
    }
}

impl Kind {
    /// The type in words: `a text`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Truth => "true or false",
            Self::Date => "a date",
            Self::Timestamp => "a timestamp",
            Self::Geometry => "a geometry",
            Self::Texts => "a list of texts",
            Self::Numbers => "a list of numbers",
        }
    }
}

/// Each of a closed set of operators with its name in both encodings.
macro_rules! named {
    ($type:ty: $($variant:ident $name:literal),+) => {
        impl $type {
            /// Its name in CQL2.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub(super) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

named!(Comparison: Equal "=", Unequal "<>", Less "<", AtMost "<=", Greater ">", AtLeast ">=");
named!(Arithmetic: Plus "+", Minus "-", Times "*", Over "/", Modulo "%", Whole "div", Power "^");
named!(Relation: Intersects "s_intersects", Disjoint "s_disjoint", Within "s_within", Contains "s_contains", Equals "s_equals",
    Touches "s_touches", Overlaps "s_overlaps", Crosses "s_crosses");

impl Relation {
    /// The same said from the other side.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            same => same,
        }
    }
}

impl SetRelation {
    const ALL: [Self; 4] = [Self::Contains, Self::ContainedBy, Self::Equals, Self::Overlaps];

    /// Its name in CQL2.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "a_contains",
            Self::ContainedBy => "a_containedBy",
            Self::Equals => "a_equals",
            Self::Overlaps => "a_overlaps",
        }
    }

    /// Text has names in small letters, JSON as the standard writes them.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.as_str().eq_ignore_ascii_case(name))
    }

    /// The same said from the other side.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Contains => Self::ContainedBy,
            Self::ContainedBy => Self::Contains,
            same => same,
        }
    }

    /// Do two sets lie like this? O(left * right).
    pub(super) fn says<T: PartialEq>(self, left: &[T], right: &[T]) -> bool {
        let is_superset = |one: &[T], other: &[T]| other.iter().all(|value| one.contains(value));
        match self {
            Self::Contains => is_superset(left, right),
            Self::ContainedBy => is_superset(right, left),
            Self::Equals => is_superset(left, right) && is_superset(right, left),
            Self::Overlaps => left.iter().any(|value| right.contains(value)),
        }
    }
}
