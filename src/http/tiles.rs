//! Vector tiles and their TileJSON.

use axum::extract::{Path, RawQuery, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::answer::from_atlas;
use super::around::Around;
use super::cached::{cached, knows};
use super::encoding::Encoding;
use super::endpoint::{Answer, Endpoint, Param};
use super::params::{Query, cut};
use super::principal::Caller;
use super::tile_cache::Kept;
use super::tile_filter::{CLASS, FILTER, FILTER_LANG, LEVEL, WITHIN, Wanted, filtered};
use super::{AppState, FieldError, Problem, archive, host, table_tile};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::geom::{Tile, TileError, TileId};
use crate::tiles::{Selection, UnknownTileset};

/// A revision may come at any time, so a kept copy is asked for again; 304 makes that cheap.
pub(super) const LASTING: &str = "no-cache";
/// Of an address that names the version: whatever comes has another address.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The media type of vector tiles.
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Headers of a tile, at most, with those that stand on every answer.
const HEADERS: usize = 16;

/// How long the server worked on an answer, by W3C Server Timing.
pub(super) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The operations of this file.
pub(super) static ENDPOINTS: [&Endpoint; 2] = [&TILE, &TILEJSON];

const TILESETS: Param = Param::path(
    "tilesets",
    "string",
    "grids, buildings, facilities, overview, what the catalogue adds, or several joined by commas; or the name of one PMTiles file of \
     the settings.",
    "grids",
);

/// Of a tile.
pub(super) const VERSION: Param = Param::optional(
    "v",
    "string",
    "The version that the TileJSON names. As long as it is the present one the answer may be kept for ever; the tile is the \
     present one in any case.",
    "",
);

static TILE: Endpoint = Endpoint {
    method: "GET",
    path: "/tiles/{tilesets}/{z}/{x}/{y}",
    id: "tile",
    tag: "tiles",
    summary: "A vector tile (MVT 2.1, WebMercatorQuad)",
    about: "204 when there is nothing in it. Server-Timing says whether the tile was kept, and how many milliseconds drawing it takes \
        (build) or took (built). A layer that comes from a table has limits of its own, of time (504) and of features (422).",
    params: &[
        TILESETS,
        Param::path("z", "integer", "Zoom, 0 to 24.", "{z}"),
        Param::path("x", "integer", "Column, from the west.", "{x}"),
        Param::path("y", "integer", "Row, from the north.", "{y}"),
        VERSION,
        LEVEL,
        WITHIN,
        CLASS,
        FILTER,
        FILTER_LANG,
    ],
    body: None,
    answer: Answer::media(MVT, "The tile."),
    problems: &[400, 404, 406, 410, 422, 504],
    handler: || get(tile),
};

static TILEJSON: Endpoint = Endpoint {
    method: "GET",
    path: "/tiles/{tilesets}",
    id: "tilejson",
    tag: "tiles",
    summary: "TileJSON 3.0 of one or several tilesets",
    about: "tile_matrix_sets names the same tiles in longitude and latitude; see /tileMatrixSets. With parameters that filter, the addresses of \
        its tiles have them too.",
    params: &[TILESETS, LEVEL, WITHIN, CLASS, FILTER, FILTER_LANG],
    body: None,
    answer: Answer::media("application/json", "The TileJSON."),
    problems: &[404, 410],
    handler: || get(tilejson),
};

/// Where tiles are.
pub(super) const BELOW: &str = "/tiles/";

/// A tile that was built before or is built at once, without the router; anything unusual is the router's.
pub(super) fn at_once(around: &Around, request: &Parts, who: &Principal) -> Option<Response> {
    let state = around.state();
    let mut parts = request.uri.path().strip_prefix(BELOW)?.split('/');
    let [names, z, x, y] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let asked = match request.uri.query() {
        None => None,
        Some(query) => Some(
            query.strip_prefix("v=").filter(|v| v.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))?,
        ),
    };
    let tile = TileId::new(z.parse().ok()?, x.parse().ok()?, y.parse().ok()?).ok()?;
    if parts.next().is_some() || state.archives().get(names).is_some() {
        return None;
    }
    let (atlas, headers) = (state.atlas(), &request.headers);
    let selection = state.tilesets().select(names).ok().filter(|selection| !selection.has_tables())?;
    let (tile, encoding) = (tile.into(), Encoding::accepted(headers));
    if let Some(known) = state.tile_cache().known(&atlas, &selection, who, tile, encoding) {
        return Some(around.at_once(request, TILE.path, |_| Ok(sent(&atlas, headers, asked, known))));
    }
    let canvas = selection.light(&atlas, who, tile)?;
    let draw = |budget| canvas.fit(budget);
    let answer = |state: &AppState| {
        let found = state.tile_cache().tile(&atlas, &selection, who, (tile, encoding), draw)?;
        Ok(sent(&atlas, headers, asked, found))
    };
    Some(around.at_once(request, TILE.path, answer))
}

/// Names an atlas and no other one, of this process or any: so a tile that is asked for under this name may be kept for ever.
pub(super) fn version(atlas: &Atlas) -> String {
    format!("{}-{:x}", atlas.revision(), atlas.built().timestamp_micros())
}

/// A tile for those who do not have it yet. `asked`: the version that they asked for.
fn sent(atlas: &Atlas, headers: &HeaderMap, asked: Option<&str>, tile: Kept) -> Response {
    let Kept { body, encoding, tag, timing } = tile;
    // The tag lies where the body does: whoever names none need not wait for it here.
    let names_tag = headers.contains_key(header::IF_NONE_MATCH);
    let is_known = || names_tag && tag.to_str().is_ok_and(|tag| knows(headers, tag));
    let is_empty = body.is_empty();
    let mut response = match is_empty {
        true => StatusCode::NO_CONTENT.into_response(),
        false if is_known() => StatusCode::NOT_MODIFIED.into_response(),
        false => Response::new(body.into()),
    };
    let lasting = if asked.is_some_and(|asked| asked == version(atlas)) { FOR_EVER } else { LASTING };
    let own = response.headers_mut();
    own.reserve(HEADERS);
    own.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
    own.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    own.insert(SERVER_TIMING, timing);
    if !is_empty {
        own.insert(header::ETAG, tag);
        own.insert(header::CONTENT_TYPE, HeaderValue::from_static(MVT));
        if encoding != Encoding::Identity {
            own.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.as_str()));
        }
    }
    from_atlas(atlas, response)
}

async fn tile(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path((names, z, x, y)): Path<(String, String, String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &TILE);
    let wanted = Wanted::read(&mut query);
    query.finish()?;
    let asked = query.text("v").map(str::to_owned);
    let id = read_tile([("z", &z), ("x", &x), ("y", &y)], TileId::new)?;
    if let Some(archive) = state.archives().get(&names) {
        wanted.refuse_for_archive(&names)?;
        return archive::tile(archive, id, &headers).await;
    }
    built(state, who, names, id.into(), asked, wanted, headers).await
}

/// The answer with a tile of the catalogue, built if need be. `asked`: the version that was asked for; `wanted`: what is to be shown.
pub(super) async fn built(
    state: AppState,
    who: Principal,
    names: String,
    tile: Tile,
    asked: Option<String>,
    wanted: Wanted,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let selection = select(&state, &names)?;
    if selection.has_tables() {
        return table_tile::tile(&state, who, &selection, wanted, tile, &headers).await;
    }
    let atlas = state.atlas();
    let shown = wanted.settle(&state, &atlas).await?;
    let work = move || {
        let selection = filtered(select(&state, &names)?, &shown)?;
        let draw = |budget| selection.fit(&atlas, &who, tile, budget);
        let found =
            state.tile_cache().tile(&atlas, &selection, &who, (tile, Encoding::accepted(&headers)), draw)?;
        Ok(sent(&atlas, &headers, asked.as_deref(), found))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
}

/// A tile by the texts of its zoom, its column and its row, each with its name.
pub(super) fn read_tile<T>(
    texts: [(&str, &str); 3],
    tile: impl FnOnce(u8, u32, u32) -> Result<T, TileError>,
) -> Result<T, Problem> {
    let mut errors = Vec::new();
    let [zoom, column, row] = texts.map(|(field, text)| {
        let number: Option<u32> = text.parse().ok();
        if number.is_none() {
            let detail = format!("{:?} is not a whole number", cut(text));
            errors.push(FieldError { field: field.to_owned(), detail });
        }
        number.unwrap_or(0)
    });
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    tile(u8::try_from(zoom).unwrap_or(u8::MAX), column, row).map_err(|error| {
        let field = texts.map(|(field, _)| field).join(",");
        Problem::fields(vec![FieldError { field, detail: error.to_string() }])
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
    let mut query = Query::read(raw.as_deref(), &TILEJSON);
    let wanted = Wanted::read(&mut query);
    query.finish()?;
    let origin = host::origin(&headers, state.config())?;
    if let Some(archive) = state.archives().get(&names) {
        wanted.refuse_for_archive(&names)?;
        let document = archive.tilejson(&names, &origin).to_string();
        return Ok(cached(&headers, "application/json", LASTING, document.into_bytes()));
    }
    let selection = select(&state, &names)?;
    if selection.has_tables() {
        return table_tile::tilejson(&state, &who, &selection, wanted, &origin, &headers).await;
    }
    let (atlas, parameters) = (state.atlas(), wanted.address().to_owned());
    let shown = wanted.settle(&state, &atlas).await?;
    let selection = filtered(selection, &shown)?;
    let mut document = selection.tilejson(&atlas, &who, &origin);
    let query = format!("?v={}{parameters}", version(&atlas));
    document["budget"] = state.tile_cache().budget(&selection);
    for url in document["tiles"].as_array_mut().into_iter().flatten() {
        *url = format!("{}{query}", url.as_str().unwrap_or_default()).into();
    }
    document["tile_matrix_sets"] = selection.other_matrix_sets(&atlas, &origin, &query);
    Ok(from_atlas(&atlas, cached(&headers, "application/json", LASTING, document.to_string().into_bytes())))
}
