//! From an atlas to bytes, row by row.

use std::io::{self, Write};
use std::sync::Arc;

use geo::Coord;

use super::record::{Record, Sink};
use super::{END, FORMAT, MAGIC, Stamp};
use crate::atlas::Atlas;
use crate::atlas::detail::KeptDepth;
use crate::atlas::grids::KeptGrid;
use crate::model::{Absence, Assignment, Building, Facility, GridVersion, LevelName, Person, Worker};

impl Atlas {
    /// Writes everything that the atlas is made of, and what was worked out of it so far; gives the number of bytes. Holds a byte for
    /// each vertex meanwhile.
    pub fn save(&self, stamp: &Stamp, out: &mut dyn Write) -> io::Result<u64> {
        let mut sink = Sink::new(out);
        // Asked for first: what is worked out meanwhile is worked out again at worst.
        let is_prepared = self.is_prepared();
        let borders = self.grids.coverage().numbered();
        sink.bytes(MAGIC);
        sink.bytes(&FORMAT.to_le_bytes());
        stamp.put(&mut sink);
        self.revision.put(&mut sink);
        self.as_of.put(&mut sink);
        sink.rows::<LevelName>(self.levels.levels.iter());
        sink.rows::<Arc<[Coord<f64>]>>(borders.lines());
        let grids = sink.position();
        sink.counted::<KeptGrid>(self.grids.all().map(|grid| self.grids.kept(grid, &borders)));
        let others = sink.position();
        is_prepared.put(&mut sink);
        sink.rows::<KeptDepth>(self.detail.kept(borders.borders()));
        sink.rows::<GridVersion>(self.dated.iter());
        sink.rows::<Worker>(self.staff.workers());
        sink.rows::<Assignment>(self.staff.assignments());
        sink.rows::<Absence>(self.staff.absences());
        sink.rows::<Building>(self.resources.buildings());
        sink.rows::<Facility>(self.resources.facilities());
        sink.rows::<Person>(self.resources.persons());
        sink.bytes(&grids.to_le_bytes());
        sink.bytes(&others.to_le_bytes());
        let (length, sum) = sink.sum();
        sink.bytes(&length.to_le_bytes());
        sink.bytes(&sum.to_le_bytes());
        sink.bytes(END);
        sink.finish()
    }
}
