//! Who asks: the one extractor that makes a [`Principal`].

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::AppState;
use crate::access::Principal;

/// The caller of a request.
pub(super) struct Caller(pub Principal);

/// Who asks. The server listens on loopback only and authenticates nobody yet, so everybody is the open principal;
/// authentication will be decided here and nowhere else.
pub(super) fn caller() -> Principal {
    Principal::open()
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &AppState) -> Result<Self, Infallible> {
        Ok(Self(caller()))
    }
}
