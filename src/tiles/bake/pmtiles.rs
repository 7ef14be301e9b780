//! A work file put in order as PMTiles 3.

use std::io::{Seek, Write};

use pmtiles::{Compression, PmTilesWriter, TileCoord, TileType};

use super::error::BakeError;
use super::metadata::Metadata;
use super::walk;
use super::work::{Digest, Finished};

/// Writes all tiles; what is at the place before is not kept.
pub(super) fn write(
    work: &mut Finished,
    metadata: &Metadata,
    out: impl Write + Seek,
) -> Result<(), BakeError> {
    let [west, south, east, north] = metadata.bounds;
    let mut writer = PmTilesWriter::new(TileType::Mvt)
        .dedup_by_key::<Digest>()
        .precompressed(Compression::Gzip)
        .min_zoom(*metadata.zooms.start())
        .max_zoom(*metadata.zooms.end())
        .bounds(west, south, east, north)
        .center(metadata.center[0], metadata.center[1])
        .center_zoom(*metadata.zooms.start())
        .metadata(metadata.object())
        .create(out)?;
    work.each(&mut |number, digest, content| {
        let tile = walk::tile(number).expect("only numbers of tiles are in a work file");
        let coord = TileCoord::new(tile.z(), tile.x(), tile.y())?;
        Ok(writer.add_tile(coord, content, Some(digest))?)
    })?;
    Ok(writer.finalize()?)
}
