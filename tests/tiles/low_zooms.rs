//! Nothing is dropped silently where much lies in a tile.

use std::collections::BTreeMap;

use gewu::geom::TileId;
use gewu::model::{Facility, Snapshot};
use mvt_reader::Reader;
use mvt_reader::feature::Value;

use crate::region::{atlas, facility, lattice, render};

/// Features of a layer: their attributes.
fn layer(tile: Vec<u8>, name: &str) -> Vec<BTreeMap<String, Value>> {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    let Some(found) = layers.into_iter().find(|layer| layer.name == name) else { return Vec::new() };
    let features = reader.get_features_as::<i32>(found.layer_index).unwrap();
    features.into_iter().map(|f| f.properties.unwrap().into_iter().collect()).collect()
}

#[test]
fn the_clusters_of_all_tiles_of_a_zoom_add_up_to_all_facilities_class_by_class() {
    let classes = ["hydrant", "school", "clinic"];
    let scattered = |n: u32| Facility {
        class: classes[n as usize % 7 % 3].to_owned(),
        ..facility(
            n.into(),
            60.0 + f64::from(n.wrapping_mul(2_654_435_769) >> 12) / 29_160.0,
            10.0 + f64::from(n.wrapping_mul(40_503) % 1_600) / 100.0,
        )
    };
    let facilities: Vec<Facility> = (0..3_000).map(scattered).collect();
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    facilities.iter().for_each(|one| *expected.entry(one.class.clone()).or_default() += 1);
    let atlas = atlas(Snapshot { facilities, ..Snapshot::default() });
    for z in 0..=4 {
        let (mut sums, mut all, mut clusters) = (BTreeMap::<String, u64>::new(), 0, 0);
        for (x, y) in (0..1 << z).flat_map(|x| (0..1 << z).map(move |y| (x, y))) {
            let tile = render(&atlas, "facilities", TileId::new(z, x, y).unwrap());
            if tile.is_empty() {
                continue;
            }
            for cluster in layer(tile, "facility_clusters") {
                clusters += 1;
                for (key, value) in cluster {
                    let Value::UInt(count) = value else { panic!("{key} is {value:?}") };
                    match key.as_str() {
                        "point_count" => all += count,
                        _ => *sums.entry(key).or_default() += count,
                    }
                }
            }
        }
        assert_eq!((all, &sums), (3_000, &expected), "zoom {z}");
        assert!((3..2_900).contains(&clusters), "{clusters} clusters at zoom {z}");
    }
}

#[test]
fn a_grid_larger_than_a_pixel_is_in_the_tile_however_low_the_zoom() {
    let mut lattice = lattice();
    lattice.levels.iter_mut().for_each(|(_, _, min, max)| (*min, *max) = (0, 22));
    let atlas = atlas(lattice.snapshot());
    // A leaf of 0.03 degrees is wider than a pixel, 8 units, from zoom 5 on.
    for z in 5..=8 {
        let mut found = std::collections::BTreeSet::new();
        for tile in crate::region::tiles(&atlas, z) {
            let bytes = render(&atlas, "grids", tile);
            if !bytes.is_empty() {
                found.extend(layer(bytes, "grid_5").iter().map(|grid| format!("{:?}", grid["code"])));
            }
        }
        assert_eq!(found.len(), 144, "zoom {z}");
    }
}
