//! A whole file, sealed: what is kept beside the database holds names too.
//!
//! A mark, the identity of the key (6 bytes) and a salt (32); then chunks of a mebibyte, each with what AES-GCM adds, the last one shorter or empty. The key of the
//! file is made of the salt (HMAC-SHA-256), the nonce counts the chunks, and whether a chunk is the last one is authenticated: so none can be left out, moved or
//! taken from another file.

use std::io::{self, Write};

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};

use super::data_key::{DataKey, KeyId};
use super::{Keyring, SealError};

const MARK: &[u8] = b"gewu-sealed-1\n";
const SALT: usize = 32;
const CHUNK: usize = 1 << 20;
/// Bytes that AES-GCM adds.
const ADDED: usize = 16;

/// Seals what is written into it. [`SealedWriter::finish`] writes the end; without it the file does not open.
pub struct SealedWriter<W: Write> {
    out: W,
    key: LessSafeKey,
    chunk: Vec<u8>,
    number: u64,
}

impl Keyring {
    /// Seals with the newest key whatever is written.
    ///
    /// # Errors
    /// What `out` says.
    pub fn sealing<W: Write>(&self, mut out: W) -> io::Result<SealedWriter<W>> {
        let mut salt = [0; SALT];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| io::Error::other("no randomness"))?;
        let (id, key) = self.of_file(None, &salt).map_err(io::Error::other)?;
        out.write_all(MARK)?;
        out.write_all(&id.0)?;
        out.write_all(&salt)?;
        Ok(SealedWriter { out, key, chunk: Vec::with_capacity(CHUNK + ADDED), number: 0 })
    }

    /// What such a file holds; one that is not sealed is given as it is.
    ///
    /// # Errors
    /// [`SealError`] when the key is not there, or the file is not as it was written.
    pub fn opened(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, SealError> {
        let Some(rest) = bytes.strip_prefix(MARK) else { return Ok(bytes) };
        let (id, rest) = rest.split_first_chunk().ok_or(SealError::BrokenFile)?;
        let (salt, sealed) = rest.split_first_chunk::<SALT>().ok_or(SealError::BrokenFile)?;
        let (_, key) = self.of_file(Some(KeyId(*id)), salt)?;
        let chunks = sealed.len().div_ceil(CHUNK + ADDED);
        let last = chunks.checked_sub(1).ok_or(SealError::BrokenFile)?;
        // In place: what was opened is shorter than what was sealed, and large files are not held twice.
        let (mut from, mut end) = (bytes.len() - sealed.len(), 0);
        for number in 0..chunks {
            let until = (from + CHUNK + ADDED).min(bytes.len());
            bytes.copy_within(from..until, end);
            let aad = Aad::from([u8::from(number == last)]);
            let chunk = &mut bytes[end..end + (until - from)];
            let opened = key.open_in_place(nonce(number as u64), aad, chunk);
            end += opened.map_err(|_| SealError::BrokenFile)?.len();
            from = until;
        }
        bytes.truncate(end);
        Ok(bytes)
    }
}

/// Is it such a file?
pub fn is_sealed_file(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK)
}

impl<W: Write> SealedWriter<W> {
    /// Writes the last chunk, and gives back where it wrote.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let aad = Aad::from([u8::from(last)]);
        let sealed = self.key.seal_in_place_append_tag(nonce(self.number), aad, &mut self.chunk);
        sealed.map_err(|_| io::Error::other("AES-256-GCM"))?;
        self.number += 1;
        self.out.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: the last one must be known as such.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

impl DataKey {
    pub(super) fn of_file(&self, salt: &[u8; SALT]) -> Result<LessSafeKey, SealError> {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        key.copy_from_slice(aws_lc_rs::hmac::sign(&self.file, salt).as_ref());
        super::data_key::sealing_key(&key)
    }
}
