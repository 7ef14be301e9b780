//! From a reading of the store to an atlas.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use geo::Coord;
use rayon::prelude::*;
use thiserror::Error;

use super::coverage::Coverage;
use super::dated::Dated;
use super::detail::{Detail, KeptDepth};
use super::dirt::Dirt;
use super::grids::KeptGrid;
use super::lookup::Lookup;
use super::shifts::Shifts;
use super::{Atlas, Envelope, GridIndex, GridTable, Purpose, ResourceTable, SavedError, StaffTable};
use crate::geom::signed_area;
use crate::model::{Code, Grid, GridVersion, LevelScheme, LonLat, Snapshot};

/// Why no atlas can be built. The store's constraints rule all of these out; a hand-made snapshot may not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BuildError {
    /// A grid without territory.
    #[error("grid {0} has no territory; give it a polygon")]
    EmptyGeometry(Code),
    /// A coordinate that is no position.
    #[error("grid {0} has a coordinate outside the degrees of the earth")]
    Coordinate(Code),
    /// The parent is not among the grids.
    #[error("the parent of grid {0} is missing")]
    MissingParent(Code),
    /// The parent is not above its child.
    #[error("grid {child} names {parent} as its parent, which is not of a higher level")]
    ParentBelow {
        /// The child.
        child: Code,
        /// What it names as parent.
        parent: Code,
    },
    /// Two grids with one code.
    #[error("two grids have the code {0}")]
    DuplicateCode(Code),
    /// More grids than an index can count.
    #[error("{0} grids are more than an atlas can hold")]
    TooMany(usize),
}

/// An atlas as it was kept: its rows, and what was worked out of them.
#[derive(Debug)]
pub struct KeptAtlas {
    /// Of the grids, the versions that did not hold at its instant.
    pub(super) rows: Snapshot,
    /// Those that did, in ascending order of (level, code).
    pub(super) present: Vec<KeptGrid>,
    /// The borders that their shapes name by number.
    pub(super) lines: Vec<Arc<[Coord<f64>]>>,
    pub(super) depths: Vec<KeptDepth>,
    pub(super) is_prepared: bool,
}

impl Atlas {
    /// Builds the atlas of a snapshot, on all cores: the grids that hold at the snapshot's instant, and what held before and is
    /// to hold later. Order of the rows does not matter.
    pub fn build(snapshot: Snapshot) -> Result<Self, BuildError> {
        Self::build_for(snapshot, Purpose::Points)
    }

    /// The same atlas for another purpose. With envelopes it takes less time to build, and points take longer to look up.
    pub fn build_for(mut snapshot: Snapshot, purpose: Purpose) -> Result<Self, BuildError> {
        let now = snapshot.at;
        if snapshot.grids.len() >= super::coverage::MOST {
            return Err(BuildError::TooMany(snapshot.grids.len()));
        }
        let spans: Vec<_> = snapshot.grids.iter().map(|version| (version.grid.id, version.valid)).collect();
        let mut grids = std::mem::take(&mut snapshot.grids);
        // Most hold now and stay where they are: to move them all takes longer than to look at them.
        let others: Vec<_> = grids.extract_if(.., |version| !version.valid.contains(now)).collect();
        let dated = Dated::build(others, spans.into_iter(), now);
        let grids = table(grids)?;
        let detail = |grids: &GridTable, levels: &LevelScheme| Ok(Detail::new(grids, levels));
        Self::put_together(snapshot, grids, dated, detail, purpose)
    }

    /// The atlas that was kept, as of the instant at which it was. Whatever the parts say, it ends in an atlas or in a reason.
    pub fn restore(kept: KeptAtlas, purpose: Purpose) -> Result<Self, SavedError> {
        let KeptAtlas { mut rows, present, lines, depths, is_prepared } = kept;
        let others = std::mem::take(&mut rows.grids);
        let holds = |version: &GridVersion| version.valid.contains(rows.at);
        if !present.iter().all(|grid| holds(&grid.version)) || others.iter().any(holds) {
            return Err(SavedError::Parts("grids of another time"));
        }
        let versions = present.iter().map(|grid| &grid.version).chain(&others);
        let spans: Vec<_> = versions.map(|version| (version.grid.id, version.valid)).collect();
        let dated = Dated::build(others, spans.into_iter(), rows.at);
        let grids = restored_table(present, lines)?;
        let detail = |grids: &GridTable, levels: &LevelScheme| {
            Detail::restore(grids, levels, depths, is_prepared).map_err(SavedError::Parts)
        };
        Self::put_together(rows, grids, dated, detail, purpose)
    }

    fn put_together<E: Send>(
        rows: Snapshot,
        grids: GridTable,
        dated: Dated,
        detail: impl FnOnce(&GridTable, &LevelScheme) -> Result<Detail, E> + Send,
        purpose: Purpose,
    ) -> Result<Self, E> {
        let resources = || ResourceTable::build(&grids, rows.buildings, rows.facilities, rows.people);
        let staff = || StaffTable::build(rows.workers, rows.assignments, rows.absences);
        let (lookup, (detail, (staff, resources))) = rayon::join(
            || Lookup::build(&grids, purpose),
            || rayon::join(|| detail(&grids, &rows.levels), || rayon::join(staff, resources)),
        );
        Ok(Self {
            shifts: Shifts::of(&staff, rows.at),
            dirt: Dirt::new(),
            revision: rows.revision,
            as_of: rows.at,
            built: Utc::now(),
            detail: detail?,
            levels: rows.levels,
            grids,
            lookup,
            staff,
            resources,
            dated,
        })
    }
}

fn table(mut grids: Vec<GridVersion>) -> Result<GridTable, BuildError> {
    sort(&mut grids);
    let rows: Vec<_> = grids.iter().map(|version| &version.grid).collect();
    check_codes(&rows)?;
    let parents = link_parents(&rows)?;
    let envelopes = grids.par_iter().map(place).collect::<Result<Vec<_>, _>>()?;
    Ok(GridTable::from_rows(grids, envelopes, &parents))
}

fn restored_table(kept: Vec<KeptGrid>, lines: Vec<Arc<[Coord<f64>]>>) -> Result<GridTable, SavedError> {
    let rows: Vec<_> = kept.iter().map(|kept| &kept.version.grid).collect();
    if !rows.is_sorted_by(|a, b| (a.level, &a.code) < (b.level, &b.code)) {
        return Err(SavedError::Parts("grids in another order"));
    }
    let shapes: Vec<_> = kept.iter().map(|kept| kept.shape.clone()).collect();
    let (coverage, parents) = rayon::join(
        || Coverage::restore(lines, &shapes),
        || check_codes(&rows).and_then(|()| link_parents(&rows)),
    );
    Ok(GridTable::from_kept(kept, coverage.map_err(SavedError::Parts)?, &parents?))
}

/// A table of versions that held together once. What is stored of the past is not checked again: a parent that is missing or not
/// above leaves its child at the top.
pub(super) fn table_of_the_past(mut grids: Vec<GridVersion>) -> GridTable {
    sort(&mut grids);
    grids.retain(|version| Envelope::of(&version.grid.geometry).is_some());
    let envelopes = grids.iter().filter_map(|version| Envelope::of(&version.grid.geometry)).collect();
    let places: HashMap<_, _> = grids.iter().enumerate().map(|(at, version)| (version.grid.id, at)).collect();
    let link = |GridVersion { grid, .. }: &GridVersion| {
        let at = *places.get(&grid.parent?)?;
        (grids[at].grid.level < grid.level).then_some(GridIndex(at as u32))
    };
    let parents: Vec<_> = grids.iter().map(link).collect();
    GridTable::from_rows(grids, envelopes, &parents)
}

fn sort(grids: &mut [GridVersion]) {
    grids.par_sort_unstable_by(|a, b| (a.grid.level, &a.grid.code).cmp(&(b.grid.level, &b.grid.code)));
}

fn check_codes(grids: &[&Grid]) -> Result<(), BuildError> {
    let mut codes: Vec<_> = grids.iter().map(|grid| &grid.code).collect();
    codes.par_sort_unstable();
    match codes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(BuildError::DuplicateCode(pair[0].clone())),
        None => Ok(()),
    }
}

fn link_parents(grids: &[&Grid]) -> Result<Vec<Option<GridIndex>>, BuildError> {
    let places: HashMap<_, _> = grids.iter().enumerate().map(|(at, grid)| (grid.id, at)).collect();
    let link = |grid: &&Grid| {
        let Some(parent) = grid.parent else { return Ok(None) };
        let at = *places.get(&parent).ok_or_else(|| BuildError::MissingParent(grid.code.clone()))?;
        let above = grids[at];
        if above.level >= grid.level {
            return Err(BuildError::ParentBelow { child: grid.code.clone(), parent: above.code.clone() });
        }
        Ok(Some(GridIndex(at as u32)))
    };
    grids.iter().map(link).collect()
}

/// Checks a territory, and gives its envelope.
pub(super) fn place(version: &GridVersion) -> Result<Envelope, BuildError> {
    let grid = &version.grid;
    let envelope =
        Envelope::of(&grid.geometry).ok_or_else(|| BuildError::EmptyGeometry(grid.code.clone()))?;
    let corners =
        LonLat::new(envelope.min[0], envelope.min[1]).and(LonLat::new(envelope.max[0], envelope.max[1]));
    corners.map_err(|_| BuildError::Coordinate(grid.code.clone()))?;
    if !grid.geometry.iter().any(|polygon| signed_area(&polygon.exterior().0) != 0.0) {
        return Err(BuildError::EmptyGeometry(grid.code.clone()));
    }
    Ok(envelope)
}
