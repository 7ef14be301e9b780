//! What happens around every request: identity, host, room, time, problem document, headers, figures, log line.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::Counter;
use uuid::Uuid;

use super::answer::{REVISION, STALE};
use super::meter::{Meter, RouteMeter};
use super::{AppState, Problem, host, problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Who may show an answer without being able to read it.
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Which windows a page can reach.
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Paths that must answer also when there is no room left.
const ALWAYS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The figures of every route, and of those who did not get to one.
pub(super) struct Meters {
    routes: HashMap<&'static str, Vec<(&'static str, RouteMeter)>>,
    turned_away: Counter,
}

/// What is kept of an answer when the document of a problem takes its place: pages of other origins read problems too.
const KEPT: [HeaderName; 6] = [
    header::ALLOW,
    header::WWW_AUTHENTICATE,
    header::VARY,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    REVISION,
];

impl Meters {
    pub(super) fn new(meter: &Meter) -> Self {
        let about =
            "Requests that were refused at the door: too many of one caller, or with too long an address";
        Self { routes: HashMap::new(), turned_away: meter.counter("gewu_turned_away_total", about) }
    }

    /// Adds an operation.
    pub(super) fn add(&mut self, meter: &Meter, method: &'static str, route: &'static str) {
        self.routes.entry(route).or_default().push((method, meter.route(route, method)));
    }

    /// The figures of an operation; those of GET are of HEAD, too.
    fn of(&self, method: &Method, route: &str) -> Option<&RouteMeter> {
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        self.routes.get(route)?.iter().find(|(own, _)| *own == method).map(|(_, meter)| meter)
    }
}

/// What [`wrap`] needs.
#[derive(Clone)]
pub(super) struct Around(Arc<(AppState, Meters)>);

impl Around {
    pub(super) fn new(state: AppState, meters: Meters) -> Self {
        Self(Arc::new((state, meters)))
    }
}

/// A request that is being answered.
struct Begun {
    started: Instant,
    id: HeaderValue,
    binds_to_https: bool,
}

impl Begun {
    fn new(headers: &HeaderMap, state: &AppState) -> Self {
        Self {
            started: Instant::now(),
            id: request_id(headers),
            binds_to_https: host::binds_to_https(headers, state.config()),
        }
    }
}

impl Around {
    /// The answer to a request of a route that needs no waiting, with everything around it.
    pub(super) fn at_once(
        &self,
        request: &Parts,
        route: &'static str,
        answer: impl FnOnce(&AppState) -> Result<Response, Problem>,
    ) -> Response {
        let (state, _) = &*self.0;
        let begun = Begun::new(&request.headers, state);
        let answer = host::authority(&request.headers, state.config()).and_then(|_| answer(state));
        let answer = answer.unwrap_or_else(IntoResponse::into_response);
        self.finish(&begun, &request.method, request.uri.path(), Some(route), answer)
    }

    /// The state that handlers share.
    pub(super) fn state(&self) -> &AppState {
        &self.0.0
    }

    /// The answer to a request that does not come in. It is counted, and not logged: of those there may be very many.
    pub(super) fn turn_away(&self, request: &Parts, problem: Problem) -> Response {
        let (state, meters) = &*self.0;
        meters.turned_away.increment(1);
        let begun = Begun::new(&request.headers, state);
        let (path, method) = (request.uri.path(), &request.method);
        let mut response = with_problem(problem.into_response(), path, &begun.id, method);
        dress(state, &begun, response.headers_mut());
        response
    }

    fn finish(
        &self,
        begun: &Begun,
        method: &Method,
        path: &str,
        route: Option<&str>,
        response: Response,
    ) -> Response {
        let (state, meters) = &*self.0;
        let mut response = with_problem(response, path, &begun.id, method);
        dress(state, begun, response.headers_mut());
        if let Some(meter) = route.and_then(|route| meters.of(method, route)) {
            meter.count(response.status(), begun.started.elapsed().as_secs_f64());
        }
        if state.config().access_log {
            log(method, route, &response, begun.started, &begun.id);
        }
        response
    }
}

/// Around everything that the router answers.
pub(super) async fn wrap(State(around): State<Around>, request: Request, next: Next) -> Response {
    let begun = Begun::new(request.headers(), around.state());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    // The route, not the path: that may hold what no log should.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = admit(around.state(), request, next).await;
    around.finish(&begun, &method, uri.path(), route.as_ref().map(MatchedPath::as_str), response)
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
fn with_problem(mut response: Response, path: &str, id: &HeaderValue, method: &Method) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let own = response.extensions_mut().remove::<Problem>();
    let mut written = own.unwrap_or_else(|| Problem::of_status(status)).render(path, text(id));
    for (name, value) in response.headers().iter().filter(|(name, _)| KEPT.contains(name)) {
        written.headers_mut().append(name.clone(), value.clone());
    }
    if method == Method::HEAD {
        *written.body_mut() = axum::body::Body::empty();
    }
    debug_assert_eq!(written.headers()[header::CONTENT_TYPE], problem::MEDIA_TYPE);
    written
}

fn dress(state: &AppState, begun: &Begun, headers: &mut HeaderMap) {
    headers.insert(REQUEST_ID, begun.id.clone());
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
    // Pages of other origins read by CORS or not at all.
    headers.insert(CORP, HeaderValue::from_static("same-origin"));
    if headers.get(header::CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(b"text/html")) {
        headers.insert(COOP, HeaderValue::from_static("same-origin"));
    }
    if begun.binds_to_https {
        let policy = HeaderValue::try_from(format!("max-age={}", state.config().door.hsts_s));
        headers.extend(policy.ok().map(|policy| (header::STRICT_TRANSPORT_SECURITY, policy)));
    }
}

/// The identity that the caller gave the request, when it is harmless to repeat; otherwise a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let harmless = |id: &&HeaderValue| {
        let id = id.as_bytes();
        (1..=64).contains(&id.len()) && id.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    headers.get(&REQUEST_ID).filter(harmless).cloned().unwrap_or_else(|| {
        let mut new = Uuid::encode_buffer();
        let new = Uuid::now_v7().hyphenated().encode_lower(&mut new);
        HeaderValue::from_str(new).unwrap_or_else(|_| HeaderValue::from_static("-"))
    })
}

/// The identity of a request is ASCII by [`request_id`].
fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}

fn log(method: &Method, route: Option<&str>, response: &Response, started: Instant, id: &HeaderValue) {
    let (route, id) = (route.unwrap_or("-"), text(id));
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
