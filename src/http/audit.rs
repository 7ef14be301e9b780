//! `GET /v1/audit`: who looked at what, and why, for auditors. Reading it is noted in it.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::json;
use super::audited::CameFrom;
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::params::{Query, count_within, cut};
use super::principal::Caller;
use super::{AppState, Problem};
use crate::access::{AuditedRead, Principal, Role};
use crate::model::{AuditEntry, AuditQuery, GlassNotice};

/// Entries of a page, unless the caller says otherwise, and at most.
const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;
/// Days for which an area that was opened stands first.
const NOTICE_DAYS: i32 = 30;
/// Notices of a page at most.
const MOST_NOTICES: i64 = 100;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/audit",
    id: "audit",
    tag: "operation",
    summary: "Who looked at personal data or changed rights, for auditors",
    about: "The oldest entry first. Areas that commanders opened in the last 30 days (break-glass) stand before all entries, with their reasons. Reading the log is itself \
        noted in it. Whether the log is whole is told by `gewu audit verify`.",
    params: &[
        Param::optional("after", "integer", "Entries behind this number.", ""),
        Param::optional(
            "subject",
            "string",
            "Entries of this subject: sub of the token, key:UUID, database:LOGIN.",
            "",
        ),
        Param::optional(
            "entity",
            "string",
            "Entries about this: people, workers, assignments, absences, api_key, break_glass, audit.",
            "",
        ),
        Param::optional("limit", "integer", "1 to 1000; the default is 100.", ""),
    ],
    body: None,
    answer: Answer::json("Notices, entries, and the address of the next page.", schema_of::<Page>),
    problems: &[403, 503],
    handler: || get(page),
};

/// A page of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
struct Page {
    /// Areas that commanders opened, the latest first.
    break_glass: Vec<Notice>,
    /// Entries, the oldest first.
    entries: Vec<Entry>,
    /// The address of the next page; null where there are no more entries.
    next: Option<String>,
}

/// An area that a commander opened.
#[derive(Serialize, ToSchema)]
#[schema(as = BreakGlassNotice)]
struct Notice {
    /// Identity; the log has it among the ids of its entry.
    id: Uuid,
    /// Who.
    subject: String,
    /// Why.
    reason: String,
    /// The grid below which it opened.
    area: Uuid,
    /// Since when.
    granted: DateTime<Utc>,
    /// Until when, unless it is ended before.
    until: DateTime<Utc>,
    /// When it was ended before its time; null where it was not.
    ended: Option<DateTime<Utc>>,
    /// By whom: the one who opened it, or somebody who watches over it.
    ended_by: Option<String>,
    /// Is it open now?
    open: bool,
}

/// An entry of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct Entry {
    /// Its number; there is no gap.
    id: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    subject: String,
    /// With which roles.
    roles: Vec<String>,
    /// What for, as the caller said.
    purpose: Option<String>,
    /// What was done: read, write, export, rights, break_glass, break_glass_end.
    action: String,
    /// With what.
    entity: String,
    /// With which of them, as far as they are known; many are parted into several entries.
    ids: Vec<Uuid>,
    /// With how many.
    rows: i64,
    /// The grids below which it was allowed; null: everywhere.
    area: Option<Vec<Uuid>>,
    /// From which address.
    origin: String,
    /// The hash of this entry and the one before, in hexadecimal digits.
    hash: String,
}

async fn page(
    State(state): State<AppState>,
    Caller(who): Caller,
    from: CameFrom,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    refuse_others(&who)?;
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let after = query.optional("after", |text| {
        text.parse::<i64>()
            .ok()
            .filter(|id| *id >= 0)
            .ok_or_else(|| format!("{:?} is no number of an entry", cut(text)))
    });
    let limit = query.optional("limit", |text| count_within(text, 1, MAX_LIMIT)).unwrap_or(DEFAULT_LIMIT);
    let text = |name| query.text(name).map(|text| text.replace('\0', ""));
    let asked =
        AuditQuery { after: after.unwrap_or(0), subject: text("subject"), entity: text("entity"), limit };
    query.finish()?;
    let entries = state.store().audit_page(&asked).await?;
    let notices = state.store().glass_notices(NOTICE_DAYS, MOST_NOTICES).await?;
    let read = AuditedRead { entity: "audit", ids: &[], rows: entries.len(), area: who.areas() };
    state.audit(&who, read, from).await?;
    let last = entries.last().filter(|_| entries.len() == limit).map(|entry| entry.id.to_string());
    let next = last.map(|last| format!("{}{}", ENDPOINT.path, query.with(&[("after", Some(last.as_str()))])));
    let now = Utc::now();
    let mut response = json(&Page {
        break_glass: notices.into_iter().map(|notice| Notice::of(notice, now)).collect(),
        entries: entries.into_iter().map(Entry::of).collect(),
        next,
    });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn refuse_others(who: &Principal) -> Result<(), Problem> {
    match who.roles().has(Role::Auditor) {
        true => Ok(()),
        false => {
            Err(Problem::new(StatusCode::FORBIDDEN, "the audit log is read by those with the role auditor"))
        }
    }
}

impl Notice {
    fn of(notice: GlassNotice, now: DateTime<Utc>) -> Self {
        let GlassNotice { glass, reason, ended } = notice;
        let (ended, ended_by) = ended.map(|end| (end.at, end.subject)).unzip();
        Self {
            id: glass.id,
            subject: glass.subject,
            reason,
            area: glass.area.0,
            granted: glass.granted,
            until: glass.until,
            open: now < glass.until && ended.is_none(),
            ended,
            ended_by,
        }
    }
}

impl Entry {
    fn of(entry: AuditEntry) -> Self {
        let event = entry.event;
        Self {
            id: entry.id,
            at: entry.at,
            subject: event.subject,
            roles: event.roles,
            purpose: event.purpose,
            action: event.action.into_owned(),
            entity: event.entity.into_owned(),
            ids: event.ids,
            rows: event.rows,
            area: event.area,
            origin: event.origin,
            hash: entry.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}
