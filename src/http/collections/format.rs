//! In which format does the caller want the answer?

use axum::http::{HeaderMap, StatusCode, header};

use super::super::Problem;
use super::super::params::{Query, cut};

/// A format of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    GeoJson,
    Html,
    GeoJsonSeq,
    Csv,
    FlatGeobuf,
    GeoParquet,
}

impl Format {
    /// Those of a list of features.
    pub(super) const OF_ITEMS: [Self; 6] =
        [Self::GeoJson, Self::Html, Self::GeoJsonSeq, Self::Csv, Self::FlatGeobuf, Self::GeoParquet];
    /// Those of one feature and of documents.
    pub(super) const OF_DOCUMENTS: [Self; 2] = [Self::GeoJson, Self::Html];

    /// What `f` calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GeoJson => "json",
            Self::Html => "html",
            Self::GeoJsonSeq => "geojsonseq",
            Self::Csv => "csv",
            Self::FlatGeobuf => "fgb",
            Self::GeoParquet => "parquet",
        }
    }

    /// Its media type.
    pub(super) fn media(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::Html => "text/html",
            Self::GeoJsonSeq => "application/geo+json-seq",
            Self::Csv => "text/csv",
            Self::FlatGeobuf => "application/vnd.flatgeobuf",
            Self::GeoParquet => "application/vnd.apache.parquet",
        }
    }

    /// What it is called.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::GeoJson => "GeoJSON",
            Self::Html => "HTML",
            Self::GeoJsonSeq => "GeoJSON Text Sequence",
            Self::Csv => "CSV",
            Self::FlatGeobuf => "FlatGeobuf",
            Self::GeoParquet => "GeoParquet",
        }
    }

    /// Is it written feature by feature, without end?
    pub(super) fn is_streamed(self) -> bool {
        !matches!(self, Self::GeoJson | Self::Html)
    }

    fn is_named(self, media: &str) -> bool {
        media.eq_ignore_ascii_case(self.media())
            || (self == Self::GeoJson && media.eq_ignore_ascii_case("application/json"))
    }
}

/// The format that `f` names, or that the Accept header prefers; the first of the known ones where the caller has no preference.
pub(super) fn negotiated(
    query: &mut Query,
    headers: &HeaderMap,
    known: &[Format],
) -> Result<Format, Problem> {
    let named = query.optional("f", |text| {
        let names = || known.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
        known
            .iter()
            .copied()
            .find(|format| format.name() == text || (text == "geojson" && *format == Format::GeoJson))
            .ok_or_else(|| format!("{:?} is not known; known are {}", cut(text), names()))
    });
    match named {
        Some(format) => Ok(format),
        None => accepted(headers, known),
    }
}

/// By the weights of RFC 9110, section 12.5.1.
fn accepted(headers: &HeaderMap, known: &[Format]) -> Result<Format, Problem> {
    let given = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<(&str, f32)> = given.flat_map(|list| list.split(',')).filter_map(read_range).collect();
    let Some(first) = known.first().copied() else { return Ok(Format::GeoJson) };
    if ranges.is_empty() {
        return Ok(first);
    }
    // What names the type itself says more than what names any.
    let weight = |format: Format| {
        let exact = ranges.iter().find(|(media, _)| format.is_named(media));
        let kind = format.media().split('/').next().unwrap_or_default();
        let some = ranges.iter().find(|(media, _)| media.strip_suffix("/*") == Some(kind));
        let any = ranges.iter().find(|(media, _)| *media == "*/*");
        exact.or(some).or(any).map_or(0.0, |(_, weight)| *weight)
    };
    let mut best = (first, weight(first));
    for format in known.iter().copied().skip(1) {
        if weight(format) > best.1 {
            best = (format, weight(format));
        }
    }
    match best {
        (format, weight) if weight > 0.0 => Ok(format),
        _ => Err(Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            format!("there is {}", known.iter().map(|format| format.media()).collect::<Vec<_>>().join(", ")),
        )),
    }
}

/// A media range and its weight.
fn read_range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().filter(|media| !media.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((media, weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        accepted(&headers, &Format::OF_ITEMS).ok()
    }

    #[test]
    fn the_accept_header_decides_by_its_weights_and_a_named_type_beats_a_range() {
        assert_eq!(accepted(&HeaderMap::new(), &Format::OF_ITEMS).ok(), Some(Format::GeoJson));
        assert_eq!(of("*/*"), Some(Format::GeoJson));
        assert_eq!(of("application/json"), Some(Format::GeoJson));
        assert_eq!(of("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Some(Format::Html));
        assert_eq!(of("text/csv;q=0.5, application/geo+json;q=0.4"), Some(Format::Csv));
        assert_eq!(of("text/*;q=0.5, text/html;q=0"), Some(Format::Csv));
        assert_eq!(of("application/geo+json-seq"), Some(Format::GeoJsonSeq));
        assert_eq!(of("application/vnd.apache.parquet, */*;q=0.1"), Some(Format::GeoParquet));
        assert_eq!(of("image/png"), None);
    }
}
