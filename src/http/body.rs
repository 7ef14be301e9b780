//! A body that is taken in as a whole, within the bounds of the settings.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;

use super::{AppState, Problem};

/// Bytes that are made room for on the word of the caller.
const BEGIN_WITH: usize = 64 << 10;

/// The whole body of a request.
pub(super) async fn collect(state: &AppState, request: Request) -> Result<Bytes, Problem> {
    let (most, pause) = (state.config().limits.body_bytes, state.config().door.body_timeout);
    let too_large = || Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE);
    let said =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if said.is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    let mut pieces = request.into_body().into_data_stream();
    let mut body = BytesMut::with_capacity(said.unwrap_or_default().min(BEGIN_WITH));
    loop {
        let next = tokio::time::timeout(pause, pieces.next()).await.map_err(|_| {
            let detail = format!("nothing of the body came for {} s (body_timeout)", pause.as_secs());
            Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
        })?;
        match next {
            None => return Ok(body.freeze()),
            Some(Ok(piece)) if piece.len() > most - body.len() => return Err(too_large()),
            Some(Ok(piece)) => body.extend_from_slice(&piece),
            Some(Err(_)) => return Err(Problem::new(StatusCode::BAD_REQUEST, "the body breaks off")),
        }
    }
}
