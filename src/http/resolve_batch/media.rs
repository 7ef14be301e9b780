//! Which format a body is in, and which one the caller wants back.

use axum::http::{HeaderMap, StatusCode, header};

use crate::batch::Format;
use crate::http::Problem;
use crate::http::params::cut;

/// A format of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// One document.
    Json,
    /// Row by row.
    Rows(Format),
}

const ROWS: [Media; 3] = [Media::Rows(Format::Csv), Media::Rows(Format::Ndjson), Media::Rows(Format::Arrow)];

impl Media {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Rows(format) => format.media_type(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("application/json") {
            return Some(Self::Json);
        }
        Format::of_media_type(text).map(Self::Rows)
    }
}

/// The format of the body, by its Content-Type.
pub(super) fn of_body(headers: &HeaderMap) -> Result<Media, Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = given.split(';').next().unwrap_or_default().trim();
    Media::parse(media).ok_or_else(|| {
        let detail = format!(
            "Content-Type {:?} is not read here; send application/json, text/csv, application/x-ndjson or \
             application/vnd.apache.arrow.stream",
            cut(given)
        );
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    })
}

/// The format of the answer, by Accept; of several that are as welcome, that of the body.
pub(super) fn of_answer(headers: &HeaderMap, from: Media) -> Result<Media, Problem> {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accept = accept.collect::<Vec<_>>().join(",");
    if accept.trim().is_empty() {
        return Ok(from);
    }
    let others = ROWS.into_iter().filter(|media| *media != from);
    let mut best = (0.0, from);
    for media in std::iter::once(from).chain(others) {
        let weight = weight(&accept, media);
        if weight > best.0 {
            best = (weight, media);
        }
    }
    if best.0 > 0.0 {
        return Ok(best.1);
    }
    let detail = format!(
        "Accept {:?} names none of the formats of this answer: {}, text/csv, application/x-ndjson, \
         application/vnd.apache.arrow.stream",
        cut(&accept),
        from.name()
    );
    Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail))
}

/// How welcome a format is, 0 to 1: what the most specific range says (RFC 9110, 12.5.1).
fn weight(accept: &str, media: Media) -> f64 {
    let group = media.name().split('/').next().unwrap_or_default();
    let mut found = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let specific = if name == "*/*" {
            1
        } else if name.strip_suffix("/*").is_some_and(|range| range.eq_ignore_ascii_case(group)) {
            2
        } else if Media::parse(name) == Some(media) {
            3
        } else {
            continue;
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if specific > found.0 {
            found = (specific, weight);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_answer_is_in_the_format_of_the_body_unless_another_is_more_welcome() {
        const CSV: Media = Media::Rows(Format::Csv);
        let of = |accept: &'static str, from: Media| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            of_answer(&headers, from).ok()
        };
        assert_eq!(of_answer(&HeaderMap::new(), CSV).ok(), Some(CSV));
        assert_eq!(of("application/json, text/plain, */*", CSV), Some(CSV));
        assert_eq!(of("*/*;q=0.1, application/x-ndjson", CSV), Some(Media::Rows(Format::Ndjson)));
        assert_eq!(of("text/*", Media::Json), Some(CSV));
        assert_eq!(of("text/csv;q=0, */*", CSV), Some(Media::Rows(Format::Ndjson)));
        assert_eq!(of("application/json", CSV), None);
        assert_eq!(of("image/png", Media::Json), None);
    }
}
