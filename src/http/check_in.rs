//! `GET /v1/check-in`: is somebody inside the grid that they serve?

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::answer;
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::grids::find;
use super::params::{Query, cut};
use super::position::{self, ACCURACY, CRS, LAT, LON};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::geom::millimetres;
use crate::resolve::{CheckIn, GridSummary, check_in, summarize};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/check-in",
    id: "checkIn",
    tag: "resolve",
    summary: "Is a point inside a grid?",
    about: "uncertain: the accuracy circle reaches across the border. Nothing is stored.",
    params: &[
        LON,
        LAT,
        CRS,
        Param::required("grid", "string", "Code or UUID of the grid.", "{grid}"),
        ACCURACY,
    ],
    body: None,
    answer: Answer::json("The verdict and the distance to the border.", schema_of::<Checked>),
    problems: &[404, 410],
    handler: || get(check),
};

/// The verdict of a check-in.
#[derive(Serialize, ToSchema)]
struct Checked<'a> {
    /// The revision that it was given from.
    revision: i64,
    /// The grid asked about.
    grid: GridSummary<'a>,
    /// inside, outside or uncertain, and the metres to the border.
    #[serde(flatten)]
    verdict: CheckIn,
}

async fn check(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let point = position::position(&mut query, state.config().gcj_inverse);
    let accuracy_m = position::accuracy(&mut query);
    let read = |text: &str| {
        if text.len() <= 64 { Ok(text.to_owned()) } else { Err(format!("{} is no code", cut(text))) }
    };
    let name = query.required("grid", "the code or UUID of the grid to be in", read);
    let (point, name) = query.settle(point.zip(name))?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &name).await?;
    let mut verdict = check_in(&atlas, &who, grid, point, accuracy_m);
    verdict.distance_m = millimetres(verdict.distance_m);
    Ok(answer(&atlas, &Checked { revision: atlas.revision(), grid: summarize(&atlas, grid), verdict }))
}
