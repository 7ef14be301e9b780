//! The decoder of the map page reads in a tile what the decoder in Rust reads.

use gewu::geom::TileId;

use crate::decoded::{by_mvt_reader, by_the_page};
use crate::region::{atlas, building, facility, lattice, middle, render};

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
    let page = by_the_page(&tiles.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let mut features = 0;
    for (tile, page) in tiles.into_iter().zip(page) {
        let ours = by_mvt_reader(tile);
        assert_eq!(page, ours);
        features +=
            ours.as_object().unwrap().values().map(|layer| layer.as_array().unwrap().len()).sum::<usize>();
    }
    assert!(features > 1_000, "{features}");
}
