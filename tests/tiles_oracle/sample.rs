//! Some 2,000 tiles of the sample region, rendered and decoded once for all tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use geo::{BoundingRect, Coord, Rect};
use gewu::atlas::{Atlas, GridIndex};
use gewu::geom::{TileId, TileRange};
use gewu::model::Building;
use mvt_reader::Reader;
use mvt_reader::feature::Feature;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use tokio::sync::OnceCell;

use crate::common::TestDatabase;
use crate::region::render;

/// The layers of a tile by name, as `mvt-reader` reads them.
pub(crate) type Layers = BTreeMap<String, Vec<Feature<i32>>>;

/// A tile of a tileset.
pub(crate) struct Sampled {
    pub(crate) tileset: &'static str,
    pub(crate) tile: TileId,
    pub(crate) bytes: Vec<u8>,
    pub(crate) layers: Layers,
}

/// The atlas of the sample region and its sampled tiles.
pub(crate) struct World {
    pub(crate) atlas: Atlas,
    pub(crate) tiles: Vec<Sampled>,
}

impl World {
    /// The sampled tiles of one tileset.
    pub(crate) fn of(&self, tileset: &str) -> impl Iterator<Item = &Sampled> {
        self.tiles.iter().filter(move |sampled| sampled.tileset == tileset)
    }
}

/// Made by the first test that asks.
pub(crate) async fn world(database: &TestDatabase) -> Arc<World> {
    static WORLD: OnceCell<Arc<World>> = OnceCell::const_new();
    let make = || async {
        let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
        let tiles = choose(&atlas);
        let sampled = |&(tileset, tile): &(&'static str, TileId)| {
            let bytes = render(&atlas, tileset, tile);
            let layers = decode(bytes.clone());
            Sampled { tileset, tile, bytes, layers }
        };
        let tiles = tiles.par_iter().map(sampled).collect();
        Arc::new(World { atlas, tiles })
    };
    WORLD.get_or_init(make).await.clone()
}

/// Reads a tile with a published decoder.
pub(crate) fn decode(tile: Vec<u8>) -> Layers {
    let reader = Reader::new(tile).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    layers.into_iter().map(|l| (l.name, reader.get_features_as(l.layer_index).unwrap())).collect()
}

/// The same tiles at each run: per tileset and zoom a dozen or more, of the grids 380 where there are as many; a third of them on the rim of the region, the rest
/// on vertices of grids and where buildings stand.
fn choose(atlas: &Atlas) -> Vec<(&'static str, TileId)> {
    let mut random = ChaCha8Rng::seed_from_u64(5_329);
    let places = Places::of(atlas);
    let mut chosen = Vec::new();
    for (tileset, zooms, count) in
        [("grids", 4..=16, 380), ("buildings", 13..=16, 20), ("facilities", 10..=16, 12)]
    {
        for z in zooms {
            let mut tiles = BTreeSet::new();
            for attempt in 0..3_000 {
                if tiles.len() < count {
                    tiles.insert(tile_at(places.choose(&mut random, attempt), z));
                }
            }
            chosen.extend(tiles.into_iter().map(|tile| (tileset, tile)));
        }
    }
    chosen
}

/// Where tiles are looked for: made once, since there are thousands of attempts.
struct Places<'a> {
    atlas: &'a Atlas,
    grids: Vec<GridIndex>,
    rim: Vec<Coord<f64>>,
    buildings: Vec<&'a Building>,
}

impl<'a> Places<'a> {
    fn of(atlas: &'a Atlas) -> Self {
        let grids: Vec<_> = atlas.grids().all().collect();
        let mut buildings: Vec<_> = atlas.resources().buildings().collect();
        buildings.sort_unstable_by_key(|building| building.id);
        Self { atlas, rim: vertices(atlas, grids[0]), grids, buildings }
    }

    fn choose(&self, random: &mut ChaCha8Rng, attempt: usize) -> Coord<f64> {
        match attempt % 3 {
            0 => *self.rim.choose(random).unwrap(),
            1 => {
                let number = ChaCha8Rng::seed_from_u64(attempt as u64).random_range(0..self.grids.len());
                *vertices(self.atlas, self.grids[number]).choose(random).unwrap()
            }
            _ => self.buildings.choose(random).unwrap().footprint.bounding_rect().unwrap().center(),
        }
    }
}

fn vertices(atlas: &Atlas, grid: GridIndex) -> Vec<Coord<f64>> {
    atlas.grids().geometry(grid).0[0].exterior().0.clone()
}

fn tile_at(place: Coord<f64>, z: u8) -> TileId {
    TileRange::covering(Rect::new(place, place), z).unwrap().tiles().next().unwrap()
}
