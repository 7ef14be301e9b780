//! Leaf and chain of many points in one process, in the order given: Gewu and what its crates give without it.
//!
//! usage: `lookup CELLS POINTS.csv ROUNDS`. Every round asks each peer in turn, so that a busy machine is busy for all of them; one JSON
//! object a line comes out for each peer and round. `checksum` is the sum of (place of the leaf + 1) × (place of the
//! point mod 997 + 1), by which peers prove that they found the same. One thread, unless `cores` says otherwise.

#[path = "../support/lattice.rs"]
mod lattice;

use std::hint::black_box;
use std::time::Instant;

use geo::{Intersects, MultiPolygon, Point};
use gewu::atlas::{Atlas, Cover, GridIndex};
use gewu::model::LonLat;
use lattice::Lattice;
use rayon::prelude::*;
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use serde_json::json;

type Plain = RTree<GeomWithData<Rectangle<[f64; 2]>, (GridIndex, MultiPolygon<f64>)>>;

/// What one peer found.
struct Found {
    points: usize,
    checksum: u64,
}

/// Adds up what was found for points in their order.
#[derive(Default)]
struct Tally {
    asked: u64,
    found: usize,
    checksum: u64,
}

impl Tally {
    fn add(&mut self, leaf: Option<u64>) {
        if let Some(leaf) = leaf {
            self.found += 1;
            self.checksum = self.checksum.wrapping_add((leaf + 1) * (self.asked % 997 + 1));
        }
        self.asked += 1;
    }

    fn done(self) -> Found {
        Found { points: self.found, checksum: self.checksum }
    }
}

fn leaf(cover: &Cover) -> Option<GridIndex> {
    match cover {
        Cover::Inside(grid) | Cover::Border(grid) => Some(*grid),
        Cover::ParentOnly(_) | Cover::Outside => None,
    }
}

/// The chain from the leaf to the top; its length keeps the work from being optimised away.
fn climb(atlas: &Atlas, grid: GridIndex) -> usize {
    atlas.grids().upwards(grid).fold(0, |levels, above| {
        black_box(above);
        levels + 1
    })
}

struct World<'a> {
    atlas: &'a Atlas,
    /// The place of each leaf among the leaves by code, at its index.
    places: &'a [u64],
    points: &'a [LonLat],
}

impl World<'_> {
    fn place(&self, grid: GridIndex) -> u64 {
        self.places[grid.0 as usize]
    }

    /// One call a point, as a service that is asked for one does it.
    fn single(&self) -> Found {
        let mut tally = Tally::default();
        for point in self.points {
            let leaf = leaf(&self.atlas.cover(*point));
            if let Some(leaf) = leaf {
                climb(self.atlas, leaf);
            }
            tally.add(leaf.map(|leaf| self.place(leaf)));
        }
        tally.done()
    }

    /// All points in one call.
    fn batch(&self) -> Found {
        let mut tally = Tally::default();
        for cover in cover_batch(self.atlas, self.points) {
            let leaf = leaf(&cover);
            if let Some(leaf) = leaf {
                climb(self.atlas, leaf);
            }
            tally.add(leaf.map(|leaf| self.place(leaf)));
        }
        tally.done()
    }

    /// All points in a call a core, as a batch that streams is answered.
    fn batch_on_all_cores(&self, cores: usize) -> Found {
        let share = self.points.len().div_ceil(cores);
        let chains = |points: &[LonLat]| {
            let leaves: Vec<_> = cover_batch(self.atlas, points).iter().map(leaf).collect();
            leaves.iter().flatten().for_each(|leaf| {
                climb(self.atlas, *leaf);
            });
            leaves
        };
        let found: Vec<_> = self.points.par_chunks(share).map(chains).collect();
        let mut tally = Tally::default();
        for leaf in found.into_iter().flatten() {
            tally.add(leaf.map(|leaf| self.place(leaf)));
        }
        tally.done()
    }

    /// An R-tree of envelopes and `geo::Intersects`; the leaf only, without a chain.
    fn plain(&self, tree: &Plain) -> Found {
        let mut tally = Tally::default();
        for point in self.points {
            let at = Point::new(point.lon(), point.lat());
            let candidates = tree.locate_all_at_point([at.x(), at.y()]);
            let covering = candidates.filter(|candidate| candidate.data.1.intersects(&at));
            // Some cells of the lattice overlap a little: leaves are in the order of their codes, and the lowest wins.
            tally.add(covering.map(|candidate| self.place(candidate.data.0)).min());
        }
        tally.done()
    }
}

/// The one place where a batch is asked for.
fn cover_batch(atlas: &Atlas, points: &[LonLat]) -> Vec<Cover> {
    atlas.cover_batch(points)
}

/// Leaves are counted by code, which is the order of the file.
fn places(atlas: &Atlas) -> Vec<u64> {
    let grids = atlas.grids();
    let mut leaves: Vec<_> = grids.all().filter(|grid| grids.is_leaf(*grid)).collect();
    leaves.sort_by_key(|grid| grids.code(*grid));
    let mut places = vec![0; leaves.iter().map(|grid| grid.0 as usize + 1).max().unwrap_or(0)];
    for (place, grid) in leaves.iter().enumerate() {
        places[grid.0 as usize] = place as u64;
    }
    places
}

fn plain_tree(atlas: &Atlas) -> Plain {
    let grids = atlas.grids();
    let boxed = |grid| {
        let envelope = grids.envelope(grid);
        GeomWithData::new(Rectangle::from_corners(envelope.min, envelope.max), (grid, grids.geometry(grid)))
    };
    RTree::bulk_load(grids.all().filter(|grid| grids.is_leaf(*grid)).map(boxed).collect())
}

fn read_points(path: &str) -> Result<Vec<LonLat>, Box<dyn std::error::Error>> {
    let mut points = Vec::new();
    for row in csv::Reader::from_path(path)?.deserialize() {
        let (lon, lat): (f64, f64) = row?;
        points.push(LonLat::new(lon, lat)?);
    }
    Ok(points)
}

/// Resident memory of this process in MiB, as Linux tells it.
fn resident_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

fn measure(peer: &str, cores: usize, points: usize, work: impl FnOnce() -> Found) {
    let began = Instant::now();
    let found = work();
    let seconds = began.elapsed().as_secs_f64();
    let (count, checksum) = (found.points, found.checksum);
    let per_core = points as f64 / seconds / cores as f64;
    println!(
        "{}",
        json!({"part": "r1", "peer": peer, "cores": cores, "points": points, "found": count, "checksum": checksum,
               "seconds": seconds, "per_second": points as f64 / seconds, "per_second_and_core": per_core})
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [cells, points, rounds] = &arguments[..] else {
        return Err("usage: lookup CELLS POINTS.csv ROUNDS".into());
    };
    let points = read_points(points)?;
    let snapshot = Lattice::sized(cells.parse()?).snapshot();
    let grids = snapshot.grids.len();
    let began = Instant::now();
    let atlas = Atlas::build(snapshot)?;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({"part": "build", "grids": grids, "seconds": seconds, "resident_mib": resident_mib()})
    );
    let places = places(&atlas);
    let world = World { atlas: &atlas, places: &places, points: &points };
    let tree = plain_tree(&atlas);
    let cores = std::thread::available_parallelism()?.get();
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    for _ in 0..rounds.parse()? {
        measure("gewu cover and chain, one by one", 1, points.len(), || world.single());
        measure("gewu batch and chain", 1, points.len(), || one_core.install(|| world.batch()));
        measure("gewu batch and chain, all cores", cores, points.len(), || world.batch_on_all_cores(cores));
        measure("rstar and geo::Intersects", 1, points.len(), || world.plain(&tree));
    }
    Ok(())
}
