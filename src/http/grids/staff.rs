//! `GET /v1/grids/{code}/staff`: who serves a grid, with substitutes.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::answer::answer;
use super::super::endpoint::{Answer, Endpoint, schema_of};
use super::super::params::Query;
use super::super::position::{self, AT, ROLES};
use super::super::principal::Caller;
use super::super::{AppState, Problem};
use super::{CODE, find};
use crate::resolve::{GridSummary, ResponsibleWorker, responsible, summarize};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/grids/{code}/staff",
    id: "gridStaff",
    tag: "staff",
    summary: "Who is on duty in a grid, with substitutes",
    about: "Where nobody of its own is on duty (vacant), the people on duty in the nearest ancestor that has someone.",
    params: &[CODE, AT, ROLES],
    body: None,
    answer: Answer::json("The people on duty, primary first.", schema_of::<Staff>),
    problems: &[404, 410],
    handler: || get(one),
};

/// Who serves a grid.
#[derive(Serialize, ToSchema)]
struct Staff<'a> {
    /// The revision that it was given from.
    revision: i64,
    /// The instant that it holds for.
    at: DateTime<Utc>,
    /// The grid asked about.
    grid: GridSummary<'a>,
    /// True when nobody of its own is on duty, so that the staff is that of an ancestor, or nobody.
    vacant: bool,
    /// Who is on duty, primary first.
    staff: Vec<ResponsibleWorker<'a>>,
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let at: DateTime<Utc> = position::at(&mut query);
    let roles = position::roles(&mut query);
    query.finish()?;
    let atlas = state.atlas_at(at).await?;
    let index = find(&state, &atlas, &code).await?;
    let staff = responsible(&atlas, &who, index, at, &roles);
    let grid = summarize(&atlas, index);
    let vacant = staff.first().is_none_or(|first| first.grid_code != grid.code);
    Ok(answer(&atlas, &Staff { revision: atlas.revision(), at, grid, vacant, staff }))
}
