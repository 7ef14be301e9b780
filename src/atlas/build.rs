//! From a reading of the store to an atlas.

use std::collections::HashMap;

use chrono::Utc;
use rayon::prelude::*;
use thiserror::Error;

use super::dated::Dated;
use super::detail::Detail;
use super::dirt::Dirt;
use super::shifts::Shifts;
use super::{
    Atlas, Envelope, GridIndex, GridTable, ResourceTable, StaffTable, lookup::Lookup, lookup::Purpose,
};
use crate::geom::signed_area;
use crate::model::{Code, GridVersion, LonLat, Snapshot};

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

impl Atlas {
    /// Builds the atlas of a snapshot, on all cores: the grids that hold at the snapshot's instant, and what held before and is
    /// to hold later. Order of the rows does not matter.
    pub fn build(snapshot: Snapshot) -> Result<Self, BuildError> {
        Self::build_for(snapshot, Purpose::Points)
    }

    /// The same atlas in less time, for whoever draws it and asks for few points: those take longer to look up.
    pub fn build_to_draw(snapshot: Snapshot) -> Result<Self, BuildError> {
        Self::build_for(snapshot, Purpose::Envelopes)
    }

    fn build_for(snapshot: Snapshot, purpose: Purpose) -> Result<Self, BuildError> {
        let now = snapshot.at;
        if snapshot.grids.len() >= super::coverage::MOST {
            return Err(BuildError::TooMany(snapshot.grids.len()));
        }
        let spans: Vec<_> = snapshot.grids.iter().map(|version| (version.grid.id, version.valid)).collect();
        let mut grids = snapshot.grids;
        // Most hold now and stay where they are: to move them all takes longer than to look at them.
        let others: Vec<_> = grids.extract_if(.., |version| !version.valid.contains(now)).collect();
        let dated = Dated::build(others, spans.into_iter(), now);
        let grids = table(grids)?;
        let (lookup, (staff, resources)) = rayon::join(
            || Lookup::build(&grids, purpose),
            || {
                let resources =
                    || ResourceTable::build(&grids, snapshot.buildings, snapshot.facilities, snapshot.people);
                let staff = || StaffTable::build(snapshot.workers, snapshot.assignments, snapshot.absences);
                rayon::join(staff, resources)
            },
        );
        Ok(Self {
            shifts: Shifts::of(&staff, now),
            dirt: Dirt::new(),
            revision: snapshot.revision,
            as_of: now,
            built: Utc::now(),
            detail: Detail::new(&grids, &snapshot.levels),
            levels: snapshot.levels,
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
    check_codes(&grids)?;
    let parents = link_parents(&grids)?;
    let envelopes = grids.par_iter().map(place).collect::<Result<Vec<_>, _>>()?;
    Ok(GridTable::from_rows(grids, envelopes, &parents))
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

fn check_codes(grids: &[GridVersion]) -> Result<(), BuildError> {
    let mut codes: Vec<_> = grids.iter().map(|version| &version.grid.code).collect();
    codes.par_sort_unstable();
    match codes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(BuildError::DuplicateCode(pair[0].clone())),
        None => Ok(()),
    }
}

fn link_parents(grids: &[GridVersion]) -> Result<Vec<Option<GridIndex>>, BuildError> {
    let places: HashMap<_, _> = grids.iter().enumerate().map(|(at, version)| (version.grid.id, at)).collect();
    let link = |GridVersion { grid, .. }: &GridVersion| {
        let Some(parent) = grid.parent else { return Ok(None) };
        let at = *places.get(&parent).ok_or_else(|| BuildError::MissingParent(grid.code.clone()))?;
        let above = &grids[at].grid;
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
