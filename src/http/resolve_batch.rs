//! `POST /v1/resolve`: many coordinates at once, answered in their order; a bad row never ends the batch.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::answer;
use super::endpoint::{Answer, Body, Endpoint, Param, schema_of};
use super::params::{Query, cut};
use super::position::{self, AT, ROLES};
use super::principal::Caller;
use super::{AppState, FieldError, Problem};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::geom::Crs;
use crate::model::Role;
use crate::resolve::{ChainLink, Question, ResponsibleWorker, Status, resolve};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "POST",
    path: "/v1/resolve",
    id: "resolveBatch",
    tag: "resolve",
    summary: "Resolve many points at once",
    about: "Results are in the order of the points. A bad point gets an error in its place.",
    params: &[
        Param::optional(
            "fields",
            "string",
            "What comes back, separated by commas: code, chain, responsible, border_m. By default code and the codes of \
             the chain (codes).",
            "code,border_m",
        ),
        AT,
        ROLES,
    ],
    body: Some(Body {
        media: "application/json",
        schema: schema_of::<Batch>,
        example: r#"{"crs": "wgs84", "points": [[{lon}, {lat}], [0, 0]]}"#,
    }),
    answer: Answer::json("One result a point, in their order.", schema_of::<Results>),
    problems: &[413, 415, 501],
    handler: || post(batch),
};

/// Points to resolve.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// Reference system of all points; never guessed.
    crs: Option<String>,
    /// `[lon, lat]` each, or `[easting, northing]` of a projected system.
    #[schema(value_type = Vec<Vec<f64>>)]
    points: Vec<Value>,
}

/// The results of a batch.
#[derive(Serialize, ToSchema)]
struct Results {
    /// The revision that all of them were given from.
    revision: i64,
    /// The instant that they hold for.
    at: DateTime<Utc>,
    /// One a point, in their order.
    results: Vec<Row>,
}

/// The result of one point: its status and the fields asked for, or an error.
#[derive(Serialize, Default, ToSchema)]
struct Row {
    /// How the point lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// The code of the grid; null outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Option<String>>,
    /// The codes of the chain, from the top down.
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<Vec<String>>,
    /// The chain, from the top down.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<Vec<ChainLink>>,
    /// Who is on duty.
    #[serde(skip_serializing_if = "Option::is_none")]
    responsible: Option<Vec<ResponsibleWorker>>,
    /// Metres to the border of the grid; null outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    border_m: Option<Option<f64>>,
    /// What is wrong with the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Which fields come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Fields {
    code: bool,
    codes: bool,
    chain: bool,
    responsible: bool,
    border_m: bool,
}

impl Fields {
    const DEFAULT: Self = Self { code: true, codes: true, chain: false, responsible: false, border_m: false };

    fn read(text: &str) -> Result<Self, String> {
        let mut fields = Self::default();
        for name in text.split(',').map(str::trim) {
            match name {
                "code" => fields.code = true,
                "codes" => fields.codes = true,
                "chain" => fields.chain = true,
                "responsible" => fields.responsible = true,
                "border_m" => fields.border_m = true,
                other => {
                    let other = cut(other);
                    return Err(format!(
                        "{other:?} is no field; fields are code, codes, chain, responsible, border_m"
                    ));
                }
            }
        }
        Ok(fields)
    }
}

/// What holds for every point of a batch.
struct Plan {
    crs: Crs,
    fields: Fields,
    at: DateTime<Utc>,
    roles: Vec<Role>,
}

async fn batch(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let fields = query.optional("fields", Fields::read).unwrap_or(Fields::DEFAULT);
    let at = position::at(&mut query);
    let roles = position::roles(&mut query);
    query.finish()?;
    position::only_now(at)?;
    require_json(&headers)?;
    let body = body.map_err(|rejection| Problem::of_status(rejection.status()))?;
    let batch = read_body(&body)?;
    let crs = read_crs(&state, batch.crs.as_deref())?;
    refuse_too_many(&state, batch.points.len())?;
    let plan = Plan { crs, fields, at, roles };
    let work = move || work(&state.atlas(), &who, &plan, &batch.points);
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

fn work(atlas: &Arc<Atlas>, who: &Principal, plan: &Plan, points: &[Value]) -> Response {
    let results = points.par_iter().map(|point| row(atlas, who, plan, point)).collect();
    answer(atlas, &Results { revision: atlas.revision(), at: plan.at, results }).into_response()
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = given.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let detail = format!("Content-Type {:?} is not read here; send application/json", cut(given));
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

fn read_body(body: &[u8]) -> Result<Batch, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let shape = r#"the shape is {"crs": "wgs84", "points": [[lon, lat], ...]}"#;
        Problem::fields(vec![FieldError { field: "body".to_owned(), detail: format!("{error}; {shape}") }])
    })
}

fn read_crs(state: &AppState, crs: Option<&str>) -> Result<Crs, Problem> {
    let read = match crs {
        Some(text) => position::read_crs(text, state.config().gcj_inverse),
        None => Err(format!("crs is required: {}", position::WHY_CRS)),
    };
    read.map_err(|detail| Problem::fields(vec![FieldError { field: "crs".to_owned(), detail }]))
}

fn refuse_too_many(state: &AppState, points: usize) -> Result<(), Problem> {
    let most = state.config().limits.batch_points;
    if points <= most {
        return Ok(());
    }
    let detail =
        format!("{points} points are more than the {most} of one batch (max_batch_points); send several");
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
}

fn row(atlas: &Atlas, who: &Principal, plan: &Plan, point: &Value) -> Row {
    let position =
        read_point(point).and_then(|(x, y)| plan.crs.to_lonlat(x, y).map_err(|error| error.to_string()));
    match position {
        Ok(point) => {
            let question = Question { point, accuracy_m: 0.0, at: plan.at, roles: plan.roles.clone() };
            show(resolve(atlas, who, &question), plan.fields)
        }
        Err(error) => Row { error: Some(error), ..Row::default() },
    }
}

fn read_point(point: &Value) -> Result<(f64, f64), String> {
    let pair = point.as_array().map(Vec::as_slice);
    let Some([x, y]) = pair else { return Err("a point is [lon, lat]".to_owned()) };
    match (x.as_f64(), y.as_f64()) {
        (Some(x), Some(y)) => Ok((x, y)),
        _ => Err("a point is two numbers, [lon, lat]".to_owned()),
    }
}

fn show(found: crate::resolve::Resolution, fields: Fields) -> Row {
    Row {
        status: Some(found.status),
        code: fields.code.then(|| found.grid.map(|grid| grid.code)),
        codes: fields.codes.then(|| found.chain.iter().map(|link| link.code.clone()).collect()),
        border_m: fields.border_m.then_some(found.border_m),
        responsible: fields.responsible.then_some(found.responsible),
        chain: fields.chain.then_some(found.chain),
        error: None,
    }
}
