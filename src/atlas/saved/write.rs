//! From an atlas to bytes, row by row.

use std::borrow::Cow;
use std::io::{self, Write};

use super::record::{Record, Sink};
use super::{END, FORMAT, MAGIC, Stamp};
use crate::atlas::Atlas;
use crate::model::{Absence, Assignment, Building, Facility, GridVersion, LevelName, Person, Worker};

impl Atlas {
    /// Writes everything that the atlas is made of; gives the number of bytes. Holds a few hundred kilobytes meanwhile.
    pub fn save(&self, stamp: &Stamp, out: &mut dyn Write) -> io::Result<u64> {
        let mut sink = Sink::new(out);
        sink.bytes(MAGIC);
        sink.bytes(&FORMAT.to_le_bytes());
        stamp.put(&mut sink);
        self.revision.put(&mut sink);
        self.as_of.put(&mut sink);
        sink.rows::<LevelName>(self.levels.levels.iter());
        let present = self.grids.all().map(|grid| Cow::Owned(self.grids.version(grid)));
        sink.rows::<GridVersion>(present.chain(self.dated.iter().map(Cow::Borrowed)));
        let divide = sink.position();
        sink.rows::<Worker>(self.staff.workers());
        sink.rows::<Assignment>(self.staff.assignments());
        sink.rows::<Absence>(self.staff.absences());
        sink.rows::<Building>(self.resources.buildings());
        sink.rows::<Facility>(self.resources.facilities());
        sink.rows::<Person>(self.resources.persons());
        sink.bytes(&divide.to_le_bytes());
        let (length, sum) = sink.sum();
        sink.bytes(&length.to_le_bytes());
        sink.bytes(&sum.to_le_bytes());
        sink.bytes(END);
        sink.finish()
    }
}
