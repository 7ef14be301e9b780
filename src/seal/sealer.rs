//! What the store seals and opens with: keys, or none.

use std::sync::Arc;

use uuid::Uuid;

use super::{Field, Keyring, SealError, is_sealed};

/// Seals and opens. Without keys nothing is sealed, and nothing that is can be opened.
#[derive(Debug, Clone, Default)]
pub struct Sealer(Option<Arc<Keyring>>);

impl Sealer {
    /// With these keys.
    pub fn new(keys: Arc<Keyring>) -> Self {
        Self(Some(keys))
    }

    /// The keys.
    pub fn keys(&self) -> Option<&Keyring> {
        self.0.as_deref()
    }

    /// A text as it is stored for a row.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub fn seal(&self, field: Field, row: Uuid, text: &str) -> Result<String, SealError> {
        match &self.0 {
            Some(keys) => keys.seal(field, row, text),
            None if is_sealed(text) => Err(SealError::Unfit { field, row }),
            None => Ok(text.to_owned()),
        }
    }

    /// The same of a text that may be absent.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub fn seal_optional(
        &self,
        field: Field,
        row: Uuid,
        text: Option<&str>,
    ) -> Result<Option<String>, SealError> {
        text.map(|text| self.seal(field, row, text)).transpose()
    }

    /// What is stored for a row, as text.
    ///
    /// # Errors
    /// As [`Keyring::open`]; [`SealError::NoKey`] without keys.
    pub fn open(&self, field: Field, row: Uuid, stored: String) -> Result<String, SealError> {
        match &self.0 {
            Some(keys) => keys.open(field, row, stored),
            None if is_sealed(&stored) => Err(SealError::NoKey),
            None => Ok(stored),
        }
    }

    /// The same of what may be absent.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn open_optional(
        &self,
        field: Field,
        row: Uuid,
        stored: Option<String>,
    ) -> Result<Option<String>, SealError> {
        stored.map(|stored| self.open(field, row, stored)).transpose()
    }

    /// What values of a column begin with ([`super::TAG_LENGTH`] characters) that may equal a text: sealed by any key, or in the clear.
    ///
    /// # Errors
    /// As [`Keyring::beginnings`].
    pub fn beginnings(&self, field: Field, text: &str) -> Result<Vec<String>, SealError> {
        let mut all = match &self.0 {
            Some(keys) => keys.beginnings(field, text)?,
            None => Vec::new(),
        };
        let cut = |text: &str| text.chars().take(super::TAG_LENGTH).collect::<String>();
        all.extend([cut(text), cut(&field.folded(text))]);
        Ok(all)
    }
}
