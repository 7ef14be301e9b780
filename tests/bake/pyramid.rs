//! What is in a baked pyramid: exactly the tiles that are rendered one by one.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;

use geo::{Coord, Rect};
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::{TileId, TileRange};
use gewu::model::{Level, Snapshot};
use gewu::tiles::bake::{BakeError, Baked, Job, Kind, bake};
use gewu::tiles::{Archives, Budget, Tilesets};

use crate::region::{self, atlas, building, facility, lattice, render};

const ALL: &str = "grids,buildings,facilities,overview";

/// Bakes in one go.
pub(crate) fn baked(
    atlas: &Atlas,
    names: &str,
    zooms: RangeInclusive<u8>,
    out: &Path,
) -> Result<Baked, BakeError> {
    baked_within(Budget::bytes(500_000), atlas, names, zooms, out)
}

fn baked_within(
    budget: Budget,
    atlas: &Atlas,
    names: &str,
    zooms: RangeInclusive<u8>,
    out: &Path,
) -> Result<Baked, BakeError> {
    let tilesets = Tilesets::embedded().unwrap();
    let selection = tilesets.select(names).unwrap();
    let kind = Kind::of(out).unwrap();
    let job = Job { selection, zooms, kind, out: out.to_owned(), budget, until: None };
    bake(atlas, &Principal::open(), &job, &mut |_| {})
}

/// Every tile that holds something, by looking at every tile of a rectangle.
fn looked_at(
    atlas: &Atlas,
    names: &str,
    zooms: RangeInclusive<u8>,
    rect: Rect<f64>,
) -> BTreeMap<TileId, Vec<u8>> {
    let ranges = zooms.map(|z| TileRange::covering(rect, z).unwrap());
    let tiles: Vec<TileId> = ranges.flat_map(|range| range.tiles().collect::<Vec<_>>()).collect();
    let rendered = tiles.into_iter().map(|tile| (tile, render(atlas, names, tile)));
    rendered.filter(|(_, body)| !body.is_empty()).collect()
}

fn unzipped(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    plain
}

/// Every tile of a PMTiles file in a rectangle, not compressed.
async fn stored(path: &Path, zooms: RangeInclusive<u8>, rect: Rect<f64>) -> BTreeMap<TileId, Vec<u8>> {
    let archives =
        Archives::open(&[("baked".to_owned(), path.to_owned())], std::iter::empty()).await.unwrap();
    let archive = archives.get("baked").unwrap();
    let mut tiles = BTreeMap::new();
    for z in zooms {
        for tile in TileRange::covering(rect, z).unwrap().tiles() {
            if let Some(body) = archive.tile(tile).await.unwrap() {
                tiles.insert(tile, unzipped(&body));
            }
        }
    }
    tiles
}

/// The same from MBTiles, as its specification says to read it.
fn stored_in_database(path: &Path) -> BTreeMap<TileId, Vec<u8>> {
    let database = rusqlite::Connection::open(path).unwrap();
    let mut statement =
        database.prepare("select zoom_level, tile_column, tile_row, tile_data from tiles").unwrap();
    let read = |row: &rusqlite::Row| {
        let (z, x, row_from_south): (u8, u32, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let tile = TileId::new(z, x, (1 << z) - 1 - row_from_south).unwrap();
        Ok((tile, unzipped(&row.get::<_, Vec<u8>>(3)?)))
    };
    statement.query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
}

fn rect(west: f64, south: f64, east: f64, north: f64) -> Rect<f64> {
    Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north })
}

fn assert_same(found: &BTreeMap<TileId, Vec<u8>>, expected: &BTreeMap<TileId, Vec<u8>>) {
    let tiles = |all: &BTreeMap<TileId, Vec<u8>>| all.keys().copied().collect::<Vec<_>>();
    assert_eq!(tiles(found), tiles(expected));
    for (tile, body) in expected {
        assert!(found[tile] == *body, "the content of {tile} differs");
    }
}

/// What `pmtiles verify` asks of a file: header and root directory in 16 KiB, then the other sections of the header, and nothing else.
fn assert_no_gap(file: &[u8]) {
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
    // Offset and length of metadata, leaf directories and tiles (PMTiles 3, chapter 3).
    let mut sections = [24, 40, 56].map(|at| (number(at), number(at + 8)));
    sections.sort_unstable();
    let ends = sections.iter().filter(|(_, length)| *length > 0).try_fold(16_384, |end, (offset, length)| {
        if *offset == end { Ok(offset + length) } else { Err(format!("{sections:?}")) }
    });
    assert_eq!(ends, Ok(file.len() as u64));
}

/// A lattice with things in it, and others far from any grid.
pub(crate) fn furnished() -> Atlas {
    let mut snapshot = lattice().snapshot();
    let far = [(99.3, 25.2), (100.9, 26.1)];
    let near = (0..40_u128).map(|n| (100.1 + 0.009 * n as f64, 25.5 + 0.0087 * n as f64));
    for (number, (lon, lat)) in near.chain(far).enumerate() {
        let number = number as u128;
        snapshot.buildings.push(building(10_000 + number, lon, lat, 0.0004));
        snapshot.facilities.push(facility(20_000 + number, lon + 0.001, lat));
    }
    atlas(snapshot)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_that_holds_something_is_there_as_it_is_rendered_and_no_other() {
    let atlas = furnished();
    let folder = tempfile::tempdir().unwrap();
    let around = rect(99.2, 25.1, 101.0, 26.2);
    for (names, zooms) in [(ALL, 0..=13), ("facilities", 9..=14), ("buildings", 12..=14)] {
        let expected = looked_at(&atlas, names, zooms.clone(), around);
        let path = folder.path().join(format!("{}.pmtiles", names.replace(',', "-")));
        let Baked::Whole { tiles, .. } = baked(&atlas, names, zooms.clone(), &path).unwrap() else {
            panic!()
        };
        assert_eq!(tiles, expected.len() as u64, "{names}: no tile lies elsewhere");
        assert_same(&stored(&path, zooms.clone(), around).await, &expected);
        assert_no_gap(&std::fs::read(&path).unwrap());
        let path = path.with_extension("mbtiles");
        baked(&atlas, names, zooms, &path).unwrap();
        assert_same(&stored_in_database(&path), &expected);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(left.len(), 6, "nothing but the results stays: {left:?}");
}

/// A grid of a large territory of two parts, one of them without any child: no leaf is near it.
fn with_a_gap() -> Snapshot {
    let part =
        |west: f64, south: f64, width: f64| rect(west, south, west + width, south + width).to_polygon();
    let whole = geo::MultiPolygon(vec![part(100.0, 25.0, 0.4), part(101.0, 25.6, 0.3)]);
    let child = geo::MultiPolygon(vec![part(100.0, 25.0, 0.4)]);
    let mut snapshot = region::grids(vec![whole, child]);
    let parent = snapshot.grids[0].grid.id;
    snapshot.grids[0].grid.level = Level::new(5).unwrap();
    snapshot.grids[1].grid.parent = Some(parent);
    snapshot
}

#[tokio::test(flavor = "multi_thread")]
async fn land_that_no_leaf_covers_is_not_passed_over() {
    let atlas = atlas(with_a_gap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gap.pmtiles");
    baked(&atlas, "grids", 0..=12, &path).unwrap();
    let around = rect(99.8, 24.8, 101.5, 26.1);
    let expected = looked_at(&atlas, "grids", 0..=12, around);
    let in_gap = |tile: &TileId| tile.z() == 12 && tile.envelope().min().x > 101.0;
    assert!(expected.keys().filter(|tile| in_gap(tile)).count() > 5);
    assert_same(&stored(&path, 0..=12, around).await, &expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_keep_to_the_budget_and_the_file_says_how_many_had_to_be_coarsened() {
    let atlas = furnished();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pmtiles");
    let (budget, zooms, around) = (Budget::bytes(4_000), 8..=12, rect(99.2, 25.1, 101.0, 26.2));
    let baked = baked_within(budget, &atlas, ALL, zooms.clone(), &path).unwrap();
    let tilesets = Tilesets::embedded().unwrap();
    let selection = tilesets.select(ALL).unwrap();
    let (mut expected, mut over) = (BTreeMap::new(), 0);
    for tile in looked_at(&atlas, ALL, zooms.clone(), around).into_keys() {
        let fitted = selection.fit(&atlas, &Principal::open(), tile, budget).unwrap();
        over += u64::from(fitted.coarsened.is_some());
        expected.insert(tile, fitted.bytes);
    }
    assert!(over > 2 && over < expected.len() as u64, "{over} of {}", expected.len());
    assert_same(&stored(&path, zooms, around).await, &expected);
    let Baked::Whole { coarsened, .. } = baked else { panic!() };
    assert_eq!(coarsened, over);
    let archives = Archives::open(&[("small".to_owned(), path)], std::iter::empty()).await.unwrap();
    let said = archives.get("small").unwrap().tilejson("small", "http://x");
    assert_eq!((&said["budget"]["bytes"], &said["budget"]["coarsened"]), (&4_000.into(), &over.into()));
}

#[test]
fn a_content_that_many_tiles_have_is_stored_once() {
    let square = geo::MultiPolygon(vec![rect(100.0, 25.0, 101.0, 26.0).to_polygon()]);
    let atlas = atlas(region::grids(vec![square]));
    let folder = tempfile::tempdir().unwrap();
    for extension in ["pmtiles", "mbtiles"] {
        let path = folder.path().join(format!("square.{extension}"));
        let Baked::Whole { tiles, contents, bytes, .. } = baked(&atlas, "grids", 13..=13, &path).unwrap()
        else {
            panic!()
        };
        // Inside, all are the same but the one with the label; at the border there are four sides, four corners and the tiles
        // that the buffer alone reaches.
        assert!(tiles > 500 && contents <= 60, "{contents} contents in {tiles} tiles");
        assert!(bytes < 80_000, "{bytes} bytes for {contents} contents");
    }
}

#[test]
fn where_nothing_is_there_is_no_file() {
    let atlas = atlas(lattice().snapshot());
    let folder = tempfile::tempdir().unwrap();
    let error = baked(&atlas, "facilities", 0..=14, &folder.path().join("none.pmtiles")).unwrap_err();
    assert!(matches!(error, BakeError::Nothing { first: 0, last: 14 }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_says_of_itself_what_the_tilejson_says_cut_to_its_zooms() {
    let atlas = furnished();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.pmtiles");
    baked(&atlas, ALL, 9..=12, &path).unwrap();
    let tilesets = Tilesets::embedded().unwrap();
    let live = tilesets.select(ALL).unwrap().tilejson(&atlas, &Principal::open(), "http://x");
    let archives = Archives::open(&[("some".to_owned(), path.clone())], std::iter::empty()).await.unwrap();
    let said = archives.get("some").unwrap().tilejson("some", "http://x");
    assert_eq!((&said["minzoom"], &said["maxzoom"]), (&9.into(), &12.into()));
    for side in 0..4 {
        let [a, b] = [&said, &live].map(|json| json["bounds"][side].as_f64().unwrap());
        assert!((a - b).abs() < 1e-6, "{a} and {b}");
    }
    assert_eq!(said["description"], live["description"]);
    let layers = |json: &serde_json::Value| json["vector_layers"].as_array().unwrap().clone();
    for layer in layers(&said) {
        let whole = layers(&live).into_iter().find(|other| other["id"] == layer["id"]).unwrap();
        assert_eq!(layer["fields"], whole["fields"]);
        assert!(layer["minzoom"].as_u64() >= Some(9) && layer["maxzoom"].as_u64() <= Some(12), "{layer}");
    }
    let ids: Vec<_> = layers(&said).iter().map(|layer| layer["id"].as_str().unwrap().to_owned()).collect();
    assert!(ids.contains(&"facilities".to_owned()), "{ids:?}");
    assert!(!ids.contains(&"buildings".to_owned()), "buildings begin at zoom 13: {ids:?}");
}

#[test]
fn gdal_reads_the_layers_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lattice.mbtiles");
    baked(&atlas(lattice().snapshot()), "grids", 11..=11, &path).unwrap();
    let dataset = gdal::Dataset::open(&path).unwrap();
    assert_eq!(dataset.driver().short_name(), "MBTiles");
    let names: Vec<_> = dataset.layers().map(|layer| gdal::vector::LayerAccess::name(&layer)).collect();
    assert!(names.contains(&"grid_5".to_owned()) && names.contains(&"grid_label".to_owned()), "{names:?}");
    let mut labels = dataset.layer_by_name("grid_label").unwrap();
    use gdal::vector::LayerAccess;
    let labelled = labels.features().count();
    assert!(labelled >= 144, "each of the 144 leaves is labelled, {labelled} labels");
}
