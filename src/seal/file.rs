//! The file of keys: a key a line, the newest first, for its owner only. Lines that begin with `#` are for people.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use super::data_key::{DataKey, KEY};
use super::{KeyId, SealError};

/// What a key begins with, so that people and secret scanners recognise one.
const MARK: &str = "gewu-key-1:";
/// What stands above a key.
const KEY_COMMENT: &str = "# key ";
/// Bytes of a file of keys at most.
const MOST: u64 = 1 << 16;

const HEADER: &str = "# Data keys of Gewu 数据密钥: whoever has this file and the database reads names and phones. Without it nobody does: keep a copy, \
    apart from copies of the database.\n# The newest key is the first; older ones open what is not sealed anew yet (gewu data-key rekey).\n";

/// What tells that a file is another one: its place on the disk, and when it was written.
pub(super) type Print = (u64, i64, i64, u64);

pub(super) fn print(file: &Path) -> Option<Print> {
    let found = fs::metadata(file).ok()?;
    Some((found.ino(), found.mtime(), found.mtime_nsec(), found.len()))
}

/// The keys of a file, the newest first.
pub(super) fn read(file: &Path) -> Result<Vec<Arc<DataKey>>, SealError> {
    let text = text(file)?;
    let mut keys: Vec<Arc<DataKey>> = Vec::new();
    for (number, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = || SealError::Line { file: file.to_owned(), line: number + 1 };
        let key = key_of(line).ok_or_else(wrong)?;
        let key = DataKey::new(&key)?;
        if keys.iter().any(|other| other.id == key.id) {
            continue;
        }
        keys.push(Arc::new(key));
    }
    if keys.is_empty() { Err(SealError::Empty(file.to_owned())) } else { Ok(keys) }
}

/// Makes a file with one key; there must be none yet.
pub(super) fn make(file: &Path) -> Result<KeyId, SealError> {
    let (id, lines) = new_key()?;
    let unfinished = unfinished(file, &[HEADER, lines.as_str()])?;
    unfinished.persist_noclobber(file).map_err(|error| failed(file, error.error))?;
    settle(file)?;
    Ok(id)
}

/// Puts a new key before those of a file: all of it or nothing.
pub(super) fn add(file: &Path) -> Result<KeyId, SealError> {
    let former = text(file)?;
    let (id, lines) = new_key()?;
    let is_header = |line: &&str| line.starts_with("# ") && !line.starts_with(KEY_COMMENT);
    let header = former.split_inclusive('\n').take_while(is_header).map(str::len).sum();
    let (before, after) = former.split_at(header);
    let unfinished = unfinished(file, &[before, lines.as_str(), after])?;
    unfinished.persist(file).map_err(|error| failed(file, error.error))?;
    settle(file)?;
    Ok(id)
}

fn new_key() -> Result<(KeyId, Zeroizing<String>), SealError> {
    let mut key = Zeroizing::new([0; KEY]);
    aws_lc_rs::rand::fill(&mut key[..]).map_err(|_| SealError::Library("no randomness"))?;
    let id = DataKey::new(&key)?.id;
    let written = Zeroizing::new(URL_SAFE_NO_PAD.encode(&key[..]));
    let made = Utc::now().format("%Y-%m-%d");
    Ok((id, Zeroizing::new(format!("{KEY_COMMENT}{id}, made {made}\n{MARK}{}\n", &*written))))
}

/// A file beside the one that it will be, written and on the disk.
fn unfinished(file: &Path, parts: &[&str]) -> Result<NamedTempFile, SealError> {
    let folder = folder(file);
    let write = || {
        fs::create_dir_all(folder)?;
        let mut unfinished = tempfile::Builder::new();
        unfinished.prefix(".data-key-").permissions(fs::Permissions::from_mode(0o600));
        let mut unfinished = unfinished.tempfile_in(folder)?;
        parts.iter().try_for_each(|part| unfinished.write_all(part.as_bytes()))?;
        unfinished.as_file().sync_all()?;
        Ok(unfinished)
    };
    write().map_err(|reason| failed(file, reason))
}

fn settle(file: &Path) -> Result<(), SealError> {
    File::open(folder(file)).and_then(|folder| folder.sync_all()).map_err(|reason| failed(file, reason))
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(file: &Path, reason: io::Error) -> SealError {
    SealError::File { file: file.to_owned(), reason }
}

fn text(file: &Path) -> Result<Zeroizing<String>, SealError> {
    let failed = |reason| failed(file, reason);
    let opened = File::open(file).map_err(failed)?;
    let found = opened.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(failed(io::Error::other("it is no regular file")));
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SealError::Open { file: file.to_owned(), mode });
    }
    if found.len() > MOST {
        return Err(failed(io::Error::other("it is longer than 64 KiB, which no file of keys is")));
    }
    let mut text = Zeroizing::new(String::with_capacity(found.len() as usize + 1));
    opened.take(MOST).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn key_of(line: &str) -> Option<Zeroizing<[u8; KEY]>> {
    let mut key = Zeroizing::new([0; KEY]);
    let length = URL_SAFE_NO_PAD.decode_slice(line.strip_prefix(MARK)?, &mut key[..]).ok()?;
    (length == KEY).then_some(key)
}
