//! How long does a lookup take, and how much of it is the rest of the answer? One thread, fixed points.
//!
//! Beside the atlas stands what one would write with the same crates in an afternoon: an R-tree of envelopes and
//! `geo::Intersects` on the candidates.

#[path = "support/lattice.rs"]
mod lattice;

use std::hint::black_box;

use chrono::Utc;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use geo::{Intersects, MultiPolygon, Point};
use gewu::access::Principal;
use gewu::atlas::{Atlas, Cover};
use gewu::model::LonLat;
use gewu::resolve::{Question, resolve};
use lattice::{Lattice, hash};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

const POINTS: u64 = 10_000;

/// Points all over the lattice, in an order without a pattern.
fn points() -> Vec<LonLat> {
    let share = |seed: u64, axis: u64| (hash(&[seed, axis]) >> 11) as f64 / (1_u64 << 53) as f64;
    let point = |seed| LonLat::new(99.05 + 1.9 * share(seed, 0), 25.05 + 1.9 * share(seed, 1));
    (0..POINTS).map(|seed| point(seed).expect("the lattice lies on the earth")).collect()
}

fn plain_tree(atlas: &Atlas) -> RTree<GeomWithData<Rectangle<[f64; 2]>, MultiPolygon<f64>>> {
    let grids = atlas.grids();
    let boxed = |grid| {
        let envelope = grids.envelope(grid);
        GeomWithData::new(Rectangle::from_corners(envelope.min, envelope.max), grids.geometry(grid))
    };
    RTree::bulk_load(grids.all().filter(|grid| grids.is_leaf(*grid)).map(boxed).collect())
}

fn lookups(c: &mut Criterion) {
    let atlas = Atlas::build(Lattice::reference().snapshot()).expect("a lattice is a sound region");
    let tree = plain_tree(&atlas);
    let points = points();
    let who = Principal::open();
    let mut group = c.benchmark_group("resolve");
    group.throughput(Throughput::Elements(1));

    let mut next = points.iter().cycle();
    group.bench_function("leaf: rstar and geo::Intersects", |b| {
        b.iter(|| {
            let point = next.next().expect("a cycle has no end");
            let at = Point::new(point.lon(), point.lat());
            black_box(
                tree.locate_all_at_point([at.x(), at.y()]).find(|leaf| leaf.data.intersects(&at)).is_some(),
            )
        });
    });

    let mut next = points.iter().cycle();
    group.bench_function("leaf: atlas", |b| {
        b.iter(|| black_box(atlas.cover(*next.next().expect("a cycle has no end"))));
    });

    let mut next = points.iter().cycle();
    group.bench_function("leaf and chain: atlas", |b| {
        b.iter(|| {
            let cover = atlas.cover(*next.next().expect("a cycle has no end"));
            if let Cover::Inside(grid) | Cover::Border(grid) | Cover::ParentOnly(grid) = cover {
                atlas.grids().upwards(grid).for_each(|above| {
                    black_box(above);
                });
            }
        });
    });

    let mut next = points.iter().cycle();
    let at = Utc::now();
    group.bench_function("whole answer: chain, border, duty", |b| {
        b.iter(|| {
            let point = *next.next().expect("a cycle has no end");
            black_box(resolve(&atlas, &who, &Question { point, accuracy_m: 0.0, at, roles: Vec::new() }))
        });
    });
    group.finish();
}

criterion_group!(benches, lookups);
criterion_main!(benches);
