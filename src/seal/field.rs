//! What is sealed, and how a text is folded before equals are looked for.

use std::borrow::Cow;
use std::fmt;

/// A column that is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The name of a resident.
    PersonName,
    /// The telephone number of a resident.
    PersonPhone,
    /// The address of a resident.
    PersonAddress,
    /// The household of a resident.
    PersonHousehold,
    /// The name of a worker.
    WorkerName,
    /// The telephone number of a worker.
    WorkerPhone,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::PersonName,
        Self::PersonPhone,
        Self::PersonAddress,
        Self::PersonHousehold,
        Self::WorkerName,
        Self::WorkerPhone,
    ];

    /// Table and column. Keys are derived from it: it never changes.
    pub fn label(self) -> &'static str {
        match self {
            Self::PersonName => "person.name",
            Self::PersonPhone => "person.phone",
            Self::PersonAddress => "person.address",
            Self::PersonHousehold => "person.household",
            Self::WorkerName => "worker.name",
            Self::WorkerPhone => "worker.phone",
        }
    }

    /// May equals be looked for? Whoever reads the tables sees which rows are equal in such a column, and nothing more.
    pub fn is_matched(self) -> bool {
        matches!(self, Self::PersonName | Self::PersonPhone)
    }

    /// A text as it is compared: widths, cases, spaces and the ways to write a number do not count.
    pub fn folded(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::PersonPhone | Self::WorkerPhone => number(text).into(),
            _ => text.chars().filter(|c| !c.is_whitespace()).flat_map(plain).collect::<String>().into(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A character in its narrow form and lower case; the dots in names that are written in several ways are one.
fn plain(character: char) -> impl Iterator<Item = char> {
    let narrow = match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '\u{2022}' | '\u{2027}' | '\u{30fb}' | '\u{ff65}' | '\u{22c5}' => '\u{b7}',
        other => other,
    };
    narrow.to_lowercase()
}

/// The characters that are dialled; China's own prefix does not count.
fn number(text: &str) -> String {
    let dialled: String = text.chars().flat_map(plain).filter(|c| c.is_alphanumeric() || *c == '+').collect();
    let mobile = |rest: &&str| rest.len() == 11 && rest.starts_with('1');
    let local = ["+86", "0086", "86"].iter().find_map(|prefix| dialled.strip_prefix(prefix).filter(mobile));
    local.map(str::to_owned).unwrap_or(dialled)
}
