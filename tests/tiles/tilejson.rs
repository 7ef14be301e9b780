//! What TileJSON says, against what the tiles hold.

use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::TileId;
use gewu::model::Snapshot;
use gewu::tiles::Tilesets;
use serde_json::{Value, json};

use crate::content::keys_by_layer;
use crate::region::{atlas, building, facility, lattice, tiles};

fn tilejson(atlas: &Atlas, names: &str) -> Value {
    let tilesets = Tilesets::embedded().unwrap();
    tilesets.select(names).unwrap().tilejson(atlas, &Principal::open(), "https://map.example")
}

#[test]
fn it_names_the_address_the_zooms_and_the_layers() {
    let atlas = atlas(lattice().snapshot());
    let json = tilejson(&atlas, "grids,facilities");
    assert_eq!(json["tilejson"], "3.0.0");
    assert_eq!(json["tiles"], json!(["https://map.example/tiles/grids,facilities/{z}/{x}/{y}"]));
    assert_eq!((&json["minzoom"], &json["maxzoom"]), (&json!(0), &json!(16)));
    let zooms: Vec<_> = json["vector_layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (&l["id"], &l["minzoom"], &l["maxzoom"]))
        .collect();
    let expected = [
        (json!("grid_1"), json!(0), json!(16)),
        (json!("grid_2"), json!(8), json!(11)),
        (json!("grid_4"), json!(9), json!(16)),
        (json!("grid_5"), json!(11), json!(16)),
        (json!("grid_label"), json!(0), json!(16)),
        (json!("facilities"), json!(10), json!(16)),
        (json!("facility_clusters"), json!(0), json!(9)),
    ];
    assert_eq!(zooms, expected.each_ref().map(|(a, b, c)| (a, b, c)));
}

#[test]
fn every_layer_and_attribute_of_a_tile_is_declared_for_its_zoom() {
    let mut snapshot = lattice().snapshot();
    snapshot.buildings = vec![building(1, 100.2676, 25.6065, 0.001)];
    snapshot.facilities = vec![facility(2, 100.2676, 25.6065)];
    let atlas = atlas(snapshot);
    let names = "grids,buildings,facilities";
    let json = tilejson(&atlas, names);
    let layers = json["vector_layers"].as_array().unwrap();
    for z in [4, 9, 12, 13] {
        for tile in tiles(&atlas, z) {
            for (name, keys) in keys_by_layer(&atlas, names, tile) {
                let layer = layers.iter().find(|layer| layer["id"] == name.as_str()).unwrap();
                let zooms = layer["minzoom"].as_u64().unwrap()..=layer["maxzoom"].as_u64().unwrap();
                assert!(zooms.contains(&z.into()), "{name} at {z}");
                assert!(keys.iter().all(|key| layer["fields"].get(key).is_some()), "{name}: {keys:?}");
            }
        }
    }
}

#[test]
fn the_bounds_hold_everything_and_invented_data_are_called_so() {
    let mut snapshot = lattice().snapshot();
    snapshot.facilities = vec![facility(1, 99.0, 26.5)];
    let whole = atlas(snapshot);
    let json = tilejson(&whole, "grids,facilities");
    let bounds: Vec<f64> = serde_json::from_value(json["bounds"].clone()).unwrap();
    assert_eq!((bounds[0], bounds[3]), (99.0, 26.5));
    for grid in whole.grids().all() {
        let envelope = whole.grids().envelope(grid);
        assert!(envelope.min[1] >= bounds[1] && envelope.max[0] <= bounds[2]);
    }
    assert!(json["attribution"].as_str().unwrap().contains("虚构"));

    let empty = atlas(Snapshot::default());
    let json = tilejson(&empty, "grids");
    assert_eq!(json["bounds"][0], -180.0);
    assert!(json.get("attribution").is_none());
    let z0 = TileId::new(0, 0, 0).unwrap();
    assert!(keys_by_layer(&empty, "grids", z0).is_empty());
}
