//! Pages without scripts: one style, which the policy names by its hash, and nothing from elsewhere.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::Problem;

/// A page that has this style and no other.
pub(super) fn plain_page(html: String, style: &str) -> Response {
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; frame-ancestors 'self'; base-uri 'none'; \
         form-action 'self'"
    );
    match HeaderValue::try_from(policy) {
        Ok(policy) => ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}
