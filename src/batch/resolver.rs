//! From positions to grids: the one place where a batch looks anything up.

use std::sync::Arc;

use super::plan::Plan;
use super::table::{Table, Wrong};
use crate::atlas::{Atlas, Cover, GridIndex};
use crate::geom::millimetres;
use crate::model::LonLat;
use crate::resolve::Status;

/// What was found for the rows of a table.
pub(super) struct Verdicts {
    /// How each lies; anything where the row is wrong.
    pub statuses: Vec<Status>,
    /// The grid of each; `None` outside.
    pub grids: Vec<Option<GridIndex>>,
    /// Metres to the border of that grid, if asked for; not a number outside.
    pub borders: Option<Vec<f64>>,
    /// The rows without an answer, in ascending order.
    pub wrong: Vec<Wrong>,
}

/// One atlas and what is asked of it: every row of a batch is answered from the same revision.
pub(super) struct Resolver {
    pub atlas: Arc<Atlas>,
    pub plan: Plan,
}

impl Resolver {
    /// The grids of all rows.
    pub(super) fn verdicts(&self, table: &mut Table) -> Verdicts {
        let mut known = std::mem::take(&mut table.wrong).into_iter().peekable();
        let mut wrong = Vec::new();
        let mut points = Vec::with_capacity(table.len());
        let mut rows = Vec::with_capacity(table.len());
        for (row, (x, y)) in table.x.iter().zip(&table.y).enumerate() {
            let row = row as u32;
            if let Some(known) = known.next_if(|known| known.row == row) {
                wrong.push(known);
                continue;
            }
            match self.plan.crs.to_lonlat(*x, *y) {
                Ok(point) => {
                    points.push(point);
                    rows.push(row);
                }
                Err(error) => wrong.push(Wrong { row, text: error.to_string(), missing: 0 }),
            }
        }
        self.look_up(table.len(), &points, &rows, wrong)
    }

    fn look_up(&self, length: usize, points: &[LonLat], rows: &[u32], wrong: Vec<Wrong>) -> Verdicts {
        let mut statuses = vec![Status::Outside; length];
        let mut grids = vec![None; length];
        let mut borders = self.plan.fields.border_m.then(|| vec![f64::NAN; length]);
        for ((cover, row), point) in self.covers(points).into_iter().zip(rows).zip(points) {
            let row = *row as usize;
            let (status, grid) = match cover {
                Cover::Inside(grid) => (Status::Inside, grid),
                Cover::Border(grid) => (Status::Border, grid),
                Cover::ParentOnly(grid) => (Status::ParentOnly, grid),
                Cover::Outside => continue,
            };
            (statuses[row], grids[row]) = (status, Some(grid));
            if let Some(borders) = &mut borders {
                borders[row] = millimetres(self.atlas.border_distance(grid, *point));
            }
        }
        Verdicts { statuses, grids, borders, wrong }
    }

    fn covers(&self, points: &[LonLat]) -> Vec<Cover> {
        self.atlas.cover_batch(points)
    }
}

/// The word of a status.
pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::Inside => "inside",
        Status::Border => "border",
        Status::Ambiguous => "ambiguous",
        Status::ParentOnly => "parent_only",
        Status::Outside => "outside",
    }
}
