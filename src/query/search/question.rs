//! What is asked of a search.

use std::collections::BTreeSet;

use super::fold::fold;
use super::pattern::MOST_UNITS;
use crate::atlas::{GridIndex, PartKind};

/// The most words that are looked for one by one.
const MOST_WORDS: usize = 8;

/// What can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Searched {
    /// Grids of all levels.
    Grids,
    /// Buildings.
    Buildings,
    /// Facilities.
    Facilities,
}

impl Searched {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Grids, Self::Buildings, Self::Facilities];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grids => "grids",
            Self::Buildings => "buildings",
            Self::Facilities => "facilities",
        }
    }

    /// The collection of a name, or which there are. People and workers are none.
    pub fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|searched| searched.as_str() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.map(Self::as_str).into();
            format!("there is no collection {name:?} to search; there are {}", known.join(", "))
        })
    }

    pub(super) fn of(kind: PartKind) -> Self {
        match kind {
            PartKind::Grids => Self::Grids,
            PartKind::Buildings => Self::Buildings,
            PartKind::Facilities => Self::Facilities,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuestion {
    /// What was typed; see [`Sought`].
    pub sought: Sought,
    /// Where to look.
    pub collections: BTreeSet<Searched>,
    /// Only this grid and what lies in it.
    pub within: Option<GridIndex>,
    /// How many to list.
    pub limit: usize,
}

/// What was typed, fit to be looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    pub(super) phrase: Vec<u16>,
    pub(super) words: Vec<Vec<u16>>,
}

impl Sought {
    /// Reads what was typed: letters, digits and Chinese characters count, 1 to 63 of them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let phrase = fold(text);
        if phrase.is_empty() {
            return Err(
                "type a name, an address, a code or pinyin: letters, digits or Chinese characters".to_owned()
            );
        }
        if phrase.len() > MOST_UNITS {
            return Err(format!("{} characters are more than {MOST_UNITS}", phrase.len()));
        }
        let words = text.split_whitespace().map(fold).filter(|word| !word.is_empty());
        let words: Vec<_> = words.take(MOST_WORDS + 1).collect();
        let words = if (2..=MOST_WORDS).contains(&words.len()) { words } else { Vec::new() };
        Ok(Self { phrase, words })
    }
}
