//! Levels of the hierarchy. What a level means differs from place to place: it is data, not code.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A level of the hierarchy: 1 (the whole deployment) to 6 (the smallest grids).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

/// A number that is no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0} is not a level; levels are 1 to 6")]
pub struct LevelError(pub i64);

impl Level {
    /// The number of levels that Gewu knows.
    pub const COUNT: usize = 6;
    /// The top of the hierarchy.
    pub const TOP: Self = Self(1);

    /// Reads a level number.
    pub fn new(number: i64) -> Result<Self, LevelError> {
        match u8::try_from(number) {
            Ok(level @ 1..=6) => Ok(Self(level)),
            _ => Err(LevelError(number)),
        }
    }

    /// 1 to 6.
    pub fn number(self) -> u8 {
        self.0
    }

    /// 0 to 5, for arrays with a place a level.
    pub fn index(self) -> usize {
        usize::from(self.0 - 1)
    }

    /// All levels, from the top down.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=6).map(Self)
    }
}

impl TryFrom<u8> for Level {
    type Error = LevelError;

    fn try_from(number: u8) -> Result<Self, LevelError> {
        Self::new(i64::from(number))
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What one level is called in a deployment, and where it reads well on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelName {
    /// The level.
    pub level: Level,
    /// Its name in Chinese, as the operators say it: 州, 县市, 乡镇街道...
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// The first zoom at which tiles carry it.
    pub min_zoom: u8,
    /// The last zoom at which tiles carry it.
    pub max_zoom: u8,
}

/// The levels of a deployment, from the top down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelScheme {
    /// One entry a level that is in use.
    pub levels: Vec<LevelName>,
}

impl LevelScheme {
    /// The entry of a level, if the deployment uses it.
    pub fn get(&self, level: Level) -> Option<&LevelName> {
        self.levels.iter().find(|entry| entry.level == level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_to_six() {
        assert_eq!(Level::new(0), Err(LevelError(0)));
        assert_eq!(Level::new(7), Err(LevelError(7)));
        assert_eq!(
            Level::all().map(|l| Level::new(i64::from(l.number())).unwrap().index()).sum::<usize>(),
            15
        );
    }
}
