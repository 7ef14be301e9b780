//! `GET /v1/resolve`: one coordinate to its grid and the people on duty.

use axum::extract::{RawQuery, State};
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;

use super::answer::answer;
use super::around::Around;
use super::endpoint::{Answer, Endpoint, schema_of};
use super::params::Query;
use super::position::{self, ACCURACY, AT, CRS, LAT, LON, ROLES};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::resolve::{Question, Resolution, as_of, resolve};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/resolve",
    id: "resolve",
    tag: "resolve",
    summary: "Whose is this point, and who is on duty?",
    about: "The status is inside, border (exactly on an edge: the lowest code wins), ambiguous (the accuracy circle reaches \
        other grids: see candidates), parent_only (in no child of the grid named) or outside (see nearest); all are 200.",
    params: &[LON, LAT, CRS, ACCURACY, AT, ROLES],
    body: None,
    answer: Answer::json("The grid, its chain from the top down, who is on duty.", schema_of::<Resolution>),
    problems: &[],
    handler: || get(one),
};

/// The answer without the router, unless the question is of another moment than now: that is put together first.
pub(super) fn at_once(around: &Around, request: &Parts, who: &Principal) -> Option<Response> {
    let state = around.state();
    let question = read(state, request.uri.query());
    let atlas = state.atlas();
    if question.as_ref().is_ok_and(|question| !atlas.holds_at(question.at)) {
        return None;
    }
    Some(around.at_once(request, ENDPOINT.path, |_| Ok(now(&atlas, who, &question?))))
}

fn now(atlas: &Atlas, who: &Principal, question: &Question) -> Response {
    answer(atlas, &resolve(atlas, who, question))
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let question = read(&state, raw.as_deref())?;
    let atlas = state.atlas();
    if atlas.holds_at(question.at) {
        return Ok(now(&atlas, &who, &question));
    }
    // It takes longer than other requests should wait.
    let work = move || answer(&atlas, &resolve(&as_of(&atlas, &question), &who, &question));
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

fn read(state: &AppState, raw: Option<&str>) -> Result<Question, Problem> {
    let mut query = Query::read(raw, &ENDPOINT);
    let point = position::position(&mut query, state.config().gcj_inverse);
    let accuracy_m = position::accuracy(&mut query);
    let at = position::at(&mut query);
    let roles = position::roles(&mut query);
    let point = query.settle(point)?;
    Ok(Question { point, accuracy_m, at, roles })
}
