//! `DELETE /v1/break-glass`: what a commander opened is closed before its time, by itself or by those who watch over it.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::delete;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Principal, Role, event_of};
use crate::http::answer::json;
use crate::http::audited::{CameFrom, unlogged};
use crate::http::endpoint::{Answer, Endpoint, Param, schema_of};
use crate::http::params::none;
use crate::http::principal::Caller;
use crate::http::{AppState, Problem};
use crate::model::GlassesToEnd;

const ANSWER: Answer = Answer::json("Which were ended.", schema_of::<Ended>);

pub(super) static OWN: Endpoint = Endpoint {
    method: "DELETE",
    path: "/v1/break-glass",
    id: "giveBackGlass",
    tag: "operation",
    summary: "Gives back every area that the caller opened",
    about: "They close at once, on every server within a second, and the log says so. Where none is open, none is ended, and that is no error.",
    params: &[],
    body: None,
    answer: ANSWER,
    problems: &[403, 503],
    handler: || delete(own),
};

pub(super) static ONE: Endpoint = Endpoint {
    method: "DELETE",
    path: "/v1/break-glass/{id}",
    id: "endGlass",
    tag: "operation",
    summary: "Closes one area that a commander opened",
    about: "For auditors and administrators whoever opened it, for a commander one of the caller's own. Auditors read who ended it.",
    params: &[Param::path(
        "id",
        "string",
        "The identity that opening it gave, and that auditors read.",
        "00000000-0000-7000-8000-000000000000",
    )],
    body: None,
    answer: ANSWER,
    problems: &[403, 404, 503],
    handler: || delete(one),
};

/// What is closed now, before its time.
#[derive(Serialize, ToSchema)]
#[schema(as = BreakGlassEnded)]
struct Ended {
    /// Identities, the first that was opened first.
    ended: Vec<Uuid>,
}

async fn own(
    State(state): State<AppState>,
    Caller(who): Caller,
    from: CameFrom,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    if !who.roles().has(Role::Commander) {
        return Err(refused("an area is given back by the commander who opened it"));
    }
    none(raw.as_deref(), &OWN)?;
    ended(&state, &who, from, GlassesToEnd::Own).await
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    from: CameFrom,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let ends_any = who.roles().has_any(&[Role::Auditor, Role::Admin]);
    if !ends_any && !who.roles().has(Role::Commander) {
        let who_may =
            "an area is closed by the commander who opened it, and by those with the role auditor or admin";
        return Err(refused(who_may));
    }
    none(raw.as_deref(), &ONE)?;
    let id = Uuid::try_parse(&id).map_err(|_| unknown())?;
    let which = if ends_any { GlassesToEnd::One(id) } else { GlassesToEnd::OwnOne(id) };
    ended(&state, &who, from, which).await
}

/// Ends them, and says which they were.
async fn ended(
    state: &AppState,
    who: &Principal,
    from: CameFrom,
    which: GlassesToEnd,
) -> Result<Response, Problem> {
    let event = event_of(who, &from.origin());
    let ended = state.store().end_break_glass(which, &event).await.map_err(|error| unlogged(&error))?;
    for glass in &ended {
        tracing::warn!(target: "gewu::access", id = %glass.id, subject = %glass.subject, by = %event.subject, "an area was closed before its time (break-glass)");
    }
    if ended.is_empty() && which != GlassesToEnd::Own {
        return Err(unknown());
    }
    let mut response = json(&Ended { ended: ended.iter().map(|glass| glass.id).collect() });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Whether it is somebody else's is not told.
fn unknown() -> Problem {
    Problem::not_found("no area is open under this identity that the caller may close")
}

fn refused(why: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, why)
}
