//! The given boundaries, cut into pieces short enough for the mesh: the same pieces for both neighbours.

use std::collections::BTreeMap;

use geo::{Coord, MultiPolygon, Polygon, Validation};

use super::density::Density;
use super::error::SynthError;
use super::plane::{between, bits, ordered};

/// A vertex of a boundary as the mesh sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct BorderPoint {
    /// Where, in degrees.
    pub(super) at: Coord<f64>,
    /// A vertex of the boundary as given; the others only serve the mesh and leave no trace.
    pub(super) given: bool,
}

/// A closed ring without its repeated end, the polygon's inside to the left.
#[derive(Debug, Clone)]
pub(super) struct BorderRing {
    /// Its vertices in order.
    pub(super) points: Vec<BorderPoint>,
}

/// One polygon of a boundary: outer ring first.
pub(super) type BorderPart = Vec<BorderRing>;

/// Cuts the boundaries of neighbours, given with the density in each, into pieces.
///
/// Neighbours must share their vertices bit for bit; then they share the pieces too. The parts of each
/// boundary come back largest first.
pub(super) fn cut_borders(
    areas: &[(&str, &MultiPolygon<f64>)],
    densities: &[Density],
) -> Result<Vec<Vec<BorderPart>>, SynthError> {
    for (name, area) in areas {
        area.check_validation().map_err(|error| SynthError::Boundary {
            name: (*name).to_owned(),
            why: format!("it is not valid: {error}"),
        })?;
    }
    let mut users: BTreeMap<[[u64; 2]; 2], Vec<usize>> = BTreeMap::new();
    for (user, (_, area)) in areas.iter().enumerate() {
        for ring in area.iter().flat_map(oriented_rings) {
            for (a, b) in edges(&ring) {
                users.entry(edge_key(a, b)).or_default().push(user);
            }
        }
    }
    let cut_ring = |ring: Vec<Coord<f64>>| BorderRing {
        points: edges(&ring)
            .flat_map(|(a, b)| {
                let sharers: Vec<&Density> =
                    users[&edge_key(a, b)].iter().map(|user| &densities[*user]).collect();
                cut_edge(a, b, &sharers)
            })
            .collect(),
    };
    Ok(areas
        .iter()
        .map(|(_, area)| {
            let mut polygons: Vec<&Polygon<f64>> = area.iter().collect();
            polygons.sort_by(|a, b| {
                ring_area(&b.exterior().0).abs().total_cmp(&ring_area(&a.exterior().0).abs())
            });
            polygons
                .into_iter()
                .map(|polygon| oriented_rings(polygon).into_iter().map(cut_ring).collect())
                .collect()
        })
        .collect())
}

/// Twice the signed area of a ring, open or closed, in square degrees: above zero when counter-clockwise.
pub(super) fn ring_area(ring: &[Coord<f64>]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    edges(ring).map(|(a, b)| (a.x - origin.x) * (b.y - origin.y) - (b.x - origin.x) * (a.y - origin.y)).sum()
}

fn edge_key(a: Coord<f64>, b: Coord<f64>) -> [[u64; 2]; 2] {
    let (a, b) = ordered(a, b);
    [bits(a), bits(b)]
}

/// The rings of a polygon without repeated vertices, its inside to the left.
fn oriented_rings(polygon: &Polygon<f64>) -> Vec<Vec<Coord<f64>>> {
    let outer = std::iter::once((polygon.exterior(), true));
    let holes = polygon.interiors().iter().map(|ring| (ring, false));
    outer
        .chain(holes)
        .map(|(line, counter_clockwise)| {
            let mut ring = line.0.clone();
            ring.dedup();
            ring.pop();
            if (ring_area(&ring) > 0.0) != counter_clockwise {
                ring.reverse();
            }
            ring
        })
        .collect()
}

/// The edges of an open ring, the closing one included.
fn edges(ring: &[Coord<f64>]) -> impl Iterator<Item = (Coord<f64>, Coord<f64>)> + '_ {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]))
}

/// The edge's start and the points between, spaced by the densest of the sharers.
fn cut_edge(a: Coord<f64>, b: Coord<f64>, sharers: &[&Density]) -> Vec<BorderPoint> {
    let (from, to) = ordered(a, b);
    let length = sharers.first().map_or(0.0, |density| density.plane().distance(from, to));
    // the number of spacings along the edge, summed over short steps
    let steps = 64;
    let mut walked = vec![0.0];
    for step in 0..steps {
        let at = between(from, to, (f64::from(step) + 0.5) / f64::from(steps));
        let spacing = sharers.iter().map(|density| density.spacing(at)).fold(f64::MAX, f64::min);
        walked.push(walked[step as usize] + length / f64::from(steps) / spacing);
    }
    let total = walked[steps as usize];
    let pieces = total.round().max(1.0) as usize;
    let mut inner: Vec<BorderPoint> = (1..pieces)
        .map(|piece| {
            let target = total * piece as f64 / pieces as f64;
            let step = walked.partition_point(|sum| *sum < target).clamp(1, steps as usize);
            let within = (target - walked[step - 1]) / (walked[step] - walked[step - 1]);
            let t = ((step - 1) as f64 + within) / f64::from(steps);
            BorderPoint { at: between(from, to, t), given: false }
        })
        .collect();
    if bits(from) != bits(a) {
        inner.reverse();
    }
    inner.insert(0, BorderPoint { at: a, given: true });
    inner
}
