//! Tiles with layers that come from tables of the database. They are asked for anew each time: nobody tells when a table changes.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use geo::MultiPolygon;

use super::answer::from_atlas;
use super::cached::cached;
use super::encoding::Encoding;
use super::tables::{Of, problem};
use super::tile_cache::drawn_now;
use super::tile_filter::{Wanted, filtered};
use super::tiles::{LASTING, MVT, SERVER_TIMING};
use super::{AppState, FieldError, Problem};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::cql;
use crate::geom::mercator::HALF_WIDTH_M;
use crate::geom::{GeographicTile, Tile, TileId};
use crate::store::{Table, TableError, TableFilter, Window};
use crate::tiles::{Asked, BUFFER, EXTENT, Selection};

/// EPSG codes of Web Mercator, and of degrees: those of CGCS2000 are the same numbers as those of WGS84.
const WEB_MERCATOR: i32 = 3857;
const DEGREES: i32 = 4326;
/// Tile units beyond the buffer, for the rounding of the conversions.
const SLACK: f64 = 2.0;

/// A tile of a selection with table layers: those made from memory first, then the tables, in the order of the catalogue.
pub(super) async fn tile(
    state: &AppState,
    who: Principal,
    selection: &Selection<'_>,
    wanted: Wanted,
    tile: Tile,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (begun, atlas) = (Instant::now(), state.atlas());
    let asked = wanted.settle(state, &atlas).await?;
    let mut body = from_memory(state, &atlas, who, selection, &asked, tile).await?;
    let window = window(tile);
    for (layer, source) in selection.tables_at(tile.detail()) {
        let looked = state.tables().get(state.store(), layer, source).await;
        let looked = looked.map_err(|error| problem(Of::Layer(layer), error))?;
        let filter = filter(layer, &looked.table, &atlas, &asked)?;
        match state.store().table_tile(&looked.table, layer, &window, &filter).await {
            Ok(bytes) => body.extend(bytes),
            Err(error) => {
                if matches!(error, TableError::Changed { .. }) {
                    state.tables().forget(layer).await;
                }
                return Err(problem(Of::Layer(layer), error));
            }
        }
    }
    let timing = drawn_now(begun.elapsed());
    let mut response = match body.is_empty() {
        true => {
            let lasting = (header::CACHE_CONTROL, HeaderValue::from_static(LASTING));
            (StatusCode::NO_CONTENT, [lasting]).into_response()
        }
        false => cached(headers, MVT, LASTING, body),
    };
    response.headers_mut().insert(SERVER_TIMING, timing);
    Ok(from_atlas(&atlas, response))
}

/// What of the tile is made from memory, kept as if it had been asked for alone.
async fn from_memory(
    state: &AppState,
    atlas: &Arc<Atlas>,
    who: Principal,
    selection: &Selection<'_>,
    asked: &Asked,
    tile: Tile,
) -> Result<Vec<u8>, Problem> {
    let names = selection.from_memory().names();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let (state, atlas, asked) = (state.clone(), Arc::clone(atlas), asked.clone());
    let work = move || {
        let selection = state.tilesets().select(&names).map_err(|error| Problem::internal(&error))?;
        let selection = filtered(selection, &asked)?;
        let draw = |budget| selection.fit(&atlas, &who, tile, budget);
        let kept = state.tile_cache().tile(&atlas, &selection, &who, (tile, Encoding::Identity), draw)?;
        Ok(kept.body.to_vec())
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
}

/// The TileJSON of a selection with table layers. Nobody tells when a table changes, so that no address stands for one state of it.
pub(super) async fn tilejson(
    state: &AppState,
    who: &Principal,
    selection: &Selection<'_>,
    wanted: Wanted,
    origin: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let atlas = state.atlas();
    let parameters = wanted.address().replacen('&', "?", 1);
    let asked = wanted.settle(state, &atlas).await?;
    let memory = selection.from_memory();
    if !memory.names().is_empty() {
        filtered(memory, &asked)?;
    }
    for (layer, source) in selection.tables().filter(|_| !parameters.is_empty()) {
        let looked = state.tables().get(state.store(), layer, source).await;
        filter(layer, &looked.map_err(|error| problem(Of::Layer(layer), error))?.table, &atlas, &asked)?;
    }
    let mut document = selection.tilejson(&atlas, who, origin);
    selection.put_bounds(&mut document, &atlas, state.table_bounds(selection).await);
    document["tile_matrix_sets"] = selection.other_matrix_sets(&atlas, origin, &parameters);
    for url in document["tiles"].as_array_mut().into_iter().flatten() {
        *url = format!("{}{parameters}", url.as_str().unwrap_or_default()).into();
    }
    Ok(from_atlas(&atlas, cached(headers, "application/json", LASTING, document.to_string().into_bytes())))
}

/// What is asked of the features of a table. It must know what it is asked, or the tile would show what nobody asked for.
fn filter(layer: &str, table: &Table, atlas: &Atlas, asked: &Asked) -> Result<TableFilter, Problem> {
    let mut errors = Vec::new();
    let queryables = table.queryables();
    let mut wrong = |field: &str, detail: String| {
        errors.push(FieldError { field: field.to_owned(), detail });
    };
    let lacks = |what: &str| {
        let names: Vec<_> = queryables.iter().map(|queryable| queryable.name).collect();
        format!("the layer {layer:?} has no {what}; its features have: {}", names.join(", "))
    };
    if !asked.levels.is_empty() {
        wrong("level", lacks("level"));
    }
    if !asked.classes.is_empty() && !table.has_classes() {
        wrong("class", lacks("class"));
    }
    let parsed = asked.filter.as_ref().map(|(text, language)| cql::parse(text, *language, &queryables));
    let condition =
        parsed.transpose().map_err(|error| wrong("filter", format!("the layer {layer:?}: {error}")));
    match condition {
        Ok(condition) if errors.is_empty() => Ok(TableFilter {
            condition,
            classes: asked.classes.iter().cloned().collect(),
            // A grid that is not there holds nothing.
            within: asked.within.map(|id| {
                let grid = atlas.grids().find_id(id);
                grid.map_or_else(|| MultiPolygon(Vec::new()), |grid| atlas.grids().geometry(grid))
            }),
        }),
        _ => Err(Problem::fields(errors)),
    }
}

/// The part of the earth that a tile shows.
fn window(tile: Tile) -> Window {
    let buffer = (f64::from(BUFFER) + SLACK) / f64::from(EXTENT);
    let around = |share: f64| match tile {
        Tile::WebMercator(tile) => metres(tile, share),
        Tile::Geographic(tile) => degrees(tile, share),
    };
    let within = tile.envelope_with(buffer);
    let rows = 1_u32 << tile.z();
    let (srid, columns) = match tile {
        Tile::WebMercator(_) => (WEB_MERCATOR, rows),
        Tile::Geographic(_) => (DEGREES, 2 * rows),
    };
    Window {
        srid,
        envelope: around(0.0),
        reach: around(buffer),
        degrees: [within.min().x, within.min().y, within.max().x, within.max().y],
        is_last: [tile.x() == columns - 1, tile.y() == rows - 1],
    }
}

/// West, south, east and north of a tile in metres of Web Mercator, widened by a share of its width. Neighbours have the same side, bit for bit.
fn metres(tile: TileId, share: f64) -> [f64; 4] {
    let side = 2.0 * HALF_WIDTH_M / f64::from(1_u32 << tile.z());
    let column = |n: f64| (n * side - HALF_WIDTH_M).clamp(-HALF_WIDTH_M, HALF_WIDTH_M);
    let row = |n: f64| (HALF_WIDTH_M - n * side).clamp(-HALF_WIDTH_M, HALF_WIDTH_M);
    let (x, y) = (f64::from(tile.x()), f64::from(tile.y()));
    [column(x - share), row(y + 1.0 + share), column(x + 1.0 + share), row(y - share)]
}

fn degrees(tile: GeographicTile, share: f64) -> [f64; 4] {
    let envelope = tile.envelope_with(share);
    [envelope.min().x, envelope.min().y, envelope.max().x, envelope.max().y]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_tiles_share_their_side_bit_for_bit_and_reach_into_each_other() {
        for z in [1_u8, 5, 13, 22] {
            let (x, y) = ((1_u32 << z) / 2, (1_u32 << z) / 3);
            let window_of = |x, y| window(TileId::new(z, x, y).unwrap().into());
            let (here, east, south) = (window_of(x - 1, y), window_of(x, y), window_of(x - 1, y + 1));
            assert_eq!(here.envelope[2], east.envelope[0]);
            assert_eq!(here.envelope[1], south.envelope[3]);
            assert!(here.reach[2] > east.envelope[0] && here.reach[1] < south.envelope[3]);
        }
        let world = window(TileId::new(0, 0, 0).unwrap().into());
        assert_eq!(world.envelope, [-HALF_WIDTH_M, -HALF_WIDTH_M, HALF_WIDTH_M, HALF_WIDTH_M]);
        assert_eq!((world.reach, world.is_last), (world.envelope, [true, true]));
    }
}
