//! The region cut into sectors of about as many leaves each: small where grids are small.

use std::collections::HashSet;
use std::sync::Arc;

use geo::Coord;
use rayon::prelude::*;
use smallvec::SmallVec;

use super::Purpose;
use super::raster::Raster;
use super::sector::Sector;
use crate::atlas::{Envelope, GridIndex, GridTable};

/// A sector with more leaves is cut in four.
const LEAVES_A_SECTOR: usize = 1_024;
/// How often: the finest sectors are this power of two a side of the whole.
const DEEPEST: u32 = 10;
/// When so many times the leaves of a new sector have gathered in one, all are made anew.
const CROWD: usize = 4;

/// All sectors, and a table from places to them. Copies share what was not changed since.
#[derive(Debug, Clone)]
pub(super) struct Sectors {
    /// What the leaves lie in; nothing outside is in any.
    bounds: Envelope,
    raster: Raster,
    /// The sector of each cell of the raster.
    table: Arc<[u32]>,
    /// In the order of a Z-shaped curve.
    all: Vec<Arc<Sector>>,
}

/// A square of the table and the leaves that may lie in it.
struct Quad {
    column: u32,
    row: u32,
    side: u32,
    leaves: Vec<GridIndex>,
}

impl Sectors {
    pub(super) fn build(grids: &GridTable, leaves: Vec<GridIndex>, purpose: Purpose) -> Option<Self> {
        let bounds = leaves.iter().map(|leaf| *grids.envelope(*leaf)).reduce(|a, b| a.union(&b))?;
        let finest = 1 << DEEPEST;
        let fine = Raster::new(&bounds, finest, finest);
        let mut quads = Vec::new();
        divide(grids, &fine, Quad { column: 0, row: 0, side: finest, leaves }, &mut quads);
        // The table is as fine as the smallest sector.
        let unit = quads.iter().map(|quad| quad.side).min().unwrap_or(finest);
        let side = finest / unit;
        let raster = Raster::new(&bounds, side, side);
        let mut table = vec![0; (side * side) as usize];
        for (number, quad) in quads.iter().enumerate() {
            let columns = quad.column / unit..(quad.column + quad.side) / unit;
            for row in quad.row / unit..(quad.row + quad.side) / unit {
                columns.clone().for_each(|column| table[(row * side + column) as usize] = number as u32);
            }
        }
        let build = |quad: Quad| {
            let envelope = envelope(&fine, &quad);
            Arc::new(Sector::build(grids, envelope, quad.leaves, purpose))
        };
        let all = quads.into_par_iter().map(build).collect();
        Some(Self { bounds, raster, table: table.into(), all })
    }

    /// With leaves taken out and put in; `None` when the sectors no longer fit and are to be made anew. `left` has the envelopes
    /// that the leaves had.
    pub(super) fn updated(
        &self,
        grids: &GridTable,
        left: &[(GridIndex, Envelope)],
        joined: &[GridIndex],
    ) -> Option<Self> {
        let mut touched: Vec<u32> = Vec::new();
        for envelope in
            left.iter().map(|(_, envelope)| envelope).chain(joined.iter().map(|leaf| grids.envelope(*leaf)))
        {
            if !self.holds(envelope) {
                return None;
            }
            touched.extend(self.numbers(envelope));
        }
        touched.sort_unstable();
        touched.dedup();
        let gone: HashSet<_> = left.iter().map(|(leaf, _)| *leaf).collect();
        let anew = |number: u32| {
            let old = &self.all[number as usize];
            let mut leaves = old.leaves.to_vec();
            leaves.retain(|leaf| !gone.contains(leaf));
            let near = old.envelope.with_slack();
            leaves.extend(joined.iter().filter(|leaf| grids.envelope(**leaf).meets(&near)));
            (leaves.len() <= CROWD * LEAVES_A_SECTOR || leaves.len() <= old.leaves.len())
                .then(|| (number, Arc::new(Sector::build(grids, old.envelope, leaves, Purpose::Points))))
        };
        let anew: Option<Vec<_>> = touched.into_par_iter().map(anew).collect();
        let mut copy = self.clone();
        for (number, sector) in anew? {
            copy.all[number as usize] = sector;
        }
        Some(copy)
    }

    /// The sector that a point lies in.
    #[inline]
    pub(super) fn at(&self, point: Coord<f64>) -> Option<&Sector> {
        Some(&self.all[self.number(point)? as usize])
    }

    /// The number of the sector that a point lies in; numbers follow a Z-shaped curve.
    #[inline]
    pub(super) fn number(&self, point: Coord<f64>) -> Option<u32> {
        let [west, south] = self.bounds.min;
        let [east, north] = self.bounds.max;
        if !(west <= point.x && point.x <= east && south <= point.y && point.y <= north) {
            return None;
        }
        let (column, row) = self.raster.cell(point);
        Some(self.table[(row * self.raster.columns + column) as usize])
    }

    pub(super) fn all(&self) -> &[Arc<Sector>] {
        &self.all
    }

    /// The leaves whose envelope meets another, each once, in no order.
    pub(super) fn meeting(&self, envelope: &Envelope) -> impl Iterator<Item = GridIndex> + use<'_> {
        let envelope = *envelope;
        let mut numbers: SmallVec<[u32; 8]> = self.numbers(&envelope).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let one = numbers.len() == 1;
        numbers
            .into_iter()
            .flat_map(move |number| {
                let found = self.all[number as usize].meeting(envelope);
                // A leaf in several sectors counts in the one that has the south-western corner of what both envelopes share.
                found.filter(move |(_, own)| {
                    let [x, y] = [0, 1].map(|axis| own.min[axis].max(envelope.min[axis]));
                    one || self.number(Coord { x, y }) == Some(number)
                })
            })
            .map(|(leaf, _)| leaf)
    }

    fn holds(&self, envelope: &Envelope) -> bool {
        (0..2).all(|axis| {
            self.bounds.min[axis] <= envelope.min[axis] && envelope.max[axis] <= self.bounds.max[axis]
        })
    }

    /// The sectors that an envelope may touch, with repetitions.
    fn numbers(&self, envelope: &Envelope) -> impl Iterator<Item = u32> + '_ {
        let [(west, east), (south, north)] = self.raster.range(envelope);
        let rows = self.bounds.meets(envelope).then_some(south..=north);
        rows.into_iter().flatten().flat_map(move |row| {
            (west..=east).map(move |column| self.table[(row * self.raster.columns + column) as usize])
        })
    }
}

fn divide(grids: &GridTable, fine: &Raster, quad: Quad, found: &mut Vec<Quad>) {
    if quad.leaves.len() <= LEAVES_A_SECTOR || quad.side == 1 {
        found.push(quad);
        return;
    }
    let half = quad.side / 2;
    let parts = [(0, 0), (half, 0), (0, half), (half, half)].map(|(east, north)| {
        let mut part =
            Quad { column: quad.column + east, row: quad.row + north, side: half, leaves: Vec::new() };
        let near = envelope(fine, &part).with_slack();
        part.leaves = quad.leaves.iter().copied().filter(|leaf| grids.envelope(*leaf).meets(&near)).collect();
        part
    });
    // Where all leaves lie in all four, cutting gains nothing.
    if parts.iter().all(|part| part.leaves.len() == quad.leaves.len()) {
        found.push(quad);
        return;
    }
    drop(quad);
    parts.into_iter().for_each(|part| divide(grids, fine, part, found));
}

fn envelope(fine: &Raster, quad: &Quad) -> Envelope {
    let (low, high) =
        (fine.corner(quad.column, quad.row), fine.corner(quad.column + quad.side, quad.row + quad.side));
    Envelope { min: [low.x, low.y], max: [high.x, high.y] }
}
