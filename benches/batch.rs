//! How many rows a second go through a batch? A million points all over the lattice, default fields, on all cores, from
//! memory to memory: what HTTP adds is not in it.

#[path = "support/lattice.rs"]
mod lattice;

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use arrow_array::{Float64Array, RecordBatch, UInt32Array};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use chrono::Utc;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gewu::access::Principal;
use gewu::atlas::Atlas;
use gewu::batch::{Fields, Format, Plan, run};
use gewu::geom::Crs;
use gewu::model::LonLat;
use lattice::{Lattice, hash};

const ROWS: u64 = 1_000_000;

/// Places all over the lattice, in an order without a pattern, with as many digits as devices send.
fn places() -> impl Iterator<Item = (f64, f64)> {
    let share = |seed: u64, axis: u64| (hash(&[seed, axis]) >> 11) as f64 / (1_u64 << 53) as f64;
    let degrees = |from: f64, share: f64| ((from + 1.9 * share) * 1e7).round() / 1e7;
    (0..ROWS).map(move |seed| (degrees(99.05, share(seed, 0)), degrees(25.05, share(seed, 1))))
}

fn csv() -> Vec<u8> {
    let rows = places().enumerate().map(|(id, (lon, lat))| format!("{id},{lon},{lat}\n"));
    format!("id,lon,lat\n{}", rows.collect::<String>()).into_bytes()
}

fn ndjson() -> Vec<u8> {
    let rows = places().enumerate();
    rows.map(|(id, (lon, lat))| format!("{{\"id\":{id},\"lon\":{lon},\"lat\":{lat}}}\n"))
        .collect::<String>()
        .into()
}

fn arrow() -> Vec<u8> {
    let field = |name, kind| Field::new(name, kind, false);
    let schema = Schema::new(vec![
        field("id", DataType::UInt32),
        field("lon", DataType::Float64),
        field("lat", DataType::Float64),
    ]);
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).expect("a schema can be written");
    let places: Vec<_> = places().collect();
    for (chunk, places) in places.chunks(65_536).enumerate() {
        let ids =
            UInt32Array::from_iter_values((0..places.len() as u32).map(|id| id + 65_536 * chunk as u32));
        let lon = Float64Array::from_iter_values(places.iter().map(|place| place.0));
        let lat = Float64Array::from_iter_values(places.iter().map(|place| place.1));
        let batch =
            RecordBatch::try_new(Arc::new(schema.clone()), vec![Arc::new(ids), Arc::new(lon), Arc::new(lat)]);
        writer.write(&batch.expect("three columns of one length")).expect("memory can be written");
    }
    writer.into_inner().expect("memory can be written")
}

fn batches(c: &mut Criterion) {
    measure(c, "batch", &Lattice::reference());
    // Plain squares: what is left when lookups cost next to nothing.
    measure(c, "batch over squares", &Lattice { detail: 0, ..Lattice::reference() });
}

fn measure(c: &mut Criterion, name: &str, lattice: &Lattice) {
    let atlas = Arc::new(Atlas::build(lattice.snapshot()).expect("a lattice is a sound region"));
    let plan = Plan {
        crs: Crs::Wgs84,
        fields: Fields::DEFAULT,
        at: Utc::now(),
        roles: Vec::new(),
        who: Principal::open(),
    };
    let mut group = c.benchmark_group(name);
    group.sample_size(10).throughput(Throughput::Elements(ROWS));

    let points: Vec<_> = places().map(|(lon, lat)| LonLat::new(lon, lat).expect("on the earth")).collect();
    group.bench_function("the lookups alone, one core", |b| {
        b.iter(|| points.iter().for_each(|point| _ = black_box(atlas.cover(*point))));
    });
    for (name, format, body) in
        [("CSV", Format::Csv, csv()), ("NDJSON", Format::Ndjson, ndjson()), ("Arrow", Format::Arrow, arrow())]
    {
        group.bench_function(name, |b| {
            b.iter(|| {
                run(Arc::clone(&atlas), plan.clone(), [format, format], body.as_slice(), io::sink())
                    .expect("memory can be read, and nothing is written")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, batches);
criterion_main!(benches);
