//! The tile matrix sets, in the JSON encoding of OGC 17-083r4 (TMS 2.0).

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::super::cached::cached;
use super::super::endpoint::{Answer, Endpoint};
use super::super::params::none;
use super::super::tiles::LASTING;
use super::super::{AppState, Problem, host};
use super::{JSON, SET, definition, link, read_set};
use crate::geom::{TileMatrix, TileMatrixSet};

/// Pixels of a tile along a side, as the sets reckon their scales.
const PIXELS: u16 = 256;

pub(super) static LIST: Endpoint = Endpoint {
    method: "GET",
    path: "/tileMatrixSets",
    id: "tile_matrix_sets",
    tag: "tiles",
    summary: "The tile matrix sets that tiles come in",
    about: "",
    params: &[],
    body: None,
    answer: Answer::media(JSON, "The list."),
    problems: &[],
    handler: || get(list),
};

pub(super) static ONE: Endpoint = Endpoint {
    method: "GET",
    path: "/tileMatrixSets/{set}",
    id: "tile_matrix_set",
    tag: "tiles",
    summary: "A tile matrix set (OGC TMS 2.0)",
    about: "",
    params: &[SET],
    body: None,
    answer: Answer::media(JSON, "The definition."),
    problems: &[404],
    handler: || get(one),
};

async fn list(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &LIST)?;
    let origin = host::origin(&headers, state.config())?;
    let item = |set: TileMatrixSet| {
        let mut item = head(set);
        item["links"] = json!([definition("self", &origin, set)]);
        item
    };
    let document = json!({
        "tileMatrixSets": TileMatrixSet::ALL.map(item),
        "links": [link("self", JSON, format!("{origin}{}", LIST.path))],
    });
    Ok(cached(&headers, JSON, LASTING, document.to_string().into_bytes()))
}

async fn one(
    Path(set): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(raw.as_deref(), &ONE)?;
    let set = read_set(&set)?;
    let mut document = head(set);
    document["orderedAxes"] = json!(set.axes());
    if let Some(scale_set) = set.scale_set() {
        document["wellKnownScaleSet"] = scale_set.into();
    }
    document["tileMatrices"] = set.matrices().map(matrix).collect::<Vec<_>>().into();
    Ok(cached(&headers, JSON, LASTING, document.to_string().into_bytes()))
}

fn head(set: TileMatrixSet) -> Value {
    let mut json = json!({ "id": set.id(), "title": set.title(), "crs": set.crs() });
    if let Some(uri) = set.uri() {
        json["uri"] = uri.into();
    }
    json
}

fn matrix(matrix: TileMatrix) -> Value {
    json!({
        "id": matrix.z.to_string(),
        "scaleDenominator": matrix.scale_denominator,
        "cellSize": matrix.cell_size,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": matrix.origin,
        "tileWidth": PIXELS,
        "tileHeight": PIXELS,
        "matrixWidth": matrix.columns,
        "matrixHeight": matrix.rows,
    })
}
