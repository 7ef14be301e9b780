//! What happens around every request: identity, host, room, time, problem document, headers, figures, log line.

use std::sync::Arc;
use std::time::Instant;

use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::answer::{REVISION, STALE};
use super::meter::RouteMeter;
use super::{AppState, Problem, host, problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Paths that must answer also when there is no room left.
const ALWAYS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Marks a response with the route that made it, for the log: the path itself may hold what no log should.
#[derive(Clone, Copy)]
struct Route(&'static str);

/// Around one route: counts it and names it.
pub(super) async fn measure(
    State((meter, route)): State<(Arc<RouteMeter>, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let mut response = next.run(request).await;
    meter.count(response.status(), started.elapsed().as_secs_f64());
    response.extensions_mut().insert(Route(route));
    response
}

/// Around everything.
pub(super) async fn wrap(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let response = admit(&state, request, next).await;
    let mut response = with_problem(response, &path, &id, &method);
    dress(&state, response.headers_mut(), &id);
    if state.config().access_log {
        log(&method, &response, started, &id);
    }
    response
}

/// Lets a request in when it names this server, there is room, and time left.
async fn admit(state: &AppState, request: Request, next: Next) -> Response {
    if let Err(problem) = host::authority(request.headers(), state.config()) {
        return problem.into_response();
    }
    if ALWAYS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let Ok(_slot) = state.slots().try_acquire() else {
        let detail =
            "this server answers as many requests as it may (max_concurrent_requests); try again in a moment";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response();
    };
    let limit = state.config().limits.request_timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
    }
}

/// Writes the document of a problem; an error without one, such as an unknown route, gets what its status says.
fn with_problem(mut response: Response, path: &str, id: &str, method: &Method) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let own = response.extensions_mut().remove::<Problem>();
    let mut written = own.unwrap_or_else(|| Problem::of_status(status)).render(path, id);
    for name in [header::ALLOW, REVISION] {
        if let Some(value) = response.headers().get(&name) {
            written.headers_mut().insert(name, value.clone());
        }
    }
    if let Some(route) = response.extensions().get::<Route>() {
        written.extensions_mut().insert(*route);
    }
    if method == Method::HEAD {
        *written.body_mut() = axum::body::Body::empty();
    }
    debug_assert_eq!(written.headers()[header::CONTENT_TYPE], problem::MEDIA_TYPE);
    written
}

fn dress(state: &AppState, headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(seconds) = state.freshness().stale_seconds()
        && headers.contains_key(REVISION)
    {
        headers.insert(STALE, HeaderValue::from(seconds));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    let nothing = || HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(nothing);
}

/// The identity that the caller gave the request, when it is harmless to repeat; otherwise a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    given.filter(harmless).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

fn log(method: &Method, response: &Response, started: Instant, id: &str) {
    let route = response.extensions().get::<Route>().map_or("-", |route| route.0);
    tracing::info!(
        target: "gewu::access",
        %method,
        route,
        status = response.status().as_u16(),
        ms = started.elapsed().as_secs_f64() * 1_000.0,
        bytes = response.body().size_hint().exact(),
        id,
    );
}
