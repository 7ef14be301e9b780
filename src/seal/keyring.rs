//! The keys of a deployment: the newest seals, every one opens.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use aws_lc_rs::aead::LessSafeKey;
use uuid::Uuid;

use super::data_key::{DataKey, KeyId};
use super::envelope::{Envelope, beginning};
use super::file::{self, Print};
use super::{Field, SealError};

/// The keys of a file. A key that is met and not known is looked for in the file, which may have changed: so a new key
/// needs no restart.
pub struct Keyring {
    file: PathBuf,
    keys: ArcSwap<Vec<Arc<DataKey>>>,
    seen: Mutex<Option<Print>>,
}

impl Keyring {
    /// The keys of a file.
    ///
    /// # Errors
    /// [`SealError`] when the file is not there, others can read it, or it holds something else than keys.
    pub fn read(file: &Path) -> Result<Self, SealError> {
        let seen = file::print(file);
        let keys = ArcSwap::from_pointee(file::read(file)?);
        Ok(Self { file: file.to_owned(), keys, seen: Mutex::new(seen) })
    }

    /// Puts a new key before those of a file, or makes the file (mode 0600) with one: from now on it seals.
    ///
    /// # Errors
    /// [`SealError`] when the file cannot be written, or holds something else than keys.
    pub fn add_key(file: &Path) -> Result<KeyId, SealError> {
        match file::read(file) {
            Err(SealError::File { reason, .. }) if reason.kind() == std::io::ErrorKind::NotFound => {
                file::make(file)
            }
            other => other.and_then(|_| file::add(file)),
        }
    }

    /// Makes a file (mode 0600) with one key.
    ///
    /// # Errors
    /// [`SealError::File`] where there is one already, or it cannot be written.
    pub fn make(file: &Path) -> Result<KeyId, SealError> {
        file::make(file)
    }

    /// The key that seals.
    pub fn newest(&self) -> KeyId {
        self.keys.load()[0].id
    }

    /// All keys, the newest first.
    pub fn ids(&self) -> Vec<KeyId> {
        self.keys.load().iter().map(|key| key.id).collect()
    }

    /// How every value that the newest key sealed begins.
    pub fn newest_beginning(&self) -> String {
        beginning(&self.newest().0)
    }

    /// Seals a text that belongs to a row.
    ///
    /// # Errors
    /// [`SealError::Unfit`] for a text that is too long, or that looks sealed.
    pub fn seal(&self, field: Field, row: Uuid, text: &str) -> Result<String, SealError> {
        self.keys.load()[0].seal(field, row, text)
    }

    /// Opens what is stored for a row; what is not sealed is given as it is.
    ///
    /// # Errors
    /// [`SealError`] when the key is not there, or the value is not as it was sealed.
    pub fn open(&self, field: Field, row: Uuid, stored: String) -> Result<String, SealError> {
        if !super::is_sealed(&stored) {
            return Ok(stored);
        }
        let broken = SealError::Broken { field, row };
        let Some(envelope) = Envelope::read(&stored) else { return Err(broken) };
        let id = KeyId::of(&envelope.head);
        let key = self.find(id)?.ok_or(SealError::UnknownKey { field, row, key: id })?;
        key.open(field, row, envelope).ok_or(broken)
    }

    /// The key of a file with this salt; `None`: the newest.
    pub(super) fn of_file(
        &self,
        id: Option<KeyId>,
        salt: &[u8; 32],
    ) -> Result<(KeyId, LessSafeKey), SealError> {
        let id = id.unwrap_or_else(|| self.newest());
        let key = self.find(id)?.ok_or(SealError::UnknownFileKey(id))?;
        Ok((id, key.of_file(salt)?))
    }

    /// A key, which is looked for in the file as well.
    fn find(&self, id: KeyId) -> Result<Option<Arc<DataKey>>, SealError> {
        let look = || self.keys.load().iter().find(|key| key.id == id).cloned();
        match look() {
            None if self.look_again()? => Ok(look()),
            found => Ok(found),
        }
    }

    /// How values of a column begin that equal a text, under every key of the file as it is now.
    ///
    /// # Errors
    /// [`SealError`] when the file is another one, and cannot be used.
    pub fn beginnings(&self, field: Field, text: &str) -> Result<Vec<String>, SealError> {
        self.look_again()?;
        let of = |key: &Arc<DataKey>| beginning(&[&key.id.0[..], &key.tag(field, text)].concat());
        Ok(self.keys.load().iter().map(of).collect())
    }

    /// Reads the file again if it is another one than that which was read.
    fn look_again(&self) -> Result<bool, SealError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = file::print(&self.file);
        if now.is_none() || now == *seen {
            return Ok(false);
        }
        self.keys.store(Arc::new(file::read(&self.file)?));
        *seen = now;
        Ok(true)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("file", &self.file).field("keys", &self.ids()).finish()
    }
}
