//! Vector tiles and their TileJSON.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::answer::from_atlas;
use super::cached::cached;
use super::endpoint::{Answer, Endpoint, Param};
use super::params::{cut, none};
use super::principal::Caller;
use super::{AppState, FieldError, Problem, archive, host};
use crate::geom::TileId;
use crate::tiles::{Selection, UnknownTileset};

/// A revision may come at any time, so a kept copy is asked for again; 304 makes that cheap.
const LASTING: &str = "no-cache";
/// The media type of vector tiles.
const MVT: &str = "application/vnd.mapbox-vector-tile";

/// The operations of this file.
pub(super) static ENDPOINTS: [&Endpoint; 2] = [&TILE, &TILEJSON];

const TILESETS: Param = Param::path(
    "tilesets",
    "string",
    "grids, buildings, facilities, overview, or several joined by commas; or the name of one PMTiles file of the settings.",
    "grids",
);

static TILE: Endpoint = Endpoint {
    method: "GET",
    path: "/tiles/{tilesets}/{z}/{x}/{y}",
    id: "tile",
    tag: "tiles",
    summary: "A vector tile (MVT 2.1, WebMercatorQuad)",
    about: "204 when there is nothing in it.",
    params: &[
        TILESETS,
        Param::path("z", "integer", "Zoom, 0 to 24.", "{z}"),
        Param::path("x", "integer", "Column, from the west.", "{x}"),
        Param::path("y", "integer", "Row, from the north.", "{y}"),
    ],
    body: None,
    answer: Answer::media(MVT, "The tile."),
    problems: &[400, 404, 406],
    handler: || get(tile),
};

static TILEJSON: Endpoint = Endpoint {
    method: "GET",
    path: "/tiles/{tilesets}",
    id: "tilejson",
    tag: "tiles",
    summary: "TileJSON 3.0 of one or several tilesets",
    about: "",
    params: &[TILESETS],
    body: None,
    answer: Answer::media("application/json", "The TileJSON."),
    problems: &[404],
    handler: || get(tilejson),
};

async fn tile(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path((names, z, x, y)): Path<(String, String, String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &TILE)?;
    let id = read_tile(&z, &x, &y)?;
    if let Some(archive) = state.archives().get(&names) {
        return archive::tile(archive, id, &headers).await;
    }
    select(&state, &names)?;
    let atlas = state.atlas();
    let work = move || {
        let selection = select(&state, &names)?;
        let body = selection.render(&atlas, &who, id).map_err(|error| Problem::internal(&error))?;
        let response = match body.is_empty() {
            true => StatusCode::NO_CONTENT.into_response(),
            false => cached(&headers, MVT, LASTING, body),
        };
        Ok(from_atlas(&atlas, response))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
}

fn read_tile(z: &str, x: &str, y: &str) -> Result<TileId, Problem> {
    let mut errors = Vec::new();
    let mut number = |field: &str, text: &str| {
        let number: Option<u32> = text.parse().ok();
        if number.is_none() {
            let detail = format!("{:?} is not a whole number", cut(text));
            errors.push(FieldError { field: field.to_owned(), detail });
        }
        number.unwrap_or(0)
    };
    let (zoom, column, row) = (number("z", z), number("x", x), number("y", y));
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let tile = TileId::new(u8::try_from(zoom).unwrap_or(u8::MAX), column, row);
    tile.map_err(|error| {
        Problem::fields(vec![FieldError { field: "z,x,y".to_owned(), detail: error.to_string() }])
    })
}

fn select<'a>(state: &'a AppState, names: &str) -> Result<Selection<'a>, Problem> {
    state.tilesets().select(names).map_err(|UnknownTileset { name, known }| {
        let known =
            std::iter::once(known.as_str()).chain(state.archives().names()).collect::<Vec<_>>().join(", ");
        Problem::not_found(format!("there is no tileset {:?}; there are: {known}", cut(&name)))
    })
}

async fn tilejson(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(names): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &TILEJSON)?;
    let origin = host::origin(&headers, state.config())?;
    if let Some(archive) = state.archives().get(&names) {
        let document = archive.tilejson(&names, &origin).to_string();
        return Ok(cached(&headers, "application/json", LASTING, document.into_bytes()));
    }
    let atlas = state.atlas();
    let document = select(&state, &names)?.tilejson(&atlas, &who, &origin);
    Ok(from_atlas(&atlas, cached(&headers, "application/json", LASTING, document.to_string().into_bytes())))
}
