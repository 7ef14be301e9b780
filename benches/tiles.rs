//! How long does a tile take from the atlas, without a cache, by zoom?
//!
//! The region is a lattice of 30,276 leaves of 64 vertices, two degrees square, with the levels of a prefecture. Each
//! sample renders the next tile of a fixed, shuffled order, so that no tile is helped by the one before it.
//!
//! `tiles/all`: every level and the labels, as the map asks for them. `tiles/leaves`: the deepest level alone, at every zoom, as a
//! server that asks a table serves it. `tiles/encoder`: bytes alone, beside the `mvt` crate.

#[path = "support/lattice.rs"]
mod lattice;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{Coord, Rect};
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::{TileId, TileRange};
use gewu::tiles::{Selection, Tilesets};
use lattice::{Lattice, hash};

/// The deepest level alone.
const LEAVES: &str = r#"
name = "leaves"
title = "leaves"
max_zoom = 16
[[layer]]
id = "grid"
source = "grids"
description = "leaves"
min_zoom = 0
[layer.fields]
code = ""
name = ""
level = ""
kind = ""
households = ""
"#;

/// The tiles of a zoom inside the region, in a fixed order without a pattern.
fn shuffled(z: u8) -> Vec<TileId> {
    let inside = Rect::new(Coord { x: 99.05, y: 25.05 }, Coord { x: 100.95, y: 26.95 });
    let range = TileRange::covering(inside, z).expect("the zooms of the benchmark exist");
    let mut tiles: Vec<_> = range.tiles().collect();
    tiles.sort_by_key(|tile| hash(&[u64::from(tile.x()), u64::from(tile.y())]));
    tiles
}

fn measure(c: &mut Criterion, name: &str, atlas: &Atlas, selection: &Selection) {
    let who = Principal::open();
    let mut group = c.benchmark_group(format!("tiles/{name}"));
    group.throughput(Throughput::Elements(1));
    for z in 5..=15 {
        let tiles = shuffled(z);
        let sizes = tiles.iter().take(500).map(|t| selection.render(atlas, &who, *t).map_or(0, |b| b.len()));
        let (count, bytes) = sizes.fold((0, 0), |(count, bytes), size| (count + 1, bytes + size));
        eprintln!("z{z}: {} tiles, {} bytes a tile on average of {count}", tiles.len(), bytes / count.max(1));
        let mut next = tiles.iter().cycle();
        group.bench_function(format!("z{z}"), |b| {
            b.iter(|| next.next().map(|tile| black_box(selection.render(atlas, &who, *tile))));
        });
    }
    group.finish();
}

fn all(c: &mut Criterion) {
    let atlas = Atlas::build(Lattice::reference().snapshot()).expect("a lattice is a sound region");
    atlas.prepare_borders();
    let tilesets = Tilesets::embedded().expect("the embedded catalogue is sound");
    measure(c, "all", &atlas, &tilesets.select("grids").expect("grids is a tileset"));
}

fn leaves(c: &mut Criterion) {
    let mut lattice = Lattice::reference();
    lattice.levels.iter_mut().for_each(|(level, _, min, max)| {
        (*min, *max) = if *level == 6 { (0, 22) } else { (22, 22) };
    });
    let atlas = Atlas::build(lattice.snapshot()).expect("a lattice is a sound region");
    atlas.prepare_borders();
    let tilesets = Tilesets::parse([LEAVES]).expect("the catalogue above is sound");
    measure(c, "leaves", &atlas, &tilesets.select("leaves").expect("leaves is a tileset"));
}

criterion_group!(benches, all, leaves);
criterion_main!(benches);
