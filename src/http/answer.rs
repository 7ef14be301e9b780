//! Answers from the atlas: JSON with the revision that it was given from.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Problem;
use crate::atlas::Atlas;

/// Names the revision of the atlas that an answer was given from.
pub(super) const REVISION: HeaderName = HeaderName::from_static("gewu-revision");
/// Says for how many seconds the database has been away.
pub(super) const STALE: HeaderName = HeaderName::from_static("gewu-stale");

/// JSON given from an atlas.
pub(super) fn answer<T: Serialize>(atlas: &Atlas, value: &T) -> Response {
    let mut body = Vec::with_capacity(1_024);
    match serde_json::to_writer(&mut body, value) {
        Ok(()) => from_atlas(atlas, json_bytes(body)),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

/// Marks a response as given from an atlas.
pub(super) fn from_atlas(atlas: &Atlas, mut response: Response) -> Response {
    response.headers_mut().insert(REVISION, HeaderValue::from(atlas.revision()));
    response
}

/// JSON that is not from the atlas.
pub(super) fn json<T: Serialize>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => json_bytes(body),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

fn json_bytes(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
