//! Which collections are there, and what is each of them?

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::super::answer::{from_atlas, json};
use super::super::endpoint::{Answer, Endpoint};
use super::super::params::Query;
use super::super::principal::Caller;
use super::super::tile_sets::TILESETS_VECTOR;
use super::super::{AppState, Problem, host};
use super::super::{people, worker_items};
use super::format::{Format, negotiated};
use super::opened::{Opened, find, open};
use super::{COLLECTION, FORMAT, JSON, SCHEMA_JSON, html, link};
use crate::access::Principal;
use crate::features::OutputCrs;

pub(super) static LIST: Endpoint = Endpoint {
    method: "GET",
    path: "/collections",
    id: "collections",
    tag: "features",
    summary: "Which collections of features are there?",
    about: "",
    params: &[FORMAT],
    body: None,
    answer: Answer::media(JSON, "The collections.").or(&["text/html"]),
    problems: &[406],
    handler: || get(list),
};

pub(super) static ONE: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}",
    id: "collection",
    tag: "features",
    summary: "What is a collection, and how far does it reach?",
    about: "",
    params: &[COLLECTION, FORMAT],
    body: None,
    answer: Answer::media(JSON, "The collection.").or(&["text/html"]),
    problems: &[403, 404, 406, 504],
    handler: || get(one),
};

async fn list(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut query = Query::read(raw.as_deref(), &LIST);
    let format = negotiated(&mut query, &headers, &Format::OF_DOCUMENTS);
    query.finish()?;
    let (format, origin) = (format?, host::origin(&headers, state.config())?);
    let atlas = state.atlas();
    let mut documents = Vec::new();
    for collection in state.collections().iter() {
        // One whose table is gone must not hide the others.
        match open(&state, &collection.id).await {
            Ok(opened) => {
                let extent = opened.extent(&state, &atlas).await;
                let mut document = document(&state, &opened, extent, &origin);
                // Those of the list, as Part 2 allows.
                document["crs"] = json!(["#/crs"]);
                documents.push(document);
            }
            Err(_) => tracing::warn!("the collection {:?} is left out of the list", collection.id),
        }
    }
    let response = match format {
        Format::Html => html::collections(&documents),
        _ => {
            documents.extend(people::document(&state, &who, &origin));
            documents.extend(worker_items::document(&who, &origin));
            json(&json!({
                "links": [
                    link("self", JSON, "This document", format!("{origin}/collections?f=json")),
                    link("alternate", "text/html", "This document as HTML", format!("{origin}/collections?f=html")),
                ],
                "crs": OutputCrs::uris(),
                "collections": documents,
            }))
        }
    };
    Ok(from_atlas(&atlas, response))
}

async fn one(
    State(state): State<AppState>,
    Caller(who): Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if id == "people" || id == "workers" {
        return of_persons(&state, &who, &id, raw.as_deref(), &headers);
    }
    find(&state, &id)?;
    let mut query = Query::read(raw.as_deref(), &ONE);
    let format = negotiated(&mut query, &headers, &Format::OF_DOCUMENTS);
    query.finish()?;
    let (format, origin) = (format?, host::origin(&headers, state.config())?);
    let opened = open(&state, &id).await?;
    let atlas = state.atlas();
    let document = document(&state, &opened, opened.extent(&state, &atlas).await, &origin);
    let response = match format {
        Format::Html => html::collection(&document, &opened),
        _ => json(&document),
    };
    Ok(from_atlas(&atlas, response))
}

/// Residents and workers, to whom they are open; for programs only.
fn of_persons(
    state: &AppState,
    who: &Principal,
    id: &str,
    raw: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let origin = host::origin(headers, state.config())?;
    let document = match id {
        "people" => people::document(state, who, &origin),
        _ => worker_items::document(who, &origin),
    }?;
    let mut query = Query::read(raw, &ONE);
    let format = negotiated(&mut query, headers, &[Format::GeoJson]);
    query.finish()?;
    format.map(|_| json(&document))
}

/// The description of a collection.
fn document(state: &AppState, opened: &Opened, extent: Option<[f64; 4]>, origin: &str) -> Value {
    let collection = &opened.collection;
    let own = format!("{origin}/collections/{}", collection.id);
    let mut links = vec![
        link("self", JSON, "This document", format!("{own}?f=json")),
        link("alternate", "text/html", "This document as HTML", format!("{own}?f=html")),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            SCHEMA_JSON,
            "What can be asked of its features",
            format!("{own}/queryables?f=json"),
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/schema",
            SCHEMA_JSON,
            "What its features have",
            format!("{own}/schema?f=json"),
        ),
    ];
    links.extend(Format::OF_ITEMS.map(|format| {
        link("items", format.media(), format.title(), format!("{own}/items?f={}", format.name()))
    }));
    if state.tilesets().names().any(|name| name == collection.id) {
        links.push(link(TILESETS_VECTOR, JSON, "Vector tiles", format!("{own}/tiles")));
    }
    let mut document = json!({
        "id": collection.id,
        "title": format!("{} {}", collection.title, collection.title_en),
        "description": collection.description,
        "itemType": "feature",
        "links": links,
        "crs": OutputCrs::uris(),
        "storageCrs": OutputCrs::epsg_uri(opened.storage_srid()),
    });
    if let Some(bbox) = extent {
        document["extent"]["spatial"] = json!({"bbox": [bbox], "crs": OutputCrs::default().uri()});
    }
    if opened.has_time() {
        document["extent"]["temporal"] = json!({
            "interval": [[Value::Null, Value::Null]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        });
    }
    document
}
