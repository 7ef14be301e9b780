//! Answers from the atlas: JSON with the revision that it was given from.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Problem;
use super::endpoint::Param;
use super::params::{Query, cut};
use crate::atlas::Atlas;

/// Names the revision of the atlas that an answer was given from.
pub(super) const REVISION: HeaderName = HeaderName::from_static("gewu-revision");
/// The media type of tables.
pub(super) const CSV: &str = "text/csv";
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

/// Which of two formats.
pub(super) const TABLE_FORMAT: Param =
    Param::optional("f", "string", "json or csv; it goes before Accept.", "");

/// What the caller wants of two formats.
pub(super) fn wants_csv(query: &mut Query, headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = query.optional("f", |text| match text {
        "csv" => Ok(true),
        "json" => Ok(false),
        other => Err(format!("{:?} is not known; known are json, csv", cut(other))),
    });
    named.unwrap_or(accepted.starts_with(CSV))
}

/// CSV given from an atlas.
pub(super) fn csv_answer(atlas: &Atlas, body: Vec<u8>) -> Response {
    let media = (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    from_atlas(atlas, ([media], body).into_response())
}
