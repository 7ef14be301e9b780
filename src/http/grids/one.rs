//! `GET /v1/grids/{code}`: everything that is known of one grid.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::answer::answer;
use super::super::endpoint::{Answer, Endpoint, schema_of};
use super::super::params::none;
use super::super::principal::Caller;
use super::super::{AppState, Problem};
use super::{CODE, find};
use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::geom::area_m2;
use crate::resolve::{GridSummary, Place, summarize};
use crate::store::{GridVersionRow, Store, StoreError};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/grids/{code}",
    id: "grid",
    tag: "grids",
    summary: "One grid: geometry, size, validity, lineage",
    about: "valid and lineage come from the database; while it is away both are null and Gewu-Stale says so.",
    params: &[CODE],
    body: None,
    answer: Answer::json("The grid.", schema_of::<GridCard>),
    problems: &[404, 410],
    handler: || get(one),
};

/// Everything that is known of a grid.
#[derive(Serialize, ToSchema)]
struct GridCard<'a> {
    /// The revision that it was given from.
    revision: i64,
    /// The grid.
    #[serde(flatten)]
    grid: GridSummary<'a>,
    /// The code of the grid above; null at the top.
    parent: Option<String>,
    /// How many grids are directly below.
    children: usize,
    /// Resident households, where known.
    households: Option<u32>,
    /// True when boundary or name is invented sample data.
    invented: bool,
    /// Area on the ellipsoid in square metres.
    area_m2: f64,
    /// West, south, east, north in degrees.
    bbox: [f64; 4],
    /// A point well inside, for a label.
    label_point: Place,
    /// When this version holds.
    valid: Option<Validity>,
    /// The earlier and the present versions of grids with this code, newest first.
    lineage: Option<Vec<Version>>,
    /// Territory as a GeoJSON MultiPolygon in degrees of CGCS2000.
    #[schema(value_type = Object)]
    geometry: Value,
}

/// When something holds: from (included) until (excluded); null is open.
#[derive(Serialize, ToSchema)]
struct Validity {
    /// The first instant.
    from: Option<DateTime<Utc>>,
    /// The first instant after it.
    until: Option<DateTime<Utc>>,
}

/// One version of a grid.
#[derive(Serialize, ToSchema)]
struct Version {
    /// Identity of the grid.
    id: uuid::Uuid,
    /// Its code.
    code: String,
    /// Its level.
    level: u8,
    /// Its name.
    name: String,
    /// When the version holds.
    valid: Validity,
    /// The revision that brought it.
    revision: i64,
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(code): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ENDPOINT)?;
    let atlas = state.atlas();
    let grid = find(&state, &atlas, &code).await?;
    let history = history(state.store(), &atlas, grid).await?;
    Ok(answer(&atlas, &card(&atlas, &who, grid, history)))
}

/// The versions of a grid, newest first; `None` while the database is away.
async fn history(
    store: &Store,
    atlas: &Atlas,
    grid: GridIndex,
) -> Result<Option<Vec<GridVersionRow>>, StoreError> {
    match store.grid_history(atlas.grids().code(grid).as_str()).await {
        Ok(rows) => Ok(Some(rows)),
        Err(error) if error.is_unavailable() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Grids are no personal data: every principal may see all of them.
fn card<'a>(
    atlas: &'a Atlas,
    _who: &Principal,
    grid: GridIndex,
    history: Option<Vec<GridVersionRow>>,
) -> GridCard<'a> {
    let grids = atlas.grids();
    let (envelope, label) = (grids.envelope(grid), grids.label_point(grid));
    let territory = grids.geometry(grid);
    let present = history.as_ref().and_then(|rows| rows.iter().find(|v| v.valid.contains(Utc::now())));
    GridCard {
        revision: atlas.revision(),
        grid: summarize(atlas, grid),
        parent: grids.parent(grid).map(|parent| grids.code(parent).to_string()),
        children: grids.children(grid).len(),
        households: grids.households(grid),
        invented: grids.invented(grid),
        area_m2: area_m2(&territory).round(),
        bbox: [envelope.min[0], envelope.min[1], envelope.max[0], envelope.max[1]],
        label_point: Place { lon: label.lon(), lat: label.lat() },
        valid: present.map(|version| validity(version.valid)),
        lineage: history.map(|rows| rows.into_iter().map(version).collect()),
        geometry: multipolygon(&territory),
    }
}

fn version(row: GridVersionRow) -> Version {
    Version {
        id: row.id.0,
        code: row.code.to_string(),
        level: row.level.number(),
        name: row.name,
        valid: validity(row.valid),
        revision: row.revision,
    }
}

fn validity(span: crate::model::Span) -> Validity {
    Validity { from: span.from, until: span.until }
}

fn multipolygon(territory: &geo::MultiPolygon<f64>) -> Value {
    let ring = |ring: &geo::LineString<f64>| ring.coords().map(|c| [c.x, c.y]).collect::<Vec<_>>();
    let polygon = |p: &geo::Polygon<f64>| {
        std::iter::once(p.exterior()).chain(p.interiors()).map(ring).collect::<Vec<_>>()
    };
    let coordinates: Vec<_> = territory.iter().map(polygon).collect();
    serde_json::json!({"type": "MultiPolygon", "coordinates": coordinates})
}
