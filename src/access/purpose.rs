//! What for: what a caller says when it asks.

use smol_str::SmolStr;

/// A purpose of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Purpose(SmolStr);

impl Purpose {
    /// The purpose of this name, if it is among the known ones.
    pub fn of(name: &str, known: &[String]) -> Option<Self> {
        known.iter().find(|one| *one == name).map(|one| Self(one.into()))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
