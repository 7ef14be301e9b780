//! `GET /v1/workers/{id}`: a worker as the caller may see one, and their grids.

use std::borrow::Cow;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use chrono::Utc;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::answer;
use super::endpoint::{Answer, Endpoint, Param, schema_of};
use super::params::{cut, none};
use super::principal::Caller;
use super::{AppState, FieldError, Problem};
use crate::access::{PersonalField, Principal, show_name, show_phone};
use crate::atlas::{Atlas, WorkerIndex};
use crate::model::WorkerId;
use crate::resolve::{GridSummary, lies_within, summarize};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/v1/workers/{id}",
    id: "worker",
    tag: "staff",
    summary: "A worker, masked by the caller's rights, and their grids",
    about: "",
    params: &[Param::path("id", "string", "UUID of the worker.", "{worker}")],
    body: None,
    answer: Answer::json("The worker and the grids that they are assigned to now.", schema_of::<WorkerCard>),
    problems: &[404],
    handler: || get(one),
};

/// A worker, as the caller may see one.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkerCard<'a> {
    /// The revision that it was given from.
    revision: i64,
    /// Identity.
    id: Uuid,
    /// Name, masked by the caller's rights.
    name: String,
    /// Telephone, masked by the caller's rights.
    phone: Option<String>,
    /// The organisation that employs the worker.
    organisation: Option<String>,
    /// head, full_time, part_time, instructor, reporter.
    role: &'static str,
    /// Away now?
    absent: bool,
    /// Identity of the direct substitute while away.
    substitute: Option<Uuid>,
    /// True for invented sample data.
    invented: bool,
    /// The grids that the worker is assigned to now, away or not.
    grids: Vec<Service<'a>>,
}

/// A grid that a worker serves.
#[derive(Serialize, ToSchema)]
struct Service<'a> {
    /// The grid.
    #[serde(flatten)]
    grid: GridSummary<'a>,
    /// The role there.
    role: &'static str,
    /// 1 is the primary.
    rank: u8,
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ENDPOINT)?;
    let id: Uuid = id.parse().map_err(|_| {
        let detail = format!("{:?} is not a UUID", cut(&id));
        Problem::fields(vec![FieldError { field: "id".to_owned(), detail }])
    })?;
    let atlas = state.atlas();
    let worker = atlas.staff().find(WorkerId(id));
    let worker = worker.ok_or_else(|| Problem::not_found(format!("there is no worker {id}")))?;
    Ok(answer(&atlas, &card(&atlas, &who, worker)))
}

pub(super) fn card<'a>(atlas: &'a Atlas, who: &Principal, index: WorkerIndex) -> WorkerCard<'a> {
    let staff = atlas.staff();
    let worker = staff.worker(index);
    let now = Utc::now();
    let absence = staff.absence(worker.id, now);
    // Seen as those who serve in the caller's areas are seen, when one of the grids lies there.
    let serves_within = || {
        let mut grids = staff.grids_of(worker.id, now).filter_map(|post| atlas.grids().find_id(post.grid));
        grids.any(|grid| lies_within(atlas, who.areas(), grid))
    };
    let sight = |field| who.sight(field, serves_within);
    let phone = worker.phone.as_deref();
    let phone = phone.and_then(|phone| show_phone(phone, sight(PersonalField::WorkerPhone)));
    let service = |assignment: &crate::model::Assignment| {
        Some(Service {
            grid: summarize(atlas, atlas.grids().find_id(assignment.grid)?),
            role: assignment.role.as_str(),
            rank: assignment.rank,
        })
    };
    let mut grids: Vec<_> = staff.grids_of(worker.id, now).filter_map(service).collect();
    grids.sort_by(|a, b| (a.grid.level, &a.grid.code, a.rank).cmp(&(b.grid.level, &b.grid.code, b.rank)));
    WorkerCard {
        revision: atlas.revision(),
        id: worker.id.0,
        name: show_name(&worker.name, sight(PersonalField::WorkerName)).into_owned(),
        phone: phone.map(Cow::into_owned),
        organisation: worker.organisation.clone(),
        role: worker.role.as_str(),
        absent: absence.is_some(),
        substitute: absence.flatten().map(|substitute| substitute.0),
        invented: worker.invented,
        grids,
    }
}
