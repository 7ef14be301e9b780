//! The same styles as OGC API - Styles (20-009) lists them.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::answer::json;
use super::endpoint::{Answer, Endpoint, Param};
use super::params::{cut, none};
use super::style::{Base, Theme, answer};
use super::{AppState, Problem, host};

/// The media type of styles of MapLibre and Mapbox.
const STYLE: &str = "application/vnd.mapbox.style+json";

/// The operations of this file.
pub(super) static ENDPOINTS: [&Endpoint; 2] = [&LIST, &ONE];

static LIST: Endpoint = Endpoint {
    method: "GET",
    path: "/styles",
    id: "styles",
    tag: "tiles",
    summary: "Which styles are there?",
    about: "",
    params: &[],
    body: None,
    answer: Answer::media("application/json", "The styles."),
    problems: &[],
    handler: || get(list),
};

static ONE: Endpoint = Endpoint {
    method: "GET",
    path: "/styles/{style}",
    id: "styleById",
    tag: "tiles",
    summary: "A style, as a map of MapLibre reads it",
    about: "",
    params: &[Param::path("style", "string", "One that /styles lists.", "day")],
    body: None,
    answer: Answer::media(STYLE, "The style."),
    problems: &[404],
    handler: || get(one),
};

/// A style with its name.
struct Named {
    id: &'static str,
    title: &'static str,
    theme: Theme,
    base: Base,
}

const fn named(id: &'static str, title: &'static str, theme: Theme, base: Base) -> Named {
    Named { id, title, theme, base }
}

/// Those over Tianditu's maps are there where its key is.
const STYLES: [Named; 6] = [
    named("day", "日间 Day", Theme::Day, Base::None),
    named("night", "夜间 Night", Theme::Night, Base::None),
    named("day-vec", "日间，天地图底图 Day, over Tianditu's map", Theme::Day, Base::Map),
    named("night-vec", "夜间，天地图底图 Night, over Tianditu's map", Theme::Night, Base::Map),
    named("day-img", "日间，天地图影像 Day, over Tianditu's imagery", Theme::Day, Base::Imagery),
    named("night-img", "夜间，天地图影像 Night, over Tianditu's imagery", Theme::Night, Base::Imagery),
];

fn offered(state: &AppState) -> impl Iterator<Item = &'static Named> {
    let has_key = state.config().tianditu_key.is_some();
    STYLES.iter().filter(move |style| has_key || style.base == Base::None)
}

async fn list(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &LIST)?;
    let origin = host::origin(&headers, state.config())?;
    let item = |style: &Named| -> Value {
        let link = json!({"rel": "stylesheet", "type": STYLE, "title": style.title, "href": format!("{origin}/styles/{}", style.id)});
        json!({"id": style.id, "title": style.title, "links": [link]})
    };
    Ok(json(&json!({
        "default": STYLES[0].id,
        "styles": offered(&state).map(item).collect::<Vec<_>>(),
        "links": [{"rel": "self", "type": "application/json", "title": "This document", "href": format!("{origin}/styles")}],
    })))
}

async fn one(
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ONE)?;
    let origin = host::origin(&headers, state.config())?;
    match offered(&state).find(|style| style.id == id) {
        Some(style) => Ok(answer(&state, style.theme, style.base, &origin, STYLE, &headers)),
        None => {
            let known: Vec<_> = offered(&state).map(|style| style.id).collect();
            Err(Problem::not_found(format!(
                "there is no style {:?}; there are: {}",
                cut(&id),
                known.join(", ")
            )))
        }
    }
}
