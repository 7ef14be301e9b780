//! Features written one by one (OGC API - Features - Part 4): resources are put in, replaced, changed, and taken away.
//!
//! Whoever names the tag of the feature that they saw (`If-Match`) writes only if it still is like that.

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, patch, post, put};
use geo::{Coord, MapCoords, Validation};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::endpoint::{Answer, Body, Endpoint, Param, Sample, schema_of};
use super::super::params::{cut, none};
use super::super::{AppState, FieldError, Problem, host};
use super::item::tag;
use super::items::CONTENT_CRS;
use super::opened::{Opened, open};
use crate::features::OutputCrs;
use crate::features::format::geojson::GeoJsonWriter;
use crate::geom::from_geojson;
use crate::model::{County, Feature, FeatureId, FieldValue, Resource, ResourceId};
use crate::store::{Edit, Edited, StoreError, TableError};

/// Times that a change is tried when others change the same feature meanwhile.
const TRIES: usize = 4;
/// The most vertices of a geometry.
const MAX_VERTICES: usize = 100_000;
/// Who put a feature in that names no other system.
const SOURCE: &str = "api";
/// What is worked out, and ignored where it is given: so a feature that was read can be written back.
const READ_ONLY: [&str; 2] = ["grid", "invented"];

const EXAMPLE: &str = r#"{"type": "Feature", "geometry": {"type": "Point", "coordinates": [{lon}, {lat}]}, "properties": {"class": "hydrant", "name": "消防栓 1"}}"#;
const PATCH_EXAMPLE: &str = r#"{"properties": {"name": "消防栓 2"}}"#;

const FEATURE: Param = Param::path("feature", "string", "Its identity.", "{feature}");
const WRITABLE: Param =
    Param::path("id", "string", "buildings, facilities, or another collection of resources.", "facilities");
const ABOUT: &str = "A class is needed; source and source_id are the system that it comes from and its identity there. The leaf that holds it is found, whatever grid says. \
    Coordinates are in CRS84, or as Content-Crs says.";

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
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &CREATE)?;
    let target = Target::open(&state, &id).await?;
    let origin = host::origin(request.headers(), state.config())?;
    let (written, crs) = body(&state, request, &BODY).await?;
    let resource = target.resource(&written, &crs, ResourceId(Uuid::now_v7()), None)?;
    match target.edit(&state, Edit::Create(&resource), &|_| true).await? {
        Edited::Done => {
            let location = format!("{origin}/collections/{id}/items/{}", resource.id.0);
            let location = HeaderValue::try_from(location).map_err(|error| Problem::internal(&error))?;
            Ok((StatusCode::CREATED, [(header::LOCATION, location)]).into_response())
        }
        other => Err(target.refused(other, &resource.id.0.to_string(), Some(&resource))),
    }
}

async fn replace(
    State(state): State<AppState>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &REPLACE)?;
    let target = Target::open(&state, &id).await?;
    let wanted = Wanted::of(request.headers());
    let (written, crs) = body(&state, request, &BODY).await?;
    let former = target.find(&state, &name).await?;
    let resource = target.resource(&written, &crs, resource_id(&former), Some(&former))?;
    let expected = |feature: &Feature| wanted.fits(&target.opened, feature);
    match target.edit(&state, Edit::Replace(&resource), &expected).await? {
        Edited::Done => Ok(StatusCode::NO_CONTENT.into_response()),
        other => Err(target.refused(other, &name, Some(&resource))),
    }
}

async fn update(
    State(state): State<AppState>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &UPDATE)?;
    let target = Target::open(&state, &id).await?;
    let wanted = Wanted::of(request.headers());
    let (change, crs) = body(&state, request, &PATCH_BODY).await?;
    for _ in 0..TRIES {
        let former = target.find(&state, &name).await?;
        if !wanted.fits(&target.opened, &former) {
            return Err(target.refused(Edited::Unexpected, &name, None));
        }
        let written = target.changed(&former, &change, &crs)?;
        let resource = target.resource(&written, &crs, resource_id(&former), Some(&former))?;
        let seen = tag(&target.opened, &former);
        let unchanged = |feature: &Feature| tag(&target.opened, feature) == seen;
        match target.edit(&state, Edit::Replace(&resource), &unchanged).await? {
            Edited::Done => return Ok(StatusCode::NO_CONTENT.into_response()),
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
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &DELETE)?;
    let target = Target::open(&state, &id).await?;
    let wanted = Wanted::of(&headers);
    let former = target.find(&state, &name).await?;
    let expected = |feature: &Feature| wanted.fits(&target.opened, feature);
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
    async fn open(state: &AppState, id: &str) -> Result<Self, Problem> {
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

    /// A feature as it will be: the members that the change gives in place of its own (RFC 7396).
    fn changed(&self, former: &Feature, change: &Value, crs: &OutputCrs) -> Result<Value, Problem> {
        let shown = self.opened.shown(crs.clone());
        let mut text = Vec::new();
        let written = GeoJsonWriter::new(&shown).feature(&mut text, former);
        written.map_err(|error| super::items::unwritable(&error))?;
        let mut document: Value = serde_json::from_slice(&text).map_err(|error| Problem::internal(&error))?;
        // A geometry is one value, not members to be put together.
        if let Some(geometry) = change.get("geometry") {
            document["geometry"] = geometry.clone();
        }
        if let Some(properties) = change.get("properties") {
            merge(&mut document["properties"], properties);
        }
        Ok(document)
    }

    /// The resource that a feature says.
    fn resource(
        &self,
        written: &Value,
        crs: &OutputCrs,
        id: ResourceId,
        former: Option<&Feature>,
    ) -> Result<Resource, Problem> {
        if written["type"] != "Feature" {
            return Err(wrong("type", "send one Feature of GeoJSON"));
        }
        let geometry = read_geometry(&written["geometry"], crs)?;
        let empty = Map::new();
        let properties = written["properties"].as_object().unwrap_or(&empty);
        self.refuse_unknown(properties)?;
        let text = |name: &str| match properties.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.contains('\0') => {
                Err(wrong(name, "a text cannot hold a null character"))
            }
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(name, "it is no text")),
        };
        let class = text("class")?
            .ok_or_else(|| wrong("class", "a feature has a class, such as school or hydrant"))?;
        let mut further = match properties.get("attributes") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object.clone(),
            Some(_) => return Err(wrong("attributes", "it is no object")),
        };
        for name in ["height_m", "floors", "households"] {
            if let Some(value) = properties.get(name).filter(|value| !value.is_null()) {
                further.insert(name.to_owned(), value.clone());
            }
        }
        let kept = |name: &str| former.and_then(|former| self.text_of(former, name));
        Ok(Resource {
            id,
            county: County::none(),
            source: text("source")?.or_else(|| kept("source")).unwrap_or_else(|| SOURCE.to_owned()),
            source_id: text("source_id")?.or_else(|| kept("source_id")).unwrap_or_else(|| id.0.to_string()),
            class,
            name: text("name")?,
            address: text("address")?,
            properties: further,
            geometry,
            leaf: None,
            invented: former
                .is_some_and(|former| self.text_of(former, "invented").as_deref() == Some("true")),
        })
    }

    fn refuse_unknown(&self, properties: &Map<String, Value>) -> Result<(), Problem> {
        let is_known = |name: &str| self.opened.fields.iter().any(|field| field.name == name);
        let unknown = properties.keys().filter(|name| !is_known(name) && !READ_ONLY.contains(&name.as_str()));
        let known: Vec<_> = self.opened.fields.iter().map(|field| field.name.as_str()).collect();
        let errors: Vec<_> = unknown
            .map(|name| FieldError {
                field: cut(name),
                detail: format!(
                    "there is no field {:?}; there are: {} (what has no field of its own goes into attributes)",
                    cut(name),
                    known.join(", ")
                ),
            })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
    }

    /// The value of a field, as text.
    fn text_of(&self, feature: &Feature, name: &str) -> Option<String> {
        let at = self.opened.fields.iter().position(|field| field.name == name)?;
        feature.values.get(at)?.as_ref().map(FieldValue::to_string)
    }
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

/// Puts the members of a change into a document; null takes one away.
fn merge(document: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *document = change.clone();
        return;
    };
    if !document.is_object() {
        *document = json!({});
    }
    for (name, value) in change {
        match value {
            Value::Null => {
                if let Some(members) = document.as_object_mut() {
                    members.remove(name);
                }
            }
            value => merge(&mut document[name.as_str()], value),
        }
    }
}

/// The JSON of a body of a known media type, and the reference system of its coordinates.
async fn body(state: &AppState, request: Request, known: &Body) -> Result<(Value, OutputCrs), Problem> {
    let crs = read_head(request.headers(), known)?;
    let bytes = Bytes::from_request(request, state).await;
    let bytes = bytes.map_err(|rejection| Problem::of_status(rejection.status()))?;
    let document: Value =
        serde_json::from_slice(&bytes).map_err(|error| wrong("body", format!("it is no JSON: {error}")))?;
    match document.is_object() {
        true => Ok((document, crs)),
        false => Err(wrong("body", "it is no object")),
    }
}

/// The reference system of a body of a known media type.
fn read_head(headers: &HeaderMap, known: &Body) -> Result<OutputCrs, Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let mut all = std::iter::once(known.media).chain(known.others.iter().map(|sample| sample.media));
    if !all.any(|known| media.eq_ignore_ascii_case(known)) {
        let detail = format!("send {} (or application/json)", known.media);
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    match text(CONTENT_CRS).trim_matches(['<', '>']) {
        "" => Ok(OutputCrs::default()),
        named => OutputCrs::parse(named).map_err(|error| wrong("Content-Crs", error)),
    }
}

/// A valid geometry in degrees.
fn read_geometry(document: &Value, crs: &OutputCrs) -> Result<geo::Geometry<f64>, Problem> {
    let field = "geometry";
    if document.is_null() {
        return Err(wrong(field, "a feature has a geometry"));
    }
    let geometry: geojson::Geometry = serde_json::from_value(document.clone())
        .map_err(|error| wrong(field, format!("it is no geometry of GeoJSON: {error}")))?;
    let geometry = from_geojson(geometry).map_err(|error| wrong(field, error))?;
    let vertices = geo::CoordsIter::coords_count(&geometry);
    if vertices > MAX_VERTICES {
        let detail = format!("the geometry has {vertices} vertices, more than {MAX_VERTICES}; simplify it");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let degrees = |at: Coord<f64>| crs.degrees([at.x, at.y]).map_err(|error| wrong(field, error.to_string()));
    let geometry = geometry.try_map_coords(degrees)?;
    match geometry.check_validation() {
        Ok(()) if vertices > 0 => Ok(geometry),
        Ok(()) => Err(wrong(field, "it is empty")),
        Err(error) => {
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("the geometry is not valid: {error}")))
        }
    }
}

fn wrong(field: &str, detail: impl Into<String>) -> Problem {
    Problem::fields(vec![FieldError { field: cut(field), detail: detail.into() }])
}
