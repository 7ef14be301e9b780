//! A grid goes, and the far side of its neighbour is drawn with other vertices: the border between junctions, which is simplified as one
//! line, is another line now. Tiles that the grid itself never reached are marked, too.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::access::Principal;
use crate::atlas::fixture::{id, noon};
use crate::atlas::{Atlas, Envelope, TILE_REACH};
use crate::geom::{TileId, TileRange};
use crate::model::{Code, County, Delta, Grid, GridId, GridVersion, Level, LevelName, LevelScheme, Snapshot};
use crate::tiles::Tilesets;

/// Edges of a side, and how long each is, in degrees.
const EDGES: i32 = 600;
const STEP: f64 = 5e-5;

/// A square whose sides are a little rough, the rougher the higher the seed, so that not all of their vertices are drawn; neighbours have
/// the same vertices.
fn rough_square(column: i32, seed: i32) -> MultiPolygon<f64> {
    let off = |x: i32, y: i32| {
        f64::from((x * 37 + y * 101 + seed * 53).rem_euclid(23)) * f64::from(seed + 1) * 3e-7
    };
    let at = |x: i32, y: i32| Coord {
        x: 100.0 + f64::from(x) * STEP + off(x, y),
        y: 25.0 + f64::from(y) * STEP + off(y, x),
    };
    let (west, east) = (column * EDGES, (column + 1) * EDGES);
    let mut ring: Vec<Coord<f64>> = (west..east).map(|x| at(x, 0)).collect();
    ring.extend((0..EDGES).map(|y| at(east, y)));
    ring.extend((west..east).rev().map(|x| at(x + 1, EDGES)));
    ring.extend((0..EDGES).rev().map(|y| at(west, y + 1)));
    MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())])
}

fn version(column: i32, seed: i32) -> GridVersion {
    let code = Code::parse(&format!("53000{column}")).unwrap();
    GridVersion::lasting(
        1 + column as u64,
        Grid {
            id: grid_id(column),
            county: County::of(&code),
            code,
            scheme: "test".into(),
            level: Level::new(1).unwrap(),
            parent: None,
            kind: None,
            name: String::new(),
            households: None,
            invented: true,
            geometry: rough_square(column, seed),
        },
    )
}

fn grid_id(column: i32) -> GridId {
    GridId(id(1 + column as u128))
}

fn two_neighbours(seed: i32) -> Atlas {
    let level = Level::new(1).unwrap();
    let (name, name_en) = (String::new(), String::new());
    let grids = vec![version(0, seed), version(1, seed)];
    let levels = LevelScheme { levels: vec![LevelName { level, name, name_en, min_zoom: 0, max_zoom: 22 }] };
    Atlas::build(Snapshot { at: noon(), grids, levels, ..Snapshot::default() }).unwrap()
}

/// Tiles that an envelope does not reach.
fn tiles_apart_from(all: &Envelope, apart: &Envelope) -> Vec<TileId> {
    let [low, high] = [all.min, all.max].map(|[x, y]| Coord { x, y });
    let tiles = (12..16)
        .flat_map(|z| TileRange::covering(geo::Rect::new(low, high), z).unwrap().tiles().collect::<Vec<_>>());
    let reaches = |tile: &TileId| {
        let rect = tile.envelope_with(TILE_REACH);
        apart.meets(&Envelope { min: [rect.min().x, rect.min().y], max: [rect.max().x, rect.max().y] })
    };
    tiles.filter(|tile| !reaches(tile)).collect()
}

#[test]
fn where_a_border_is_simplified_anew_far_from_an_edit_the_tiles_are_marked() {
    let tilesets = Tilesets::embedded().unwrap();
    let grids = tilesets.select("grids").unwrap();
    let render = |atlas: &Atlas, tile| grids.render(atlas, &Principal::open(), tile).unwrap();
    let mut changed = 0;
    for seed in 0..12 {
        let before = two_neighbours(seed);
        let envelope = |column| before.grids().envelope(before.grids().find_id(grid_id(column)).unwrap());
        let tiles = tiles_apart_from(envelope(0), envelope(1));
        let drawn: Vec<_> = tiles.iter().map(|tile| render(&before, *tile)).collect();
        let gone =
            Delta { revision: 1, at: noon(), grids: vec![(grid_id(1), Vec::new())], ..Delta::default() };
        let after = before.apply(gone).unwrap();
        for (tile, drawn) in tiles.into_iter().zip(drawn) {
            let is_marked = grids.edition(&after, tile) != grids.edition(&before, tile);
            let has_changed = render(&after, tile) != drawn;
            assert!(is_marked || !has_changed, "{tile} with seed {seed} changed, and nobody was told");
            changed += u32::from(has_changed);
        }
    }
    assert!(changed > 0, "nothing was drawn anew: the test shows nothing");
}
