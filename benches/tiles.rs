//! How long does a tile take from the atlas, without a cache, by zoom?
//!
//! The region is a lattice of 30,276 leaves of 64 vertices, two degrees square, with the levels of a prefecture. Each
//! sample renders the next tile of a fixed, shuffled order, so that no tile is helped by the one before it.
//!
//! `tiles/all`: every level and the labels, as the map asks for them. `tiles/leaves`: the deepest level alone, at every zoom, as a
//! server that asks a table serves it. `tiles/mvt_crate`: what the general encoder takes to write the same leaves, once they are selected, projected,
//! clipped and wound; the tile made by us holds all of that.
//!
//! With `GEWU_BENCH_MILLION=1`: a million leaves, and the tile of the whole world.

#[path = "support/lattice.rs"]
mod lattice;

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{Coord, Geometry, Rect};
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::geom::{TileId, TileRange};
use gewu::tiles::{Selection, Tilesets};
use lattice::{Lattice, hash};
use mvt::{GeomEncoder, GeomType};
use mvt_reader::Reader;
use mvt_reader::feature::{Feature, Value};

/// That of the program: another one may look through all that the building of an atlas gave back when it is first asked for more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    atlas.grids().prepare();
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
    let selection = tilesets.select("leaves").expect("leaves is a tileset");
    measure(c, "leaves", &atlas, &selection);
    let who = Principal::open();
    let tiles: Vec<_> = shuffled(11)
        .into_iter()
        .map(|tile| features(selection.render(&atlas, &who, tile).expect("a tile of a lattice can be made")))
        .collect();
    let mut next = tiles.iter().cycle();
    c.bench_function("tiles/mvt_crate/z11", |b| {
        b.iter(|| next.next().map(|tile| black_box(by_the_crate(tile))))
    });
}

/// The features of the first layer of a tile.
fn features(tile: Vec<u8>) -> Vec<Feature<i32>> {
    let reader = Reader::new(tile).expect("the tile was made by us");
    reader.get_features_as(0).expect("the tile has a layer")
}

/// Writes features with the `mvt` crate.
fn by_the_crate(features: &[Feature<i32>]) -> Vec<u8> {
    let mut tile = mvt::Tile::new(4096);
    let mut layer = tile.create_layer("grid_6");
    for feature in features {
        let Geometry::MultiPolygon(polygons) = &feature.geometry else { continue };
        let mut encoder = GeomEncoder::new(GeomType::Polygon);
        for ring in polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())) {
            ring.0[1..].iter().for_each(|c| encoder.add_point(c.x, c.y).expect("a vertex"));
            encoder.complete_geom().expect("a ring");
        }
        let mut written = layer.into_feature(encoder.encode().expect("a polygon"));
        written.set_id(feature.id.unwrap_or_default());
        for (key, value) in feature.properties.iter().flatten() {
            match value {
                Value::String(text) => written.add_tag_string(key, text),
                Value::UInt(number) => written.add_tag_uint(key, *number),
                other => panic!("{other:?} is no attribute of a leaf"),
            }
        }
        layer = written.into_layer();
    }
    tile.add_layer(layer).expect("a layer");
    tile.to_bytes().expect("bytes")
}

/// A million leaves: the tile of the whole world, first and afterwards, and what it takes to have all borders ready.
fn million(c: &mut Criterion) {
    if std::env::var_os("GEWU_BENCH_MILLION").is_none() {
        return;
    }
    let began = Instant::now();
    let atlas = Atlas::build(Lattice::sized(1_000).snapshot()).expect("a lattice is a sound region");
    eprintln!("built in {:?}", began.elapsed());
    // All levels, without labels: these take a minute to be ready.
    let tilesets = Tilesets::parse([LEAVES]).expect("the catalogue above is sound");
    let selection = tilesets.select("leaves").expect("leaves is a tileset");
    let who = Principal::open();
    let world = TileId::new(0, 0, 0).expect("the whole world is a tile");
    let took = |what: &str, tile: TileId| {
        let began = Instant::now();
        let bytes = selection.render(&atlas, &who, tile).map_or(0, |bytes| bytes.len());
        eprintln!("{what}: {tile} in {:?}, {bytes} bytes", began.elapsed());
    };
    took("first", world);
    took("again", world);
    for z in 1..=15 {
        let tile = shuffled(z)[0];
        took("first", tile);
        took("again", tile);
    }
    let began = Instant::now();
    atlas.prepare_borders();
    eprintln!("all borders ready in {:?}, {} bytes kept", began.elapsed(), atlas.drawing_bytes());
    for z in [5, 8, 11, 13, 15] {
        let tiles = shuffled(z);
        let mut next = tiles.iter().cycle();
        c.bench_function(&format!("tiles/million/z{z}"), |b| {
            b.iter(|| next.next().map(|tile| black_box(selection.render(&atlas, &who, *tile))));
        });
    }
}

criterion_group!(benches, all, leaves, million);
criterion_main!(benches);
