//! Everything that the atlas is built from, as of one revision.

use chrono::{DateTime, Utc};

use super::{Absence, Assignment, Building, Facility, GridVersion, LevelScheme, Person, Worker};

/// Which rows are read beside the levels and grids: what is not asked for is not read, above all where residents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope {
    /// Workers, assignments and absences.
    pub staff: bool,
    /// Buildings.
    pub buildings: bool,
    /// Facilities.
    pub facilities: bool,
    /// The places of people.
    pub people: bool,
}

impl Scope {
    /// All that there are.
    pub const ALL: Self = Self { staff: true, buildings: true, facilities: true, people: true };
    /// Who serves where.
    pub const STAFF: Self = Self { staff: true, buildings: false, facilities: false, people: false };
}

/// A consistent reading of the store: what holds now, what held before, and what is to hold.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The revision that it shows; 0 before anything was written.
    pub revision: i64,
    /// The instant at which it was read, by the clock of the database, never before its revision; which versions hold
    /// "now" is counted from here.
    pub at: DateTime<Utc>,
    /// Names of the levels.
    pub levels: LevelScheme,
    /// Every version of every grid, in any order.
    pub grids: Vec<GridVersion>,
    /// Everybody.
    pub workers: Vec<Worker>,
    /// Who serves, served or will serve where.
    pub assignments: Vec<Assignment>,
    /// Who is, was or will be away.
    pub absences: Vec<Absence>,
    /// Buildings with their footprints.
    pub buildings: Vec<Building>,
    /// Facilities.
    pub facilities: Vec<Facility>,
    /// People, as positions.
    pub people: Vec<Person>,
}
