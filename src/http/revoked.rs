//! An answer that takes long breaks off where its caller may no longer read: a key was revoked, a token has ended, an area was closed.

use std::io;

use axum::body::{Body, HttpBody};
use axum::http::header;
use axum::response::Response;
use futures::StreamExt;

use super::AppState;
use crate::access::Principal;

/// The answer to a caller, each part of which is handed out only while the caller may read. It breaks off, so that nobody takes a part for the whole.
pub(super) fn while_it_holds(state: &AppState, who: &Principal, response: Response) -> Response {
    if who.is_anybody() || is_at_hand(&response) || is_of_events(&response) {
        return response;
    }
    let (state, who) = (state.clone(), who.clone());
    response.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |part| match state.gate().holds(&who) {
            true => part.map_err(io::Error::other),
            false => Err(io::Error::new(io::ErrorKind::PermissionDenied, "the caller may no longer read")),
        }))
    })
}

/// Is all of it there already?
fn is_at_hand(response: &Response) -> bool {
    response.body().size_hint().exact().is_some()
}

/// Streams of events look themselves, also while nothing happens, and end as streams of events do.
fn is_of_events(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|media| media == "text/event-stream")
}
