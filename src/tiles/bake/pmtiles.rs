//! A pyramid as PMTiles 3.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use pmtiles::{
    CallerKey, Compression, Compressor, PmTilesStreamWriter, PmTilesWriter, PmtResult, TileCoord, TileType,
};

use super::error::BakeError;
use super::metadata::Metadata;
use super::walk;
use super::work::Digest;
use crate::tiles::gzip;

/// What is written where a content stands already: nothing, but the writer would take no bytes at all for no tile.
const KNOWN: &[u8] = &[0];

/// Bytes that are written at once: the writer's own pieces are small, and the system clears a page for every one that begins within it.
const BUFFER: usize = 1 << 20;

/// A file that is being written.
pub(super) struct Writer(PmTilesStreamWriter<BufWriter<File>, CallerKey<Digest>>);

impl Writer {
    /// Begins an empty file.
    pub(super) fn new(file: File) -> Result<Self, BakeError> {
        let writer = PmTilesWriter::new(TileType::Mvt).dedup_by_key::<Digest>();
        let file = BufWriter::with_capacity(BUFFER, file);
        // The metadata come last, when all is known. Those that the writer would write now have no bytes: readers that verify a file find no gap in it.
        Ok(Self(writer.precompressed(Compression::Gzip).internal_codec(Gzip).metadata("").create(file)?))
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
        Ok(self.0.add_tile(coord, content.unwrap_or(KNOWN), Some(digest))?)
    }

    /// Ends the file.
    pub(super) fn finish(mut self, metadata: &Metadata) -> Result<(), BakeError> {
        let [west, south, east, north] = metadata.bounds;
        self.0.set_zoom_range(*metadata.zooms.start(), *metadata.zooms.end());
        self.0.set_bounds(west, south, east, north);
        self.0.set_center(metadata.center[0], metadata.center[1], *metadata.zooms.start());
        self.0.set_metadata(metadata.object());
        Ok(self.0.finalize()?)
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
