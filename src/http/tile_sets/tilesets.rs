//! The tilesets of a collection, one a tile matrix set, and what each of them is.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::super::answer::from_atlas;
use super::super::cached::cached;
use super::super::endpoint::{Answer, Endpoint};
use super::super::params::{cut, none};
use super::super::principal::Caller;
use super::super::tiles::{LASTING, MVT, version};
use super::super::{AppState, Problem, host};
use super::{COLLECTION, JSON, SET, TILING_SCHEME, definition, link, read_set};
use crate::geom::TileMatrixSet;
use crate::tiles::{Selection, UnknownTileset};

pub(super) static LIST: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}/tiles",
    id: "tilesets",
    tag: "tiles",
    summary: "The tilesets of a collection, one a tile matrix set",
    about: "",
    params: &[COLLECTION],
    body: None,
    answer: Answer::media(JSON, "The list."),
    problems: &[404],
    handler: || get(list),
};

pub(super) static ONE: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}/tiles/{set}",
    id: "tileset",
    tag: "tiles",
    summary: "A tileset: layers, limits, address of tiles (OGC tileset metadata)",
    about: "",
    params: &[COLLECTION, SET],
    body: None,
    answer: Answer::media(JSON, "The metadata."),
    problems: &[404],
    handler: || get(one),
};

/// The tilesets of a collection.
pub(super) fn collection<'a>(state: &'a AppState, id: &str) -> Result<Selection<'a>, Problem> {
    state.tilesets().select(id).map_err(|UnknownTileset { name, known }| {
        Problem::not_found(format!("there is no collection {:?}; there are: {known}", cut(&name)))
    })
}

async fn list(
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &LIST)?;
    let origin = host::origin(&headers, state.config())?;
    let selection = collection(&state, &id)?;
    let base = format!("{origin}/collections/{}/tiles", selection.names());
    let item = |set: TileMatrixSet| {
        let mut item = selection.tileset_item(set);
        item["links"] = json!([
            link("self", JSON, format!("{base}/{}", set.id())),
            definition(TILING_SCHEME, &origin, set),
        ]);
        item
    };
    let document = json!({
        "tilesets": TileMatrixSet::ALL.map(item),
        "links": [link("self", JSON, base.clone())],
    });
    Ok(cached(&headers, JSON, LASTING, document.to_string().into_bytes()))
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path((id, set)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ONE)?;
    let origin = host::origin(&headers, state.config())?;
    let set = read_set(&set)?;
    let tables = {
        let selection = collection(&state, &id)?;
        if selection.has_tables() { state.table_bounds(&selection).await } else { None }
    };
    // The envelope of everything takes a while where there is much.
    let work = move || {
        let atlas = state.atlas();
        let selection = collection(&state, &id)?;
        let mut document = selection.tileset(&atlas, &who, set, tables);
        document["links"] = links(&selection.names(), set, &origin, &version(&atlas));
        let answer = cached(&headers, JSON, LASTING, document.to_string().into_bytes());
        Ok(from_atlas(&atlas, answer))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
}

fn links(names: &str, set: TileMatrixSet, origin: &str, version: &str) -> Value {
    let own = format!("{origin}/collections/{names}/tiles/{}", set.id());
    let mut tiles = link("item", MVT, format!("{own}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?v={version}"));
    tiles["templated"] = true.into();
    let mut links = vec![link("self", JSON, own), definition(TILING_SCHEME, origin, set), tiles];
    if set == TileMatrixSet::WebMercatorQuad {
        links.push(link("alternate", JSON, format!("{origin}/tiles/{names}")));
    }
    links.into()
}
