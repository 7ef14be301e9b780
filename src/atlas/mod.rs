//! The atlas: an immutable picture of the store as of one revision, from which everything fast is answered.
//!
//! A request takes one [`Atlas`] at its start (see [`CurrentAtlas`]) and never sees two revisions. Grids are
//! addressed by [`GridIndex`], which means something only within the atlas that gave it.

mod apply;
mod build;
mod chunked;
mod coverage;
mod current;
mod dated;
mod detail;
mod dirt;
mod envelope;
#[cfg(test)]
pub(crate) mod equivalence;
#[cfg(test)]
pub(crate) mod fixture;
mod grids;
mod lookup;
mod marking;
mod parts;
mod past;
mod resources;
mod saved;
mod sharded;
mod shifts;
mod spatial;
mod staff;
#[cfg(test)]
mod tests;

pub use build::{BuildError, KeptAtlas};
pub use coverage::{BorderIndex, Sharing};
pub use current::CurrentAtlas;
pub use detail::{Drawn, DrawnShape, Stretch};
pub use dirt::{Dirty, TILE_REACH, TileKind};
pub use envelope::Envelope;
pub use grids::{GridIndex, GridTable};
pub use lookup::{Cover, Neighbor, Purpose};
pub use parts::{Named, NamedKey, Part, PartKind};
pub use resources::{Counts, ResourceTable};
pub use saved::{Saved, SavedError, Stamp};
pub use staff::{Duties, Duty, StaffTable, WorkerIndex};

use chrono::{DateTime, Utc};

use crate::model::{LevelScheme, LonLat, Span};

/// A picture of the store as of one revision.
#[derive(Debug, Clone)]
pub struct Atlas {
    revision: i64,
    as_of: DateTime<Utc>,
    built: DateTime<Utc>,
    levels: LevelScheme,
    grids: GridTable,
    detail: detail::Detail,
    lookup: lookup::Lookup,
    staff: StaffTable,
    resources: ResourceTable,
    dated: dated::Dated,
    shifts: shifts::Shifts,
    dirt: dirt::Dirt,
}

impl Atlas {
    /// The revision that it shows; 0 before anything was imported.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// The instant at which it was read: the grids are those that held then.
    pub fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// The span around [`Atlas::as_of`] in which the grids are these: before and after it, see [`Atlas::at`].
    pub fn window(&self) -> Span {
        self.dated.window()
    }

    /// When it was built.
    pub fn built(&self) -> DateTime<Utc> {
        self.built
    }

    /// The names and zooms of the levels.
    pub fn levels(&self) -> &LevelScheme {
        &self.levels
    }

    /// The grids and their tree.
    pub fn grids(&self) -> &GridTable {
        &self.grids
    }

    /// Workers, assignments and absences.
    pub fn staff(&self) -> &StaffTable {
        &self.staff
    }

    /// Buildings, facilities and people by leaf.
    pub fn resources(&self) -> &ResourceTable {
        &self.resources
    }

    /// The grid that a point lies in: exactly one leaf, else the deepest grid that covers it, else nothing.
    ///
    /// The verdict is that of PostGIS `ST_Covers`; of several covering leaves the lowest code wins.
    pub fn cover(&self, point: LonLat) -> Cover {
        self.lookup.cover(&self.grids, point)
    }

    /// [`Atlas::cover`] of many points, in their order; several times as fast a point. Large batches take every core of the current rayon pool.
    pub fn cover_batch(&self, points: &[LonLat]) -> Vec<Cover> {
        self.lookup.cover_batch(&self.grids, points)
    }

    /// Where the boundaries do not bear out the chain above a grid that covers a point: each grid of the chain that does not cover
    /// it, from the bottom up, with the grid of its level that does. Empty at once where the borders prove that grids are nested.
    pub fn disagreements(&self, grid: GridIndex, point: LonLat) -> Vec<(GridIndex, Option<GridIndex>)> {
        self.lookup.disagreements(&self.grids, grid, point)
    }

    /// The leaves within `radius_m` metres of a point, nearest first, those that cover it at distance 0.
    pub fn leaves_within(&self, point: LonLat, radius_m: f64) -> Vec<Neighbor> {
        self.lookup.leaves_within(&self.grids, point, radius_m)
    }

    /// The leaf nearest to a point; `None` only when there are no grids.
    pub fn nearest_leaf(&self, point: LonLat) -> Option<Neighbor> {
        self.lookup.nearest_leaf(&self.grids, point)
    }

    /// Distance in metres from a point to the nearest edge of a grid, whichever side the point is on.
    pub fn border_distance(&self, grid: GridIndex, point: LonLat) -> f64 {
        lookup::border_distance(&self.grids, grid, point)
    }

    /// The grids of all levels whose envelope meets an envelope, in no order.
    pub fn grids_in<'a>(&'a self, envelope: &Envelope) -> impl Iterator<Item = GridIndex> + 'a {
        self.lookup.grids_in(envelope)
    }
}
