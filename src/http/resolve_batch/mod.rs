//! `POST /v1/resolve`: many coordinates at once, answered in their order; a bad row never ends the batch.
//!
//! JSON is read whole and bounded by settings; the other formats stream both ways and have no bound but the patience of
//! both sides.

mod json;
mod media;
mod stream;

use axum::extract::{RawQuery, Request, State};
use axum::response::Response;
use axum::routing::post;

use self::media::Media;
use super::endpoint::{Answer, Body, Endpoint, Param, Sample, schema_of};
use super::params::Query;
use super::position::{self, AT, ROLES};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::batch::{Fields, Format, Plan};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "POST",
    path: "/v1/resolve",
    id: "resolveBatch",
    tag: "resolve",
    summary: "Resolve many points at once",
    about: "Results are in the order of the points; a bad point gets an error in its place. The format is that of the Content-Type: \
        JSON of a bounded length, or a stream of any length: CSV with the columns lon and lat, NDJSON with one object or [lon, lat] \
        a line, an Arrow IPC stream with the columns lon and lat (float64 or float32). Whatever else stands in a row \
        comes back with it; gewu_ stands before a name of the answer that the row uses itself. With Accept the answer comes in \
        another of the formats, as row, lon, lat and what was found. Streams are answered while they are sent: read while you \
        send, since a reader that waits stops the work.",
    params: &[
        Param::optional(
            "crs",
            "string",
            "Reference system of all points: wgs84, cgcs2000, gcj02, bd09 or EPSG:n. Required for the streamed formats; in \
             JSON it stands in the body. Never guessed.",
            "wgs84",
        ),
        Param::optional(
            "fields",
            "string",
            "What comes back, separated by commas: code, codes, chain, responsible, border_m. By default code and the codes of \
             the chain (codes).",
            "code,border_m",
        ),
        AT,
        ROLES,
    ],
    body: Some(Body {
        media: "application/json",
        schema: schema_of::<json::Batch>,
        example: r#"{"crs": "wgs84", "points": [[{lon}, {lat}], [0, 0]]}"#,
        others: &[
            Sample { media: "text/csv", example: "id,lon,lat\n1,{lon},{lat}\n2,0,0\n" },
            Sample {
                media: "application/x-ndjson",
                example: "{\"id\": 1, \"lon\": {lon}, \"lat\": {lat}}\n[0, 0]\n",
            },
            Sample { media: "application/vnd.apache.arrow.stream", example: "" },
        ],
    }),
    answer: Answer::json("One result a point, in their order.", schema_of::<json::Results>).or(&[
        "text/csv",
        "application/x-ndjson",
        "application/vnd.apache.arrow.stream",
    ]),
    problems: &[406, 413, 415],
    handler: || post(batch),
};

async fn batch(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let fields = query.optional("fields", Fields::parse).unwrap_or(Fields::DEFAULT);
    let at = position::at(&mut query);
    let roles = position::roles(&mut query);
    let inverse = state.config().gcj_inverse;
    let from = media::of_body(request.headers())?;
    let read = |text: &str| position::read_crs(text, inverse);
    let crs = match from {
        Media::Json => query.optional("crs", read),
        Media::Rows(_) => query.required("crs", position::WHY_CRS, read),
    };
    query.finish()?;
    let to = media::of_answer(request.headers(), from)?;
    let plan = move |crs| Plan { crs, fields, at, roles, who };
    match (from, to) {
        (Media::Json, to) => json::answer(&state, crs, plan, request, to).await,
        (Media::Rows(from), to) => {
            let plan = plan(query.settle(crs)?);
            stream::answer(&state, plan, [from, to.format()], request.into_body()).await
        }
    }
}

impl Media {
    fn format(self) -> Format {
        match self {
            Self::Json => Format::Ndjson,
            Self::Rows(format) => format,
        }
    }
}
