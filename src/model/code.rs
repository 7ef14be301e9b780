//! Codes: labels of grids and divisions. A code may change; the identity of a grid is its UUID.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use thiserror::Error;

/// The code of a grid or division: 1 to 64 ASCII letters, digits, `-`, `_` or `.`.
///
/// Codes are text: a leading zero counts. Cheap to clone; up to 23 characters stand in the code itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(SmolStr);

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Nothing, or only white space.
    #[error("the code is empty")]
    Empty,
    /// Longer than 64 characters.
    #[error("the code {0:?} has more than 64 characters")]
    TooLong(String),
    /// A character outside `A-Z a-z 0-9 - _ .`
    #[error("the code {code:?} contains {found:?}; letters, digits, '-', '_' and '.' are allowed")]
    Character {
        /// The text as given.
        code: String,
        /// The first character that is not allowed.
        found: char,
    },
}

impl Code {
    /// The longest code in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Reads a code; white space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CodeError::Empty);
        }
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(CodeError::TooLong(text.to_owned()));
        }
        match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))) {
            Some(found) => Err(CodeError::Character { code: text.to_owned(), found }),
            None => Ok(Self(text.into())),
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::parse(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0.into()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({:?})", &self.0)
    }
}

/// The six-digit county division that a row is stored under: the partition key of every big table.
///
/// `000000` holds what belongs to no county.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct County(String);

impl County {
    /// The county of a code: its first six digits, or `000000` when it does not begin with six digits.
    pub fn of(code: &Code) -> Self {
        match code.as_str().get(..6) {
            Some(prefix) if prefix.bytes().all(|b| b.is_ascii_digit()) => Self(prefix.to_owned()),
            _ => Self::none(),
        }
    }

    /// The county of what no county holds.
    pub fn none() -> Self {
        Self("000000".to_owned())
    }

    /// Reads a stored county.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_zero_is_kept() {
        assert_eq!(Code::parse(" 010203 ").unwrap().as_str(), "010203");
    }

    #[test]
    fn a_code_with_a_space_inside_is_refused_by_name() {
        let error = Code::parse("53 29").unwrap_err();
        assert_eq!(error, CodeError::Character { code: "53 29".into(), found: ' ' });
    }

    #[test]
    fn the_county_is_the_first_six_digits_or_none() {
        assert_eq!(County::of(&Code::parse("532901003001").unwrap()).as_str(), "532901");
        assert_eq!(County::of(&Code::parse("5329").unwrap()), County::none());
        assert_eq!(County::of(&Code::parse("grid-7").unwrap()), County::none());
    }
}
