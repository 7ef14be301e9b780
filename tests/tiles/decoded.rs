//! Tiles as published decoders read them, all in the same words: `{layer: [{id, properties, type, geometry}]}`.

use std::process::Command;

use geo::{Geometry, LineString};
use mvt_reader::Reader;
use mvt_reader::feature::{Feature, Value};
use serde_json::{Value as Json, json};

use crate::python;

/// What the decoder of map pages says of tiles, one after the other.
pub(crate) fn by_the_page(tiles: &[&[u8]]) -> Vec<Json> {
    said(Command::new("node").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tiles/decode.mjs")), tiles)
}

/// What `mapbox-vector-tile` says, a decoder in Python.
pub(crate) fn by_python(tiles: &[&[u8]]) -> Vec<Json> {
    let packages = python::with(&["mapbox-vector-tile==2.2.0"]);
    said(python::command(&packages).arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tiles/decode.py")), tiles)
}

/// Gives tiles to a program as files; it prints a line of JSON for each.
fn said(program: &mut Command, tiles: &[&[u8]]) -> Vec<Json> {
    let folder = tempfile::tempdir().unwrap();
    let files = tiles.iter().enumerate().map(|(number, bytes)| {
        let file = folder.path().join(number.to_string());
        std::fs::write(&file, bytes).unwrap();
        file
    });
    let output = program.args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Json> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(lines.len(), tiles.len());
    lines
}

/// What `mvt-reader` says, a decoder in Rust.
pub(crate) fn by_mvt_reader(tile: Vec<u8>) -> Json {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap().into_iter().map(|layer| {
        let features: Vec<Json> =
            reader.get_features_as::<i32>(layer.layer_index).unwrap().iter().map(feature).collect();
        (layer.name, Json::from(features))
    });
    Json::Object(layers.collect())
}

fn feature(feature: &Feature<i32>) -> Json {
    let value = |value: &Value| match value {
        Value::String(text) => json!(text),
        Value::UInt(number) => json!(number),
        Value::Float(number) => json!(f64::from(*number)),
        Value::Bool(truth) => json!(truth),
        other => panic!("{other:?} is of no type that a tile uses"),
    };
    let properties = feature.properties.iter().flatten().map(|(key, v)| (key.clone(), value(v)));
    let line = |line: &LineString<i32>| line.0.iter().map(|c| json!([c.x, c.y])).collect::<Vec<_>>();
    let (kind, geometry) = match &feature.geometry {
        Geometry::MultiPoint(points) => (1, vec![points.iter().map(|p| json!([p.x(), p.y()])).collect()]),
        Geometry::MultiPolygon(polygons) => {
            let rings = polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
            (3, rings.map(line).collect())
        }
        other => panic!("{other:?}"),
    };
    json!({
        "id": feature.id,
        "properties": Json::Object(properties.collect()),
        "type": kind,
        "geometry": geometry,
    })
}
