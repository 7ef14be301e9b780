//! What a caller writes: the body of a request, read into the resource that it says.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use geo::{Coord, MapCoords, Validation};
use serde_json::{Map, Value, json};

use super::super::body::collect;
use super::super::endpoint::Body;
use super::super::params::cut;
use super::super::{AppState, FieldError, Problem};
use super::items::{CONTENT_CRS, unwritable};
use super::opened::Opened;
use crate::features::OutputCrs;
use crate::features::format::geojson::GeoJsonWriter;
use crate::geom::from_geojson;
use crate::model::{County, Feature, FieldValue, Resource, ResourceId};

/// The most vertices of a geometry.
const MAX_VERTICES: usize = 100_000;
/// Who put a feature in that names no other system.
const SOURCE: &str = "api";
/// What is worked out, and ignored where it is given: so a feature that was read can be written back.
const READ_ONLY: [&str; 2] = ["grid", "invented"];

/// A feature as it will be: the members that the change gives in place of its own (RFC 7396).
pub(super) fn changed(
    opened: &Opened,
    former: &Feature,
    change: &Value,
    crs: &OutputCrs,
) -> Result<Value, Problem> {
    let shown = opened.shown(crs.clone());
    let mut text = Vec::new();
    let written = GeoJsonWriter::new(&shown).feature(&mut text, former);
    written.map_err(|error| unwritable(&error))?;
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

/// The resource that a feature says. `is_lenient`: fields that the collection does not have are left out; otherwise they are refused.
pub(super) fn resource(
    opened: &Opened,
    written: &Value,
    crs: &OutputCrs,
    id: ResourceId,
    former: Option<&Feature>,
    is_lenient: bool,
) -> Result<Resource, Problem> {
    if written["type"] != "Feature" {
        return Err(wrong("type", "send one Feature of GeoJSON"));
    }
    let geometry = read_geometry(&written["geometry"], crs)?;
    let empty = Map::new();
    let properties = written["properties"].as_object().unwrap_or(&empty);
    if !is_lenient {
        refuse_unknown(opened, properties)?;
    }
    let text = |name: &str| match properties.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => {
            Err(wrong(name, "a text cannot hold a null character"))
        }
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(wrong(name, "it is no text")),
    };
    let class =
        text("class")?.ok_or_else(|| wrong("class", "a feature has a class, such as school or hydrant"))?;
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
    let kept = |name: &str| former.and_then(|former| text_of(opened, former, name));
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
        invented: former.is_some_and(|former| text_of(opened, former, "invented").as_deref() == Some("true")),
    })
}

fn refuse_unknown(opened: &Opened, properties: &Map<String, Value>) -> Result<(), Problem> {
    let is_known = |name: &str| opened.fields.iter().any(|field| field.name == name);
    let unknown = properties.keys().filter(|name| !is_known(name) && !READ_ONLY.contains(&name.as_str()));
    let known: Vec<_> = opened.fields.iter().map(|field| field.name.as_str()).collect();
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
fn text_of(opened: &Opened, feature: &Feature, name: &str) -> Option<String> {
    let at = opened.fields.iter().position(|field| field.name == name)?;
    feature.values.get(at)?.as_ref().map(FieldValue::to_string)
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
pub(super) async fn body(
    state: &AppState,
    request: Request,
    known: &Body,
) -> Result<(Value, OutputCrs), Problem> {
    let crs = read_head(request.headers(), known)?;
    let bytes = collect(state, request).await?;
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
