//! The work file of a bake: what was made so far, in a form that survives any end of the process.
//!
//! ```text
//! gewu bake 1 ORDER \n                                          what is baked, of which data
//! 1  number u64  digest [16]  length u32  content               a tile; length 0: the content stands before
//! 3  the same                                                   a tile that was coarsened
//! 2  through u64  CRC-32 u32                                    the end of a batch: all up to this number is done
//! ```
//!
//! Numbers are those of PMTiles, rising; integers little-endian. A batch counts when its end is there and its checksum fits:
//! whatever follows the last such end is cut off when the file is opened again.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crc32fast::Hasher;

use super::error::BakeError;

/// The beginning of the SHA-256 of a content, not compressed.
pub(super) type Digest = [u8; 16];

const TILE: u8 = 1;
const END: u8 = 2;
const COARSENED: u8 = 3;
/// No tile is as large; a longer one is damage.
const LONGEST: u32 = 1 << 30;
/// Bytes that are read or written at once.
const BUFFER: usize = 1 << 20;

/// Takes a tile: number, digest of the content, content; none where a tile before had the same.
pub(super) type Take<'a> = &'a mut dyn FnMut(u64, Digest, Option<&[u8]>) -> Result<(), BakeError>;

/// A tile that was made.
pub(super) struct Made {
    pub(super) number: u64,
    pub(super) digest: Digest,
    /// Compressed; `None` where the file has it already.
    pub(super) content: Option<Vec<u8>>,
    /// Was it drawn more coarsely to keep to its budget?
    pub(super) coarsened: bool,
}

/// What was there when a work file was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No work file.
    Nothing,
    /// One of the same order, with so many tiles.
    Same(u64),
    /// One of another order, which is gone now.
    Other,
}

/// A work file that is being written.
#[derive(Debug)]
pub(super) struct Work {
    path: PathBuf,
    file: File,
    /// Behind the order.
    first: u64,
    /// Behind the last whole batch.
    end: u64,
    through: Option<u64>,
    tiles: u64,
    coarsened: u64,
    /// The contents that stand in it.
    known: HashSet<Digest>,
}

impl Work {
    /// Opens or begins the work file of an order, a text without line breaks, and holds it against other processes.
    pub(super) fn open(path: &Path, order: &str) -> Result<(Self, Found), BakeError> {
        let told = BakeError::of(path);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = open.map_err(&told)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => BakeError::Busy(path.to_owned()),
            TryLockError::Error(error) => told(error),
        })?;
        let head = format!("gewu bake 1 {order}\n");
        let first = head.len() as u64;
        let new = Self {
            path: path.to_owned(),
            file,
            first,
            end: first,
            through: None,
            tiles: 0,
            coarsened: 0,
            known: HashSet::new(),
        };
        let (work, found) = new.begin(head.as_bytes()).map_err(&told)?;
        Ok((work, found))
    }

    fn begin(mut self, head: &[u8]) -> io::Result<(Self, Found)> {
        let empty = self.file.metadata()?.len() == 0;
        let mut there = vec![0; head.len()];
        let same = self.file.read_exact_at(&mut there, 0).is_ok() && there == head;
        if same {
            self.replay()?;
            self.file.set_len(self.end)?;
            let tiles = self.tiles;
            return Ok((self, Found::Same(tiles)));
        }
        self.file.set_len(0)?;
        self.file.write_all_at(head, 0)?;
        Ok((self, if empty { Found::Nothing } else { Found::Other }))
    }

    /// Takes in every whole batch.
    fn replay(&mut self) -> io::Result<()> {
        let mut reader = Records::new(&self.file, self.first);
        let mut batch: Vec<Digest> = Vec::new();
        let (mut tiles, mut coarse) = (0, 0);
        loop {
            match reader.next()? {
                None => return Ok(()),
                Some(Record::Tile { digest, coarsened, .. }) => {
                    tiles += 1;
                    coarse += u64::from(coarsened);
                    batch.push(digest);
                }
                Some(Record::End { through }) => {
                    self.known.extend(batch.drain(..));
                    self.tiles += std::mem::take(&mut tiles);
                    self.coarsened += std::mem::take(&mut coarse);
                    self.through = Some(through);
                    self.end = reader.at;
                }
            }
        }
    }

    /// The last number that is done; `None` at the beginning.
    pub(super) fn through(&self) -> Option<u64> {
        self.through
    }

    /// How many tiles hold something so far.
    pub(super) fn tiles(&self) -> u64 {
        self.tiles
    }

    /// How many of them were coarsened.
    pub(super) fn coarsened(&self) -> u64 {
        self.coarsened
    }

    /// The contents that stand in it.
    pub(super) fn known(&self) -> &HashSet<Digest> {
        &self.known
    }

    /// Appends a batch: everything up to the number `through` that was not there before.
    pub(super) fn append(&mut self, batch: &[Made], through: u64) -> Result<(), BakeError> {
        let end = self.write(batch, through).map_err(BakeError::of(&self.path))?;
        self.end = end;
        self.tiles += batch.len() as u64;
        self.coarsened += batch.iter().filter(|made| made.coarsened).count() as u64;
        self.through = Some(through);
        Ok(())
    }

    fn write(&mut self, batch: &[Made], through: u64) -> io::Result<u64> {
        let mut out = Summed::new(&self.file, self.end);
        for made in batch {
            let is_new = self.known.insert(made.digest);
            let new = made.content.as_deref().filter(|_| is_new).unwrap_or_default();
            out.put(&[if made.coarsened { COARSENED } else { TILE }])?;
            out.put(&made.number.to_le_bytes())?;
            out.put(&made.digest)?;
            out.put(&(new.len() as u32).to_le_bytes())?;
            out.put(new)?;
        }
        out.put(&[END])?;
        out.put(&through.to_le_bytes())?;
        out.finish()
    }

    /// Hands over each tile, by rising numbers.
    pub(super) fn each(&self, take: Take) -> Result<(), BakeError> {
        let told = BakeError::of(&self.path);
        let mut reader = Records::new(&self.file, self.first);
        while let Some(record) = reader.next().map_err(&told)? {
            if let Record::Tile { number, digest, length, .. } = record {
                take(number, digest, (length > 0).then_some(&reader.content[..]))?;
            }
        }
        Ok(())
    }

    /// The work is no longer needed.
    pub(super) fn remove(self) -> Result<(), BakeError> {
        std::fs::remove_file(&self.path).map_err(BakeError::of(&self.path))
    }
}

/// Writes a batch and its checksum.
struct Summed<'a> {
    out: BufWriter<At<'a>>,
    sum: Hasher,
    end: u64,
}

impl<'a> Summed<'a> {
    fn new(file: &'a File, position: u64) -> Self {
        let out = BufWriter::with_capacity(BUFFER, At { file, position });
        Self { out, sum: Hasher::new(), end: position }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        self.end += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Writes the checksum of everything so far, and gives the place behind it.
    fn finish(mut self) -> io::Result<u64> {
        let sum = std::mem::take(&mut self.sum).finalize().to_le_bytes();
        self.put(&sum)?;
        self.out.flush()?;
        Ok(self.end)
    }
}

enum Record {
    Tile { number: u64, digest: Digest, length: u32, coarsened: bool },
    End { through: u64 },
}

/// Reads a work file from a place on, as far as it is whole.
struct Records<'a> {
    from: BufReader<At<'a>>,
    /// Behind the record that was read last.
    at: u64,
    /// Of the batch so far.
    sum: Hasher,
    /// Of the tile that was read last.
    content: Vec<u8>,
}

impl<'a> Records<'a> {
    fn new(file: &'a File, first: u64) -> Self {
        let from = BufReader::with_capacity(BUFFER, At { file, position: first });
        Self { from, at: first, sum: Hasher::new(), content: Vec::new() }
    }

    /// The next record; `None` at the end and where the file is not whole.
    fn next(&mut self) -> io::Result<Option<Record>> {
        match self.read() {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            read => read,
        }
    }

    fn read(&mut self) -> io::Result<Option<Record>> {
        match self.take::<1>()? {
            [kind @ (TILE | COARSENED)] => {
                let number = u64::from_le_bytes(self.take()?);
                let digest = self.take()?;
                let length = u32::from_le_bytes(self.take()?);
                if length > LONGEST {
                    return Ok(None);
                }
                self.content.resize(length as usize, 0);
                self.from.read_exact(&mut self.content)?;
                self.sum.update(&self.content);
                self.at += u64::from(length);
                Ok(Some(Record::Tile { number, digest, length, coarsened: kind == COARSENED }))
            }
            [END] => {
                let through = u64::from_le_bytes(self.take()?);
                let sum = std::mem::take(&mut self.sum).finalize();
                let fits = u32::from_le_bytes(self.take()?) == sum;
                self.sum = Hasher::new();
                Ok(fits.then_some(Record::End { through }))
            }
            _ => Ok(None),
        }
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        self.sum.update(&bytes);
        self.at += N as u64;
        Ok(bytes)
    }
}

/// Reads or writes a file without moving its cursor.
struct At<'a> {
    file: &'a File,
    position: u64,
}

impl Read for At<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Write for At<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write_at(bytes, self.position)?;
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
