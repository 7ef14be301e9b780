//! `POST /v1/within`: what lies in a drawn area, and which grids does it cut?

use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use geo::{MapCoordsInPlace, MultiPolygon, Validation};
use geojson::{GeoJson, GeometryValue};
use utoipa::ToSchema;

use super::answer::answer;
use super::body::collect;
use super::endpoint::{Answer, Body, Endpoint, Param, Sample, schema_of};
use super::looking::{CLASSES, COLLECTIONS, LIMIT, looking};
use super::params::Query;
use super::position::{self, AT, ROLES};
use super::principal::Caller;
use super::{AppState, FieldError, Problem};
use crate::geom::{Crs, from_geojson};
use crate::query::{InArea, MAX_AREA_VERTICES, WithinQuestion, within};

/// What GeoJSON is in, unless somebody says otherwise (RFC 7946, 4).
const CRS_OF_GEOJSON: Crs = Crs::Wgs84;

/// A triangle around a place that this server has.
const EXAMPLE: &str = r#"{"type": "Polygon", "coordinates": [[[{lon}, {lat}], [{lon_east}, {lat}], [{lon_east}, {lat_north}], [{lon}, {lat}]]]}"#;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: "POST",
    path: "/v1/within",
    id: "within",
    tag: "spatial",
    summary: "What lies in a drawn area, and which grids does it cut?",
    about: "Facilities that the area covers, and buildings of which a part lies in it. Counts are of everything, lists say when they were cut off. The grids are the \
        leaves that the area cuts, with how much of each lies in it and who is on duty; they and the resources are those of now.",
    params: &[
        Param::optional(
            "crs",
            "string",
            "Reference system of the coordinates: wgs84, which GeoJSON means unless said otherwise, cgcs2000, gcj02, bd09 or EPSG:n.",
            "wgs84",
        ),
        COLLECTIONS,
        CLASSES,
        LIMIT,
        AT,
        ROLES,
    ],
    body: Some(Body {
        media: "application/json",
        schema: schema_of::<Area>,
        example: EXAMPLE,
        others: &[Sample { media: "application/geo+json", example: EXAMPLE }],
    }),
    answer: Answer::json("Counts, what lies in the area, the grids and who is on duty.", schema_of::<InArea>),
    problems: &[413, 415, 422],
    handler: || post(look),
};

/// A Polygon or MultiPolygon of GeoJSON, or a Feature with one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a shape for the document; the body is read as GeoJSON")]
struct Area {
    /// Polygon, MultiPolygon or Feature.
    #[schema(rename = "type")]
    kind: String,
    /// Rings of positions, for a Polygon.
    #[schema(value_type = Vec<Vec<Vec<f64>>>)]
    coordinates: Vec<Vec<[f64; 2]>>,
}

async fn look(
    State(state): State<AppState>,
    Caller(who): Caller,
    RawQuery(raw): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    refuse_other_media(request.headers())?;
    let mut query = Query::read(raw.as_deref(), &ENDPOINT);
    let gcj_inverse = state.config().gcj_inverse;
    let crs = query.optional("crs", |text| position::read_crs(text, gcj_inverse)).unwrap_or(CRS_OF_GEOJSON);
    let looking = looking(&mut query);
    query.finish()?;
    let body = collect(&state, request).await?;
    let atlas = state.atlas();
    let work = move || {
        let area = read_area(&body, crs)?;
        let question = WithinQuestion { area, looking };
        Ok(answer(&atlas, &within(&atlas, &who, &question)))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?
}

fn refuse_other_media(headers: &HeaderMap) -> Result<(), Problem> {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = named.split(';').next().unwrap_or_default().trim();
    match ["application/geo+json", "application/json"].iter().any(|known| media.eq_ignore_ascii_case(known)) {
        true => Ok(()),
        false => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the area as application/geo+json (or application/json)",
        )),
    }
}

/// Valid polygons in degrees of CGCS2000.
fn read_area(body: &[u8], crs: Crs) -> Result<MultiPolygon<f64>, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| wrong("the body is not UTF-8"))?;
    let document: GeoJson =
        text.parse().map_err(|error| wrong(format!("the body is no GeoJSON: {error}")))?;
    let geometry = match document {
        GeoJson::Geometry(geometry) => Some(geometry),
        GeoJson::Feature(feature) => feature.geometry,
        GeoJson::FeatureCollection(_) => None,
    };
    let shape = || wrong("send one Polygon or MultiPolygon, or a Feature with one");
    let geometry = geometry.ok_or_else(shape)?;
    if !matches!(geometry.value, GeometryValue::Polygon { .. } | GeometryValue::MultiPolygon { .. }) {
        return Err(shape());
    }
    let area = match from_geojson(geometry).map_err(wrong)? {
        geo::Geometry::Polygon(polygon) => MultiPolygon(vec![polygon]),
        geo::Geometry::MultiPolygon(polygons) => polygons,
        _ => return Err(shape()),
    };
    usable(area, crs)
}

fn usable(mut area: MultiPolygon<f64>, crs: Crs) -> Result<MultiPolygon<f64>, Problem> {
    let rings =
        area.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    let vertices: usize = rings.map(|ring| ring.0.len()).sum();
    if vertices > MAX_AREA_VERTICES {
        let detail = format!("the area has {vertices} vertices, more than {MAX_AREA_VERTICES}; simplify it");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    area.try_map_coords_in_place(|vertex| {
        crs.to_lonlat(vertex.x, vertex.y).map(geo::Coord::from).map_err(|error| wrong(error.to_string()))
    })?;
    match area.check_validation() {
        Ok(()) => Ok(area),
        Err(error) => {
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("the area is not valid: {error}")))
        }
    }
}

fn wrong(detail: impl Into<String>) -> Problem {
    Problem::fields(vec![FieldError { field: "body".to_owned(), detail: detail.into() }])
}
