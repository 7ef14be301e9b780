//! From bytes to an atlas; whatever the bytes, it ends in one or in a reason.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use geo::Coord;

use super::record::{Record, Source};
use super::{END, FORMAT, MAGIC, SavedError, Stamp, TAIL};
use crate::atlas::build::KeptAtlas;
use crate::atlas::detail::KeptDepth;
use crate::atlas::grids::KeptGrid;
use crate::model::{LevelName, LevelScheme, Snapshot};

/// No grid takes fewer bytes: an identity, a level, and a byte for each text, choice and list.
const LEAST_GRID: usize = 24;

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

    /// What an atlas is put together from, read on two cores; the bytes are no longer needed then. Takes memory by their length, whatever
    /// they say.
    pub fn read(&self) -> Result<KeptAtlas, SavedError> {
        let [borders, grids, others] = self.parts()?;
        let (borders, (grids, others)) = rayon::join(
            || read_borders(borders),
            || rayon::join(|| read_grids(grids), || read_others(others)),
        );
        let (Borders { revision, at, levels, lines }, present, others) = (borders?, grids?, others?);
        let Others { is_prepared, depths, rows } = others;
        let rows = Snapshot { revision, at, levels: LevelScheme { levels }, ..rows };
        Ok(KeptAtlas { rows, present, lines, depths, is_prepared })
    }

    /// What is read by itself: up to the borders, the grids, and all the rest.
    fn parts(&self) -> Result<[Source<'a>; 3], SavedError> {
        let whole = Source::new(self.rows, self.at);
        let cut_short = || whole.refuse("the places where grids and others begin are missing");
        let (rows, others) = self.rows.split_last_chunk::<8>().ok_or_else(cut_short)?;
        let (rows, grids) = rows.split_last_chunk::<8>().ok_or_else(cut_short)?;
        let place = |bytes: &[u8; 8]| usize::try_from(u64::from_le_bytes(*bytes)).unwrap_or(usize::MAX);
        let (grids, others) = (place(grids), place(others));
        if !(self.at <= grids && grids <= others && others <= rows.len()) {
            return Err(cut_short());
        }
        Ok([
            Source::new(&rows[..grids], self.at),
            Source::new(&rows[..others], grids),
            Source::new(rows, others),
        ])
    }
}

struct Borders {
    revision: i64,
    at: DateTime<Utc>,
    levels: Vec<LevelName>,
    lines: Vec<Arc<[Coord<f64>]>>,
}

fn read_borders(mut from: Source<'_>) -> Result<Borders, SavedError> {
    let from = &mut from;
    let borders = Borders {
        revision: Record::take(from)?,
        at: Record::take(from)?,
        levels: from.rows()?,
        lines: from.rows()?,
    };
    from.end()?;
    Ok(borders)
}

fn read_grids(mut from: Source<'_>) -> Result<Vec<KeptGrid>, SavedError> {
    let grids = from.counted(LEAST_GRID)?;
    from.end()?;
    Ok(grids)
}

struct Others {
    is_prepared: bool,
    depths: Vec<KeptDepth>,
    rows: Snapshot,
}

fn read_others(mut from: Source<'_>) -> Result<Others, SavedError> {
    let from = &mut from;
    let (is_prepared, depths) = (Record::take(from)?, from.rows()?);
    let rows = Snapshot {
        grids: from.rows()?,
        workers: from.rows()?,
        assignments: from.rows()?,
        absences: from.rows()?,
        buildings: from.rows()?,
        facilities: from.rows()?,
        people: from.rows()?,
        ..Snapshot::default()
    };
    from.end()?;
    Ok(Others { is_prepared, depths, rows })
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
