//! Reading the inputs of a region from text: boundaries as GeoJSON, names and seats as CSV.

use geo::MultiPolygon;
use geojson::{FeatureCollection, GeoJson};
use serde::Deserialize;

use super::error::SynthError;
use super::inputs::{Division, Place, RegionInputs, Seat};
use crate::geom::from_geojson;
use crate::model::Code;

/// The texts of one region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts<'a> {
    /// Features with `code` (six digits) and `name`; the code of the prefecture ends in `00`.
    pub(super) boundaries: &'a str,
    /// Columns `code` (9 or 12 digits) and `name`.
    pub(super) places: &'a str,
    /// Columns `county`, `lon`, `lat`.
    pub(super) seats: &'a str,
}

#[derive(Deserialize)]
struct PlaceRow {
    code: String,
    name: String,
}

#[derive(Deserialize)]
struct SeatRow {
    county: String,
    lon: f64,
    lat: f64,
}

/// Reads a region; `invented` says whether its boundaries and names are.
pub(super) fn read_inputs(texts: Texts<'_>, invented: bool) -> Result<RegionInputs, SynthError> {
    let mut divisions = read_boundaries(texts.boundaries)?;
    let top = divisions.iter().position(|d| d.code.as_str().ends_with("00"));
    let top =
        top.ok_or_else(|| wrong("boundaries", "no feature has a code that ends in 00, a prefecture's"))?;
    let prefecture = divisions.remove(top);
    let places: Vec<Place> = read_csv::<PlaceRow>("places", texts.places)?
        .into_iter()
        .map(|row| Ok(Place { code: read_code("places", &row.code)?, name: row.name.trim().to_owned() }))
        .collect::<Result<_, SynthError>>()?;
    if let Some(place) = places.iter().find(|place| ![9, 12].contains(&place.code.as_str().len())) {
        return Err(wrong("places", format!("{} has neither 9 nor 12 digits", place.code)));
    }
    let (towns, villages) = places.into_iter().partition(|place| place.code.as_str().len() == 9);
    let seats = read_csv::<SeatRow>("seats", texts.seats)?
        .into_iter()
        .map(|row| Ok(Seat { county: read_code("seats", &row.county)?, lon: row.lon, lat: row.lat }))
        .collect::<Result<_, SynthError>>()?;
    Ok(RegionInputs { prefecture, counties: divisions, towns, villages, seats, invented })
}

fn read_boundaries(text: &str) -> Result<Vec<Division>, SynthError> {
    let collection: FeatureCollection = text
        .parse::<GeoJson>()
        .and_then(FeatureCollection::try_from)
        .map_err(|error| wrong("boundaries", error))?;
    collection
        .features
        .into_iter()
        .map(|feature| {
            let property = |key: &str| feature.property(key).and_then(|v| v.as_str()).map(str::to_owned);
            let code = property("code").ok_or_else(|| wrong("boundaries", "a feature has no code"))?;
            let name = property("name").ok_or_else(|| wrong("boundaries", format!("{code} has no name")))?;
            let geometry =
                feature.geometry.ok_or_else(|| wrong("boundaries", format!("{code} has no geometry")))?;
            Ok(Division {
                code: read_code("boundaries", &code)?,
                name,
                territory: territory(&code, geometry)?,
            })
        })
        .collect()
}

/// The polygons of a geometry.
pub(super) fn territory(name: &str, geometry: geojson::Geometry) -> Result<MultiPolygon<f64>, SynthError> {
    match from_geojson(geometry) {
        Ok(geo::Geometry::Polygon(polygon)) => Ok(MultiPolygon(vec![polygon])),
        Ok(geo::Geometry::MultiPolygon(polygons)) => Ok(polygons),
        Ok(_) => Err(wrong("boundaries", format!("{name} is neither Polygon nor MultiPolygon"))),
        Err(error) => Err(wrong("boundaries", format!("{name}: {error}"))),
    }
}

fn read_csv<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<Vec<T>, SynthError> {
    csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .collect::<Result<_, csv::Error>>()
        .map_err(|error| wrong(file, error))
}

fn read_code(file: &str, text: &str) -> Result<Code, SynthError> {
    Code::parse(text).map_err(|error| wrong(file, error))
}

fn wrong(file: &str, why: impl ToString) -> SynthError {
    SynthError::Input { file: file.to_owned(), why: why.to_string() }
}
