//! Tiles of PMTiles files: as they are stored for those who accept that, unpacked for all others.

use std::io::Read;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::MultiGzDecoder;

use super::Problem;
use super::cached::cached;
use super::encoding::accepts;
use crate::geom::TileId;
use crate::tiles::Archive;

/// The file may be replaced at a restart: a kept copy is asked for again.
const LASTING: &str = "no-cache";
/// No tile is larger when unpacked.
const LARGEST: u64 = 1 << 28;

/// One tile of a file.
pub(super) async fn tile(archive: &Archive, tile: TileId, headers: &HeaderMap) -> Result<Response, Problem> {
    let stored = archive.tile(tile).await.map_err(|error| Problem::internal(&error))?;
    let Some(stored) = stored else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let Some(encoding) = archive.encoding() else {
        return Ok(cached(headers, archive.media(), LASTING, stored.to_vec()));
    };
    let mut response = match (accepts(headers, encoding), encoding) {
        (true, _) => {
            let mut response = cached(headers, archive.media(), LASTING, stored.to_vec());
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            response
        }
        (false, "gzip") => cached(headers, archive.media(), LASTING, unpacked(&stored)?),
        (false, _) => {
            let detail = format!("the tiles of this file are stored as {encoding}; accept that encoding");
            return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
        }
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}

fn unpacked(stored: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::with_capacity(2 * stored.len());
    let read = MultiGzDecoder::new(stored).take(LARGEST).read_to_end(&mut body);
    read.map(|_| body).map_err(|error| Problem::internal(&error))
}
