//! Is the log whole? Entry after entry, in the order of their numbers, with the hash of the last one as all that is remembered.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::canonical::canonical_text;
use crate::model::{AuditEntry, AuditHash};

/// What stands before the first entry.
const BEFORE_ALL: AuditHash = [0; 32];

/// An entry by its number and its hash: whoever keeps it elsewhere can tell later whether the log up to there is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0: there is none yet.
    pub id: i64,
    /// Its hash.
    pub hash: AuditHash,
}

/// A text that is no head.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no head of the log: give NUMBER:HASH as `gewu audit verify` prints it, the hash in 64 hexadecimal digits"
)]
pub struct HeadError(String);

/// How a log is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Broken {
    /// Entries are not there.
    #[error("{}", removed(*.first, *.last))]
    Removed {
        /// The number of the first one.
        first: i64,
        /// And of the last one.
        last: i64,
    },
    /// An entry is not as it was written.
    #[error("{}", changed(*.0))]
    Changed(i64),
    /// The end is not there.
    #[error("the log ends with row {last}, but it had a row {known}: its end was cut off")]
    Cut {
        /// The last one that is there.
        last: i64,
        /// The one that is known to have been there.
        known: i64,
    },
    /// The entries hang together, but are not those that were there.
    #[error("row {0} is not the one that the head names: it, or rows before it, were written anew")]
    Rewritten(i64),
}

fn removed(first: i64, last: i64) -> String {
    match first == last {
        true => format!("row {first} was removed"),
        false => format!("rows {first} to {last} were removed"),
    }
}

fn changed(row: i64) -> String {
    let before = row - 1;
    format!(
        "row {row} is not what was written after row {before}: one of the two was changed, or put in the place of another"
    )
}

/// What has been looked at so far.
#[derive(Debug, Clone)]
pub struct Chain {
    last: Head,
    known: Option<Head>,
}

impl Chain {
    /// The beginning of a log, of which an entry is known, if one is.
    pub fn new(known: Option<Head>) -> Self {
        Self { last: Head { id: 0, hash: BEFORE_ALL }, known }
    }

    /// Takes the next entry.
    pub fn follow(&mut self, entry: &AuditEntry) -> Result<(), Broken> {
        let next = self.last.id + 1;
        if entry.id > next {
            return Err(Broken::Removed { first: next, last: entry.id - 1 });
        }
        if entry.id < next || entry.hash != hash(&self.last.hash, entry) {
            return Err(Broken::Changed(entry.id));
        }
        self.last = Head { id: entry.id, hash: entry.hash };
        match self.known {
            Some(known) if known.id == self.last.id && known.hash != self.last.hash => {
                Err(Broken::Rewritten(entry.id))
            }
            _ => Ok(()),
        }
    }

    /// The last entry, after all were taken.
    pub fn end(self) -> Result<Head, Broken> {
        match self.known {
            Some(known) if known.id > self.last.id => {
                Err(Broken::Cut { last: self.last.id, known: known.id })
            }
            _ => Ok(self.last),
        }
    }
}

/// The hash of an entry that stands behind another.
fn hash(before: &AuditHash, entry: &AuditEntry) -> AuditHash {
    Sha256::new().chain_update(before).chain_update(canonical_text(entry)).finalize().into()
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.id)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let read = || {
            let (id, digits) = text.trim().split_once(':')?;
            let id = id.parse().ok().filter(|id| *id >= 0)?;
            if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            let mut hash = [0; 32];
            for (at, byte) in hash.iter_mut().enumerate() {
                *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
            }
            Some(Self { id, hash })
        };
        read().ok_or_else(|| HeadError(text.chars().take(100).collect()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::AuditEvent;

    /// A log of so many entries, written as the database would.
    fn log(length: i64) -> Vec<AuditEntry> {
        let mut before = BEFORE_ALL;
        let mut entry = |id: i64| {
            let event = AuditEvent {
                subject: format!("subject {id}"),
                roles: vec!["auditor".into()],
                purpose: Some("审计".into()),
                action: "read".into(),
                entity: "people".into(),
                ids: Vec::new(),
                rows: id,
                area: Some(Vec::new()),
                origin: "192.0.2.1".into(),
            };
            let at = DateTime::from_timestamp_micros(id).unwrap();
            let mut entry = AuditEntry { id, at, event, hash: BEFORE_ALL };
            entry.hash = hash(&before, &entry);
            before = entry.hash;
            entry
        };
        (1..=length).map(&mut entry).collect()
    }

    fn verdict(log: &[AuditEntry], known: Option<Head>) -> Result<i64, Broken> {
        let mut chain = Chain::new(known);
        log.iter().try_for_each(|entry| chain.follow(entry))?;
        chain.end().map(|head| head.id)
    }

    #[test]
    fn what_is_removed_changed_moved_or_cut_is_told_with_its_number() {
        let whole = log(9);
        let heads: Vec<_> = whole.iter().map(|entry| Head { id: entry.id, hash: entry.hash }).collect();
        assert_eq!((verdict(&whole, None), verdict(&[], None)), (Ok(9), Ok(0)));
        assert!(heads.iter().all(|head| verdict(&whole, Some(*head)) == Ok(9)));

        let without = |gone: std::ops::Range<usize>| {
            let mut left = whole.clone();
            left.drain(gone);
            left
        };
        assert_eq!(verdict(&without(0..1), None), Err(Broken::Removed { first: 1, last: 1 }));
        assert_eq!(verdict(&without(3..6), None), Err(Broken::Removed { first: 4, last: 6 }));
        // The end alone cannot be missed by the log itself.
        assert_eq!(verdict(&without(6..9), None), Ok(6));
        assert_eq!(verdict(&without(6..9), Some(heads[8])), Err(Broken::Cut { last: 6, known: 9 }));

        let mut renumbered = without(3..4);
        renumbered[3..].iter_mut().for_each(|entry| entry.id -= 1);
        assert_eq!(verdict(&renumbered, None), Err(Broken::Changed(4)));
        let mut moved = whole.clone();
        moved.swap(4, 5);
        (moved[4].id, moved[5].id) = (5, 6);
        assert_eq!(verdict(&moved, None), Err(Broken::Changed(5)));
        let mut changed = whole.clone();
        changed[6].event.rows += 1;
        assert_eq!(verdict(&changed, None), Err(Broken::Changed(7)));
        // With a new hash of its own it does not fit the next one.
        changed[6].hash = hash(&changed[5].hash, &changed[6]);
        assert_eq!(verdict(&changed, None), Err(Broken::Changed(8)));
        // All of them written anew: only a head from before tells.
        let mut anew = log(12);
        anew[0].event.subject.push('x');
        let mut before = BEFORE_ALL;
        for entry in &mut anew {
            entry.hash = hash(&before, entry);
            before = entry.hash;
        }
        assert_eq!(
            (verdict(&anew, None), verdict(&anew, Some(heads[3]))),
            (Ok(12), Err(Broken::Rewritten(4)))
        );
    }

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = Head { id: 12, hash: [0xa5; 32] };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in [
            "",
            "12",
            ":",
            "12:a5",
            "-1:00",
            "x:00",
            &format!("1:{}", "é".repeat(32)),
            &format!("1:+{}", "0".repeat(63)),
        ] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong}");
        }
    }
}
