//! Distances along roads: from a place to the nearest road, along roads, and from the road to the nearest facility.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use geo::{BoundingRect, LineString};
use rstar::primitives::{GeomWithData, Line};
use rstar::{PointDistance, RTree};

use super::Reach;
use super::services::places;
use crate::atlas::Atlas;
use crate::geom::{along_surface, distance_m, in_space};
use crate::model::{Building, LonLat};
use crate::query::MAX_RADIUS_M;

/// Vertices so near, in degrees, are one: lines meet where their vertices do.
const SAME: f64 = 1e-8;
/// A piece of road that leads nowhere is passed over when it is shorter than this, in metres: a drive that was drawn a hair beside the street
/// would keep its house from everything.
const LEAST_PIECE_M: f64 = 1_000.0;

/// Roads that can be walked both ways. Lines meet at common vertices, also in the middle of both.
#[derive(Debug)]
pub struct RoadNetwork {
    ways: Vec<Way>,
    /// By node, where its links begin; one more at the end.
    starts: Vec<u32>,
    links: Vec<(u32, f64)>,
    near: RTree<GeomWithData<Line<[f64; 3]>, u32>>,
}

/// A straight piece between two vertices.
#[derive(Debug, Clone, Copy)]
struct Way {
    from: u32,
    to: u32,
    length_m: f64,
}

/// Where somebody comes to the road.
#[derive(Debug, Clone, Copy)]
struct Access {
    way: u32,
    /// From the beginning of the way.
    along_m: f64,
    /// From the place to the road.
    beside_m: f64,
}

impl RoadNetwork {
    /// The network of lines in degrees of CGCS2000.
    pub fn new(lines: &[LineString<f64>]) -> Self {
        let mut nodes: HashMap<(i64, i64), u32> = HashMap::new();
        let mut positions: Vec<LonLat> = Vec::new();
        let mut ways = Vec::new();
        for line in lines {
            let mut before: Option<u32> = None;
            for position in line.coords().filter_map(|at| LonLat::new(at.x, at.y).ok()) {
                let key = ((position.lon() / SAME).round() as i64, (position.lat() / SAME).round() as i64);
                let node = *nodes.entry(key).or_insert_with(|| {
                    positions.push(position);
                    positions.len() as u32 - 1
                });
                if let Some(from) = before.filter(|from| *from != node) {
                    let length_m = distance_m(positions[from as usize], position);
                    ways.push(Way { from, to: node, length_m });
                }
                before = Some(node);
            }
        }
        let ways = without_short_pieces(ways, positions.len());
        let (starts, links) = links(&ways, positions.len());
        let place = |node: u32| in_space(positions[node as usize]);
        let lines = ways
            .iter()
            .enumerate()
            .map(|(number, way)| GeomWithData::new(Line::new(place(way.from), place(way.to)), number as u32));
        Self { near: RTree::bulk_load(lines.collect()), ways, starts, links }
    }

    /// How many straight pieces it has.
    pub fn len(&self) -> usize {
        self.ways.len()
    }

    /// Is there no road?
    pub fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    fn access(&self, place: LonLat) -> Option<Access> {
        let place = in_space(place);
        let nearest = self.near.nearest_neighbor(place)?;
        let line = nearest.geom();
        let way = self.ways[nearest.data as usize];
        let whole = line.length_2().sqrt();
        let along = line.nearest_point(&place).distance_2(&line.from).sqrt();
        Some(Access {
            way: nearest.data,
            along_m: if whole > 0.0 { along / whole * way.length_m } else { 0.0 },
            beside_m: along_surface(line.distance_2(&place).sqrt()),
        })
    }

    fn links(&self, node: u32) -> &[(u32, f64)] {
        let (from, to) = (self.starts[node as usize], self.starts[node as usize + 1]);
        &self.links[from as usize..to as usize]
    }
}

/// The ways of pieces that are long enough.
fn without_short_pieces(ways: Vec<Way>, nodes: usize) -> Vec<Way> {
    let mut pieces: Vec<u32> = (0..nodes as u32).collect();
    for way in &ways {
        let (a, b) = (root(&mut pieces, way.from), root(&mut pieces, way.to));
        pieces[a as usize] = b;
    }
    let mut lengths = vec![0.0; nodes];
    for way in &ways {
        lengths[root(&mut pieces, way.from) as usize] += way.length_m;
    }
    ways.into_iter().filter(|way| lengths[root(&mut pieces, way.from) as usize] >= LEAST_PIECE_M).collect()
}

/// The node that stands for a piece; paths are halved on the way.
fn root(pieces: &mut [u32], mut node: u32) -> u32 {
    while pieces[node as usize] != node {
        let above = pieces[node as usize];
        pieces[node as usize] = pieces[above as usize];
        node = pieces[node as usize];
    }
    node
}

fn links(ways: &[Way], nodes: usize) -> (Vec<u32>, Vec<(u32, f64)>) {
    let mut starts = vec![0_u32; nodes + 1];
    for way in ways {
        starts[way.from as usize + 1] += 1;
        starts[way.to as usize + 1] += 1;
    }
    for node in 0..nodes {
        starts[node + 1] += starts[node];
    }
    let mut next = starts.clone();
    let mut links = vec![(0, 0.0); ways.len() * 2];
    for way in ways {
        for (from, to) in [(way.from, way.to), (way.to, way.from)] {
            links[next[from as usize] as usize] = (to, way.length_m);
            next[from as usize] += 1;
        }
    }
    (starts, links)
}

/// How far every node is from the nearest facility, as far as anybody may ask.
pub(super) struct AlongRoads<'a> {
    network: &'a RoadNetwork,
    metres: Vec<f64>,
    /// The facilities on a way: who lives on it, too, need not go to its end.
    on_way: HashMap<u32, Vec<Access>>,
}

impl<'a> AlongRoads<'a> {
    pub(super) fn of(atlas: &Atlas, classes: &BTreeSet<String>, network: &'a RoadNetwork) -> Self {
        let mut metres = vec![f64::INFINITY; network.starts.len() - 1];
        let mut on_way: HashMap<u32, Vec<Access>> = HashMap::new();
        let mut open = BinaryHeap::new();
        for access in places(atlas, classes).filter_map(|place| network.access(place)) {
            let way = network.ways[access.way as usize];
            on_way.entry(access.way).or_default().push(access);
            let ends = [(way.from, access.along_m), (way.to, way.length_m - access.along_m)];
            for (node, along_m) in ends {
                reach(&mut metres, &mut open, node, access.beside_m + along_m);
            }
        }
        // Dijkstra from all facilities at once.
        while let Some(Reverse((bits, node))) = open.pop() {
            let here = f64::from_bits(bits);
            if here <= metres[node as usize] {
                for (next, length_m) in network.links(node) {
                    reach(&mut metres, &mut open, *next, here + length_m);
                }
            }
        }
        Self { network, metres, on_way }
    }
}

/// Notes a shorter way to a node. Numbers that are not negative are in the order of their bits.
fn reach(metres: &mut [f64], open: &mut BinaryHeap<Reverse<(u64, u32)>>, node: u32, way_m: f64) {
    if way_m < metres[node as usize] && way_m <= MAX_RADIUS_M {
        metres[node as usize] = way_m;
        open.push(Reverse((way_m.to_bits(), node)));
    }
}

impl Reach for AlongRoads<'_> {
    fn distance_m(&self, from: LonLat) -> f64 {
        let Some(access) = self.network.access(from) else { return f64::INFINITY };
        let way = self.network.ways[access.way as usize];
        let ends = [(way.from, access.along_m), (way.to, way.length_m - access.along_m)];
        let by_ends = ends.into_iter().map(|(node, along_m)| along_m + self.metres[node as usize]);
        let here = self.on_way.get(&access.way).into_iter().flatten();
        let straight = here.map(|service| (service.along_m - access.along_m).abs() + service.beside_m);
        access.beside_m + by_ends.chain(straight).fold(f64::INFINITY, f64::min)
    }

    fn serves(&self, building: &Building, radius_m: f64) -> bool {
        let middle = building.footprint.bounding_rect().map(|envelope| envelope.center());
        let middle = middle.and_then(|middle| LonLat::new(middle.x, middle.y).ok());
        middle.is_some_and(|middle| self.distance_m(middle) <= radius_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(vertices: &[(f64, f64)]) -> LineString<f64> {
        LineString::from(vertices.to_vec())
    }

    #[test]
    fn lines_meet_at_common_vertices_and_short_pieces_are_passed_over() {
        let main = line(&[(100.0, 25.0), (100.01, 25.0), (100.02, 25.0)]);
        let side = line(&[(100.01, 25.0 + 1e-9), (100.01, 25.01)]);
        let island = line(&[(100.005, 25.001), (100.006, 25.001)]);
        let network = RoadNetwork::new(&[main.clone(), side.clone(), island]);
        assert_eq!(network.len(), 3);
        assert_eq!(network.links(1).len(), 3, "the crossing");
        assert!(RoadNetwork::new(&[]).is_empty());
    }

    #[test]
    fn somebody_comes_to_the_nearest_road_at_the_nearest_place() {
        let network = RoadNetwork::new(&[line(&[(100.0, 25.0), (100.02, 25.0)])]);
        let access = network.access(LonLat::new(100.005, 25.001).unwrap()).unwrap();
        let way = network.ways[0];
        assert!((access.along_m - way.length_m / 4.0).abs() < 0.1, "{access:?}");
        assert!((access.beside_m - 110.78).abs() < 0.1, "{access:?}");
    }
}
