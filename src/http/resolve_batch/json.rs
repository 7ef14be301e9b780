//! The batch that is one JSON document.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Media;
use crate::batch::{Plan, answer_points};
use crate::geom::Crs;
use crate::http::answer::from_atlas;
use crate::http::body::collect;
use crate::http::{AppState, FieldError, Problem, position};
use crate::resolve::{ChainLink, ResponsibleWorker, Status};

/// Points to resolve.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    /// Reference system of all points; never guessed.
    crs: Option<String>,
    /// `[lon, lat]` each, or `[easting, northing]` of a projected system.
    #[schema(value_type = Vec<Vec<f64>>)]
    points: Vec<Value>,
}

/// The results of a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct Results<'a> {
    /// The revision that all of them were given from.
    revision: i64,
    /// The instant that they hold for.
    at: DateTime<Utc>,
    /// One a point, in their order.
    results: Vec<Row<'a>>,
}

/// The result of one point: its status and the fields asked for, or an error.
#[derive(Serialize, ToSchema)]
struct Row<'a> {
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
    chain: Option<Vec<ChainLink<'a>>>,
    /// Who is on duty.
    #[serde(skip_serializing_if = "Option::is_none")]
    responsible: Option<Vec<ResponsibleWorker<'a>>>,
    /// Metres to the border of the grid; null outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    border_m: Option<Option<f64>>,
    /// Which point is wrong, counted from 1, and what is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Answers a document; `crs` is what the query says of it.
pub(super) async fn answer(
    state: &AppState,
    crs: Option<Crs>,
    plan: impl FnOnce(Crs) -> Plan,
    request: Request,
    to: Media,
) -> Result<Response, Problem> {
    let body = collect(state, request).await?;
    let batch = read_body(&body)?;
    let plan = plan(read_crs(state, batch.crs.as_deref(), crs)?);
    refuse_too_many(state, batch.points.len())?;
    let (atlas, at) = (state.atlas_at(plan.at).await?, plan.at);
    let work = move || {
        let points: Vec<_> = batch.points.iter().map(read_point).collect();
        let rows = answer_points(atlas.clone(), plan, &points, to.format());
        rows.map(|rows| (atlas, rows))
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?;
    let (atlas, rows) = done.map_err(|error| Problem::internal(&error))?;
    let body = if to == Media::Json { document(atlas.revision(), at, rows)? } else { rows };
    let media = HeaderValue::from_static(to.name());
    Ok(from_atlas(&atlas, ([(header::CONTENT_TYPE, media)], body).into_response()))
}

/// Rows of one line each as the elements of an array. JSON within a line holds no line end.
fn document(revision: i64, at: DateTime<Utc>, mut rows: Vec<u8>) -> Result<Vec<u8>, Problem> {
    rows.pop();
    rows.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b',');
    let at = serde_json::to_string(&at).map_err(|error| Problem::internal(&error))?;
    let mut document = format!("{{\"revision\":{revision},\"at\":{at},\"results\":[").into_bytes();
    document.append(&mut rows);
    document.extend_from_slice(b"]}");
    Ok(document)
}

fn read_body(body: &[u8]) -> Result<Batch, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let shape = r#"the shape is {"crs": "wgs84", "points": [[lon, lat], ...]}"#;
        Problem::fields(vec![FieldError { field: "body".to_owned(), detail: format!("{error}; {shape}") }])
    })
}

fn read_crs(state: &AppState, body: Option<&str>, query: Option<Crs>) -> Result<Crs, Problem> {
    let read = match (body, query) {
        (Some(text), None) => position::read_crs(text, state.config().gcj_inverse),
        (None, Some(crs)) => Ok(crs),
        (Some(text), Some(crs)) => match position::read_crs(text, state.config().gcj_inverse) {
            Ok(same) if same == crs => Ok(crs),
            Ok(other) => Err(format!("crs is {crs} in the query and {other} in the body: say one")),
            Err(error) => Err(error),
        },
        (None, None) => Err(format!("crs is required: {}", position::WHY_CRS)),
    };
    read.map_err(|detail| Problem::fields(vec![FieldError { field: "crs".to_owned(), detail }]))
}

fn refuse_too_many(state: &AppState, points: usize) -> Result<(), Problem> {
    let most = state.config().limits.batch_points;
    if points <= most {
        return Ok(());
    }
    let detail = format!(
        "{points} points are more than the {most} of one JSON batch (max_batch_points); send several, or CSV, NDJSON or \
         Arrow, which stream"
    );
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
}

fn read_point(point: &Value) -> Result<(f64, f64), String> {
    let pair = point.as_array().map(Vec::as_slice);
    let Some([x, y]) = pair else { return Err("a point is [lon, lat]".to_owned()) };
    match (x.as_f64(), y.as_f64()) {
        (Some(x), Some(y)) => Ok((x, y)),
        _ => Err("a point is two numbers, [lon, lat]".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn a_coordinate_is_read_to_the_last_bit(lon in -180.0..180.0_f64, lat in -90.0..90.0_f64) {
            let body = format!("{{\"crs\":\"cgcs2000\",\"points\":[[{lon:?},{lat:?}]]}}");
            let batch = read_body(body.as_bytes()).unwrap();
            let (x, y) = read_point(&batch.points[0]).unwrap();
            prop_assert_eq!((x.to_bits(), y.to_bits()), (lon.to_bits(), lat.to_bits()));
        }
    }
}
