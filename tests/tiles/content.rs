//! What is in a tile and what is said of it, read by a published decoder and by GDAL.

use std::collections::{BTreeMap, HashMap};
use std::process::Command;

use gewu::atlas::Atlas;
use gewu::geom::{Tile, TileId};
use gewu::model::{LevelScheme, Person, ResourceId, Snapshot};
use mvt_reader::Reader;
use mvt_reader::feature::Value;

use crate::raw;
use crate::region::{atlas, building, facility, lattice, middle, render, tiles};

type Attributes = HashMap<String, Value>;

/// Layer > feature id > attributes, as the published decoder reads them.
fn decode(tile: Vec<u8>) -> BTreeMap<String, BTreeMap<u64, Attributes>> {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    let features = |index: usize| {
        let features = reader.get_features_as::<i32>(index).unwrap();
        features.into_iter().map(|f| (f.id.unwrap(), f.properties.unwrap())).collect()
    };
    layers.into_iter().map(|layer| (layer.name, features(layer.layer_index))).collect()
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[test]
fn the_attributes_of_each_grid_are_those_of_the_snapshot() {
    let snapshot = lattice().snapshot();
    let atlas = atlas(snapshot.clone());
    let mut seen = 0;
    for z in [9, 11, 13] {
        for tile in tiles(&atlas, z) {
            let layers = decode(render(&atlas, "grids", tile));
            for (id, found) in layers.iter().filter(|(name, _)| *name != "grid_label").flat_map(|(_, f)| f) {
                let grid = &snapshot.grids.iter().find(|v| v.number == *id).unwrap().grid;
                let mut expected = attributes([
                    ("code", text(grid.code.as_str())),
                    ("name", text(&grid.name)),
                    ("level", Value::UInt(grid.level.number().into())),
                    ("invented", Value::Bool(true)),
                    ("workers", Value::UInt(0)),
                    ("duty_gap", Value::Bool(true)),
                ]);
                expected.extend(grid.kind.map(|kind| ("kind".to_owned(), text(kind.as_str()))));
                expected.extend(grid.households.map(|n| ("households".to_owned(), Value::UInt(n.into()))));
                assert_eq!(*found, expected);
                seen += 1;
            }
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn a_level_is_there_in_its_own_zooms_only() {
    let atlas = atlas(lattice().snapshot());
    let levels = |z: u8| -> Vec<String> {
        let mut names: Vec<_> =
            tiles(&atlas, z).iter().flat_map(|t| decode(render(&atlas, "grids", *t)).into_keys()).collect();
        names.retain(|name| name != "grid_label");
        names.sort_unstable();
        names.dedup();
        names
    };
    assert_eq!(levels(7), ["grid_1"]);
    assert_eq!(levels(8), ["grid_1", "grid_2"]);
    assert_eq!(levels(11), ["grid_1", "grid_2", "grid_4", "grid_5"]);
    assert_eq!(levels(12), ["grid_1", "grid_4", "grid_5"]);
    assert_eq!(levels(14), ["grid_1", "grid_4", "grid_5"]);
}

#[test]
fn grids_of_a_level_that_the_scheme_forgets_are_shown_at_every_zoom() {
    let snapshot = Snapshot { levels: LevelScheme::default(), ..lattice().snapshot() };
    let atlas = atlas(snapshot);
    let layers = decode(render(&atlas, "grids", TileId::new(6, 49, 27).unwrap()));
    assert_eq!(layers["grid_5"].len(), 144);
}

#[test]
fn each_label_is_in_exactly_one_tile_at_each_zoom_of_its_range() {
    let mut snapshot = lattice().snapshot();
    // One town without grids of its own: nothing below it takes over, so its label stays.
    let town = snapshot.grids.iter().find(|v| v.grid.level.number() == 4).unwrap().grid.id;
    snapshot.grids.retain(|version| version.grid.parent != Some(town));
    let atlas = atlas(snapshot);
    for z in 0..=15 {
        let mut count: BTreeMap<u64, u32> = BTreeMap::new();
        for tile in tiles(&atlas, z) {
            let layers = decode(render(&atlas, "grids", tile));
            layers
                .get("grid_label")
                .into_iter()
                .flat_map(|l| l.keys())
                .for_each(|id| *count.entry(*id).or_default() += 1);
        }
        for grid in atlas.grids().all() {
            let id = atlas.grids().id(grid);
            // First zoom of the level, then six zooms for what is divided further, else to the end of the level.
            let expected = match atlas.grids().level(grid).number() {
                1 => (0..6).contains(&z),
                2 => (8..12).contains(&z),
                4 if id == town => z >= 9,
                4 => (9..15).contains(&z),
                _ => z >= 11,
            };
            let found = count.get(&atlas.grids().number(grid)).copied().unwrap_or(0);
            assert_eq!(found, u32::from(expected), "{} at zoom {z}", atlas.grids().code(grid));
        }
    }
}

#[test]
fn a_label_lies_in_its_grid_and_higher_levels_and_larger_grids_rank_first() {
    let atlas = atlas(lattice().snapshot());
    let tile = middle(9);
    let bytes = render(&atlas, "grids", tile);
    let layers = raw::read(&bytes);
    for label in &layers["grid_label"].features {
        let raw::Geometry::Points(points) = &label.geometry else { panic!("a label is a point") };
        let holder = layers.values().flat_map(|l| &l.features).find(|f| f.id == label.id && !is_point(f));
        let (x, y) = points[0];
        assert!(raw::inside(holder.unwrap().rings(), x.into(), y.into()));
    }
    let rank_of = |attributes: &Attributes| match (&attributes["level"], &attributes["rank"]) {
        (Value::UInt(level), Value::UInt(rank)) => (*level, *rank),
        other => panic!("{other:?}"),
    };
    let decoded = decode(bytes);
    let mut ranks: Vec<_> = decoded["grid_label"].values().map(rank_of).collect();
    ranks.sort_unstable();
    assert!(ranks.windows(2).all(|pair| pair[0].0 == pair[1].0 || pair[0].1 < pair[1].1), "{ranks:?}");
}

fn is_point(feature: &raw::Feature) -> bool {
    matches!(feature.geometry, raw::Geometry::Points(_))
}

#[test]
fn a_tile_with_nothing_in_it_is_empty() {
    let atlas = atlas(lattice().snapshot());
    assert!(render(&atlas, "grids", TileId::new(11, 3, 3).unwrap()).is_empty(), "elsewhere");
    assert!(render(&atlas, "buildings,facilities", TileId::new(14, 12755, 6985).unwrap()).is_empty());
    let (deepest, beyond) = (middle(16), middle(17));
    assert!(!render(&atlas, "grids", deepest).is_empty());
    assert!(render(&atlas, "grids", beyond).is_empty(), "deeper than the tileset");
    let nothing = self::atlas(Snapshot::default());
    assert!(render(&nothing, "grids,buildings,facilities", TileId::new(0, 0, 0).unwrap()).is_empty());
}

#[test]
fn a_feature_keeps_its_id_in_every_tile_and_revision_and_the_bytes_do_not_depend_on_the_order_of_the_rows() {
    let mut snapshot = lattice().snapshot();
    snapshot.buildings =
        (0..40u32).map(|n| building(n.into(), 100.2 + 0.0003 * f64::from(n), 25.6, 0.0002)).collect();
    let mut later = snapshot.clone();
    later.revision = 99;
    later.grids.reverse();
    later.buildings.reverse();
    let (before, after) = (atlas(snapshot), atlas(later));
    let mut ids_by_code: HashMap<String, u64> = HashMap::new();
    for z in [11, 14] {
        for tile in tiles(&before, z) {
            let bytes = render(&before, "grids,buildings", tile);
            assert_eq!(bytes, render(&after, "grids,buildings", tile));
            for (id, found) in
                decode(bytes).into_iter().filter(|(n, _)| !n.starts_with("building")).flat_map(|(_, f)| f)
            {
                let Value::String(code) = &found["code"] else { panic!("a code is text") };
                assert_eq!(*ids_by_code.entry(code.clone()).or_insert(id), id, "{code}");
                assert!(id < 1 << 53);
            }
        }
    }
    assert_eq!(ids_by_code.values().collect::<std::collections::HashSet<_>>().len(), ids_by_code.len());
}

#[test]
fn buildings_and_facilities_carry_what_is_known_of_them() {
    let (lon, lat) = (100.2676, 25.6065);
    let mut plain = building(8, lon + 0.001, lat, 0.0004);
    (plain.height_m, plain.floors, plain.households) = (None, None, None);
    plain.name = Some("村委会".into());
    let atlas = atlas(Snapshot {
        buildings: vec![building(7, lon, lat, 0.0004), plain],
        facilities: vec![facility(9, lon, lat)],
        ..Snapshot::default()
    });
    let tile = TileId::new(13, 6377, 3492).unwrap();
    let layers = decode(render(&atlas, "buildings,facilities", tile));
    let whole = [
        ("class", text("residential")),
        ("height_m", Value::Float(17.5)),
        ("floors", Value::UInt(6)),
        ("households", Value::UInt(24)),
    ];
    assert_eq!(layers["buildings"][&1_000_007], attributes(whole));
    assert_eq!(
        layers["buildings"][&1_000_008],
        attributes([("class", text("residential")), ("name", text("村委会"))])
    );
    assert_eq!(
        layers["facilities"][&2_000_009],
        attributes([("class", text("hydrant")), ("name", text("消防栓9"))])
    );
    let above = render(&atlas, "buildings,facilities", TileId::new(12, 3188, 1746).unwrap());
    assert_eq!(decode(above).into_keys().collect::<Vec<_>>(), ["building_blocks", "facilities"]);
    let above = render(&atlas, "buildings,facilities", TileId::new(9, 398, 218).unwrap());
    assert_eq!(decode(above).into_keys().collect::<Vec<_>>(), ["facility_clusters"]);
}

#[test]
fn a_point_on_the_border_of_tiles_belongs_to_exactly_one_of_them() {
    let corner = TileId::new(12, 3188, 1746).unwrap().envelope();
    let places = [
        (corner.min().x, 25.6),
        (100.21, corner.min().y),
        (corner.min().x, corner.max().y),
        (corner.max().x - 1e-12, corner.min().y + 1e-12),
        (180.0, 0.0),
        (-180.0, 0.0),
        (20.0, 90.0),
        (20.0, -89.0),
    ];
    for (lon, lat) in places {
        let atlas = atlas(Snapshot { facilities: vec![facility(1, lon, lat)], ..Snapshot::default() });
        for z in [10, 12, 16] {
            let around = gewu::geom::TileRange::covering(
                geo::Rect::new(geo::Coord { x: lon, y: lat }, geo::Coord { x: lon, y: lat }),
                z,
            );
            let middle = around.unwrap().tiles().next().unwrap();
            let near = |n: u32| (n.saturating_sub(2)..=n + 2).filter(|n| *n < 1 << z);
            let owners =
                near(middle.x()).flat_map(|x| near(middle.y()).map(move |y| TileId::new(z, x, y).unwrap()));
            let owners = owners.filter(|tile| !render(&atlas, "facilities", *tile).is_empty()).count();
            assert_eq!(owners, 1, "{lon} {lat} at zoom {z}");
        }
    }
}

#[test]
fn people_leave_no_trace_in_any_tile() {
    let crowd = |count: usize| {
        let mut snapshot = lattice().snapshot();
        let leaf = snapshot.grids.last().map(|version| version.grid.id);
        let person = |number: usize| Person {
            id: ResourceId(uuid::Uuid::from_u128(number as u128)),
            position: geo::Point::new(100.2, 25.6),
            leaf,
        };
        snapshot.people = (0..count).map(person).collect();
        atlas(snapshot)
    };
    let (nobody, many) = (crowd(0), crowd(500));
    for tile in tiles(&nobody, 11) {
        assert_eq!(
            render(&nobody, "grids,buildings,facilities", tile),
            render(&many, "grids,buildings,facilities", tile)
        );
    }
}

#[test]
fn gdal_reads_a_tile() {
    let atlas = atlas(lattice().snapshot());
    let tile = middle(11);
    let bytes = render(&atlas, "grids", tile);
    let leaves = decode(bytes.clone())["grid_5"].len();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tile.pbf");
    std::fs::write(&file, bytes).unwrap();
    let position = [format!("X={}", tile.x()), format!("Y={}", tile.y()), format!("Z={}", tile.z())];
    let mut ogrinfo = Command::new("ogrinfo");
    position.iter().for_each(|option| {
        ogrinfo.args(["-oo", option.as_str()]);
    });
    // Unasked, GDAL leaves out what lies in the buffer only.
    let output = ogrinfo.args(["-oo", "CLIP=NO", "-ro", "-al"]).arg(&file).output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && report.contains("using driver `MVT'"), "{report}");
    let of_leaves = report.split("Layer name: ").find(|part| part.starts_with("grid_5")).unwrap();
    assert!(of_leaves.contains(&format!("Feature Count: {leaves}\n")), "{leaves} of {report}");
    assert_eq!(of_leaves.matches("  code (String) = 53295.").count(), leaves);
}

pub(crate) fn keys_by_layer(
    atlas: &Atlas,
    names: &str,
    tile: impl Into<Tile>,
) -> BTreeMap<String, Vec<String>> {
    let layers = decode(render(atlas, names, tile)).into_iter();
    let keys = |features: BTreeMap<u64, Attributes>| {
        let mut keys: Vec<_> = features.into_values().flat_map(|f| f.into_keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    layers.map(|(name, features)| (name, keys(features))).collect()
}
