//! A sealed value as text: a prefix, then in base64 (URL alphabet, no padding) the identity of the key (6 bytes), the tag of the folded text (15), the
//! tag of row and text (9), the nonce (12), and what AES-GCM gives (as long as the text, and 16). The first three end at whole characters,
//! so the database compares them without knowing the rest.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What every sealed value begins with, and nothing else.
pub const PREFIX: &str = "gewu1:";
/// Characters up to the end of the key's identity.
pub const KEY_LENGTH: usize = PREFIX.len() + 8;
/// Characters up to the end of the tag of the folded text.
pub const TAG_LENGTH: usize = KEY_LENGTH + 20;
/// Characters up to the end of the tag of row and text.
pub const EXACT_LENGTH: usize = TAG_LENGTH + 12;

/// Bytes of what stands before the nonce.
pub(super) const HEAD: usize = 30;
const NONCE: usize = 12;
/// Bytes that AES-GCM adds.
const ADDED: usize = 16;
/// Longest sealed text in bytes; nobody is called so.
pub(super) const LONGEST: usize = 1 << 16;

/// A sealed value, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Key, tag of the folded text, tag of row and text: authenticated, and not secret.
    pub(super) head: [u8; HEAD],
    /// The nonce.
    pub(super) nonce: [u8; NONCE],
    /// What AES-GCM gave.
    pub(super) sealed: Vec<u8>,
}

/// Is a stored text a sealed value, whole or not?
pub fn is_sealed(stored: &str) -> bool {
    stored.starts_with(PREFIX)
}

impl Envelope {
    /// Takes a stored text apart; `None`: it is none of ours.
    pub(super) fn read(stored: &str) -> Option<Self> {
        let written = stored.strip_prefix(PREFIX)?;
        if written.len() > LONGEST * 2 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(written).ok()?;
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        (sealed.len() >= ADDED).then(|| Self { head: *head, nonce: *nonce, sealed: sealed.to_vec() })
    }

    /// The text that is stored.
    pub(super) fn written(&self) -> String {
        let bytes = [&self.head[..], &self.nonce, &self.sealed].concat();
        let mut text = String::with_capacity(PREFIX.len() + bytes.len() * 4 / 3 + 4);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text
    }
}

/// How the beginning of every value with this head is written: up to the tag of the folded text.
pub(super) fn beginning(head: &[u8]) -> String {
    let mut text = PREFIX.to_owned();
    URL_SAFE_NO_PAD.encode_string(head, &mut text);
    text
}
