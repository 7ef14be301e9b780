//! What changed from one revision to another.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Absence, Assignment, Building, Facility, GridId, GridVersion, LevelScheme, Person, ResourceId, Worker,
    WorkerId,
};

/// The rows that a stretch of the change feed touched, as they are at its end: applied twice, it changes nothing the
/// second time. An identity without a row is gone.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    /// The revision at its end.
    pub revision: i64,
    /// The instant at which the rows were read, by the clock of the database.
    pub at: DateTime<Utc>,
    /// The names of the levels, when one of them changed.
    pub levels: Option<LevelScheme>,
    /// Every version of each touched grid; none: the grid never was.
    pub grids: Vec<(GridId, Vec<GridVersion>)>,
    /// Workers.
    pub workers: Vec<(WorkerId, Option<Worker>)>,
    /// Assignments.
    pub assignments: Vec<(Uuid, Option<Assignment>)>,
    /// Absences.
    pub absences: Vec<(Uuid, Option<Absence>)>,
    /// Buildings.
    pub buildings: Vec<(ResourceId, Option<Building>)>,
    /// Facilities.
    pub facilities: Vec<(ResourceId, Option<Facility>)>,
    /// People.
    pub people: Vec<(ResourceId, Option<Person>)>,
}

impl Delta {
    /// Does it touch nothing?
    pub fn is_empty(&self) -> bool {
        self.levels.is_none()
            && self.grids.is_empty()
            && self.workers.is_empty()
            && self.assignments.is_empty()
            && self.absences.is_empty()
            && self.buildings.is_empty()
            && self.facilities.is_empty()
            && self.people.is_empty()
    }
}
