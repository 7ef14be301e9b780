//! Where is a point? A raster of cells answers most points at once and leaves the rest to a few edges; envelopes give candidates
//! for everything else.
//!
//! Everything outside this folder sees only questions and answers.

mod batch;
mod boxes;
mod crossing;
mod levels;
mod near;
mod raster;
mod sector;
mod sectors;

use std::collections::BTreeSet;
use std::sync::Arc;

use geo::Coord;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{Envelope, GridIndex, GridTable};
use crate::geom::Location;
use crate::model::{Level, LonLat};
use levels::LevelIndexes;
use sector::{Found, Sector};
use sectors::Sectors;

pub use near::Neighbor;
pub(super) use near::border_distance;

type Boxed = GeomWithData<Rectangle<[f64; 2]>, GridIndex>;

/// What covers a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Strictly inside one leaf.
    Inside(GridIndex),
    /// Exactly on an edge: the covering leaf of the lowest code.
    Border(GridIndex),
    /// In no leaf; the deepest grid that covers the point.
    ParentOnly(GridIndex),
    /// In no grid.
    Outside,
}

impl Cover {
    /// The grid that it names.
    pub fn grid(self) -> Option<GridIndex> {
        match self {
            Self::Inside(grid) | Self::Border(grid) | Self::ParentOnly(grid) => Some(grid),
            Self::Outside => None,
        }
    }
}

/// What is asked of an atlas most of the time. Either way every answer is the same; only how fast it comes is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Where points are: cells and edges are prepared.
    Points,
    /// What meets an envelope, as for drawing: a point is held against the borders of the leaves near it.
    Envelopes,
}

/// The index over the grids of one atlas. Copies share what was not changed since.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    /// None without leaves.
    leaves: Option<Sectors>,
    branches: Arc<RTree<Boxed>>,
    /// Of the levels above the leaves, where parent links are not proven to say the same.
    /// None where there is one question to answer, for which an index is not worth making.
    levels: Option<LevelIndexes>,
}

/// What happened to the grids of a lookup.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Leaves that are none any more, or lie elsewhere now, with the envelopes that they had.
    pub(super) left: Vec<(GridIndex, Envelope)>,
    /// Leaves that are new or lie elsewhere now.
    pub(super) joined: Vec<GridIndex>,
    /// Is anything else but leaves different?
    pub(super) branches: bool,
    /// The levels at which anything is different.
    pub(super) levels: BTreeSet<Level>,
}

impl Lookup {
    pub(super) fn build(grids: &GridTable, purpose: Purpose) -> Self {
        Self {
            leaves: leaves(grids, purpose),
            branches: branches(grids),
            levels: Some(LevelIndexes::default()),
        }
    }

    /// The lookup of an atlas that will not be kept.
    pub(super) fn for_one_question(grids: &GridTable) -> Self {
        Self { leaves: leaves(grids, Purpose::Points), branches: branches(grids), levels: None }
    }

    /// The lookup after moves; only the sectors that they touch are made anew.
    pub(super) fn updated(&self, grids: &GridTable, moves: &Moves) -> Self {
        let leaves = self.leaves.as_ref().and_then(|old| old.updated(grids, &moves.left, &moves.joined));
        if leaves.is_none() {
            return Self::build(grids, Purpose::Points);
        }
        let branches = if moves.branches { branches(grids) } else { Arc::clone(&self.branches) };
        let levels = self.levels.as_ref().map(|levels| levels.without(&moves.levels));
        Self { leaves, branches, levels }
    }

    #[inline]
    pub(super) fn cover(&self, grids: &GridTable, point: LonLat) -> Cover {
        let sector = self.leaves.as_ref().and_then(|sectors| sectors.at(point.into()));
        self.cover_in(grids, sector, point)
    }

    #[inline]
    fn cover_in(&self, grids: &GridTable, sector: Option<&Sector>, point: LonLat) -> Cover {
        let found = sector.map_or(Found::Nobody, |sector| sector.find(point.into()));
        match (found, sector) {
            (Found::Leaf(leaf), _) => Cover::Inside(leaf),
            (Found::Unsettled, Some(sector)) => {
                settle(grids, sector, point).unwrap_or_else(|| self.cover_above(grids, point))
            }
            _ => self.cover_above(grids, point),
        }
    }

    /// In no leaf: the deepest grid that covers the point.
    fn cover_above(&self, grids: &GridTable, point: LonLat) -> Cover {
        let covering = self
            .branches
            .locate_all_at_point([point.lon(), point.lat()])
            .map(|boxed| boxed.data)
            .filter(|grid| grids.locate(*grid, point).is_covered());
        let deepest = covering.max_by(|a, b| {
            let rank = |grid: &GridIndex| (grids.level(*grid), std::cmp::Reverse(grids.code(*grid)));
            rank(a).cmp(&rank(b))
        });
        deepest.map_or(Cover::Outside, Cover::ParentOnly)
    }

    /// The grids of all levels whose envelope meets another, in no order.
    pub(super) fn grids_in<'a>(&'a self, envelope: &Envelope) -> impl Iterator<Item = GridIndex> + 'a {
        let query = AABB::from_corners(envelope.min, envelope.max);
        let branches = self.branches.locate_in_envelope_intersecting(query).map(|boxed| boxed.data);
        let envelope = *envelope;
        let leaves = self.leaves.iter().flat_map(move |sectors| sectors.meeting(&envelope));
        leaves.chain(branches)
    }
}

/// The leaf of the lowest code that covers a point, looked at one by one.
fn settle(grids: &GridTable, sector: &Sector, point: LonLat) -> Option<Cover> {
    let covering = sector
        .candidates(Coord::from(point))
        .map(|leaf| (leaf, grids.locate(leaf, point)))
        .filter(|(_, location)| location.is_covered());
    let lowest = covering.min_by(|(a, _), (b, _)| grids.code(*a).cmp(grids.code(*b)));
    lowest.map(|(leaf, location)| match location {
        Location::Boundary => Cover::Border(leaf),
        _ => Cover::Inside(leaf),
    })
}

fn leaves(grids: &GridTable, purpose: Purpose) -> Option<Sectors> {
    Sectors::build(grids, grids.all().filter(|grid| grids.is_leaf(*grid)).collect(), purpose)
}

fn branches(grids: &GridTable) -> Arc<RTree<Boxed>> {
    let branches = grids.all().filter(|grid| !grids.is_leaf(*grid));
    Arc::new(RTree::bulk_load(branches.map(|grid| boxed(grids, grid)).collect()))
}

fn boxed(grids: &GridTable, grid: GridIndex) -> Boxed {
    let envelope = grids.envelope(grid);
    GeomWithData::new(Rectangle::from_corners(envelope.min, envelope.max), grid)
}
