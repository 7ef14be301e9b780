//! The one error of this room: a problem document of RFC 9457.
//!
//! A handler returns a [`Problem`]; [`super::around`] writes the document, since only there the path and the identity
//! of the request are known. Causes go to the log, never to the caller.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::store::StoreError;

/// The media type of problem documents.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
/// Where the kinds of problem are explained.
const TYPES: &str = "/docs#problem-";
/// Seconds after which a caller may try again.
const RETRY_AFTER_S: u64 = 2;

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The parameter, or the place in the body.
    pub field: String,
    /// What is wrong with it, and what to do.
    pub detail: String,
}

/// Why a request was not answered as asked.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem of a status, with what is wrong and what to do.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let wait = matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
        Self {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: wait.then_some(RETRY_AFTER_S),
            members: Map::new(),
        }
    }

    /// 400: the fields that are wrong.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.detail.clone(),
            several => format!("{} values are wrong; see errors", several.len()),
        };
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 404: nothing has this name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 500 without a word of the cause, which goes to the log.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The same, with the seconds after which to try again.
    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Adds a member to the document.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// What a status means when nothing more is known.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::NOT_FOUND => "nothing is here; /docs lists what there is",
            StatusCode::METHOD_NOT_ALLOWED => "this resource has other methods; the Allow header names them",
            StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than this server takes (max_body_bytes)",
            StatusCode::INTERNAL_SERVER_ERROR => {
                "something went wrong here; the log knows it by the request id"
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                "the answer took too long (request_timeout); ask for less or try again"
            }
            _ => "the request cannot be answered as it is",
        };
        Self::new(status, detail)
    }

    /// The response with its document, for a request.
    pub(super) fn render(&self, path: &str, request_id: &str) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let mut document = json!({
            "type": format!("{TYPES}{}", self.status.as_u16()),
            "title": title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": path,
            "request_id": request_id,
        });
        if let Some(document) = document.as_object_mut() {
            if !self.errors.is_empty() {
                document.insert("errors".to_owned(), json!(self.errors));
            }
            document.extend(self.members.clone());
        }
        let mut response = (self.status, document.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The database away is for the caller to wait out, a text that it cannot hold to take back; anything else is ours to mend.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() {
            tracing::warn!(cause = %error, "the database is away");
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "the database is away; try again in a moment");
        }
        if error.is_zero_in_text() {
            return Self::new(
                StatusCode::BAD_REQUEST,
                "a text has a zero character (%00) in it; leave it out",
            );
        }
        Self::internal(&error)
    }
}
