//! The text of an API key: `gewu_`, its identity, and 256 bits that only its holder has.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::model::KeyHash;

/// What every key begins with, so that people and secret scanners recognise one.
pub const PREFIX: &str = "gewu_";

/// Bytes of the secret part.
const SECRET: usize = 32;

/// A key as its holder has it. Neither `Debug` nor any log shows it.
#[derive(Clone)]
pub struct KeySecret {
    /// The identity by which it is listed and revoked; no secret.
    pub id: Uuid,
    secret: [u8; SECRET],
}

impl KeySecret {
    /// A new one, from a generator fit for keys, seeded by the system.
    pub fn new() -> Self {
        Self { id: Uuid::now_v7(), secret: rand::random() }
    }

    /// Reads what a caller sent; `None`: this is no key.
    pub fn read(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_at_checked(32)?;
        let mut bytes = [0; SECRET];
        let length = URL_SAFE_NO_PAD.decode_slice(secret.strip_prefix('_')?, &mut bytes).ok()?;
        // The other ways to write an identity are not ours.
        let plain = id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let id = Uuid::try_parse(id).ok().filter(|_| plain)?;
        (length == SECRET).then_some(Self { id, secret: bytes })
    }

    /// The text, for the one time that it is shown.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id.simple(), URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// What is stored. A plain hash is enough: nobody guesses 256 bits.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.secret).into())
    }

    /// Is it the one with this hash? Takes as long when it is not.
    pub fn fits(&self, hash: &KeyHash) -> bool {
        self.hash().0.ct_eq(&hash.0).into()
    }
}

impl Default for KeySecret {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySecret({}, ***)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_shown_and_shows_itself_nowhere_else() {
        let key = KeySecret::new();
        let text = key.reveal();
        assert_eq!(text.len(), PREFIX.len() + 32 + 1 + 43);
        let read = KeySecret::read(&text).unwrap();
        assert!(read.id == key.id && read.fits(&key.hash()));
        let secret = &text[PREFIX.len() + 33..];
        assert!(!format!("{key:?} {:?}", key.hash()).contains(secret));
        assert_ne!(KeySecret::new().reveal(), text);
    }

    #[test]
    fn another_secret_does_not_fit_and_what_is_no_key_is_not_read() {
        let key = KeySecret::new();
        let other = KeySecret { id: key.id, ..KeySecret::new() };
        assert!(!other.fits(&key.hash()));
        let text = key.reveal();
        let cut = &text[..text.len() - 1];
        let more = format!("{text}A");
        let braced = format!("{PREFIX}{}", &key.id.hyphenated().to_string());
        for wrong in
            ["", "gewu_", cut, &more, &braced, &text.to_uppercase(), "gewu_é", &text.replace('_', "-")]
        {
            assert!(KeySecret::read(wrong).is_none(), "{wrong}");
        }
    }
}
