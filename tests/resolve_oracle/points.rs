//! Points to ask for: anywhere, and where it is hard to say.

use geo::{Coord, LineString};
use gewu::atlas::{Atlas, Envelope};
use gewu::model::LonLat;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Two thirds anywhere in the bounds and a rim around them, a third on vertices, edge midpoints and within 1e-9 degrees of an
/// edge; of leaves of any shape, parts and holes alike.
pub(crate) fn mixed(atlas: &Atlas, count: usize, seed: u64) -> Vec<LonLat> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let rings = rings(atlas);
    let bounds = wider(atlas.grids().bounds().unwrap(), 0.01);
    let point = |number: usize| match number % 3 {
        0 => hard(&rings, &mut random),
        _ => anywhere(&bounds, &mut random),
    };
    (0..count).map(point).collect()
}

/// Anywhere in an envelope.
pub(crate) fn anywhere(bounds: &Envelope, random: &mut ChaCha8Rng) -> LonLat {
    let mut within = |axis: usize| random.random_range(bounds.min[axis]..bounds.max[axis]);
    LonLat::new(within(0), within(1)).unwrap()
}

/// An envelope with a rim, a share of its size.
pub(crate) fn wider(bounds: Envelope, share: f64) -> Envelope {
    let rim = [0, 1].map(|axis| share * (bounds.max[axis] - bounds.min[axis]));
    Envelope {
        min: [bounds.min[0] - rim[0], bounds.min[1] - rim[1]],
        max: [bounds.max[0] + rim[0], bounds.max[1] + rim[1]],
    }
}

fn rings(atlas: &Atlas) -> Vec<LineString<f64>> {
    let grids = atlas.grids();
    let leaves = grids.all().filter(|grid| grids.is_leaf(*grid));
    let polygons = leaves.flat_map(|grid| grids.geometry(grid).0).map(geo::Polygon::into_inner);
    polygons.flat_map(|(exterior, interiors)| std::iter::once(exterior).chain(interiors)).collect()
}

fn hard(rings: &[LineString<f64>], random: &mut ChaCha8Rng) -> LonLat {
    let ring = &rings[random.random_range(0..rings.len())].0;
    let edge = random.random_range(0..ring.len() - 1);
    let (a, b) = (ring[edge], ring[edge + 1]);
    let t = random.random_range(0.0..1.0);
    let mut nudge = || random.random_range(-1e-9..1e-9);
    let at = match edge % 3 {
        0 => a,
        1 => (a + b) / 2.0,
        _ => a + (b - a) * t + Coord { x: nudge(), y: nudge() },
    };
    LonLat::new(at.x, at.y).unwrap()
}
