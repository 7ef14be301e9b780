//! Dividing a connected set of mesh nodes into connected parts of given sizes.
//!
//! Parts grow from seeds along edges of random length, like water over rough ground, which gives borders that
//! wander. A part that came out too large starts later the next time (an additively weighted Voronoi diagram on the graph,
//! weights found by iteration), seeds move to the middle of their parts, and at the end single nodes change sides.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::mesh::Mesh;
use super::random::{smooth_noise, unit};
use super::relax::relax;

/// Rounds of growing; seeds move in all but the last few.
const ROUNDS: usize = 12;
/// Rounds at the end in which seeds stay, so that sizes settle.
const SETTLING: usize = 5;
/// How much the hills differ, as an exponent. More, and parts send arms along the valleys.
const RELIEF: f64 = 0.25;
/// No part.
pub(super) const NONE: u32 = u32::MAX;

/// Members of a set with their place in it, reused from call to call.
pub(super) struct Scratch {
    place: Vec<u32>,
}

impl Scratch {
    /// For meshes of this many nodes.
    pub(super) fn new(nodes: usize) -> Self {
        Self { place: vec![NONE; nodes] }
    }
}

/// The connected set that is being divided.
pub(super) struct Area<'a> {
    /// The mesh.
    pub(super) mesh: &'a Mesh,
    /// The nodes of the set.
    pub(super) members: &'a [u32],
    place: &'a [u32],
}

impl Area<'_> {
    /// The place of a node among the members, if it is one.
    pub(super) fn place_of(&self, node: u32) -> Option<usize> {
        match self.place[node as usize] {
            NONE => None,
            place => Some(place as usize),
        }
    }

    /// The places of the neighbours of a member.
    fn neighbours(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        self.mesh.neighbours(self.members[place]).iter().filter_map(|node| self.place_of(*node))
    }
}

/// Divides the members into as many connected parts as there are targets, with sizes in their proportion;
/// the part of each member. `seeds` are nodes for the first parts, if it matters where they lie.
pub(super) fn partition(
    mesh: &Mesh,
    members: &[u32],
    targets: &[f64],
    seeds: &[u32],
    rng: &mut ChaCha8Rng,
    scratch: &mut Scratch,
) -> Vec<u32> {
    if targets.len() <= 1 || members.is_empty() {
        return vec![0; members.len()];
    }
    for (place, node) in members.iter().enumerate() {
        scratch.place[*node as usize] = place as u32;
    }
    let area = Area { mesh, members, place: &scratch.place };
    let sum: f64 = targets.iter().sum();
    let sizes: Vec<f64> = targets.iter().map(|t| t / sum * members.len() as f64).collect();
    let noise: u64 = rng.random_range(0..u64::MAX);
    let fixed: Vec<usize> = seeds.iter().filter_map(|node| area.place_of(*node)).collect();
    let ground = Ground::new(&area, sizes.len(), noise);
    let mut labels = grow_parts(&area, &sizes, choose_seeds(&area, sizes.len(), fixed, rng), &ground);
    relax(&area, &mut labels, &sizes);
    for node in members {
        scratch.place[*node as usize] = NONE;
    }
    labels
}

/// How hard it is to pass: hills about as large as a third of a part, and stones.
struct Ground {
    noise: u64,
    hills: Vec<f64>,
}

impl Ground {
    fn new(area: &Area<'_>, parts: usize, noise: u64) -> Self {
        let position = |place: usize| area.mesh.nodes[area.members[place] as usize];
        let all = || (0..area.members.len()).map(position);
        let low = all().fold([f64::MAX; 2], |m, c| [m[0].min(c.x), m[1].min(c.y)]);
        let high = all().fold([f64::MIN; 2], |m, c| [m[0].max(c.x), m[1].max(c.y)]);
        let extent = ((high[0] - low[0]) * (high[1] - low[1])).sqrt().max(f64::MIN_POSITIVE);
        let hill = extent / (parts as f64).sqrt() / 2.5;
        let height = |c: geo::Coord<f64>| (RELIEF * smooth_noise(noise, c.x / hill, c.y / hill)).exp();
        Self { noise, hills: all().map(height).collect() }
    }

    /// The length of the way between two members that are neighbours.
    fn length(&self, area: &Area<'_>, a: usize, b: usize) -> f64 {
        let (low, high) = (area.members[a].min(area.members[b]), area.members[a].max(area.members[b]));
        let stones = 0.45 + 1.2 * unit(&[self.noise, u64::from(low), u64::from(high)]);
        stones * (self.hills[a] + self.hills[b]) / 2.0
    }
}

/// Seeds far from each other: each next one among the farthest from those before, with some chance.
fn choose_seeds(area: &Area<'_>, count: usize, mut seeds: Vec<usize>, rng: &mut ChaCha8Rng) -> Vec<usize> {
    seeds.dedup();
    if seeds.is_empty() {
        seeds.push(rng.random_range(0..area.members.len()));
    }
    while seeds.len() < count {
        let distance = hops(area, &seeds);
        let farthest = distance.iter().copied().max().unwrap_or(0);
        let far: Vec<usize> = (0..distance.len())
            .filter(|place| distance[*place] > 0 && distance[*place] * 10 >= farthest * 7)
            .collect();
        if far.is_empty() {
            break;
        }
        seeds.push(far[rng.random_range(0..far.len())]);
    }
    seeds.truncate(count);
    seeds
}

fn hops(area: &Area<'_>, seeds: &[usize]) -> Vec<u32> {
    let mut distance = vec![NONE; area.members.len()];
    let mut queue: std::collections::VecDeque<usize> = seeds.iter().copied().collect();
    for seed in seeds {
        distance[*seed] = 0;
    }
    while let Some(place) = queue.pop_front() {
        for next in area.neighbours(place) {
            if distance[next] == NONE {
                distance[next] = distance[place] + 1;
                queue.push_back(next);
            }
        }
    }
    distance.iter_mut().filter(|d| **d == NONE).for_each(|d| *d = 0);
    distance
}

fn grow_parts(area: &Area<'_>, sizes: &[f64], mut seeds: Vec<usize>, ground: &Ground) -> Vec<u32> {
    let mut head_start: Vec<f64> = sizes.iter().map(|size| size.sqrt() * 0.5).collect();
    let mut best: Option<(f64, Vec<u32>)> = None;
    for round in 0..ROUNDS {
        let labels = grow(area, &seeds, &head_start, ground);
        let mut counts = vec![0.0; seeds.len()];
        for label in &labels {
            counts[*label as usize] += 1.0;
        }
        let error =
            counts.iter().zip(sizes).map(|(n, size): (&f64, _)| (n / size - 1.0).abs()).fold(0.0, f64::max);
        for (part, start) in head_start.iter_mut().enumerate() {
            *start += 0.45 * (sizes[part].sqrt() - counts[part].sqrt());
        }
        if round + SETTLING < ROUNDS {
            seeds = middles(area, &labels, &seeds, &counts);
        } else if best.as_ref().is_none_or(|(least, _)| error < *least) {
            best = Some((error, labels));
        }
    }
    best.map(|(_, labels)| labels).unwrap_or_default()
}

/// Each member's nearest seed, along edges of random length, seeds starting at their head starts.
/// A seed always belongs to its own part, so that none is empty.
fn grow(area: &Area<'_>, seeds: &[usize], head_start: &[f64], ground: &Ground) -> Vec<u32> {
    let most = head_start.iter().copied().fold(f64::MIN, f64::max);
    let mut labels = vec![NONE; area.members.len()];
    let mut heap = BinaryHeap::new();
    let mut reserved = vec![NONE; area.members.len()];
    for (part, seed) in seeds.iter().enumerate() {
        reserved[*seed] = part as u32;
        heap.push(Reverse((order(most - head_start[part]), *seed, part as u32)));
    }
    while let Some(Reverse((cost, place, part))) = heap.pop() {
        if labels[place] != NONE || (reserved[place] != NONE && reserved[place] != part) {
            continue;
        }
        labels[place] = part;
        for next in area.neighbours(place) {
            if labels[next] == NONE {
                let length = ground.length(area, place, next);
                heap.push(Reverse((order(f64::from_bits(cost) + length), next, part)));
            }
        }
    }
    labels
}

/// A cost as bits: costs are never negative, and such floats sort like their bits.
fn order(cost: f64) -> u64 {
    cost.max(0.0).to_bits()
}

/// The member of each part that lies nearest to the mean position of the part.
fn middles(area: &Area<'_>, labels: &[u32], seeds: &[usize], counts: &[f64]) -> Vec<usize> {
    let mut mean = vec![[0.0, 0.0]; seeds.len()];
    let position = |place: usize| area.mesh.nodes[area.members[place] as usize];
    for (place, label) in labels.iter().enumerate() {
        let c = position(place);
        mean[*label as usize][0] += c.x / counts[*label as usize];
        mean[*label as usize][1] += c.y / counts[*label as usize];
    }
    let mut nearest = vec![(f64::MAX, 0); seeds.len()];
    for (place, label) in labels.iter().enumerate() {
        let (c, [x, y]) = (position(place), mean[*label as usize]);
        let square = (c.x - x).powi(2) + (c.y - y).powi(2);
        if square < nearest[*label as usize].0 {
            nearest[*label as usize] = (square, place);
        }
    }
    nearest.into_iter().map(|(_, place)| place).collect()
}
