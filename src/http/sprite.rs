//! The symbols of the style: one picture and an index of it, at two resolutions, embedded in the binary as
//! `npm run sprite` in `tiles/tools/` writes them.

use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use super::Problem;
use super::cached::cached;
use super::endpoint::{Answer, Endpoint};
use super::params::none;

/// They change with a new version of Gewu only.
const LASTING: &str = "public, max-age=86400";
const INDEX: &str = "application/json";
const PICTURE: &str = "image/png";

/// The operations of this file. A style names `/sprite`; MapLibre adds the rest.
pub(super) static ENDPOINTS: [&Endpoint; 4] = [
    &endpoint("/sprite.json", "sprite_index", "Where each symbol stands in the picture", INDEX),
    &endpoint("/sprite.png", "sprite", "The symbols of the style, one for each class of facilities", PICTURE),
    &endpoint("/sprite@2x.json", "sprite_index_2x", "The index at twice the resolution", INDEX),
    &endpoint("/sprite@2x.png", "sprite_2x", "The symbols at twice the resolution", PICTURE),
];

const fn endpoint(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    media: &'static str,
) -> Endpoint {
    Endpoint {
        method: "GET",
        path,
        id,
        tag: "tiles",
        summary,
        about: "",
        params: &[],
        body: None,
        answer: Answer::media(media, "The file."),
        problems: &[],
        handler: || get(sprite),
    }
}

fn file(path: &str) -> Option<&'static [u8]> {
    Some(match path {
        "/sprite.json" => include_bytes!("../../tiles/sprite/sprite.json"),
        "/sprite.png" => include_bytes!("../../tiles/sprite/sprite.png"),
        "/sprite@2x.json" => include_bytes!("../../tiles/sprite/sprite@2x.json"),
        "/sprite@2x.png" => include_bytes!("../../tiles/sprite/sprite@2x.png"),
        _ => return None,
    })
}

async fn sprite(uri: Uri, RawQuery(raw): RawQuery, headers: HeaderMap) -> Result<Response, Problem> {
    let endpoint = ENDPOINTS.into_iter().find(|endpoint| endpoint.path == uri.path());
    let (Some(endpoint), Some(body)) = (endpoint, file(uri.path())) else {
        return Err(Problem::of_status(StatusCode::NOT_FOUND));
    };
    none(raw.as_deref(), endpoint)?;
    Ok(cached(&headers, endpoint.answer.media, LASTING, body.to_vec()))
}
