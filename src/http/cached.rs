//! Answers that callers keep: an entity tag from the content, and 304 when they have it.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A body with its tag, or 304 when the caller has it already. `lasting`: what `Cache-Control` says.
///
/// The tag is weak, since the same content travels compressed or not, and follows from the content alone, so that it
/// outlives a revision that did not change it.
pub(super) fn cached(
    headers: &HeaderMap,
    media: &'static str,
    lasting: &'static str,
    body: Vec<u8>,
) -> Response {
    let tag = tag(&body);
    tagged(headers, media, lasting, &tag, body)
}

/// The same with a tag that is known already.
pub(super) fn tagged(
    headers: &HeaderMap,
    media: &'static str,
    lasting: &'static str,
    tag: &str,
    body: Vec<u8>,
) -> Response {
    let mut response = match knows(headers, tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(header::CONTENT_TYPE, HeaderValue::from_static(media))], body).into_response(),
    };
    let own = response.headers_mut();
    own.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        own.insert(header::ETAG, tag);
    }
    response
}

/// The tag of a content: weak.
pub(super) fn tag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    format!("W/\"{:x}-{:016x}\"", body.len(), hasher.finish())
}

/// Does a caller have what this tag names? Weak comparison of RFC 9110, section 8.8.3.2.
pub(super) fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|list| list.split(',')).any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_that_names_the_tag_in_any_form_gets_304() {
        let first = cached(&HeaderMap::new(), "text/plain", "no-cache", b"grid".to_vec());
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        for given in
            [tag.clone(), format!("\"x\", {tag}"), tag.trim_start_matches("W/").to_owned(), "*".to_owned()]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, given.parse().unwrap());
            let again = cached(&headers, "text/plain", "no-cache", b"grid".to_vec());
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{given}");
            assert_eq!(again.headers()[header::ETAG], *tag);
            let changed = cached(&headers, "text/plain", "no-cache", b"grit".to_vec());
            assert_eq!(changed.status() == StatusCode::OK, given != "*");
        }
    }
}
