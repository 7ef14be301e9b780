//! `GET /v1/access`: who the caller is here, and how the map page logs in.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::json;
use super::endpoint::{Answer, Endpoint, schema_of};
use super::params::none;
use super::principal::Caller;
use super::{AppState, Problem};
use crate::access::{Areas, Means, PersonalField, Policy, Principal, Role};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/access",
    id: "access",
    tag: "operation",
    summary: "Who the caller is here, and how one logs in",
    about: "Answers without a caller too. What a token or key opens is seen here at once.",
    params: &[],
    body: None,
    answer: Answer::json("The caller as this server sees it.", schema_of::<Access>),
    problems: &[],
    handler: || get(access),
};

/// The caller, and how one logs in.
#[derive(Serialize, ToSchema)]
struct Access {
    /// Does this server authenticate callers? If not, everybody is let in as open.
    authentication: bool,
    /// The caller.
    caller: CallerCard,
    /// How a page logs in; null where it cannot.
    login: Option<Login>,
    /// Purposes that may be named in Gewu-Purpose.
    purposes: Vec<String>,
}

/// The caller of a request.
#[derive(Serialize, ToSchema)]
struct CallerCard {
    /// open, anonymous, token or key.
    means: &'static str,
    /// The subject of the token, or the identity of the key.
    subject: String,
    /// Its roles.
    roles: Vec<&'static str>,
    /// The grids below which it may see more, by UUID; null: everywhere.
    areas: Option<Vec<Uuid>>,
    /// The worker that it is.
    worker_id: Option<Uuid>,
    /// What it asks for, as it says.
    purpose: Option<String>,
    /// When its token or key ends.
    until: Option<DateTime<Utc>>,
    /// What it sees of people and of those who serve them, field by field.
    sees: Vec<Seen>,
}

/// What a caller sees of one personal field, and why: never, aggregate (in counts only), masked, visible.
#[derive(Serialize, ToSchema)]
struct Seen {
    /// The field, such as workers.phone.
    field: String,
    /// In its areas.
    within: &'static str,
    /// Beyond them.
    beyond: &'static str,
    /// What the policy of this server says.
    why: String,
}

/// How a page logs in: OpenID Connect, code flow with PKCE.
#[derive(Serialize, ToSchema)]
struct Login {
    /// The provider; it describes itself in its discovery document.
    issuer: String,
    /// The name of the page there.
    client_id: String,
    /// What to ask for.
    scope: String,
    /// For which resource to ask, if for one.
    resource: Option<String>,
}

async fn access(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ENDPOINT)?;
    let settings = &state.config().access;
    let login = settings.tokens.as_ref().and_then(|tokens| {
        let page = tokens.page.clone()?;
        let issuer = tokens.issuer.clone();
        Some(Login { issuer, client_id: page.client_id, scope: page.scope, resource: page.resource })
    });
    Ok(json(&Access {
        authentication: !settings.is_open(),
        caller: card(&who, state.gate().policy()),
        login,
        purposes: settings.purposes.clone(),
    }))
}

fn card(who: &Principal, policy: &Policy) -> CallerCard {
    CallerCard {
        means: match who.means() {
            Means::Open => "open",
            Means::Anonymous => "anonymous",
            Means::Token => "token",
            Means::Key(_) => "key",
        },
        subject: who.subject().to_owned(),
        roles: who.roles().iter().map(Role::as_str).collect(),
        areas: match who.areas() {
            Areas::All => None,
            Areas::Below(grids) => Some(grids.iter().map(|grid| grid.0).collect()),
        },
        worker_id: who.worker().map(|worker| worker.0),
        purpose: who.purpose().map(|purpose| purpose.as_str().to_owned()),
        until: who.until(),
        sees: PersonalField::ALL.map(|field| seen(who, policy, field)).into(),
    }
}

fn seen(who: &Principal, policy: &Policy, field: PersonalField) -> Seen {
    let (collection, name) = field.path();
    let told = who.explain(policy, field);
    Seen {
        field: format!("{collection}.{name}"),
        within: told.within().as_str(),
        beyond: told.beyond().as_str(),
        why: told.reason(),
    }
}
