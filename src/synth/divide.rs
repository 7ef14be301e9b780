//! Dividing a county: among its towns, each town among its villages, each village into base grids, and some of
//! those into micro-grids. All on one mesh, so that every border is made of the same points at every level.

use std::collections::BTreeMap;

use geo::{Coord, MultiPolygon};
use rayon::prelude::*;

use super::border::BorderPart;
use super::density::Density;
use super::error::SynthError;
use super::mesh::Mesh;
use super::outline::{Arrivals, Ring, arrivals, outlines, polygons};
use super::partition::{Scratch, partition};
use super::quota::{BaseQuota, Divisible};
use super::random::stream;
use super::scatter::scatter;

/// A town to be: numbers of its villages, by their place in the sorted inputs.
#[derive(Debug, Clone)]
pub(super) struct TownShare {
    /// Where the villages stand in the inputs.
    pub(super) villages: std::ops::Range<usize>,
    /// Does it belong to the county's seat?
    pub(super) at_seat: bool,
}

/// A county to be divided.
pub(super) struct CountyTask<'a> {
    /// Its code, for messages and for chance.
    pub(super) code: &'a str,
    /// Its border, the largest part first.
    pub(super) parts: &'a [BorderPart],
    /// How it is settled.
    pub(super) density: &'a Density,
    /// Its seat.
    pub(super) seat: Coord<f64>,
    /// Its towns.
    pub(super) towns: &'a [TownShare],
    /// Base grids of every village of the inputs.
    pub(super) quotas: &'a [Vec<BaseQuota>],
    /// The seed of the plan.
    pub(super) seed: u64,
}

/// The mesh of one part of a county with what each node belongs to.
struct Part {
    mesh: Mesh,
    /// All the same: the county as a whole.
    county: Vec<u32>,
    town: Vec<u32>,
    village: Vec<u32>,
    base: Vec<u32>,
    leaf: Vec<u32>,
}

/// A base grid within a county.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    /// Its village in the inputs.
    pub(super) village: usize,
    /// What decides on its division.
    pub(super) divisible: Divisible,
}

/// A divided county. Labels of towns and villages are their places in the county's list and in the inputs; those
/// of base grids and leaves count within the county.
pub(super) struct CountyDivision {
    parts: Vec<Part>,
    /// The base grids.
    pub(super) bases: Vec<Base>,
    /// The base grid of each leaf; set by [`CountyDivision::divide_bases`].
    pub(super) leaves: Vec<u32>,
}

/// Territories of one level of a county by label.
pub(super) type Territories = BTreeMap<u32, MultiPolygon<f64>>;

/// The territories of a county at every level.
pub(super) struct CountyTerritories {
    /// The county itself.
    pub(super) county: MultiPolygon<f64>,
    /// By place in the county's list of towns.
    pub(super) towns: Territories,
    /// By place in the inputs.
    pub(super) villages: Territories,
    /// By place in [`CountyDivision::bases`].
    pub(super) bases: Territories,
    /// By place in [`CountyDivision::leaves`].
    pub(super) leaves: Territories,
}

impl CountyDivision {
    /// Divides a county down to its base grids.
    pub(super) fn new(task: &CountyTask<'_>) -> Result<Self, SynthError> {
        let boundary_error = |why| SynthError::Boundary { name: task.code.to_owned(), why };
        let mut parts = Vec::new();
        for (number, border) in task.parts.iter().enumerate() {
            let mut rng = stream(task.seed, &format!("scatter {} {number}", task.code));
            let inner = scatter(border, task.density, &mut rng);
            let mesh = Mesh::new(border, &inner, task.seed).map_err(boundary_error)?;
            let blank = vec![0; mesh.len()];
            let [county, town, village, base] = std::array::from_fn(|_| blank.clone());
            parts.push(Part { county, town, village, base, leaf: blank, mesh });
        }
        let mut division = Self { parts, bases: Vec::new(), leaves: Vec::new() };
        division.divide_towns(task);
        let outlying = division.give_outlying_parts(task);
        division.divide_villages(task, &outlying);
        division.divide_into_bases(task)?;
        Ok(division)
    }

    fn divide_towns(&mut self, task: &CountyTask<'_>) {
        let part = &mut self.parts[0];
        let mut order: Vec<usize> = (0..task.towns.len()).collect();
        order.sort_by_key(|town| !task.towns[*town].at_seat);
        let targets: Vec<f64> = order
            .iter()
            .map(|town| task.towns[*town].villages.clone().map(|v| weight(&task.quotas[v])).sum())
            .collect();
        let members: Vec<u32> = (0..part.mesh.len() as u32).collect();
        let at_seat = order.iter().filter(|town| task.towns[**town].at_seat).count();
        let plane = task.density.plane();
        let [x, y] = plane.km(task.seat);
        let seeds: Vec<u32> = (0..at_seat)
            .map(|i| {
                let (radius, angle) = (3.0 * f64::from(u8::from(i > 0)), 2.4 * i as f64);
                let at = plane.degrees([x + radius * angle.cos(), y + radius * angle.sin()]);
                part.mesh.nearest(&members, at)
            })
            .collect();
        let mut rng = stream(task.seed, &format!("towns {}", task.code));
        let mut scratch = Scratch::new(part.mesh.len());
        let labels = partition(&part.mesh, &members, &targets, &seeds, &mut rng, &mut scratch);
        part.town = labels.into_iter().map(|label| order[label as usize] as u32).collect();
    }

    /// Gives every part apart from the main one to the town that is nearest, as the territory of one village:
    /// (village, does the village have that part alone?) for each such part.
    fn give_outlying_parts(&mut self, task: &CountyTask<'_>) -> Vec<(usize, bool)> {
        let (main, others) = self.parts.split_at_mut(1);
        let all: Vec<u32> = (0..main[0].mesh.len() as u32).collect();
        let mut given: Vec<(usize, bool)> = Vec::new();
        for part in others {
            let near = main[0].mesh.nearest(&all, part.mesh.nodes[0]);
            let town = main[0].town[near as usize];
            let free: Vec<usize> = task.towns[town as usize]
                .villages
                .clone()
                .filter(|v| !given.iter().any(|(taken, _)| taken == v))
                .collect();
            let smallest = free.iter().copied().min_by_key(|v| task.quotas[*v].len());
            let village = smallest.unwrap_or(task.towns[town as usize].villages.start);
            given.push((village, free.len() > 1));
            part.town.fill(town);
            part.village.fill(village as u32);
        }
        given
    }

    fn divide_villages(&mut self, task: &CountyTask<'_>, outlying: &[(usize, bool)]) {
        let part = &mut self.parts[0];
        let mut scratch = Scratch::new(part.mesh.len());
        for (town, members) in groups(&part.town, task.towns.len()).into_iter().enumerate() {
            let elsewhere = |v: &usize| outlying.contains(&(*v, true));
            let villages: Vec<usize> = task.towns[town].villages.clone().filter(|v| !elsewhere(v)).collect();
            let targets: Vec<f64> = villages.iter().map(|v| weight(&task.quotas[*v])).collect();
            let mut rng = stream(task.seed, &format!("villages {} {town}", task.code));
            let labels = partition(&part.mesh, &members, &targets, &[], &mut rng, &mut scratch);
            for (node, label) in members.iter().zip(labels) {
                part.village[*node as usize] = villages[label as usize] as u32;
            }
        }
    }

    fn divide_into_bases(&mut self, task: &CountyTask<'_>) -> Result<(), SynthError> {
        let (first, last) = (task.towns[0].villages.start, task.towns[task.towns.len() - 1].villages.end);
        let mut start = vec![0; last - first];
        for village in first..last {
            start[village - first] = self.bases.len() as u32;
            self.bases.extend(task.quotas[village].iter().map(|quota| Base {
                village,
                divisible: Divisible { quota: *quota, nodes: 0, density: 0.0 },
            }));
        }
        for (number, part) in self.parts.iter_mut().enumerate() {
            let mut scratch = Scratch::new(part.mesh.len());
            let local: Vec<u32> = part.village.iter().map(|village| village - first as u32).collect();
            for (village, members) in groups(&local, last - first).into_iter().enumerate() {
                let targets: Vec<f64> = task.quotas[first + village].iter().map(base_weight).collect();
                let mut rng = stream(task.seed, &format!("bases {number} {}", first + village));
                let labels = partition(&part.mesh, &members, &targets, &[], &mut rng, &mut scratch);
                for (node, label) in members.iter().zip(labels) {
                    let base = start[village] + label;
                    part.base[*node as usize] = base;
                    let entry = &mut self.bases[base as usize].divisible;
                    entry.nodes += 1;
                    entry.density += task.density.at(part.mesh.nodes[*node as usize]);
                }
            }
        }
        for base in &mut self.bases {
            if base.divisible.nodes == 0 {
                return Err(SynthError::Plan(format!(
                    "county {} is too small for its base grids",
                    task.code
                )));
            }
            base.divisible.density /= base.divisible.nodes as f64;
        }
        Ok(())
    }

    /// Divides the base grids into this many micro-grids each; 0 leaves one whole.
    pub(super) fn divide_bases(&mut self, counts: &[usize], seed: u64, code: &str) {
        let mut start = Vec::with_capacity(counts.len());
        for (base, count) in counts.iter().enumerate() {
            start.push(self.leaves.len() as u32);
            self.leaves.extend(std::iter::repeat_n(base as u32, (*count).max(1)));
        }
        for (number, part) in self.parts.iter_mut().enumerate() {
            let mut scratch = Scratch::new(part.mesh.len());
            for (base, members) in groups(&part.base, counts.len()).into_iter().enumerate() {
                let mut rng = stream(seed, &format!("micro {code} {number} {base}"));
                let targets = vec![1.0; counts[base].max(1)];
                let labels = partition(&part.mesh, &members, &targets, &[], &mut rng, &mut scratch);
                for (node, label) in members.iter().zip(labels) {
                    part.leaf[*node as usize] = start[base] + label;
                }
            }
        }
    }

    /// Where borders between leaves arrive at the county's border.
    pub(super) fn arrivals(&self) -> Vec<[u64; 2]> {
        self.parts.iter().flat_map(|part| arrivals(&part.mesh, &part.leaf)).collect()
    }

    /// The polygons of all levels, given all arrivals of all counties.
    pub(super) fn territories(&self, arrivals: &Arrivals) -> CountyTerritories {
        CountyTerritories {
            county: self
                .level(arrivals, |part| &part.county)
                .remove(&0)
                .unwrap_or_else(|| MultiPolygon(Vec::new())),
            towns: self.level(arrivals, |part| &part.town),
            villages: self.level(arrivals, |part| &part.village),
            bases: self.level(arrivals, |part| &part.base),
            leaves: self.level(arrivals, |part| &part.leaf),
        }
    }

    fn level(&self, arrivals: &Arrivals, labels: fn(&Part) -> &[u32]) -> Territories {
        let mut rings: BTreeMap<u32, Vec<Ring>> = BTreeMap::new();
        for part in &self.parts {
            for (label, more) in outlines(&part.mesh, labels(part), arrivals) {
                rings.entry(label).or_default().extend(more);
            }
        }
        rings.into_par_iter().map(|(label, rings)| (label, polygons(rings))).collect()
    }
}

/// The nodes with each label.
fn groups(labels: &[u32], count: usize) -> Vec<Vec<u32>> {
    let mut groups = vec![Vec::new(); count];
    for (node, label) in labels.iter().enumerate() {
        groups[*label as usize].push(node as u32);
    }
    groups
}

/// The size of a village on the mesh.
fn weight(bases: &[BaseQuota]) -> f64 {
    bases.iter().map(base_weight).sum()
}

/// The size of a base grid on the mesh: its households, but a dedicated grid needs room as well.
fn base_weight(base: &BaseQuota) -> f64 {
    f64::from(base.households).max(120.0)
}
