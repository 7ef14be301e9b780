//! Buildings at zooms too low for footprints: every one is counted once.

use geo::{BoundingRect, Coord, Rect};
use gewu::geom::{TileId, TileRange};
use gewu::model::{Building, Snapshot};
use mvt_reader::Reader;
use mvt_reader::feature::Value;

use crate::raw;
use crate::region::{atlas, building, render};

const LAYER: &str = "building_blocks";

/// Rows of houses of several sizes and heights, some of unknown height, over the borders of many tiles.
fn houses() -> Vec<Building> {
    let house = |n: u32| {
        let (lon, lat) = (100.20 + 0.0011 * f64::from(n % 61), 25.60 + 0.0007 * f64::from(n / 61));
        let mut house = building(n.into(), lon, lat, 0.0001 + 0.00005 * f64::from(n % 4));
        house.height_m = (!n.is_multiple_of(5)).then_some(3.0 * (n % 7) as f32);
        house.floors = (!n.is_multiple_of(5)).then_some(1 + (n % 7) as u16);
        house
    };
    (0..4_000).map(house).collect()
}

fn tiles(z: u8) -> Vec<TileId> {
    let around = Rect::new(Coord { x: 100.1, y: 25.5 }, Coord { x: 100.4, y: 25.8 });
    TileRange::covering(around, z).unwrap().tiles().collect()
}

/// The values of a key of all blocks of a tile, in their order.
fn values(tile: Vec<u8>, key: &str) -> Vec<Option<Value>> {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    let Some(found) = layers.into_iter().find(|layer| layer.name == LAYER) else { return Vec::new() };
    let features = reader.get_features_as::<i32>(found.layer_index).unwrap();
    features.into_iter().map(|f| f.properties.unwrap().get(key).cloned()).collect()
}

#[test]
fn the_blocks_of_all_tiles_of_a_zoom_add_up_to_all_buildings_and_lie_under_them() {
    let houses = houses();
    let atlas = atlas(Snapshot { buildings: houses.clone(), ..Snapshot::default() });
    for z in 10..=12 {
        let (mut sum, mut blocks, mut under) = (0, 0, 0);
        for tile in tiles(z) {
            let bytes = render(&atlas, "buildings", tile);
            if bytes.is_empty() {
                continue;
            }
            let features = &raw::read(&bytes)[LAYER].features;
            let rings: Vec<Vec<raw::Vertex>> = features.iter().flat_map(|f| f.rings().to_vec()).collect();
            let units = rings.iter().flatten().flat_map(|(x, y)| [*x, *y]);
            assert!(units.clone().all(|unit| (0..=4096).contains(&unit) && unit % 16 == 0));
            for house in &houses {
                let at = tile.to_units(house.footprint.bounding_rect().unwrap().center(), 4096.0);
                // The nearest unit is where it is.
                let [x, y] = [at.x, at.y].map(|unit| (unit + 0.5).floor());
                let is_here = [x, y].iter().all(|unit| (0.0..4096.0).contains(unit));
                under += usize::from(is_here && raw::inside(&rings, x + 0.01, y + 0.01));
            }
            blocks += features.len();
            for value in values(bytes, "buildings") {
                let Some(Value::UInt(count)) = value else { panic!("{value:?}") };
                sum += count;
            }
        }
        assert_eq!(sum, 4_000, "zoom {z}");
        assert_eq!(under, 4_000, "houses that lie in a block at zoom {z}");
        assert!((4..1_000).contains(&blocks), "{blocks} blocks at zoom {z}");
    }
    for z in [9, 13] {
        assert!(
            tiles(z)
                .into_iter()
                .all(|tile| values(render(&atlas, "buildings", tile), "buildings").is_empty())
        );
    }
}

#[test]
fn a_block_says_means_that_large_footprints_count_more_in_and_how_densely_it_is_built() {
    // One beside the other, far from any side of a square: one of four times the footprint of the other.
    let mut buildings = vec![building(1, 100.2600, 25.6000, 0.0004), building(2, 100.2600, 25.6004, 0.0002)];
    (buildings[0].height_m, buildings[0].floors) = (Some(20.0), Some(6));
    (buildings[1].height_m, buildings[1].floors) = (Some(10.0), Some(1));
    buildings.push(Building { height_m: None, floors: None, ..building(3, 100.2604, 25.6004, 0.0002) });
    let atlas = atlas(Snapshot { buildings, ..Snapshot::default() });
    let shown: Vec<TileId> =
        tiles(10).into_iter().filter(|tile| !render(&atlas, "buildings", *tile).is_empty()).collect();
    let [tile] = shown[..] else { panic!("{shown:?}") };
    let value = |key: &str| values(render(&atlas, "buildings", tile), key);
    assert_eq!(value("buildings"), [Some(Value::UInt(3))]);
    assert_eq!(value("height_m"), [Some(Value::Float(18.0))]);
    assert_eq!(value("floors"), [Some(Value::UInt(5))]);
    let features = &raw::read(&render(&atlas, "buildings", tile))[LAYER].features;
    let cells = features[0].rings().iter().map(|ring| raw::twice_area(ring)).sum::<i64>() as f64 / 2.0;
    // In square metres: a degree is 111.3 km, and of longitude 111.3 km by the cosine of the latitude.
    let cosine = 25.6_f64.to_radians().cos();
    let unit = 40_075_017.0 * cosine / 1024.0 / 4096.0;
    let built = (0.0004_f64.powi(2) + 2.0 * 0.0002_f64.powi(2)) * 111_320.0 * 111_320.0 * cosine;
    let [Some(Value::Float(coverage))] = value("coverage")[..] else { panic!() };
    let expected = built / (cells * unit * unit);
    assert!((f64::from(coverage) - expected).abs() < 0.006, "{coverage}, {expected} expected");
}
