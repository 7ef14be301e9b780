//! `POST /v1/break-glass`: a commander opens an area for a time, for a reason that auditors read.

use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Role, event_of};
use crate::http::answer::json;
use crate::http::audited::{CameFrom, unlogged};
use crate::http::body::collect;
use crate::http::endpoint::{Answer, Body, Endpoint, schema_of};
use crate::http::grids::find;
use crate::http::params::none;
use crate::http::principal::Caller;
use crate::http::{AppState, FieldError, Problem};

/// Minutes for which an area may be opened; the migration says the same.
const MOST_MINUTES: u32 = 480;
/// Characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "POST",
    path: "/v1/break-glass",
    id: "breakGlass",
    tag: "operation",
    summary: "Opens an area to a commander for a time, and tells the auditors",
    about: "For an incident outside the caller's own areas. From now on, on every server, the caller has this area too; it closes by itself, or sooner when it is given back. Auditors read the reason, and \
        every read is noted. Give no names in it.",
    params: &[],
    body: Some(Body {
        media: "application/json",
        schema: schema_of::<Wanted>,
        example: r#"{"reason": "Flood on the east bank, evacuation of the ground floors", "minutes": 30, "area": "{grid}"}"#,
        others: &[],
    }),
    answer: Answer { status: 201, ..Answer::json("The area is open.", schema_of::<Opened>) },
    problems: &[403, 404, 410, 413, 415, 503],
    handler: || post(open),
};

/// What a commander wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BreakGlassWanted)]
struct Wanted {
    /// Why: 10 to 500 characters, without personal data.
    reason: String,
    /// For how long: 1 to 480.
    minutes: u32,
    /// Code or UUID of the grid below which it opens.
    area: String,
}

/// What was opened.
#[derive(Serialize, ToSchema)]
#[schema(as = BreakGlassOpened)]
struct Opened {
    /// Identity.
    id: Uuid,
    /// The grid below which it is open.
    area: Uuid,
    /// Its code.
    code: String,
    /// Since when.
    granted: DateTime<Utc>,
    /// Until when.
    until: DateTime<Utc>,
}

async fn open(
    State(state): State<AppState>,
    Caller(who): Caller,
    from: CameFrom,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ENDPOINT)?;
    if !who.roles().has(Role::Commander) {
        let detail = "an area is opened by those with the role commander";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    let media =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the wish as application/json"));
    }
    let wanted = read(&collect(&state, request).await?)?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &wanted.area).await?;
    let (area, code) = (atlas.grids().id(grid), atlas.grids().code(grid).to_string());
    let event = event_of(&who, &from.origin());
    let opened = state.store().break_glass(area, &wanted.reason, wanted.minutes, &event).await;
    let opened = opened.map_err(|error| unlogged(&error))?;
    tracing::warn!(target: "gewu::access", id = %opened.id, subject = %opened.subject, area = %code, until = %opened.until, "an area was opened (break-glass)");
    let body = Opened { id: opened.id, area: area.0, code, granted: opened.granted, until: opened.until };
    let mut response = (StatusCode::CREATED, json(&body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn read(body: &[u8]) -> Result<Wanted, Problem> {
    let wrong = |field: &str, detail: String| FieldError { field: field.to_owned(), detail };
    let mut wanted: Wanted = serde_json::from_slice(body).map_err(|error| {
        let shape = r#"the shape is {"reason": "...", "minutes": 30, "area": "CODE"}"#;
        Problem::fields(vec![wrong("body", format!("{error}; {shape}"))])
    })?;
    wanted.reason = wanted.reason.trim().to_owned();
    let mut errors = Vec::new();
    let length = wanted.reason.chars().count();
    if !REASON.contains(&length) || wanted.reason.chars().any(|c| c.is_control() && c != '\n') {
        let (least, most) = (REASON.start(), REASON.end());
        errors.push(wrong(
            "reason",
            format!("say why in {least} to {most} characters of plain text, not {length}"),
        ));
    }
    if !(1..=MOST_MINUTES).contains(&wanted.minutes) {
        errors.push(wrong(
            "minutes",
            format!("an area is opened for 1 to {MOST_MINUTES} minutes, not {}", wanted.minutes),
        ));
    }
    if errors.is_empty() { Ok(wanted) } else { Err(Problem::fields(errors)) }
}
