//! What the features of a collection have, and what of it can be asked: JSON Schema (Parts 3 and 5).

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::super::endpoint::{Answer, Endpoint};
use super::super::params::Query;
use super::super::{AppState, Problem, host};
use super::format::{Format, negotiated};
use super::opened::{Opened, open};
use super::{COLLECTION, FORMAT, SCHEMA_JSON, html};
use crate::model::{Field, FieldKind};

pub(super) static QUERYABLES: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}/queryables",
    id: "queryables",
    tag: "features",
    summary: "What can be asked of the features of a collection",
    about: "",
    params: &[COLLECTION, FORMAT],
    body: None,
    answer: Answer::media(SCHEMA_JSON, "A JSON Schema.").or(&["text/html"]),
    problems: &[403, 404, 406, 504],
    handler: || get(queryables),
};

pub(super) static SCHEMA: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}/schema",
    id: "schema",
    tag: "features",
    summary: "What the features of a collection have",
    about: "",
    params: &[COLLECTION, FORMAT],
    body: None,
    answer: Answer::media(SCHEMA_JSON, "A JSON Schema.").or(&["text/html"]),
    problems: &[403, 404, 406, 504],
    handler: || get(schema),
};

/// Which of the two documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Queryables,
    Schema,
}

async fn queryables(
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer(&state, &id, raw.as_deref(), &headers, Which::Queryables).await
}

async fn schema(
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer(&state, &id, raw.as_deref(), &headers, Which::Schema).await
}

async fn answer(
    state: &AppState,
    id: &str,
    raw: Option<&str>,
    headers: &HeaderMap,
    which: Which,
) -> Result<Response, Problem> {
    let opened = open(state, id).await?;
    let endpoint = if which == Which::Schema { &SCHEMA } else { &QUERYABLES };
    let mut query = Query::read(raw, endpoint);
    let format = negotiated(&mut query, headers, &Format::OF_DOCUMENTS);
    query.finish()?;
    let (format, origin) = (format?, host::origin(headers, state.config())?);
    let name = if which == Which::Schema { "schema" } else { "queryables" };
    let document = document(&opened, which, format!("{origin}/collections/{id}/{name}"));
    Ok(match format {
        Format::Html => html::schema(&opened, &document),
        _ => ([(header::CONTENT_TYPE, HeaderValue::from_static(SCHEMA_JSON))], document.to_string())
            .into_response(),
    })
}

fn document(opened: &Opened, which: Which, own: String) -> Value {
    let collection = &opened.collection;
    let mut properties = Map::new();
    if which == Which::Schema {
        let kind = if opened.has_whole_ids() {
            json!({"type": "integer"})
        } else {
            json!({"type": "string", "format": "uuid"})
        };
        properties
            .insert("id".to_owned(), with(kind, &[("title", "标识 Identity"), ("x-ogc-role", "id")], true));
    }
    for field in opened.fields.iter() {
        if which == Which::Schema || field.kind != FieldKind::Json {
            properties.insert(field.name.clone(), property(field));
        }
    }
    let geometry = with(
        json!({"format": "geometry-any"}),
        &[("title", "几何 Geometry"), ("x-ogc-role", "primary-geometry")],
        false,
    );
    properties.insert("geometry".to_owned(), geometry);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own,
        "type": "object",
        "title": format!("{} {}", collection.title, collection.title_en),
        "description": collection.description,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn property(field: &Field) -> Value {
    let kind = match field.kind {
        FieldKind::Text => json!({"type": "string"}),
        FieldKind::Whole => json!({"type": "integer"}),
        FieldKind::Number => json!({"type": "number"}),
        FieldKind::Truth => json!({"type": "boolean"}),
        FieldKind::Date => json!({"type": "string", "format": "date"}),
        FieldKind::Instant => json!({"type": "string", "format": "date-time"}),
        FieldKind::Uuid => json!({"type": "string", "format": "uuid"}),
        FieldKind::Json => json!({"type": "object"}),
        FieldKind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        FieldKind::Numbers => json!({"type": "array", "items": {"type": "number"}}),
    };
    with(kind, &[("title", &field.about)], false)
}

fn with(mut schema: Value, texts: &[(&str, &str)], is_read_only: bool) -> Value {
    for (name, text) in texts {
        schema[*name] = (*text).into();
    }
    if is_read_only {
        schema["readOnly"] = true.into();
    }
    schema
}
