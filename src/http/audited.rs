//! What is noted in the audit log before an answer leaves, and from where the caller asks.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::door::CallerAddress;
use super::{AppState, Problem};
use crate::access::{AuditedRead, Principal};
use crate::store::StoreError;

/// From where a request comes: behind proxies of ours, the address that the last of them saw.
#[derive(Debug, Clone, Copy)]
pub(super) struct CameFrom(IpAddr);

impl FromRequestParts<AppState> for CameFrom {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let address = parts.extensions.get::<CallerAddress>().map(|address| Self(address.0));
        address.ok_or_else(|| Problem::internal(&"a request came to its handler past the door"))
    }
}

impl CameFrom {
    /// As the log has it.
    pub(super) fn origin(self) -> String {
        self.0.to_string()
    }
}

impl AppState {
    /// Notes that personal data are about to be shown to a caller. To be called, and awaited, before the answer leaves: without the log there is none.
    pub(super) async fn audit(
        &self,
        who: &Principal,
        read: AuditedRead<'_>,
        from: CameFrom,
    ) -> Result<(), Problem> {
        let events = read.events(who, &from.origin());
        self.store().append_audit(&events).await.map(drop).map_err(|error| unlogged(&error))
    }
}

/// 503: what cannot be noted is not done.
pub(super) fn unlogged(error: &StoreError) -> Problem {
    tracing::error!(cause = %error, "the audit log cannot be written");
    let detail =
        "the audit log cannot be written, and nothing personal is shown without it; try again in a moment";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}
