//! One feature of a collection.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::super::answer::from_atlas;
use super::super::cached::tagged;
use super::super::endpoint::{Answer, Endpoint, Param};
use super::super::grids::find as find_grid;
use super::super::params::{Query, cut};
use super::super::tiles::LASTING;
use super::super::{AppState, Problem, host};
use super::format::{Format, negotiated};
use super::items::{put_crs, unwritable};
use super::opened::{Opened, open};
use super::{COLLECTION, FORMAT, asked, html, link};
use crate::features::format::Shown;
use crate::features::format::geojson::GeoJsonWriter;
use crate::features::{OutputCrs, grid_item};
use crate::model::Feature;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "GET",
    path: "/collections/{id}/items/{feature}",
    id: "item",
    tag: "features",
    summary: "One feature of a collection",
    about: "Of grids, a code is understood as well as the identity; a retired one answers 410 with its successors.",
    params: &[COLLECTION, Param::path("feature", "string", "Its identity.", "{grid}"), asked::CRS, FORMAT],
    body: None,
    answer: Answer::media("application/geo+json", "A Feature.").or(&["text/html"]),
    problems: &[403, 404, 406, 410, 422, 503, 504],
    handler: || get(item),
};

async fn item(
    State(state): State<AppState>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let opened = open(&state, &id).await?;
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let format = negotiated(&mut query, &headers, &Format::OF_DOCUMENTS);
    let crs = query.optional("crs", OutputCrs::parse).unwrap_or_default();
    query.finish()?;
    let (format, origin) = (format?, host::origin(&headers, state.config())?);
    let atlas = state.atlas();
    let feature = match opened.table() {
        None => grid_item(&atlas, find_grid(&state, &atlas, &name).await?),
        Some(_) => of_table(&state, &opened, &name).await?,
    };
    let shown = opened.shown(crs);
    let own = format!("{origin}/collections/{id}/items/{}", feature.id);
    let mut response = match format {
        Format::Html => html::item(&opened, &shown, &feature, &own),
        _ => {
            let (body, tag) = as_geojson(&opened, &shown, &feature, &own, &origin)?;
            tagged(&headers, format.media(), LASTING, &tag, body)
        }
    };
    put_crs(&mut response, &shown.crs);
    Ok(match opened.table() {
        None => from_atlas(&atlas, response),
        Some(_) => response,
    })
}

/// A feature with its links, and its entity tag. `own`: its address; `origin`: that of the server.
pub(super) fn as_geojson(
    opened: &Opened,
    shown: &Shown,
    feature: &Feature,
    own: &str,
    origin: &str,
) -> Result<(Vec<u8>, String), Problem> {
    let collection = format!("{origin}/collections/{}?f=json", opened.collection.id);
    let links = json!([
        link("self", Format::GeoJson.media(), "This feature", format!("{own}?f=json")),
        link("alternate", "text/html", "This feature as HTML", format!("{own}?f=html")),
        link("collection", "application/json", "Its collection", collection),
    ]);
    let mut body = Vec::new();
    let links = format!(",\"links\":{links}");
    let written = GeoJsonWriter::new(shown).feature_with(&mut body, feature, links.as_bytes());
    written.map_err(|error| unwritable(&error))?;
    Ok((body, variant(&tag(opened, feature), &shown.crs)))
}

/// What tells one state of a feature from another, in whatever reference system it is shown.
pub(super) fn tag(opened: &Opened, feature: &Feature) -> String {
    let shown = opened.shown(OutputCrs::default());
    let mut bytes = Vec::new();
    // What is kept lies on the earth, so nothing can fail to be written as it is kept.
    let _ = GeoJsonWriter::new(&shown).feature(&mut bytes, feature);
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The entity tag of a representation.
fn variant(tag: &str, crs: &OutputCrs) -> String {
    match crs.uri().rsplit('/').next() {
        Some(code) if !crs.is_as_kept() => format!("\"{tag}-{code}\""),
        _ => format!("\"{tag}\""),
    }
}

pub(super) async fn of_table(state: &AppState, opened: &Opened, name: &str) -> Result<Feature, Problem> {
    let Some((table, _)) = opened.table() else {
        return Err(Problem::internal(&"a collection of a table has lost it"));
    };
    let found = match table.read_id(name) {
        Some(id) => match state.store().table_item(table, id).await {
            Ok(found) => found,
            Err(error) => return Err(opened.problem(state, error).await),
        },
        None => None,
    };
    found.ok_or_else(|| {
        Problem::not_found(format!(
            "the collection {:?} has no feature {:?}",
            opened.collection.id,
            cut(name)
        ))
    })
}
