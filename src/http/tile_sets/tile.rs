//! A tile of a collection in any tile matrix set.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::super::endpoint::{Answer, Endpoint, Param};
use super::super::params::Query;
use super::super::principal::Caller;
use super::super::tile_filter::{CLASS, FILTER, FILTER_LANG, LEVEL, WITHIN, Wanted};
use super::super::tiles::{MVT, VERSION, built, read_tile};
use super::super::{AppState, Problem};
use super::tilesets::collection;
use super::{COLLECTION, SET, read_set};

pub(super) static TILE: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}/tiles/{set}/{z}/{row}/{col}",
    id: "collection_tile",
    tag: "tiles",
    summary: "A vector tile (MVT 2.1) of any tile matrix set",
    about: "204 when there is nothing in it. Row before column, as the OGC has it.",
    params: &[
        COLLECTION,
        SET,
        Param::path("z", "integer", "Tile matrix: zoom, 0 to 24, in degrees to 23.", "{z}"),
        Param::path("row", "integer", "Row, from the north.", "{y}"),
        Param::path("col", "integer", "Column, from the west.", "{x}"),
        VERSION,
        LEVEL,
        WITHIN,
        CLASS,
        FILTER,
        FILTER_LANG,
    ],
    body: None,
    answer: Answer::media(MVT, "The tile."),
    problems: &[400, 404, 410, 422, 504],
    handler: || get(tile),
};

async fn tile(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path((id, set, z, row, column)): Path<(String, String, String, String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &TILE);
    let wanted = Wanted::read(&mut query);
    query.finish()?;
    let asked = query.text("v").map(str::to_owned);
    collection(&state, &id)?;
    let set = read_set(&set)?;
    let tile = read_tile([("z", &z), ("col", &column), ("row", &row)], |z, x, y| set.tile(z, x, y))?;
    built(state, who, id, tile, asked, wanted, headers).await
}
