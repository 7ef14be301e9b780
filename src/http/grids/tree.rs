//! The tree around a grid: children, ancestors, descendants, neighbours.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::answer::answer;
use super::super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::super::params::{Query, none};
use super::super::principal::Caller;
use super::super::{AppState, Problem};
use super::list::{GridRow, read_level, row};
use super::{CODE, find};
use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::query::neighbors;
use crate::resolve::{GridSummary, summarize};

/// An endpoint that lists grids around one.
macro_rules! around {
    ($path:literal, $id:literal, $summary:literal, $about:literal, $params:expr, $handler:expr) => {
        Endpoint {
            method: "GET",
            path: concat!("/v1/grids/{code}/", $path),
            id: $id,
            tag: "grids",
            summary: $summary,
            about: $about,
            params: $params,
            body: None,
            answer: Answer::json("The grids.", schema_of::<GridsAround>),
            problems: &[404, 410],
            handler: $handler,
        }
    };
}

pub(super) static CHILDREN: Endpoint =
    around!("children", "gridChildren", "The grids directly below, by code", "", &[CODE], || get(children));

pub(super) static ANCESTORS: Endpoint =
    around!("ancestors", "gridAncestors", "The grids above, from the top down", "", &[CODE], || get(
        ancestors
    ));

pub(super) static DESCENDANTS: Endpoint = around!(
    "descendants",
    "gridDescendants",
    "Everything below, depth first",
    "",
    &[CODE, Param::optional("level", "integer", "Only this level, 1 to 6.", "3")],
    || get(descendants)
);

pub(super) static NEIGHBORS: Endpoint = around!(
    "neighbors",
    "gridNeighbors",
    "The grids of the same level that share a border",
    "Borders are shared where they run within a centimetre of each other for a decimetre or more; vertices need not be shared, \
     and grids that touch in a point only are no neighbours.",
    &[CODE],
    || get(next_to)
);

/// Grids around a grid.
#[derive(Serialize, ToSchema)]
struct GridsAround<'a> {
    /// The revision that it was given from.
    revision: i64,
    /// The grid asked about.
    grid: GridSummary<'a>,
    /// The grids around it.
    grids: Vec<GridRow<'a>>,
}

fn show(atlas: &Atlas, who: &Principal, grid: GridIndex, found: &[GridIndex]) -> Response {
    let grids = found.iter().map(|other| row(atlas, who, *other)).collect();
    answer(atlas, &GridsAround { revision: atlas.revision(), grid: summarize(atlas, grid), grids })
}

async fn children(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &CHILDREN)?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &code).await?;
    Ok(show(&atlas, &who, grid, atlas.grids().children(grid)))
}

async fn ancestors(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ANCESTORS)?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &code).await?;
    let mut chain = atlas.grids().chain(grid);
    chain.pop();
    Ok(show(&atlas, &who, grid, &chain))
}

async fn descendants(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &DESCENDANTS);
    let level = query.optional("level", read_level);
    query.finish()?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &code).await?;
    let mut below = atlas.grids().descendants(grid);
    below.retain(|g| level.is_none_or(|level| atlas.grids().level(*g) == level));
    Ok(show(&atlas, &who, grid, &below))
}

async fn next_to(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &NEIGHBORS)?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &code).await?;
    let work = move || show(&atlas, &who, grid, &neighbors(&atlas, &who, grid));
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}
