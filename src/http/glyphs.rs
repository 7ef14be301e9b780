//! Glyphs for labels: signed distance fields of letters, digits and signs, embedded in the binary.
//!
//! Chinese is not among them. MapLibre draws it from fonts of the reader's machine, named in the same font stack; a range
//! that holds nothing of ours is answered with no glyphs, so that no map ever logs a missing file.

use axum::extract::{Path, RawQuery};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use rust_embed::RustEmbed;

use super::cached::cached;
use super::endpoint::{Answer, Endpoint, Param};
use super::params::{cut, none};
use super::{FieldError, Problem};

/// `{font}/{first}-{last}.pbf`, and the licence of the fonts, which travels with them; see `tiles/glyphs/README.md`.
#[derive(RustEmbed)]
#[folder = "tiles/glyphs"]
struct Glyphs;

/// They change with a new version of Gewu only.
const LASTING: &str = "public, max-age=86400";
/// Code points in one file.
const SPAN: u32 = 256;
/// The last code point that Unicode has.
const LAST: u32 = 0x10_ffff;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/glyphs/{fontstack}/{range}",
    id: "glyphs",
    tag: "tiles",
    summary: "Glyphs of 256 code points as signed distance fields",
    about: "For the glyphs of a style: {origin}/glyphs/{fontstack}/{range}.pbf. Latin letters, digits, punctuation and signs of \
        Noto Sans Regular and Noto Sans Bold; no glyphs in any other range.",
    params: &[
        Param::path(
            "fontstack",
            "string",
            "Names of fonts, separated by commas; the first that this server has is given.",
            "Noto Sans Regular",
        ),
        Param::path("range", "string", "First and last code point, 256 apart, and .pbf.", "0-255.pbf"),
    ],
    body: None,
    answer: Answer::media("application/x-protobuf", "The glyphs."),
    problems: &[400, 404],
    handler: || get(glyphs),
};

async fn glyphs(
    Path((stack, range)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ENDPOINT)?;
    let first = first_of(&range).ok_or_else(|| {
        let detail = format!("{:?} is not of the form 0-255.pbf, 256-511.pbf and so on", cut(&range));
        Problem::fields(vec![FieldError { field: "range".to_owned(), detail }])
    })?;
    let font = stack.split(',').map(str::trim).find(|name| fonts().any(|font| font == *name));
    let font = font.ok_or_else(|| {
        let known = fonts().collect::<Vec<_>>().join(", ");
        Problem::not_found(format!("none of the fonts {:?} is here; there are: {known}", cut(&stack)))
    })?;
    let range = format!("{first}-{}", first + SPAN - 1);
    let body = match Glyphs::get(&format!("{font}/{range}.pbf")) {
        Some(file) => file.data.into_owned(),
        None => empty(font, &range),
    };
    Ok(cached(&headers, ENDPOINT.answer.media, LASTING, body))
}

/// The fonts that there are: each has the range of Latin letters.
fn fonts() -> impl Iterator<Item = &'static str> {
    ["Noto Sans Regular", "Noto Sans Bold"].into_iter()
}

/// The first code point of a range such as `256-511.pbf`.
fn first_of(range: &str) -> Option<u32> {
    let (first, last) = range.strip_suffix(".pbf")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok());
    let (first, last) = (digits(first)??, digits(last)??);
    (first <= LAST && first.is_multiple_of(SPAN) && last == first + SPAN - 1).then_some(first)
}

/// A font stack without glyphs, in the protocol buffers of `glyphs.proto`: its name is field 1, its range field 2. Both are short,
/// so that each length is one byte.
fn empty(font: &str, range: &str) -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    field(1, &[field(1, font.as_bytes()), field(2, range.as_bytes())].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_ranges_that_unicode_has_are_ranges() {
        for (range, first) in [("0-255.pbf", 0), ("256-511.pbf", 256), ("1113856-1114111.pbf", 0x10_ff00)] {
            assert_eq!(first_of(range), Some(first), "{range}");
        }
        for range in [
            "0-255",
            "1-256.pbf",
            "0-256.pbf",
            "0-511.pbf",
            "256-0.pbf",
            "+0-255.pbf",
            "-0-255.pbf",
            "a-b.pbf",
            ".pbf",
            "-.pbf",
            "1114112-1114367.pbf",
            "4294967040-4294967295.pbf",
            "99999999999-99999999999.pbf",
        ] {
            assert_eq!(first_of(range), None, "{range}");
        }
    }

    #[test]
    fn every_font_that_is_embedded_is_known_and_has_letters() {
        for font in fonts() {
            assert!(Glyphs::get(&format!("{font}/0-255.pbf")).is_some_and(|file| file.data.len() > 10_000));
        }
        let embedded: Vec<_> = Glyphs::iter().collect();
        for (font, range) in embedded.iter().filter_map(|file| file.split_once('/')) {
            assert!(fonts().any(|known| known == font) && first_of(range).is_some(), "{font} {range}");
        }
        assert!(embedded.iter().any(|file| file == "OFL.txt"), "the licence travels with the glyphs");
    }
}
