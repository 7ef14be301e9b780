//! `GET /v1/grids/{code}/overview`: one call for a panel.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use chrono::Utc;

use super::super::answer::answer;
use super::super::endpoint::{Answer, Endpoint, schema_of};
use super::super::params::none;
use super::super::principal::Caller;
use super::super::{AppState, Problem};
use super::{CODE, find};
use crate::query::{Overview, overview};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/grids/{code}/overview",
    id: "gridOverview",
    tag: "grids",
    summary: "One call for a panel: counts, staff, gaps in duty, children with the same",
    about: "People appear as counts only. A count below 5 is withheld (null, suppressed), and so are others where it would follow \
        by subtraction.",
    params: &[CODE],
    body: None,
    answer: Answer::json("The overview.", schema_of::<Overview>),
    problems: &[404, 410],
    handler: || get(one),
};

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ENDPOINT)?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &code).await?;
    let withheld = state.withheld(&atlas, &who);
    let work = move || answer(&atlas, &overview(&atlas, &who, &withheld, grid, Utc::now()));
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}
