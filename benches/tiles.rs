//! How long does a tile take from the atlas, without a cache, by zoom?
//!
//! The region is a lattice of 30,276 leaves of 64 vertices, two degrees square, with the levels of a prefecture. Each
//! sample renders the next tile of a fixed, shuffled order, so that no tile is helped by the one before it.

#[path = "support/lattice.rs"]
mod lattice;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{Coord, Rect};
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::{TileId, TileRange};
use gewu::tiles::Tilesets;
use lattice::{Lattice, hash};

/// The tiles of a zoom inside the region, in a fixed order without a pattern.
fn shuffled(z: u8) -> Vec<TileId> {
    let inside = Rect::new(Coord { x: 99.05, y: 25.05 }, Coord { x: 100.95, y: 26.95 });
    let range = TileRange::covering(inside, z).expect("the zooms of the benchmark exist");
    let mut tiles: Vec<_> = range.tiles().collect();
    tiles.sort_by_key(|tile| hash(&[u64::from(tile.x()), u64::from(tile.y())]));
    tiles
}

fn grids(c: &mut Criterion) {
    let atlas = Atlas::build(Lattice::reference().snapshot()).expect("a lattice is a sound region");
    let tilesets = Tilesets::embedded().expect("the embedded catalogue is sound");
    let selection = tilesets.select("grids").expect("grids is a tileset");
    let who = Principal::open();
    let mut group = c.benchmark_group("tiles/grids");
    group.throughput(Throughput::Elements(1));
    for z in [8, 11, 13, 15] {
        let tiles = shuffled(z);
        let sizes = tiles.iter().take(500).map(|t| selection.render(&atlas, &who, *t).map_or(0, |b| b.len()));
        let (count, bytes) = sizes.fold((0, 0), |(count, bytes), size| (count + 1, bytes + size));
        eprintln!("z{z}: {} tiles, {} bytes a tile on average of {count}", tiles.len(), bytes / count.max(1));
        let mut next = tiles.iter().cycle();
        group.bench_function(format!("z{z}"), |b| {
            b.iter(|| next.next().map(|tile| black_box(selection.render(&atlas, &who, *tile))));
        });
    }
    group.finish();
}

criterion_group!(benches, grids);
criterion_main!(benches);
