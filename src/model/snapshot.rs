//! Everything that the atlas is built from, as of one revision.

use super::{Absence, Assignment, Building, Facility, Grid, LevelScheme, Person, Worker};

/// A consistent reading of the store.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The revision that it shows; 0 before anything was imported.
    pub revision: i64,
    /// Names of the levels.
    pub levels: LevelScheme,
    /// The grids in force, in any order.
    pub grids: Vec<Grid>,
    /// Everybody.
    pub workers: Vec<Worker>,
    /// Who serves where: all that have not ended yet.
    pub assignments: Vec<Assignment>,
    /// Who is away: all that have not ended yet.
    pub absences: Vec<Absence>,
    /// Buildings with their footprints.
    pub buildings: Vec<Building>,
    /// Facilities.
    pub facilities: Vec<Facility>,
    /// People, as positions.
    pub people: Vec<Person>,
}
