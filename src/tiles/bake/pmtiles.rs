//! A pyramid as PMTiles 3.
//!
//! The contents stand in the file already when they are added ([`super::work`]): what is written here is what stands around them.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pmtiles::{
    CallerKey, Compression, Compressor, PmTilesStreamWriter, PmTilesWriter, PmtResult, TileCoord, TileType,
};

use super::error::BakeError;
use super::metadata::Metadata;
use super::walk;
use super::work::{CONTENTS, Digest};
use crate::tiles::gzip;

/// What is written where a content stands already: nothing, but the writer would take no bytes at all for no tile.
const KNOWN: &[u8] = &[0];

/// A file that is being written.
pub(super) struct Writer {
    writer: PmTilesStreamWriter<Around, CallerKey<Digest>>,
    /// Where the contents end, for the file, from when on it is known.
    end: Arc<AtomicU64>,
}

impl Writer {
    /// Begins a file that has the contents of all tiles, or will have them.
    pub(super) fn new(file: File) -> Result<Self, BakeError> {
        let writer = PmTilesWriter::new(TileType::Mvt).dedup_by_key::<Digest>();
        let end = Arc::new(AtomicU64::new(u64::MAX));
        let around = Around { file, position: 0, end: Arc::clone(&end) };
        // The metadata come last, when all is known. Those that the writer would write now have no bytes: the contents begin where they should.
        let writer =
            writer.precompressed(Compression::Gzip).internal_codec(Gzip).metadata("").create(around)?;
        Ok(Self { writer, end })
    }

    /// Adds a tile; numbers rise. `content`: none where a tile before had the same.
    pub(super) fn add(
        &mut self,
        number: u64,
        digest: Digest,
        content: Option<&[u8]>,
    ) -> Result<(), BakeError> {
        let tile = walk::tile(number).expect("only numbers of tiles are in a work file");
        let coord = TileCoord::new(tile.z(), tile.x(), tile.y())?;
        Ok(self.writer.add_tile(coord, content.unwrap_or(KNOWN), Some(digest))?)
    }

    /// Ends the file, whose contents end there.
    pub(super) fn finish(mut self, metadata: &Metadata, contents_end: u64) -> Result<(), BakeError> {
        let [west, south, east, north] = metadata.bounds;
        self.writer.set_zoom_range(*metadata.zooms.start(), *metadata.zooms.end());
        self.writer.set_bounds(west, south, east, north);
        self.writer.set_center(metadata.center[0], metadata.center[1], *metadata.zooms.start());
        self.writer.set_metadata(metadata.object());
        self.end.store(contents_end, Ordering::Relaxed);
        Ok(self.writer.finalize()?)
    }
}

/// A file of which only what stands before and behind the contents is written.
struct Around {
    file: File,
    position: u64,
    end: Arc<AtomicU64>,
}

impl Write for Around {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.end.load(Ordering::Relaxed);
        let room = |until: u64| bytes.len().min(usize::try_from(until - self.position).unwrap_or(usize::MAX));
        let written = match self.position {
            at if at < CONTENTS => self.file.write_at(&bytes[..room(CONTENTS)], at)?,
            at if at < end => room(end),
            at => self.file.write_at(bytes, at)?,
        };
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Around {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.position.saturating_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().saturating_add_signed(by),
        };
        Ok(self.position)
    }
}

/// Gzip, but for nothing, which stays nothing.
struct Gzip;

impl Compressor for Gzip {
    fn compression(&self) -> Compression {
        Compression::Gzip
    }

    fn compress(
        &self,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
        out: &mut dyn Write,
    ) -> PmtResult<()> {
        let mut bytes = Vec::new();
        write(&mut bytes)?;
        if !bytes.is_empty() {
            out.write_all(&gzip(&bytes))?;
        }
        Ok(())
    }
}
