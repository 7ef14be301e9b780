//! The pages, embedded in the binary: the map, with the landing document at the same address, and that for developers.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde_json::json;

use super::answer::{from_atlas, json};
use super::cached::cached;
use super::endpoint::{Answer, Endpoint, Param};
use super::params::{Query, none};
use super::tile_sets::{TILESETS_VECTOR, TILING_SCHEMES};
use super::{AppState, Problem, host};
use crate::config::Config;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Page;

/// The files of the pages, each of which is served at an address of its own.
const MAP: &str = "index.html";
const DOCS_PAGE: &str = "docs.html";

/// Until somebody builds them.
const UNBUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>格物 Gewu</title>\
    <h1>格物 Gewu</h1><p>页面尚未构建，请运行 <code>make build</code>。<p>The pages were not built; run \
    <code>make build</code>. The API is there: <a href=\"/openapi.json\">/openapi.json</a>.";

/// The operations of this file.
pub(super) static ENDPOINTS: [&Endpoint; 2] = [&LANDING, &DOCS];

static LANDING: Endpoint = Endpoint {
    method: "GET",
    path: "/",
    id: "landing",
    tag: "documents",
    summary: "The map (HTML) or the landing document (JSON)",
    about: "By the Accept header, or by f.",
    params: &[Param::optional("f", "string", "html or json.", "json")],
    body: None,
    answer: Answer::media("application/json", "Links to everything."),
    problems: &[],
    handler: || get(landing),
};

static DOCS: Endpoint = Endpoint {
    method: "GET",
    path: "/docs",
    id: "docs",
    tag: "documents",
    summary: "This API, readable, with examples that run",
    about: "A page: a tour, a look into tiles, every operation as /api lists it.",
    params: &[],
    body: None,
    answer: Answer::media("text/html", "The page."),
    problems: &[],
    handler: || get(docs),
};

async fn landing(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &LANDING);
    let format = query.optional("f", |text| match text {
        "html" => Ok(true),
        "json" => Ok(false),
        _ => Err("f is html or json"),
    });
    query.finish()?;
    let mut response = match format.unwrap_or_else(|| wants_html(&headers)) {
        true => page(&state, MAP, &headers),
        false => links(&state, &host::origin(&headers, state.config())?),
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Does the caller name HTML before JSON?
fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let place = |media: &str| accept.find(media).unwrap_or(usize::MAX);
    place("text/html") < place("application/json")
}

async fn docs(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &DOCS)?;
    Ok(page(&state, DOCS_PAGE, &headers))
}

fn page(state: &AppState, name: &str, headers: &HeaderMap) -> Response {
    match Page::get(name) {
        Some(file) => serve(state, name, file, headers),
        None => Html(UNBUILT).into_response(),
    }
}

fn links(state: &AppState, origin: &str) -> Response {
    let link = |rel: &str, media: &str, path: &str, title: &str| json!({"rel": rel, "type": media, "href": format!("{origin}{path}"), "title": title});
    let mut links = vec![
        link("self", "application/json", "/?f=json", "This document"),
        link("alternate", "text/html", "/?f=html", "The map"),
        link("service-desc", "application/vnd.oai.openapi+json;version=3.0", "/api", "OpenAPI 3.0"),
        link("service-desc", "application/vnd.oai.openapi+json;version=3.1", "/openapi.json", "OpenAPI 3.1"),
        link("service-doc", "text/html", "/docs", "The API, readable"),
        link("conformance", "application/json", "/conformance?f=json", "Which standards are kept to"),
        link("data", "application/json", "/collections?f=json", "Collections of features"),
        link("status", "application/json", "/v1/status", "What is loaded"),
        link("http://www.opengis.net/def/rel/ogc/1.0/styles", "application/json", "/styles", "Styles"),
        link(TILING_SCHEMES, "application/json", "/tileMatrixSets", "Tile matrix sets"),
    ];
    for name in state.tilesets().names() {
        links.push(link(
            TILESETS_VECTOR,
            "application/json",
            &format!("/collections/{name}/tiles"),
            &format!("Vector tiles of {name}"),
        ));
    }
    let document = json!({
        "title": "格物 Gewu",
        "description": "网格、值守人员与矢量瓦片 / grids, people on duty, vector tiles",
        "links": links,
    });
    from_atlas(&state.atlas(), json(&document))
}

/// Anything that is no operation: a file of the pages, or nothing.
pub(super) async fn asset(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let known = matches!(method, Method::GET | Method::HEAD) && ![MAP, DOCS_PAGE].contains(&path);
    match known.then(|| Page::get(path)).flatten() {
        Some(file) => serve(&state, path, file, &headers),
        None => Problem::of_status(StatusCode::NOT_FOUND).into_response(),
    }
}

fn serve(state: &AppState, path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    // Vite names what is in assets/ by its content.
    let lasting =
        if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = cached(headers, media_type(path), lasting, file.data.into_owned());
    if let Ok(policy) = HeaderValue::try_from(policy(state.config())) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The pages draw with WebGL in workers that MapLibre starts from blobs. Nothing comes from elsewhere but Tianditu's maps, where the style shows
/// them, and the provider, where the map logs in.
fn policy(config: &Config) -> String {
    let tianditu = if config.tianditu_key.is_some() { " https://*.tianditu.gov.cn" } else { "" };
    let login = config.access.tokens.as_ref().filter(|tokens| tokens.page.is_some());
    let provider = login.map(|tokens| format!(" {}", origin_of(&tokens.issuer))).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:{tianditu}; \
         connect-src 'self'{tianditu}{provider}; worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
    )
}

/// The part of an address before its path.
fn origin_of(address: &str) -> &str {
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..].find('/').map_or(address.len(), |at| authority + at);
    &address[..end]
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "pbf" => "application/x-protobuf",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
