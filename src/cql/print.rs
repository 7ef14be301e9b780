//! A condition written down: the same text for the same condition, and readable as CQL2 again.

use std::fmt::{Display, Formatter, Result};

use chrono::SecondsFormat;
use wkt::ToWkt;

use super::expression::{Condition, Literal, Property, Scalar, Set};

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Always(truth) => f.write_str(if *truth { "TRUE" } else { "FALSE" }),
            Self::All(parts) => joined(f, parts, " AND "),
            Self::Any(parts) => joined(f, parts, " OR "),
            Self::Not(part) => write!(f, "(NOT {part})"),
            Self::Compare(left, comparison, right) => write!(f, "({left} {} {right})", comparison.as_str()),
            Self::In(value, list) => {
                write!(f, "({value} IN ")?;
                joined(f, list, ", ")?;
                f.write_str(")")
            }
            Self::Like(value, pattern) => write!(f, "({value} LIKE {})", Quoted(pattern, '\'')),
            Self::IsNull(value) => write!(f, "({value} IS NULL)"),
            Self::Spatial(property, relation, shape) => {
                write!(f, "{}({property}, {})", relation.as_str(), shape.geometry().to_wkt())
            }
            Self::Related(one, relation, other) => write!(f, "{}({one}, {other})", relation.as_str()),
            Self::Sets(property, relation, Set::Property(other)) => {
                write!(f, "{}({property}, {other})", relation.as_str())
            }
            Self::Sets(property, relation, Set::Literals(literals)) => {
                write!(f, "{}({property}, ", relation.as_str())?;
                joined(f, literals, ", ")?;
                f.write_str(")")
            }
        }
    }
}

impl Display for Scalar {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Property(property) => property.fmt(f),
            Self::Literal(literal) => literal.fmt(f),
            Self::Folded(text) => write!(f, "casei({text})"),
            Self::Arithmetic(left, arithmetic, right) => {
                write!(f, "({left} {} {right})", arithmetic.as_str())
            }
        }
    }
}

impl Display for Property {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Quoted(&self.name, '"').fmt(f)
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Text(text) => Quoted(text, '\'').fmt(f),
            // The shortest digits that give the number again, with an exponent where that is shorter.
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Truth(truth) => f.write_str(if *truth { "TRUE" } else { "FALSE" }),
            Self::Date(date) => write!(f, "DATE('{date}')"),
            Self::Timestamp(instant) => {
                write!(f, "TIMESTAMP('{}')", instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
        }
    }
}

fn joined<T: Display>(f: &mut Formatter<'_>, parts: &[T], between: &str) -> Result {
    f.write_str("(")?;
    for (number, part) in parts.iter().enumerate() {
        f.write_str(if number == 0 { "" } else { between })?;
        part.fmt(f)?;
    }
    f.write_str(")")
}

/// A text in quotes; those inside are doubled.
struct Quoted<'a>(&'a str, char);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self(text, quote) = self;
        let quote = quote.encode_utf8(&mut [0; 4]).to_owned();
        write!(f, "{quote}{}{quote}", text.replace(quote.as_str(), &quote.repeat(2)))
    }
}
