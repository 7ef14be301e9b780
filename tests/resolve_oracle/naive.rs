//! A million points against a scan of everything: no index, no PostGIS, no geometry of Gewu's own.

use geo::{Coord, LineString, MultiPolygon};
use gewu::atlas::{Atlas, Envelope};
use gewu::model::LonLat;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use robust::orient2d;

use crate::points::{anywhere, mixed, wider};
use crate::postgis::{Verdict, verdict};
use crate::rough::region;

const POINTS: usize = 1_000_000;

/// A grid as the scan sees it.
struct Shape<'a> {
    envelope: Envelope,
    geometry: MultiPolygon<f64>,
    code: &'a str,
    level: u8,
    leaf: bool,
}

/// What the ray from a point to the east says of a ring: on it, or how often it is crossed (Shimrat 1962, with Shewchuk's
/// orientation, so that nothing is rounded).
fn crossings(ring: &LineString<f64>, at: Coord<f64>) -> Option<usize> {
    let mut count = 0;
    for edge in ring.0.windows(2) {
        let (low, high) = if edge[0].y <= edge[1].y { (edge[0], edge[1]) } else { (edge[1], edge[0]) };
        if at.y < low.y || at.y > high.y {
            continue;
        }
        let exact = |c: Coord<f64>| robust::Coord { x: c.x, y: c.y };
        let side = orient2d(exact(low), exact(high), exact(at));
        let beside = at.x >= low.x.min(high.x) && at.x <= low.x.max(high.x);
        if side == 0.0 && beside {
            return None;
        }
        // Half-open in y, so that a vertex is crossed once; the edge lies to the east when the point is left of it.
        count += usize::from(at.y < high.y && side > 0.0);
    }
    Some(count)
}

/// Is a point on an edge (`Some(false)`), strictly inside (`Some(true)`), or neither?
fn inside(geometry: &MultiPolygon<f64>, at: Coord<f64>) -> Option<bool> {
    let mut within = false;
    for polygon in geometry {
        let mut count = 0;
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            match crossings(ring, at) {
                None => return Some(false),
                Some(more) => count += more,
            }
        }
        within |= count % 2 == 1;
    }
    within.then_some(true)
}

/// The leaf of the lowest code, else the deepest grid.
fn scan(shapes: &[Shape], point: LonLat) -> Verdict {
    let at = Coord { x: point.lon(), y: point.lat() };
    let near = |shape: &&Shape| {
        let Envelope { min, max } = shape.envelope;
        at.x >= min[0] && at.x <= max[0] && at.y >= min[1] && at.y <= max[1]
    };
    let found = shapes.iter().filter(near).filter_map(|s| Some((s, inside(&s.geometry, at)?)));
    let first =
        found.min_by_key(|(s, _)| (!s.leaf, std::cmp::Reverse(if s.leaf { 0 } else { s.level }), s.code))?;
    let (shape, inside) = first;
    Some((shape.code.to_owned(), shape.leaf, inside || !shape.leaf))
}

fn shapes(atlas: &Atlas) -> Vec<Shape<'_>> {
    let grids = atlas.grids();
    let shape = |grid| {
        let geometry = grids.geometry(grid);
        Shape {
            envelope: Envelope::of(&geometry).unwrap(),
            geometry,
            code: grids.code(grid).as_str(),
            level: grids.level(grid).number(),
            leaf: grids.is_leaf(grid),
        }
    };
    grids.all().map(shape).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_points_lie_where_a_scan_of_every_grid_finds_them() {
    let region = region().await;
    let atlas = &region.atlas;
    let shapes = shapes(atlas);
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let bounds = wider(atlas.grids().bounds().unwrap(), 0.01);
    let mut points = mixed(atlas, POINTS / 10, 6);
    points.extend((points.len()..POINTS).map(|_| anywhere(&bounds, &mut random)));
    let differences: Vec<_> = points
        .par_iter()
        .filter_map(|point| {
            let (found, oracle) = (verdict(atlas, *point), scan(&shapes, *point));
            (found != oracle).then_some((point, found, oracle))
        })
        .collect();
    assert!(differences.is_empty(), "{} differences, the first: {:?}", differences.len(), differences[0]);
}
