//! The style that draws all tilesets, by day and by night, over Tianditu's maps where a key of theirs is configured.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::cached::cached;
use super::endpoint::{Answer, Endpoint, Param};
use super::params::Query;
use super::{AppState, Problem, host};
use crate::config::Secret;

/// A revision may come at any time, and settings with a restart: a kept copy is asked for again.
const LASTING: &str = "no-cache";

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/style.json",
    id: "style",
    tag: "tiles",
    summary: "A MapLibre style that draws all tilesets",
    about: "Glyphs and symbols come from this server too; nothing comes from elsewhere, but for Tianditu's tiles where a key is set.",
    params: &[
        Param::optional("theme", "string", "day or night; day by default.", "night"),
        Param::optional(
            "base",
            "string",
            "What lies below: none, vec (Tianditu's map) or img (its imagery), the last two where tianditu_key is set; \
             with a key vec by default.",
            "none",
        ),
    ],
    body: None,
    answer: Answer::media("application/json", "The style."),
    problems: &[400],
    handler: || get(style),
};

/// When the map is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    Day,
    Night,
}

/// What lies below the grids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    None,
    Map,
    Imagery,
}

impl Base {
    /// Tianditu's layers: the picture and its labels.
    fn layers(self) -> [&'static str; 2] {
        match self {
            Self::Imagery => ["img", "cia"],
            _ => ["vec", "cva"],
        }
    }
}

/// The styles as `npm run style` in `web/` writes them.
fn written(theme: Theme, base: Base) -> &'static str {
    match (theme, base) {
        (Theme::Day, Base::None) => include_str!("../../tiles/style.json"),
        (Theme::Night, Base::None) => include_str!("../../tiles/style-night.json"),
        (Theme::Day, _) => include_str!("../../tiles/style-tianditu.json"),
        (Theme::Night, _) => include_str!("../../tiles/style-tianditu-night.json"),
    }
}

/// Fills in what only the server knows.
fn filled(theme: Theme, base: Base, key: Option<&Secret>, origin: &str) -> String {
    let text = written(theme, base).replace("{origin}", origin);
    let [picture, labels] = base.layers();
    match key {
        Some(key) if base != Base::None => text
            .replace("{tianditu_picture}", picture)
            .replace("{tianditu_labels}", labels)
            .replace("{tianditu_key}", key.reveal()),
        _ => text,
    }
}

async fn style(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = state.config().tianditu_key.as_ref();
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let theme = query.optional("theme", |text| match text {
        "day" => Ok(Theme::Day),
        "night" => Ok(Theme::Night),
        _ => Err("theme is day or night"),
    });
    let base = query.optional("base", |text| match (text, key) {
        ("none", _) => Ok(Base::None),
        ("vec", Some(_)) => Ok(Base::Map),
        ("img", Some(_)) => Ok(Base::Imagery),
        ("vec" | "img", None) => Err("this server has no tianditu_key, so base is none"),
        _ => Err("base is none, vec or img"),
    });
    query.finish()?;
    let base = base.unwrap_or(if key.is_some() { Base::Map } else { Base::None });
    let origin = host::origin(&headers, state.config())?;
    Ok(answer(&state, theme.unwrap_or(Theme::Day), base, &origin, "application/json", &headers))
}

/// A style, as this media type.
pub(super) fn answer(
    state: &AppState,
    theme: Theme,
    base: Base,
    origin: &str,
    media: &'static str,
    headers: &HeaderMap,
) -> Response {
    let text = filled(theme, base, state.config().tianditu_key.as_ref(), origin);
    cached(headers, media, LASTING, text.into_bytes())
}
