//! Whatever bytes come as a geometry are read or refused; what is read is no more than the bytes can hold, and the same in the other order of bytes.

#![no_main]

#[allow(dead_code, reason = "the reader has more than this asks")]
#[path = "../../src/geom/wkb.rs"]
mod wkb;

use geo::Coord;
use libfuzzer_sys::fuzz_target;
use wkb::{RawGeometry, read_wkb};

/// A collection of everything, in big-endian order with heights.
fn written(read: &RawGeometry) -> Vec<u8> {
    let head = |kind: u32| [vec![0], (1000 + kind).to_be_bytes().to_vec()].concat();
    let count = |number: usize| (number as u32).to_be_bytes();
    let vertex = |at: &Coord<f64>| [at.x, at.y, 7.0].map(f64::to_be_bytes).concat();
    let line = |line: &Vec<Coord<f64>>| {
        [&count(line.len())[..], &line.iter().flat_map(vertex).collect::<Vec<_>>()].concat()
    };
    let all = read.polygons.len() + read.lines.len() + read.points.len();
    let mut bytes = [head(7), count(all).to_vec()].concat();
    for rings in &read.polygons {
        bytes.extend([head(3), count(rings.len()).to_vec()].concat());
        bytes.extend(rings.iter().flat_map(line));
    }
    read.lines.iter().for_each(|vertices| bytes.extend([head(2), line(vertices)].concat()));
    read.points.iter().for_each(|at| bytes.extend([head(1), vertex(at)].concat()));
    bytes
}

fn bits(read: &RawGeometry) -> Vec<[u64; 2]> {
    read.vertices().map(|at| [at.x.to_bits(), at.y.to_bits()]).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Some(mut read) = read_wkb(bytes) else { return };
    assert!(read.vertices().count() * 16 <= bytes.len());
    let again = read_wkb(&written(&read)).expect("what was read can be written");
    assert_eq!(again.is_empty(), read.is_empty());
    assert_eq!(bits(&again), bits(&read));
    assert_eq!(read.vertices_mut().count(), bits(&again).len());
});
