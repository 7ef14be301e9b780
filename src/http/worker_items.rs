//! `/collections/workers/items`: those who serve in the caller's areas, for whom the policy shows their names and phones in the clear. A hundred at
//! most at a time, in one format, and each reading is in the log before it is answered.

use std::collections::BTreeSet;

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::audited::CameFrom;
use super::endpoint::{Answer, Endpoint, Param};
use super::grids::find;
use super::params::{Query, count_within, none};
use super::people::{AFTER, GRID, LIMIT, MOST, USUALLY, next, not_kept, page, refused};
use super::principal::Caller;
use super::workers::card;
use super::{AppState, Problem, host};
use crate::access::{Areas, AuditedRead, PersonalField, Principal, Sight};
use crate::atlas::{Atlas, WorkerIndex};
use crate::features::OutputCrs;
use crate::model::WorkerId;
use crate::resolve::lies_within;

pub(super) static ENDPOINTS: [&Endpoint; 2] = [&ITEMS, &ONE];

static ITEMS: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/workers/items",
    id: "workers",
    tag: "staff",
    summary: "Those who serve in the areas of the caller",
    about: "For whom the policy shows names and phones of those who serve there in the clear; others ask for those of one grid, and see them masked. There is no filter and \
        no order: these would tell what is not shown. Nothing of it may be kept (no-store).",
    params: &[GRID, LIMIT, AFTER],
    body: None,
    answer: Answer::media("application/geo+json", "A FeatureCollection; a worker has no geometry but grids."),
    problems: &[403, 404, 410],
    handler: || get(items),
};

static ONE: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/workers/items/{featureId}",
    id: "workerItem",
    tag: "staff",
    summary: "One of those who serve in the areas of the caller",
    about: "Who serves elsewhere is as unknown here as who does not exist; see /v1/workers/{id}.",
    params: &[Param::path("featureId", "string", "The identity of a worker.", "{worker}")],
    body: None,
    answer: Answer::media("application/geo+json", "A Feature."),
    problems: &[403, 404],
    handler: || get(one),
};

async fn items(
    State(state): State<AppState>,
    Caller(who): Caller,
    from: CameFrom,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    entitled(&who)?;
    let own = format!("{}{}", host::origin(&headers, state.config())?, ITEMS.path);
    let mut query = Query::read(raw.as_deref(), &ITEMS);
    let limit = query.optional("limit", |text| count_within(text, 1, MOST)).unwrap_or(USUALLY);
    let after = query.optional("after", Uuid::try_parse).map(WorkerId);
    query.finish()?;
    let atlas = state.atlas();
    let mut areas = who.areas().clone();
    if let Some(code) = query.text("grid") {
        let grid = find(&state, &atlas, code).await?;
        if !lies_within(&atlas, &areas, grid) {
            return Err(refused("this grid is not in the areas of the caller"));
        }
        areas = Areas::below([atlas.grids().id(grid)]);
    }
    // One more tells whether there are more.
    let mut found = serving(&atlas, &areas, after, limit + 1);
    let more = found.len() > limit;
    found.truncate(limit);
    let ids: Vec<_> = found.iter().map(|worker| atlas.staff().worker(*worker).id.0).collect();
    let read = AuditedRead { entity: "workers", ids: &ids, rows: ids.len(), area: &areas };
    state.audit(&who, read, from).await?;
    let features = found.iter().map(|worker| feature(&atlas, &who, *worker)).collect::<Result<_, _>>()?;
    Ok(page(features, more.then(|| next(&own, &query, &ids)).flatten()))
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    from: CameFrom,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ONE)?;
    entitled(&who)?;
    let atlas = state.atlas();
    let known = Uuid::try_parse(&id).ok().and_then(|id| atlas.staff().find(WorkerId(id)));
    let worker = known.filter(|worker| serves(&atlas, who.areas(), atlas.staff().worker(*worker).id));
    let worker = worker
        .ok_or_else(|| Problem::not_found("nobody with this identity serves in the areas of the caller"))?;
    let ids = [atlas.staff().worker(worker).id.0];
    let read = AuditedRead { entity: "workers", ids: &ids, rows: 1, area: who.areas() };
    state.audit(&who, read, from).await?;
    Ok(not_kept(&feature(&atlas, &who, worker)?))
}

/// What the collection is, to whom it is open.
pub(super) fn document(who: &Principal, origin: &str) -> Result<Value, Problem> {
    entitled(who)?;
    let own = format!("{origin}{}", ITEMS.path.trim_end_matches("/items"));
    let link = |rel: &str, media: &str, href: String| json!({"rel": rel, "type": media, "href": href});
    Ok(json!({
        "id": "workers",
        "title": "网格员 Workers",
        "description": "Those who serve in the areas of the caller, as far as roles and purpose show them.",
        "itemType": "feature",
        "crs": [OutputCrs::default().uri()],
        "links": [
            link("self", "application/json", own.clone()),
            link("items", "application/geo+json", format!("{own}/items")),
        ],
    }))
}

/// The list is for whom it is more than a list of masks.
fn entitled(who: &Principal) -> Result<(), Problem> {
    let fields = [PersonalField::WorkerName, PersonalField::WorkerPhone];
    match fields.into_iter().any(|field| who.sight(field, || true) == Sight::Clear) {
        true => Ok(()),
        false => Err(refused(
            "the collection \"workers\" is open to those who see the names or phones of those who serve; /v1/grids/{code}/staff names those of a grid, and \
             /v1/workers/{id} one of them",
        )),
    }
}

/// Does somebody serve in these areas now, away or not?
fn serves(atlas: &Atlas, areas: &Areas, worker: WorkerId) -> bool {
    let mut posts = atlas.staff().grids_of(worker, Utc::now());
    posts.any(|post| atlas.grids().find_id(post.grid).is_some_and(|grid| lies_within(atlas, areas, grid)))
}

/// The first so many of those who serve in these areas, by identity, behind one. O(workers), and areas are looked at only of those who may be among them.
fn serving(atlas: &Atlas, areas: &Areas, after: Option<WorkerId>, most: usize) -> Vec<WorkerIndex> {
    let mut first = BTreeSet::new();
    for id in atlas.staff().workers().map(|worker| worker.id) {
        let is_ahead = after.is_none_or(|after| id > after);
        let has_room = first.len() < most || first.last().is_some_and(|last| id < *last);
        if is_ahead && has_room && serves(atlas, areas, id) {
            first.insert(id);
            if first.len() > most {
                first.pop_last();
            }
        }
    }
    first.into_iter().filter_map(|id| atlas.staff().find(id)).collect()
}

/// A worker as the caller sees one.
fn feature(atlas: &Atlas, who: &Principal, worker: WorkerIndex) -> Result<Value, Problem> {
    let mut properties =
        serde_json::to_value(card(atlas, who, worker)).map_err(|error| Problem::internal(&error))?;
    let id = properties["id"].take();
    if let Value::Object(members) = &mut properties {
        members.retain(|name, value| !value.is_null() && name != "id" && name != "revision");
    }
    Ok(json!({"type": "Feature", "id": id, "geometry": null, "properties": properties}))
}
