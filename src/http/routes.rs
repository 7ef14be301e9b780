//! The router, made from the list of all operations.

use axum::Router;
use axum::http::{HeaderName, Method, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::answer::{REVISION, STALE};
use super::around::{Around, Meters};
use super::door::Guard;
use super::endpoint::Endpoint;
use super::front::Front;
use super::{
    AppState, Problem, around, audit, break_glass, check_in, collections, coverage, documents, events,
    figures, glyphs, grids, host, nearby, operation, page, people, principal, resolve, resolve_batch, search,
    sprite, stats, style, styles, tile_sets, tiles, who, within, worker_items, workers,
};

/// Bytes of a body from which on it is compressed.
const LEAST_COMPRESSED: u64 = 4_096;

/// Every operation of this server.
pub(super) fn endpoints() -> Vec<&'static Endpoint> {
    let mut all = vec![&resolve::ENDPOINT, &resolve_batch::ENDPOINT];
    all.extend(grids::ENDPOINTS);
    all.extend([
        &workers::ENDPOINT,
        &check_in::ENDPOINT,
        &nearby::ENDPOINT,
        &within::ENDPOINT,
        &stats::ENDPOINT,
        &figures::ENDPOINT,
        &search::ENDPOINT,
        &coverage::ENDPOINT,
    ]);
    all.extend(people::ENDPOINTS);
    all.extend(worker_items::ENDPOINTS);
    all.extend(collections::ENDPOINTS);
    all.extend(tiles::ENDPOINTS);
    all.extend(tile_sets::ENDPOINTS);
    all.push(&events::ENDPOINT);
    all.extend([&style::ENDPOINT, &glyphs::ENDPOINT]);
    all.extend(styles::ENDPOINTS);
    all.extend(sprite::ENDPOINTS);
    all.extend(operation::ENDPOINTS);
    all.extend([&who::ENDPOINT, &audit::ENDPOINT]);
    all.extend(break_glass::ENDPOINTS);
    all.extend(documents::ENDPOINTS);
    all.extend(page::ENDPOINTS);
    all
}

/// Method and path of every operation, as the OpenAPI document lists them.
pub fn operations() -> Vec<(&'static str, &'static str)> {
    endpoints().iter().map(|endpoint| (endpoint.method, endpoint.path)).collect()
}

/// Everything that a server answers.
pub(super) fn front(state: AppState) -> Front {
    let mut router = Router::new();
    let mut meters = Meters::new(state.meter());
    for endpoint in endpoints() {
        router = router.route(endpoint.path, (endpoint.handler)());
        meters.add(state.meter(), endpoint.method, endpoint.path);
    }
    let around = Around::new(state.clone(), meters);
    let guard = Guard::new(state.config().door.clone());
    // The outermost first. One layer of many is much cheaper than many layers: each of a router's own boxes every request.
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(around.clone(), around::wrap))
        .layer(cross_origin(&state))
        .layer(from_fn_with_state(state.clone(), principal::admit))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(CatchPanicLayer::custom(|_panic: Box<dyn std::any::Any + Send>| {
            Problem::internal(&"a handler panicked; the panic is in the log").into_response()
        }));
    let router = router.fallback(page::asset).layer(layers).with_state(state);
    Front::new(guard, around, router)
}

/// What fits a few packets anyway is sent sooner than it is compressed.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(SizeAbove::new(LEAST_COMPRESSED))
}

/// Pages of other origins may read, when they are of this machine or of the settings. They may not write.
fn cross_origin(state: &AppState) -> CorsLayer {
    let state = state.clone();
    let allowed = AllowOrigin::predicate(move |origin, _| {
        origin.to_str().is_ok_and(|origin| host::may_read(origin, state.config()))
    });
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::HEAD, Method::OPTIONS])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::IF_NONE_MATCH,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("x-request-id"),
            principal::PURPOSE,
        ])
        .expose_headers([
            header::ETAG,
            header::LINK,
            header::WWW_AUTHENTICATE,
            HeaderName::from_static("content-crs"),
            REVISION,
            STALE,
            HeaderName::from_static("x-request-id"),
            tiles::SERVER_TIMING,
        ])
}
