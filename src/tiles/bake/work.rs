//! What a bake made so far, in two files that survive any end of the process: `FILE.unfinished` says which tile has which content,
//!
//! ```text
//! gewu bake 2 ORDER \n                                          what is baked, of which data
//! 1  number u64  digest [16]  length u32                        a tile; length 0: another one before has the same content
//! 3  the same                                                   a tile that was coarsened
//! 2  through u64  CRC-32 u32                                    the end of a batch: all up to this number is done
//! ```
//!
//! and `FILE.contents` has the contents, one after the other, from [`CONTENTS`] on, where a PMTiles file has them too: it becomes one when all are there.
//!
//! Numbers are those of PMTiles, rising; integers little-endian. A batch counts when its end is there and its checksum fits, which is that of its
//! records, each followed by its content: whatever follows the last such end is cut off both files when they are opened again.

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
/// Where the first content begins in the file of contents: before it is room for the header and the root directory of PMTiles 3.
pub(super) const CONTENTS: u64 = 16_384;
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
    /// No work, or none that is whole.
    Nothing,
    /// Some of the same order, with so many tiles.
    Same(u64),
    /// Some of another order, which is gone now.
    Other,
}

/// The two files while they are written.
#[derive(Debug)]
pub(super) struct Work {
    records: Part,
    contents: Part,
    through: Option<u64>,
    tiles: u64,
    coarsened: u64,
    /// The contents that are there.
    known: HashSet<Digest>,
}

/// One of the files.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
    first: u64,
    /// Behind the last whole batch.
    end: u64,
}

impl Part {
    fn open(path: PathBuf, first: u64) -> Result<Self, BakeError> {
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(BakeError::of(&path))?;
        Ok(Self { path, file, first, end: first })
    }

    /// What is written behind the last whole batch.
    fn writer(&self) -> BufWriter<At<'_>> {
        BufWriter::with_capacity(BUFFER, At { file: &self.file, position: self.end })
    }

    /// What stands there from the first batch on.
    fn reader(&self) -> BufReader<At<'_>> {
        BufReader::with_capacity(BUFFER, At { file: &self.file, position: self.first })
    }

    /// Takes away what follows the last whole batch.
    fn cut(&self) -> io::Result<()> {
        self.file.set_len(self.end)
    }

    fn remove(&self) -> Result<(), BakeError> {
        std::fs::remove_file(&self.path).map_err(BakeError::of(&self.path))
    }
}

/// The lock ends here, not only when the last copy of the descriptor closes: a child that is just being started holds one.
impl Drop for Part {
    fn drop(&mut self) {
        // Where no lock is held, nothing is done.
        let _ = self.file.unlock();
    }
}

impl Work {
    /// Opens or begins the files beside a result, of an order, a text without line breaks, and holds them against other processes.
    pub(super) fn open(out: &Path, order: &str) -> Result<(Self, Found), BakeError> {
        let head = format!("gewu bake 2 {order}\n");
        let records = Part::open(beside(out, ".unfinished"), head.len() as u64)?;
        records.file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => BakeError::Busy(records.path.clone()),
            TryLockError::Error(error) => BakeError::of(&records.path)(error),
        })?;
        let contents = Part::open(beside(out, ".contents"), CONTENTS)?;
        let new = Self { records, contents, through: None, tiles: 0, coarsened: 0, known: HashSet::new() };
        new.begin(head.as_bytes()).map_err(BakeError::of(out))
    }

    fn begin(mut self, head: &[u8]) -> io::Result<(Self, Found)> {
        let file = &self.records.file;
        let empty = file.metadata()?.len() == 0;
        let mut there = vec![0; head.len()];
        let same = file.read_exact_at(&mut there, 0).is_ok() && there == head;
        let found = match same {
            true => {
                self.replay()?;
                if self.through.is_some() { Found::Same(self.tiles) } else { Found::Nothing }
            }
            false => {
                file.set_len(0)?;
                file.write_all_at(head, 0)?;
                if empty { Found::Nothing } else { Found::Other }
            }
        };
        self.records.cut()?;
        self.contents.cut()?;
        Ok((self, found))
    }

    /// Takes in every whole batch.
    fn replay(&mut self) -> io::Result<()> {
        let mut reader = Records::new(&self.records, &self.contents);
        let mut ends = reader.at;
        let mut batch: Vec<Digest> = Vec::new();
        let (mut tiles, mut coarse) = (0, 0);
        while let Some(record) = reader.next()? {
            match record {
                Record::Tile { digest, coarsened, .. } => {
                    tiles += 1;
                    coarse += u64::from(coarsened);
                    batch.push(digest);
                }
                Record::End { through } => {
                    self.known.extend(batch.drain(..));
                    self.tiles += std::mem::take(&mut tiles);
                    self.coarsened += std::mem::take(&mut coarse);
                    self.through = Some(through);
                    ends = reader.at;
                }
            }
        }
        [self.records.end, self.contents.end] = ends;
        Ok(())
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

    /// The contents that are there.
    pub(super) fn known(&self) -> &HashSet<Digest> {
        &self.known
    }

    /// The file of contents, and its name.
    pub(super) fn contents(&self) -> (&File, &Path) {
        (&self.contents.file, &self.contents.path)
    }

    /// Where the last content ends in it.
    pub(super) fn contents_end(&self) -> u64 {
        self.contents.end
    }

    /// Appends a batch: everything up to the number `through` that was not there before.
    pub(super) fn append(&mut self, batch: &[Made], through: u64) -> Result<(), BakeError> {
        let ends = self.write(batch, through).map_err(BakeError::of(&self.records.path))?;
        [self.records.end, self.contents.end] = ends;
        self.tiles += batch.len() as u64;
        self.coarsened += batch.iter().filter(|made| made.coarsened).count() as u64;
        self.through = Some(through);
        Ok(())
    }

    /// Gives where the files end now.
    fn write(&mut self, batch: &[Made], through: u64) -> io::Result<[u64; 2]> {
        let (mut records, mut contents) = (Summed::new(&self.records), self.contents.writer());
        let mut content_end = self.contents.end;
        for made in batch {
            let is_new = self.known.insert(made.digest);
            let new = made.content.as_deref().filter(|_| is_new).unwrap_or_default();
            records.put(&[if made.coarsened { COARSENED } else { TILE }])?;
            records.put(&made.number.to_le_bytes())?;
            records.put(&made.digest)?;
            records.put(&(new.len() as u32).to_le_bytes())?;
            records.sum.update(new);
            contents.write_all(new)?;
            content_end += new.len() as u64;
        }
        contents.flush()?;
        records.put(&[END])?;
        records.put(&through.to_le_bytes())?;
        Ok([records.finish()?, content_end])
    }

    /// Hands over each tile, by rising numbers.
    pub(super) fn each(&self, take: Take) -> Result<(), BakeError> {
        let told = BakeError::of(&self.records.path);
        let mut reader = Records::new(&self.records, &self.contents);
        while let Some(record) = reader.next().map_err(&told)? {
            if let Record::Tile { number, digest, length, .. } = record {
                take(number, digest, (length > 0).then_some(&reader.content[..]))?;
            }
        }
        Ok(())
    }

    /// The work is no longer needed. The file of contents may have become the result.
    pub(super) fn remove(self) -> Result<(), BakeError> {
        self.records.remove()?;
        if self.contents.path.exists() { self.contents.remove() } else { Ok(()) }
    }
}

/// The name of a file beside a result.
pub(super) fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Writes the records of a batch and the checksum.
struct Summed<'a> {
    out: BufWriter<At<'a>>,
    sum: Hasher,
    end: u64,
}

impl<'a> Summed<'a> {
    fn new(records: &'a Part) -> Self {
        Self { out: records.writer(), sum: Hasher::new(), end: records.end }
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

/// Reads both files, as far as they are whole.
struct Records<'a> {
    records: BufReader<At<'a>>,
    contents: BufReader<At<'a>>,
    /// Behind the record that was read last, and behind its content.
    at: [u64; 2],
    /// Of the batch so far.
    sum: Hasher,
    /// Of the tile that was read last.
    content: Vec<u8>,
}

impl<'a> Records<'a> {
    fn new(records: &'a Part, contents: &'a Part) -> Self {
        let at = [records.first, contents.first];
        let (records, contents) = (records.reader(), contents.reader());
        Self { records, contents, at, sum: Hasher::new(), content: Vec::new() }
    }

    /// The next record; `None` at the end and where the files are not whole.
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
                self.contents.read_exact(&mut self.content)?;
                self.sum.update(&self.content);
                self.at[1] += u64::from(length);
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
        self.records.read_exact(&mut bytes)?;
        self.sum.update(&bytes);
        self.at[0] += N as u64;
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
