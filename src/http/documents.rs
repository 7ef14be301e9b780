//! What the API says of itself: `/api`, `/openapi.json`, and `/docs` to read.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::endpoint::{Answer, Endpoint, Param, Place, Sample};
use super::openapi::{document, downgrade, meaning};
use super::params::none;
use super::plain_page::plain_page;
use super::routes::endpoints;
use super::{AppState, Problem, host};
use crate::atlas::Atlas;
use crate::geom::mercator;
use crate::query::facility_classes;

/// The operations of this file.
pub(super) static ENDPOINTS: [&Endpoint; 3] = [&API, &OPENAPI, &DOCS];

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
static DOCS: Endpoint = Endpoint {
    method: "GET",
    path: "/docs",
    id: "docs",
    tag: "documents",
    summary: "This API, readable",
    about: "",
    params: &[],
    body: None,
    answer: Answer::media("text/html", "The page."),
    problems: &[],
    handler: || get(docs),
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

async fn docs(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &DOCS)?;
    let origin = host::origin(&headers, state.config())?;
    Ok(plain_page(page(&Example::of(&state.atlas()), &origin), STYLE))
}

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733;\
    background:#fbfcfd}h2{margin-top:2.5rem;border-bottom:1px solid #d5dde5}code,pre{font:14px/1.5 ui-monospace,monospace}\
    pre{background:#eef2f6;padding:.75rem 1rem;overflow-x:auto;border-radius:6px}td,th{text-align:left;padding:.25rem 1rem .25rem 0;\
    vertical-align:top}.m{color:#0b6e4f;font-weight:700}@media(prefers-color-scheme:dark){body{color:#dbe4ee;background:#12181f}\
    pre{background:#1c2530}h2{border-color:#2c3946}a{color:#7cc4ff}.m{color:#5fd0a5}}";

fn page(example: &Example, origin: &str) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><link rel=\"icon\" href=\"/icon.svg\"><title>格物 Gewu · API</title><style>{STYLE}</style></head><body>\
         <h1>格物 Gewu · API {}</h1><p>接口一览，每条示例都可直接运行。机器可读：<a href=\"/api\">OpenAPI 3.0</a>、\
         <a href=\"/openapi.json\">3.1</a>。 Every operation, each with an example that runs. <a href=\"/\">地图 Map</a></p>",
        env!("CARGO_PKG_VERSION")
    );
    for endpoint in endpoints() {
        html += &section(endpoint, example, origin);
    }
    html += "<h2>错误 Problems</h2><p>Every error is a document of RFC 9457 (application/problem+json).</p><table>";
    for status in
        [400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 414, 415, 421, 422, 429, 500, 503, 504]
    {
        html += &format!("<tr id=\"problem-{status}\"><th>{status}<td>{}", escape(meaning(status)));
    }
    html + "</table></body></html>"
}

fn section(endpoint: &Endpoint, example: &Example, origin: &str) -> String {
    let mut html = format!(
        "<h2 id=\"{}\"><span class=\"m\">{}</span> <code>{}</code></h2><p>{}. {}</p>",
        endpoint.id,
        endpoint.method,
        escape(endpoint.path),
        escape(endpoint.summary.trim_end_matches('?')),
        escape(endpoint.about)
    );
    if !endpoint.params.is_empty() {
        html += "<table>";
        for param in endpoint.params {
            let need = if param.required { "required" } else { "optional" };
            html += &format!(
                "<tr><th><code>{}</code><td>{}<td>{need}<td>{}",
                param.name,
                param.kind,
                escape(param.about)
            );
        }
        html += "</table>";
    }
    html += &format!("<pre>{}</pre>", escape(&curl(endpoint, example, origin)));
    for sample in
        endpoint.body.iter().flat_map(|body| body.others).filter(|sample| !sample.example.is_empty())
    {
        html += &format!("<pre>{}</pre>", escape(&curl_sample(endpoint, sample, example, origin)));
    }
    html
}

/// The call with a body of another media type; with the reference system, which stands in no such body.
fn curl_sample(endpoint: &Endpoint, sample: &Sample, example: &Example, origin: &str) -> String {
    let body = example.fill(sample.example).replace('\n', "\\n");
    format!(
        "printf '{body}' | curl -sS '{origin}{}?crs=wgs84' -H 'Content-Type: {}' --data-binary @-",
        target(endpoint, example),
        sample.media
    )
}

fn curl(endpoint: &Endpoint, example: &Example, origin: &str) -> String {
    let target = target(endpoint, example);
    match &endpoint.body {
        Some(body) => format!(
            "curl -sS '{origin}{target}' -H 'Content-Type: {}' -d '{}'",
            body.media,
            example.fill(body.example)
        ),
        None => format!("curl -sS '{origin}{target}'"),
    }
}

/// Path and query of the example: the required parameters.
fn target(endpoint: &Endpoint, example: &Example) -> String {
    let value = |param: &Param| example.fill(param.example).replace(' ', "%20");
    let mut path = endpoint.path.to_owned();
    let mut query = Vec::new();
    for param in endpoint.params.iter().filter(|param| param.required) {
        match param.place {
            Place::Path => path = path.replace(&format!("{{{}}}", param.name), &value(param)),
            Place::Query => query.push(format!("{}={}", param.name, value(param))),
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
