//! Tiles in longitude and latitude: what is in them, and what a tileset says of it.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::{GeographicTile, Tile, TileMatrixSet};
use gewu::model::Snapshot;
use gewu::tiles::Tilesets;
use mvt_reader::Reader;
use mvt_reader::feature::Value;
use serde_json::{Value as Json, json};

use crate::content::keys_by_layer;
use crate::raw::{self, Vertex};
use crate::region::{atlas, building, facility, geographic_tiles, lattice, render, tiles};

/// The point of each label of a tile by feature id.
fn labels(atlas: &Atlas, tile: Tile) -> Vec<(u64, Vertex)> {
    let layers = raw::read(&render(atlas, "grids", tile));
    let features = layers.get("grid_label").into_iter().flat_map(|layer| &layer.features);
    let point = |feature: &raw::Feature| match &feature.geometry {
        raw::Geometry::Points(points) => points[0],
        raw::Geometry::Rings(_) => panic!("a label is a point"),
    };
    features.map(|feature| (feature.id, point(feature))).collect()
}

#[test]
fn each_label_is_in_exactly_one_tile_of_a_zoom_at_the_unit_nearest_to_its_degrees() {
    let atlas = atlas(lattice().snapshot());
    let grids = atlas.grids();
    let places: BTreeMap<u64, Coord<f64>> = grids
        .all()
        .map(|grid| (grids.number(grid), grids.label_point(grid)))
        .map(|(id, at)| (id, Coord { x: at.lon(), y: at.lat() }))
        .collect();
    for z in 0..=12 {
        let mut seen = BTreeSet::new();
        let side = 180.0 / f64::from(1_u32 << z);
        for tile in geographic_tiles(&atlas, z) {
            for (id, (x, y)) in labels(&atlas, tile) {
                assert!(seen.insert(id), "{id} has two labels at zoom {z}");
                let at = places[&id];
                let units = [
                    ((at.x + 180.0) / side - f64::from(tile.x())) * 4096.0,
                    ((90.0 - at.y) / side - f64::from(tile.y())) * 4096.0,
                ];
                let off = [f64::from(x) - units[0], f64::from(y) - units[1]];
                assert!(off.iter().all(|off| off.abs() < 0.501), "{tile}: {off:?}");
            }
        }
        // Those that Web Mercator shows one zoom deeper.
        let deeper: usize =
            tiles(&atlas, z + 1).into_iter().map(|tile| labels(&atlas, tile.into()).len()).sum();
        assert_eq!(seen.len(), deeper, "zoom {z}");
    }
}

#[test]
fn a_tile_shows_the_layers_that_web_mercator_shows_one_zoom_deeper() {
    let mut snapshot = lattice().snapshot();
    snapshot.buildings = vec![building(1, 100.28, 25.68, 0.001)];
    snapshot.facilities = vec![facility(2, 100.2801, 25.6801)];
    let (atlas, at) = (atlas(snapshot), Coord { x: 100.2801, y: 25.6801 });
    let shown = |set: TileMatrixSet, z: u8| {
        let bytes = render(&atlas, "grids,buildings,facilities", set.tile_at(z, at).unwrap());
        raw::read(&bytes).into_keys().collect::<Vec<_>>()
    };
    for z in 0..=15 {
        let here = shown(TileMatrixSet::WorldCrs84Quad, z);
        assert_eq!(here, shown(TileMatrixSet::WebMercatorQuad, z + 1), "zoom {z}");
        assert!(!here.is_empty());
    }
    let beyond = TileMatrixSet::Cgcs2000Quad.tile_at(16, at).unwrap();
    assert!(render(&atlas, "grids,buildings,facilities", beyond).is_empty(), "deeper than the tilesets");
}

#[test]
fn the_clusters_of_all_tiles_of_a_zoom_add_up_to_all_facilities_from_pole_to_pole() {
    let mut places =
        vec![(-180.0, 90.0), (180.0, -90.0), (0.0, 0.0), (180.0, 0.0), (90.0, 90.0), (3.0, -90.0)];
    places.extend((0..2_000_u32).map(|n| {
        let share = |factor: u32| f64::from(n.wrapping_mul(factor) >> 8) / f64::from(1 << 24);
        (share(2_654_435_769) * 360.0 - 180.0, share(40_503_001) * 180.0 - 90.0)
    }));
    let facilities = (0..).zip(&places).map(|(number, (lon, lat))| facility(number, *lon, *lat)).collect();
    let atlas = atlas(Snapshot { facilities, ..Snapshot::default() });
    for z in 0..=3 {
        let mut all = 0;
        for (x, y) in (0..2_u32 << z).flat_map(|x| (0..1_u32 << z).map(move |y| (x, y))) {
            let tile = render(&atlas, "facilities", GeographicTile::new(z, x, y).unwrap());
            if tile.is_empty() {
                continue;
            }
            let reader = Reader::new(tile).unwrap();
            for cluster in reader.get_features_as::<i32>(0).unwrap() {
                match cluster.properties.unwrap()["point_count"] {
                    Value::UInt(count) => all += count as usize,
                    ref other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(all, places.len(), "zoom {z}");
    }
}

fn tileset(atlas: &Atlas, names: &str, set: TileMatrixSet) -> Json {
    Tilesets::embedded().unwrap().select(names).unwrap().tileset(atlas, &Principal::open(), set, None)
}

/// Does a tile hold more of the grids than what its buffer shows of its neighbours?
fn holds_a_grid(atlas: &Atlas, tile: Tile) -> bool {
    let layers = raw::read(&render(atlas, "grids", tile));
    let areas =
        layers.iter().filter(|(name, _)| *name != "grid_label").flat_map(|(_, layer)| &layer.features);
    let reaches = |ring: &Vec<Vertex>| {
        let within = |axis: fn(&Vertex) -> i32| {
            let (least, most) = (ring.iter().map(axis).min(), ring.iter().map(axis).max());
            least < Some(4096) && most > Some(0)
        };
        within(|vertex| vertex.0) && within(|vertex| vertex.1)
    };
    areas.flat_map(|feature| feature.rings()).any(reaches)
}

#[test]
fn the_limits_of_a_tileset_are_those_of_the_tiles_that_hold_anything() {
    let atlas = atlas(lattice().snapshot());
    for set in TileMatrixSet::ALL {
        let json = tileset(&atlas, "grids", set);
        let limits = json["tileMatrixSetLimits"].as_array().unwrap();
        assert_eq!(limits.len(), if set == TileMatrixSet::WebMercatorQuad { 17 } else { 16 });
        for (z, limits) in limits.iter().enumerate().take(13) {
            let z = z as u8;
            let tiles = match set {
                TileMatrixSet::WebMercatorQuad => tiles(&atlas, z).into_iter().map(Tile::from).collect(),
                _ => geographic_tiles(&atlas, z),
            };
            let held: Vec<_> = tiles.into_iter().filter(|tile| holds_a_grid(&atlas, *tile)).collect();
            let ends = |axis: fn(&Tile) -> u32| {
                [held.iter().map(axis).min().unwrap(), held.iter().map(axis).max().unwrap()]
            };
            let [rows, columns] = [ends(|tile| tile.y()), ends(|tile| tile.x())];
            let expected = json!({
                "tileMatrix": z.to_string(),
                "minTileRow": rows[0],
                "maxTileRow": rows[1],
                "minTileCol": columns[0],
                "maxTileCol": columns[1],
            });
            assert_eq!(*limits, expected, "{}", set.id());
        }
    }
}

#[test]
fn a_tileset_declares_every_layer_and_attribute_at_its_zoom() {
    let mut snapshot = lattice().snapshot();
    snapshot.buildings = vec![building(1, 100.2676, 25.6065, 0.001)];
    snapshot.facilities = vec![facility(2, 100.2676, 25.6065)];
    let (atlas, names) = (atlas(snapshot), "grids,buildings,facilities");
    let json = tileset(&atlas, names, TileMatrixSet::Cgcs2000Quad);
    assert_eq!(
        (&json["dataType"], &json["crs"]),
        (&json!("vector"), &json!("http://www.opengis.net/def/crs/EPSG/0/4490"))
    );
    assert!(json.get("tileMatrixSetURI").is_none() && json["attribution"].as_str().unwrap().contains("虚构"));
    let layers = json["layers"].as_array().unwrap();
    for z in [0, 3, 8, 11, 12, 15] {
        for tile in geographic_tiles(&atlas, z).into_iter().take(40) {
            for (name, keys) in keys_by_layer(&atlas, names, tile) {
                let layer = layers.iter().find(|layer| layer["id"] == name.as_str()).unwrap();
                let zoom = |key: &str| layer[key].as_str().unwrap().parse::<u8>().unwrap();
                assert!((zoom("minTileMatrix")..=zoom("maxTileMatrix")).contains(&z), "{name} at {z}");
                let declared = &layer["propertiesSchema"]["properties"];
                assert!(keys.iter().all(|key| declared.get(key).is_some()), "{name}: {keys:?}");
            }
        }
    }
}

#[test]
fn an_empty_atlas_has_a_tileset_too() {
    let json = tileset(&atlas(Snapshot::default()), "buildings", TileMatrixSet::WorldCrs84Quad);
    assert_eq!(json["tileMatrixSetLimits"].as_array().unwrap().len(), 7, "zooms 9 to 15");
    assert!(json.get("attribution").is_none());
}
