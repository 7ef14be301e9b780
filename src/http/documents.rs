//! What the API says of itself: `/api`, `/openapi.json`.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::endpoint::{Answer, Endpoint};
use super::openapi::{document, downgrade};
use super::params::none;
use super::{AppState, Problem, host};
use crate::atlas::Atlas;
use crate::geom::mercator;
use crate::query::facility_classes;

/// The operations of this file.
pub(super) static ENDPOINTS: [&Endpoint; 2] = [&API, &OPENAPI];

static API: Endpoint = Endpoint {
    method: "GET",
    path: "/api",
    id: "api",
    tag: "documents",
    summary: "This API in OpenAPI 3.0",
    about: "",
    params: &[],
    body: None,
    answer: Answer::media("application/vnd.oai.openapi+json;version=3.0", "The document."),
    problems: &[],
    handler: || get(api),
};
static OPENAPI: Endpoint = Endpoint {
    method: "GET",
    path: "/openapi.json",
    id: "openapi",
    tag: "documents",
    summary: "This API in OpenAPI 3.1",
    about: "",
    params: &[],
    body: None,
    answer: Answer::media("application/json", "The document."),
    problems: &[],
    handler: || get(openapi),
};
/// Values for examples that exist on this very server.
pub(super) struct Example {
    lon: f64,
    lat: f64,
    grid: String,
    worker: String,
    feature: String,
    class: String,
    tile: (u8, u32, u32),
}

impl Example {
    /// The first grid that has children or the first at all, the middle of the first leaf, and somebody on duty.
    pub(super) fn of(atlas: &Atlas) -> Self {
        let grids = atlas.grids();
        let grid = grids.all().find(|g| !grids.is_leaf(*g)).or_else(|| grids.all().next());
        let place = grids.all().find(|g| grids.is_leaf(*g)).map(|leaf| grids.label_point(leaf));
        let now = chrono::Utc::now();
        let duty =
            grids.all().rev().find_map(|g| atlas.staff().on_duty(grids.id(g), now, &[]).first().copied());
        let feature = atlas.resources().facilities().map(|facility| facility.id.0).min();
        let (lon, lat) = place.map_or((100.2676, 25.6065), |p| (p.lon(), p.lat()));
        let rounded = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Self {
            lon: rounded(lon),
            lat: rounded(lat),
            tile: tile_at(lon, lat),
            class: facility_classes(atlas).into_keys().next().unwrap_or_default().to_owned(),
            grid: grid.map_or_else(|| "532901".to_owned(), |g| grids.code(g).to_string()),
            feature: feature.unwrap_or_default().to_string(),
            worker: duty.map(|d| atlas.staff().worker(d.worker).id.0).unwrap_or_default().to_string(),
        }
    }

    /// Puts the values in place of `{lon}`, `{lat}`, `{lon_east}`, `{lat_north}`, `{grid}`, `{worker}`, `{feature}`, `{class}` and `{z}`, `{x}`, `{y}`.
    pub(super) fn fill(&self, text: &str) -> String {
        text.replace("{lon}", &self.lon.to_string())
            .replace("{lat}", &self.lat.to_string())
            .replace("{lon_east}", &east_or_north(self.lon).to_string())
            .replace("{lat_north}", &east_or_north(self.lat).to_string())
            .replace("{grid}", &self.grid)
            .replace("{worker}", &self.worker)
            .replace("{feature}", &self.feature)
            .replace("{class}", &self.class)
            .replace("{z}", &self.tile.0.to_string())
            .replace("{x}", &self.tile.1.to_string())
            .replace("{y}", &self.tile.2.to_string())
    }
}

/// A hundredth of a degree further.
fn east_or_north(degrees: f64) -> f64 {
    ((degrees + 0.01) * 1e6).round() / 1e6
}

/// The tile of a position at a zoom where grids show.
fn tile_at(lon: f64, lat: f64) -> (u8, u32, u32) {
    const ZOOM: u8 = 10;
    let (u, v) = mercator::unit(lon, lat);
    let place = |unit: f64| (unit * f64::from(1_u32 << ZOOM)).floor().clamp(0.0, 1_023.0) as u32;
    (ZOOM, place(u), place(v))
}

async fn api(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &API)?;
    let origin = host::origin(&headers, state.config())?;
    let body =
        downgrade(document(&Example::of(&state.atlas()), &origin, !state.gate().is_open())).to_string();
    Ok(([(header::CONTENT_TYPE, API.answer.media)], body).into_response())
}

async fn openapi(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &OPENAPI)?;
    let origin = host::origin(&headers, state.config())?;
    let body = document(&Example::of(&state.atlas()), &origin, !state.gate().is_open()).to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
