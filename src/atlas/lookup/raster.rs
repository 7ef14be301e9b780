//! Squares over a box, and which of them an edge may touch.

use geo::Coord;

use crate::atlas::Envelope;

/// How much farther than it is, in cells, an edge is taken to reach: far above any rounding of places to cells.
const SLACK: f64 = 1e-6;

/// A box cut into cells of equal size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raster {
    pub(super) west: f64,
    pub(super) south: f64,
    /// Degrees that a cell measures east-west and north-south.
    cell: [f64; 2],
    per_degree: [f64; 2],
    pub(super) columns: u32,
    pub(super) rows: u32,
}

impl Raster {
    pub(super) fn new(envelope: &Envelope, columns: u32, rows: u32) -> Self {
        let cell = |axis: usize, count: u32| {
            let extent = envelope.max[axis] - envelope.min[axis];
            // An axis without extent has all its places in the first cell.
            if extent > 0.0 { extent / f64::from(count) } else { 1.0 }
        };
        let cell = [cell(0, columns), cell(1, rows)];
        Self {
            west: envelope.min[0],
            south: envelope.min[1],
            cell,
            per_degree: [1.0 / cell[0], 1.0 / cell[1]],
            columns,
            rows,
        }
    }

    /// The south-western corner of a cell.
    #[inline]
    pub(super) fn corner(&self, column: u32, row: u32) -> Coord<f64> {
        Coord {
            x: self.west + f64::from(column) * self.cell[0],
            y: self.south + f64::from(row) * self.cell[1],
        }
    }

    /// The column and row of a place; those of the nearest cell for one outside.
    #[inline]
    pub(super) fn cell(&self, place: Coord<f64>) -> (u32, u32) {
        (self.column(self.across(place.x)), self.row(self.up(place.y)))
    }

    /// The columns and rows, first and last, that an envelope may touch.
    pub(super) fn range(&self, envelope: &Envelope) -> [(u32, u32); 2] {
        let (west, east) = (self.across(envelope.min[0]) - SLACK, self.across(envelope.max[0]) + SLACK);
        let (south, north) = (self.up(envelope.min[1]) - SLACK, self.up(envelope.max[1]) + SLACK);
        [(self.column(west), self.column(east)), (self.row(south), self.row(north))]
    }

    /// Calls for every cell that an edge may touch; a few more than it does, never one less. Parts outside the box count for
    /// the cells at its rim.
    pub(super) fn each_touched(&self, a: Coord<f64>, b: Coord<f64>, mut call: impl FnMut(u32, u32)) {
        let (low, high) = if a.y <= b.y { (a, b) } else { (b, a) };
        let (x0, y0) = (self.across(low.x), self.up(low.y));
        let (x1, y1) = (self.across(high.x), self.up(high.y));
        let (first, last) = (self.row(y0 - SLACK), self.row(y1 + SLACK));
        for row in first..=last {
            let (mut from, mut until) = (x0, x1);
            if y1 - y0 > 4.0 * SLACK {
                // The part of the edge within the row; rows at the rim reach out for ever.
                let share = |y: f64| ((y - y0) / (y1 - y0)).clamp(0.0, 1.0);
                let below = if row == 0 { 0.0 } else { share(f64::from(row) - SLACK) };
                let above = if row + 1 == self.rows { 1.0 } else { share(f64::from(row + 1) + SLACK) };
                (from, until) = (x0 + (x1 - x0) * below, x0 + (x1 - x0) * above);
            }
            let slack = SLACK * (1.0 + (x1 - x0).abs());
            let (from, until) = (from.min(until) - slack, from.max(until) + slack);
            for column in self.column(from)..=self.column(until) {
                call(column, row);
            }
        }
    }

    fn across(&self, lon: f64) -> f64 {
        (lon - self.west) * self.per_degree[0]
    }

    fn up(&self, lat: f64) -> f64 {
        (lat - self.south) * self.per_degree[1]
    }

    fn column(&self, across: f64) -> u32 {
        // A cast saturates: what is west of the box goes to column 0.
        (across as u32).min(self.columns - 1)
    }

    fn row(&self, up: f64) -> u32 {
        (up as u32).min(self.rows - 1)
    }
}
