//! One key of the deployment, and what is derived from it.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::envelope::{Envelope, HEAD, LONGEST, PREFIX};
use super::{Field, SealError};

/// Which key; no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(super) [u8; 6]);

/// Bytes of a key.
pub(super) const KEY: usize = 32;
const TAG: usize = 15;
const EXACT: usize = 9;

/// A key, ready to use. Its bytes are gone: what is derived is kept by the library, which wipes it.
pub(super) struct DataKey {
    pub(super) id: KeyId,
    columns: Vec<Column>,
    /// Makes the keys of files.
    pub(super) file: hmac::Key,
}

struct Column {
    seal: LessSafeKey,
    tag: hmac::Key,
    exact: hmac::Key,
}

/// So many bytes as are asked for.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl DataKey {
    /// Derives all that is needed.
    pub(super) fn new(key: &[u8; KEY]) -> Result<Self, SealError> {
        let secret = Salt::new(HKDF_SHA256, b"gewu data key 1").extract(key);
        let mut id = [0; 6];
        derive(&secret, &["id"], &mut id)?;
        let columns = Field::ALL.iter().map(|field| Column::of(&secret, *field)).collect::<Result<_, _>>()?;
        let mut file = Zeroizing::new([0; KEY]);
        derive(&secret, &["file"], &mut file[..])?;
        let file = hmac::Key::new(hmac::HMAC_SHA256, &file[..]);
        Ok(Self { id: KeyId(id), columns, file })
    }

    fn column(&self, field: Field) -> &Column {
        &self.columns[field as usize]
    }

    /// Seals a text that belongs to a row.
    pub(super) fn seal(&self, field: Field, row: Uuid, text: &str) -> Result<String, SealError> {
        if text.len() > LONGEST || text.starts_with(PREFIX) {
            return Err(SealError::Unfit { field, row });
        }
        let column = self.column(field);
        let mut head = [0; HEAD];
        head[..6].copy_from_slice(&self.id.0);
        if field.is_matched() {
            head[6..6 + TAG].copy_from_slice(&self.tag(field, text));
        }
        let mut exact = hmac::Context::with_key(&column.exact);
        exact.update(row.as_bytes());
        exact.update(text.as_bytes());
        head[6 + TAG..].copy_from_slice(&exact.sign().as_ref()[..EXACT]);
        let mut nonce = [0; 12];
        rand::fill(&mut nonce).map_err(|_| SealError::Library("no randomness"))?;
        let mut sealed = text.as_bytes().to_vec();
        let aad = Aad::from(bound_to(field, row, &head));
        column
            .seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| SealError::Library("AES-256-GCM"))?;
        Ok(Envelope { head, nonce, sealed }.written())
    }

    /// The text of a sealed value; `None`: it was not sealed so, for this row and column.
    pub(super) fn open(&self, field: Field, row: Uuid, envelope: Envelope) -> Option<String> {
        let aad = Aad::from(bound_to(field, row, &envelope.head));
        let mut bytes = envelope.sealed;
        let nonce = Nonce::assume_unique_for_key(envelope.nonce);
        let length = self.column(field).seal.open_in_place(nonce, aad, &mut bytes).ok()?.len();
        bytes.truncate(length);
        String::from_utf8(bytes).ok()
    }

    /// The tag that equal texts have.
    pub(super) fn tag(&self, field: Field, text: &str) -> [u8; TAG] {
        let mut tag = [0; TAG];
        let hash = hmac::sign(&self.column(field).tag, field.folded(text).as_bytes());
        tag.copy_from_slice(&hash.as_ref()[..TAG]);
        tag
    }
}

impl Column {
    fn of(secret: &Prk, field: Field) -> Result<Self, SealError> {
        let mut key = Zeroizing::new([0; KEY]);
        derive(secret, &["seal", field.label()], &mut key[..])?;
        let seal = sealing_key(&key)?;
        derive(secret, &["tag", field.label()], &mut key[..])?;
        let tag = hmac::Key::new(hmac::HMAC_SHA256, &key[..]);
        derive(secret, &["exact", field.label()], &mut key[..])?;
        let exact = hmac::Key::new(hmac::HMAC_SHA256, &key[..]);
        Ok(Self { seal, tag, exact })
    }
}

pub(super) fn sealing_key(key: &[u8; KEY]) -> Result<LessSafeKey, SealError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::Library("AES-256-GCM"))?;
    Ok(LessSafeKey::new(key))
}

/// Every purpose has its own output; parts are parted by a space, which no part holds.
fn derive(secret: &Prk, purpose: &[&str], out: &mut [u8]) -> Result<(), SealError> {
    let purpose = purpose.join(" ");
    let info = [purpose.as_bytes()];
    let refused = |_| SealError::Library("HKDF-SHA-256");
    secret.expand(&info, Length(out.len())).and_then(|okm| okm.fill(out)).map_err(refused)
}

/// What is authenticated beside the text: where it belongs, and what stands before it.
fn bound_to(field: Field, row: Uuid, head: &[u8; HEAD]) -> Vec<u8> {
    [field.label().as_bytes(), b"\0", row.as_bytes(), head].concat()
}

impl KeyId {
    /// Reads it as it stands in a sealed value.
    pub fn read(written: &str) -> Option<Self> {
        let mut id = [0; 6];
        let length = URL_SAFE_NO_PAD.decode_slice(written, &mut id).ok()?;
        (length == id.len()).then_some(Self(id))
    }

    /// The key that a head names.
    pub(super) fn of(head: &[u8; HEAD]) -> Self {
        let mut id = [0; 6];
        id.copy_from_slice(&head[..6]);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}
