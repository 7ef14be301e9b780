//! The decoder of the map page reads in a tile what the decoder in Rust reads.

use std::process::Command;

use geo::{Geometry, LineString};
use gewu::geom::TileId;
use mvt_reader::Reader;
use mvt_reader::feature::{Feature, Value};
use serde_json::{Value as Json, json};

use crate::region::{atlas, building, facility, lattice, middle, render};

/// What `decode.mjs` says of tiles.
fn by_the_page(tiles: &[Vec<u8>]) -> Vec<Json> {
    let folder = tempfile::tempdir().unwrap();
    let files = tiles.iter().enumerate().map(|(number, bytes)| {
        let file = folder.path().join(number.to_string());
        std::fs::write(&file, bytes).unwrap();
        file
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tiles/decode.mjs");
    let output = Command::new("node").arg(script).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

fn by_mvt_reader(tile: Vec<u8>) -> Json {
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

#[test]
fn both_find_the_same_layers_features_attributes_and_geometries() {
    let mut snapshot = lattice().snapshot();
    let at = |n: u32| (100.27 + 0.0007 * f64::from(n % 30), 25.66 + 0.0009 * f64::from(n / 30));
    snapshot.buildings = (0..300).map(|n| building(n.into(), at(n).0, at(n).1, 0.0003)).collect();
    snapshot.facilities = (0..300).map(|n| facility(1_000 + u128::from(n), at(n).0, at(n).1)).collect();
    let atlas = atlas(snapshot);
    let around = |z: u8| {
        let at = middle(z);
        [(0, 0), (1, 0), (0, 1)].map(|(dx, dy)| TileId::new(z, at.x() - dx, at.y() + dy))
    };
    let tiles: Vec<Vec<u8>> = (2..=16)
        .flat_map(around)
        .map(|tile| render(&atlas, "grids,buildings,facilities,overview", tile.unwrap()))
        .filter(|bytes| !bytes.is_empty())
        .collect();
    let page = by_the_page(&tiles);
    assert_eq!(page.len(), tiles.len());
    let mut features = 0;
    for (tile, page) in tiles.into_iter().zip(page) {
        // Written and read again as the page's was: a fraction may lose its last bit on the way.
        let ours: Json = by_mvt_reader(tile).to_string().parse().unwrap();
        assert_eq!(page, ours);
        features +=
            ours.as_object().unwrap().values().map(|layer| layer.as_array().unwrap().len()).sum::<usize>();
    }
    assert!(features > 1_000, "{features}");
}
