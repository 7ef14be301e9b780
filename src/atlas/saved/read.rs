//! From bytes to what an atlas is built from; whatever the bytes, it ends in a snapshot or in a reason.

use super::record::{Record, Source};
use super::{END, FORMAT, MAGIC, SavedError, Stamp, TAIL};
use crate::model::{LevelScheme, Snapshot};

/// A saved atlas whose bytes are all there and unchanged.
#[derive(Debug)]
pub struct Saved<'a> {
    stamp: Stamp,
    rows: &'a [u8],
    at: usize,
}

impl<'a> Saved<'a> {
    /// Checks form, length and sum of the bytes, and reads the stamp.
    pub fn open(bytes: &'a [u8]) -> Result<Self, SavedError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SavedError::NotOne)?;
        let (format, _) = rest.split_first_chunk::<4>().ok_or(SavedError::CutShort(bytes.len()))?;
        let format = u32::from_le_bytes(*format);
        if format != FORMAT {
            return Err(SavedError::Format(format));
        }
        let rows = intact(bytes)?;
        let mut source = Source::new(rows, MAGIC.len() + 4);
        let stamp = Stamp::take(&mut source)?;
        Ok(Self { stamp, rows, at: source.position() })
    }

    /// Whose it is.
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// What the atlas was made of, read on two cores. Takes memory by the length of the bytes, whatever they say.
    pub fn snapshot(&self) -> Result<Snapshot, SavedError> {
        let (grids, others) = self.divided()?;
        let (grids, others) = rayon::join(|| read_grids(grids), || read_others(others));
        let (grids, others) = (grids?, others?);
        Ok(Snapshot {
            revision: grids.revision,
            at: grids.at,
            levels: grids.levels,
            grids: grids.grids,
            ..others
        })
    }

    /// The part up to the grids, and that from the workers on.
    fn divided(&self) -> Result<(Source<'a>, Source<'a>), SavedError> {
        let whole = Source::new(self.rows, self.at);
        let cut_short = || whole.refuse("the place where the workers begin is missing");
        let (rows, divide) = self.rows.split_last_chunk::<8>().ok_or_else(cut_short)?;
        let divide = usize::try_from(u64::from_le_bytes(*divide)).ok();
        let divide = divide.filter(|divide| (self.at..=rows.len()).contains(divide)).ok_or_else(cut_short)?;
        Ok((Source::new(&rows[..divide], self.at), Source::new(rows, divide)))
    }
}

fn read_grids(mut from: Source<'_>) -> Result<Snapshot, SavedError> {
    let from = &mut from;
    let snapshot = Snapshot {
        revision: Record::take(from)?,
        at: Record::take(from)?,
        levels: LevelScheme { levels: from.rows()? },
        grids: from.rows()?,
        ..Snapshot::default()
    };
    from.end()?;
    Ok(snapshot)
}

fn read_others(mut from: Source<'_>) -> Result<Snapshot, SavedError> {
    let from = &mut from;
    let snapshot = Snapshot {
        workers: from.rows()?,
        assignments: from.rows()?,
        absences: from.rows()?,
        buildings: from.rows()?,
        facilities: from.rows()?,
        people: from.rows()?,
        ..Snapshot::default()
    };
    from.end()?;
    Ok(snapshot)
}

/// The bytes before the tail, if they are those that it was written for.
fn intact(bytes: &[u8]) -> Result<&[u8], SavedError> {
    let cut_short = || SavedError::CutShort(bytes.len());
    let whole = bytes.strip_suffix(END).ok_or_else(cut_short)?;
    let (rest, sum) = whole.split_last_chunk::<4>().ok_or_else(cut_short)?;
    let (rows, length) = rest.split_last_chunk::<8>().ok_or_else(cut_short)?;
    debug_assert_eq!(rows.len() + TAIL, bytes.len());
    check("length", rows.len() as u64, u64::from_le_bytes(*length))?;
    check("checksum", crc32fast::hash(rows).into(), u32::from_le_bytes(*sum).into())?;
    Ok(rows)
}

fn check(what: &'static str, found: u64, wanted: u64) -> Result<(), SavedError> {
    if found == wanted { Ok(()) } else { Err(SavedError::Damaged { what, found, wanted }) }
}
