//! Features written one by one (OGC API - Features - Part 4): resources are put in, replaced, changed, and taken away.
//!
//! Whoever names the tag of the feature that they saw (`If-Match`) writes only if it still is like that.

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, patch, post, put};
use geo::{Geometry, InteriorPoint};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::endpoint::{Answer, Body, Endpoint, Param, Sample, schema_of};
use super::super::params::{cut, none};
use super::super::principal::Caller;
use super::super::{AppState, Problem, host};
use super::item::tag;
use super::opened::{Opened, open};
use super::prefer::{Preferences, Written};
use super::written::{body, changed, resource};
use crate::access::{Areas, Principal};
use crate::model::{Feature, FeatureId, LonLat, Resource, ResourceId};
use crate::resolve::lies_within;
use crate::store::{Edit, Edited, StoreError, TableError};

/// Times that a change is tried when others change the same feature meanwhile.
const TRIES: usize = 4;

const EXAMPLE: &str = r#"{"type": "Feature", "geometry": {"type": "Point", "coordinates": [{lon}, {lat}]}, "properties": {"class": "hydrant", "name": "消防栓 1"}}"#;
const PATCH_EXAMPLE: &str = r#"{"properties": {"name": "消防栓 2"}}"#;

const FEATURE: Param = Param::path("feature", "string", "Its identity.", "{feature}");
const WRITABLE: Param =
    Param::path("id", "string", "buildings, facilities, or another collection of resources.", "facilities");
const ABOUT: &str = "A class is needed; source and source_id are the system that it comes from and its identity there. The leaf that holds it is found, whatever grid says. \
    Coordinates are in CRS84, or as Content-Crs says. Fields that the collection does not have are refused, or left out with Prefer: handling=lenient. With \
    Prefer: return=representation the answer holds the feature as it is now; an answer of 204 is one of 200 then.";

/// A feature as GeoJSON has it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a shape for the document; the body is read as GeoJSON")]
struct WrittenFeature {
    /// Feature.
    #[schema(rename = "type")]
    kind: String,
    /// A geometry of GeoJSON.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    geometry: Value,
    /// The fields of the collection.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    properties: Value,
}

const BODY: Body = Body {
    media: "application/geo+json",
    schema: schema_of::<WrittenFeature>,
    example: EXAMPLE,
    others: &[Sample { media: "application/json", example: EXAMPLE }],
};
const PATCH_BODY: Body = Body {
    media: "application/merge-patch+json",
    schema: schema_of::<WrittenFeature>,
    example: PATCH_EXAMPLE,
    others: &[
        Sample { media: "application/geo+json", example: PATCH_EXAMPLE },
        Sample { media: "application/json", example: PATCH_EXAMPLE },
    ],
};
const PROBLEMS: &[u16] = &[403, 404, 405, 409, 412, 413, 415, 422, 504];

pub(super) static CREATE: Endpoint = Endpoint {
    method: "POST",
    path: "/collections/{id}/items",
    id: "createItem",
    tag: "features",
    summary: "Puts a feature in",
    about: ABOUT,
    params: &[WRITABLE],
    body: Some(BODY),
    answer: Answer::none(201, "Location says where it is."),
    problems: PROBLEMS,
    handler: || post(create),
};
pub(super) static REPLACE: Endpoint = Endpoint {
    method: "PUT",
    path: "/collections/{id}/items/{feature}",
    id: "replaceItem",
    tag: "features",
    summary: "Puts a feature in the place of another",
    about: ABOUT,
    params: &[WRITABLE, FEATURE],
    body: Some(BODY),
    answer: Answer::none(204, "It was replaced."),
    problems: PROBLEMS,
    handler: || put(replace),
};
pub(super) static UPDATE: Endpoint = Endpoint {
    method: "PATCH",
    path: "/collections/{id}/items/{feature}",
    id: "updateItem",
    tag: "features",
    summary: "Changes a feature: what is given is as given then, null is taken away",
    about: ABOUT,
    params: &[WRITABLE, FEATURE],
    body: Some(PATCH_BODY),
    answer: Answer::none(204, "It was changed."),
    problems: PROBLEMS,
    handler: || patch(update),
};
pub(super) static DELETE: Endpoint = Endpoint {
    method: "DELETE",
    path: "/collections/{id}/items/{feature}",
    id: "deleteItem",
    tag: "features",
    summary: "Takes a feature away",
    about: "",
    params: &[WRITABLE, FEATURE],
    body: None,
    answer: Answer::none(204, "It was taken away."),
    problems: &[403, 404, 405, 412, 504],
    handler: || delete(remove),
};

async fn create(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &CREATE)?;
    let target = Target::open(&state, &who, &id).await?;
    let origin = host::origin(request.headers(), state.config())?;
    let preferences = Preferences::of(request.headers());
    let (written, crs) = body(&state, request, &BODY).await?;
    let id = ResourceId(Uuid::now_v7());
    let resource = resource(&target.opened, &written, &crs, id, None, preferences.is_lenient())?;
    keeps(&state, &who, Some(&resource.geometry))?;
    let name = &resource.id.0.to_string();
    match target.edit(&state, Edit::Create(&resource), &|_| true).await? {
        Edited::Done => {
            let written = Written { opened: &target.opened, name, origin: &origin, crs, preferences };
            written.answer(&state, StatusCode::CREATED).await
        }
        other => Err(target.refused(other, name, Some(&resource))),
    }
}

async fn replace(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &REPLACE)?;
    let target = Target::open(&state, &who, &id).await?;
    let origin = host::origin(request.headers(), state.config())?;
    let (wanted, preferences) = (Wanted::of(request.headers()), Preferences::of(request.headers()));
    let (written, crs) = body(&state, request, &BODY).await?;
    let former = target.find(&state, &name).await?;
    let is_lenient = preferences.is_lenient();
    let resource = resource(&target.opened, &written, &crs, resource_id(&former), Some(&former), is_lenient)?;
    keeps(&state, &who, former.geometry.as_ref())?;
    keeps(&state, &who, Some(&resource.geometry))?;
    let expected =
        |feature: &Feature| wanted.fits(&target.opened, feature) && keeps_feature(&state, &who, feature);
    match target.edit(&state, Edit::Replace(&resource), &expected).await? {
        Edited::Done => {
            let written = Written { opened: &target.opened, name: &name, origin: &origin, crs, preferences };
            written.answer(&state, StatusCode::NO_CONTENT).await
        }
        other => Err(target.refused(other, &name, Some(&resource))),
    }
}

async fn update(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &UPDATE)?;
    let target = Target::open(&state, &who, &id).await?;
    let origin = host::origin(request.headers(), state.config())?;
    let (wanted, preferences) = (Wanted::of(request.headers()), Preferences::of(request.headers()));
    let (change, crs) = body(&state, request, &PATCH_BODY).await?;
    for _ in 0..TRIES {
        let former = target.find(&state, &name).await?;
        if !wanted.fits(&target.opened, &former) {
            return Err(target.refused(Edited::Unexpected, &name, None));
        }
        let written = changed(&target.opened, &former, &change, &crs)?;
        let is_lenient = preferences.is_lenient();
        let resource =
            resource(&target.opened, &written, &crs, resource_id(&former), Some(&former), is_lenient)?;
        keeps(&state, &who, former.geometry.as_ref())?;
        keeps(&state, &who, Some(&resource.geometry))?;
        let seen = tag(&target.opened, &former);
        let unchanged = |feature: &Feature| tag(&target.opened, feature) == seen;
        match target.edit(&state, Edit::Replace(&resource), &unchanged).await? {
            Edited::Done => {
                let written =
                    Written { opened: &target.opened, name: &name, origin: &origin, crs, preferences };
                return written.answer(&state, StatusCode::NO_CONTENT).await;
            }
            // Somebody else was faster: it is changed as it is now.
            Edited::Unexpected => {}
            other => return Err(target.refused(other, &name, Some(&resource))),
        }
    }
    Err(Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "others change the same feature all the time; try again in a moment",
    ))
}

async fn remove(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &DELETE)?;
    let target = Target::open(&state, &who, &id).await?;
    let wanted = Wanted::of(&headers);
    let former = target.find(&state, &name).await?;
    keeps(&state, &who, former.geometry.as_ref())?;
    let expected =
        |feature: &Feature| wanted.fits(&target.opened, feature) && keeps_feature(&state, &who, feature);
    match target.edit(&state, Edit::Delete(resource_id(&former)), &expected).await? {
        Edited::Done => Ok(StatusCode::NO_CONTENT.into_response()),
        other => Err(target.refused(other, &name, None)),
    }
}

/// A collection that can be written.
struct Target {
    opened: Opened,
    /// Its name among the resources.
    kept: String,
}

impl Target {
    async fn open(state: &AppState, who: &Principal, id: &str) -> Result<Self, Problem> {
        if !who.may_write_features() {
            let detail = "features are written by those with the role integrator, grid_office or admin";
            return Err(Problem::new(StatusCode::FORBIDDEN, detail));
        }
        let opened = open(state, id).await?;
        match opened.collection.kept_as() {
            Some(kept) => Ok(Self { opened, kept }),
            None => {
                let detail = format!(
                    "the collection {:?} is read here, and written elsewhere: grids by changes of boundaries, tables by those who own them",
                    cut(id)
                );
                Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail))
            }
        }
    }

    async fn find(&self, state: &AppState, name: &str) -> Result<Feature, Problem> {
        super::item::of_table(state, &self.opened, name).await
    }

    async fn edit(
        &self,
        state: &AppState,
        edit: Edit<'_>,
        expected: &(dyn Fn(&Feature) -> bool + Sync),
    ) -> Result<Edited, Problem> {
        let Some((table, _)) = self.opened.table() else {
            return Err(Problem::internal(&"a collection of a table has lost it"));
        };
        match state.store().edit_resource(table, &self.kept, edit, expected).await {
            Ok(edited) => Ok(edited),
            Err(TableError::Store(error @ StoreError::Property { .. })) => {
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
            }
            Err(error) => Err(self.opened.problem(state, error).await),
        }
    }

    fn refused(&self, edited: Edited, name: &str, resource: Option<&Resource>) -> Problem {
        let id = &self.opened.collection.id;
        match (edited, resource) {
            (Edited::Taken, Some(resource)) => Problem::new(
                StatusCode::CONFLICT,
                format!(
                    "the collection {id:?} has another feature with source {:?} and source_id {:?}",
                    cut(&resource.source),
                    cut(&resource.source_id)
                ),
            ),
            (Edited::Unexpected, _) => Problem::new(
                StatusCode::PRECONDITION_FAILED,
                "the feature is not as If-Match says any more; read it again, and decide anew",
            ),
            _ => Problem::not_found(format!("the collection {id:?} has no feature {:?}", cut(name))),
        }
    }
}

/// Refuses what lies outside of the areas of the caller: whoever keeps some areas keeps what is in them, and takes nothing out of others and puts
/// nothing there.
fn keeps(state: &AppState, who: &Principal, geometry: Option<&Geometry<f64>>) -> Result<(), Problem> {
    if matches!(who.areas(), Areas::All)
        || geometry.is_some_and(|geometry| stands_within(state, who, geometry))
    {
        return Ok(());
    }
    let detail =
        "the place lies outside the areas whose features this caller may write; GET /v1/access lists them";
    Err(Problem::new(StatusCode::FORBIDDEN, detail))
}

fn keeps_feature(state: &AppState, who: &Principal, feature: &Feature) -> bool {
    keeps(state, who, feature.geometry.as_ref()).is_ok()
}

/// Does the leaf that holds a point of it lie in the areas of the caller?
fn stands_within(state: &AppState, who: &Principal, geometry: &Geometry<f64>) -> bool {
    let atlas = state.atlas();
    let point = geometry.interior_point().and_then(|point| LonLat::new(point.x(), point.y()).ok());
    let leaf = point.and_then(|point| atlas.cover(point).grid());
    leaf.is_some_and(|leaf| lies_within(&atlas, who.areas(), leaf))
}

fn resource_id(feature: &Feature) -> ResourceId {
    match feature.id {
        FeatureId::Uuid(uuid) => ResourceId(uuid),
        // No table of resources has whole numbers as identities.
        FeatureId::Whole(_) => ResourceId(Uuid::nil()),
    }
}

/// What the caller thinks that the feature is.
struct Wanted(Vec<String>);

impl Wanted {
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get_all(header::IF_MATCH).into_iter().filter_map(|value| value.to_str().ok());
        Self(given.flat_map(|list| list.split(',')).map(|one| one.trim().to_owned()).collect())
    }

    fn fits(&self, opened: &Opened, feature: &Feature) -> bool {
        let own = tag(opened, feature);
        let names =
            |given: &String| given == "*" || given.trim_matches('"').split('-').next() == Some(own.as_str());
        self.0.is_empty() || self.0.iter().any(names)
    }
}
