//! Who asks: the one place where a request gets its [`Principal`], or a refusal.
//!
//! Every request goes through [`admit`], those that the front answers through [`at_once`]; both read the same headers and ask the
//! same [`Gate`]. Handlers get a [`Caller`].

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::public::is_public;
use super::revoked::while_it_holds;
use super::{AppState, Problem};
use crate::access::{Gate, Principal, Refusal};
use crate::atlas::Atlas;
use crate::model::GridId;

/// Names what a caller asks for: one of the purposes of the settings.
pub(super) const PURPOSE: HeaderName = HeaderName::from_static("gewu-purpose");
/// What a cache may do with an answer to one caller: keep it for that caller, and ask each time whether it still holds.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The caller of a request.
pub(super) struct Caller(pub Principal);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let admitted = parts.extensions.get::<Principal>().cloned();
        // Never the open principal in its place.
        admitted.map(Self).ok_or_else(|| Problem::internal(&"a request came to its handler without a caller"))
    }
}

/// Around every handler: nobody passes without a principal.
pub(super) async fn admit(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let who = match credentials(state.gate(), request.headers(), is_public(route)) {
        Ok(Credentials::Known(who)) => Ok(who),
        Ok(Credentials::Sent(sent)) => state.gate().caller(sent, &finder(&state.atlas())).await,
        Err(refusal) => Err(refusal),
    };
    match who.and_then(|who| with_purpose(who, state.gate(), request.headers())) {
        Ok(who) => {
            request.extensions_mut().insert(who.clone());
            let mut response = while_it_holds(&state, &who, next.run(request).await);
            dress(&who, response.headers_mut());
            response
        }
        Err(refusal) => refused(&refusal),
    }
}

/// Who asks, where that is known without waiting. Anything else, refusals too, is for [`admit`].
pub(super) fn at_once(state: &AppState, headers: &HeaderMap) -> Option<Principal> {
    let who = match credentials(state.gate(), headers, false).ok()? {
        Credentials::Known(who) => who,
        Credentials::Sent(sent) => state.gate().known(sent)?.ok()?,
    };
    with_purpose(who, state.gate(), headers).ok()
}

/// An answer to one caller is for no other: no shared cache keeps it.
pub(super) fn dress(who: &Principal, headers: &mut HeaderMap) {
    if who.is_anybody() {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("authorization"));
    let is_kept = headers.get(header::CACHE_CONTROL).is_none_or(|value| value != "no-store");
    if is_kept {
        headers.insert(header::CACHE_CONTROL, PRIVATE);
    }
}

/// What a request says of its caller.
enum Credentials<'a> {
    /// Nothing has to be looked at.
    Known(Principal),
    /// A token or a key.
    Sent(&'a str),
}

fn credentials<'a>(gate: &Gate, headers: &'a HeaderMap, public: bool) -> Result<Credentials<'a>, Refusal> {
    if gate.is_open() {
        return Ok(Credentials::Known(Principal::open()));
    }
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    match (sent.next(), sent.next()) {
        (None, _) if public => Ok(Credentials::Known(Principal::anonymous())),
        (None, _) => Err(Refusal::Missing),
        (Some(one), None) => bearer(one).map(Credentials::Sent).ok_or(Refusal::Scheme),
        (Some(_), Some(_)) => Err(Refusal::Scheme),
    }
}

/// The token of RFC 6750, section 2.1; the name of the scheme in any case.
pub(super) fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn with_purpose(who: Principal, gate: &Gate, headers: &HeaderMap) -> Result<Principal, Refusal> {
    let mut named = headers.get_all(PURPOSE).iter();
    match (named.next(), named.next()) {
        (None, _) => Ok(who.under(gate.policy())),
        (Some(name), None) => {
            let purpose = gate.purpose(name.to_str().unwrap_or_default())?;
            Ok(who.with_purpose(purpose).under(gate.policy()))
        }
        (Some(_), Some(_)) => Err(Refusal::Purpose("those of the settings, one at a time".to_owned())),
    }
}

/// Finds the grids that tokens name as areas, by code or UUID.
fn finder(atlas: &Atlas) -> impl Fn(&str) -> Option<GridId> + Send + Sync {
    |name| {
        let id = Uuid::try_parse(name).ok().and_then(|id| atlas.grids().find_id(GridId(id)));
        id.or_else(|| atlas.grids().find_code(name)).map(|grid| atlas.grids().id(grid))
    }
}

/// The answer to whoever is not let in; RFC 6750, section 3, for what it says in `WWW-Authenticate`.
fn refused(refusal: &Refusal) -> Response {
    let detail = refusal.to_string();
    let challenge = match refusal {
        Refusal::Purpose(_) => return Problem::new(StatusCode::BAD_REQUEST, detail).into_response(),
        Refusal::NotNow(_) => return Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response(),
        // Whoever sent nothing is told no error.
        Refusal::Missing => "Bearer realm=\"gewu\"".to_owned(),
        Refusal::Scheme => "Bearer realm=\"gewu\", error=\"invalid_request\"".to_owned(),
        _ => {
            let plain = detail.replace(['"', '\\'], "'");
            format!("Bearer realm=\"gewu\", error=\"invalid_token\", error_description=\"{plain}\"")
        }
    };
    tracing::debug!(target: "gewu::access", %refusal, "not let in");
    let mut response = Problem::new(StatusCode::UNAUTHORIZED, detail).into_response();
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
