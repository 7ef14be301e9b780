//! The order of grids by (level, code), and the place of each in it.

use super::{GridIndex, NONE};
use crate::model::Level;

/// All grids in ascending order of (level, code). Who compares two grids compares their ranks, without a look at their codes.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    grids: Vec<GridIndex>,
    /// By place of the grid.
    ranks: Vec<u32>,
    /// Where each level begins, and where the last one ends.
    starts: [usize; Level::COUNT + 1],
}

impl Order {
    /// Of grids that are in order. `places`: one more than the highest index. O(places).
    pub(super) fn new(grids: Vec<GridIndex>, places: usize, level: impl Fn(GridIndex) -> Level) -> Self {
        let mut ranks = vec![NONE; places];
        let mut starts = [0; Level::COUNT + 1];
        for (rank, grid) in grids.iter().enumerate() {
            ranks[grid.at()] = rank as u32;
            starts[level(*grid).index() + 1] = rank + 1;
        }
        for level in 1..starts.len() {
            // A level without grids ends where the one before it does.
            starts[level] = starts[level].max(starts[level - 1]);
        }
        Self { grids, ranks, starts }
    }

    pub(super) fn grids(&self) -> &[GridIndex] {
        &self.grids
    }

    pub(super) fn at_level(&self, level: Level) -> &[GridIndex] {
        &self.grids[self.starts[level.index()]..self.starts[level.index() + 1]]
    }

    /// The place of a grid that is there.
    pub(super) fn rank(&self, grid: GridIndex) -> u32 {
        self.ranks[grid.at()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_without_grids_is_empty_wherever_it_is() {
        let levels = [2, 2, 4].map(|number| Level::new(number).unwrap());
        let order = Order::new([2, 0, 1].map(GridIndex).to_vec(), 4, |grid| levels[[1, 2, 0][grid.at()]]);
        let sizes: Vec<_> = Level::all().take(6).map(|level| order.at_level(level).len()).collect();
        assert_eq!(sizes, [0, 2, 0, 1, 0, 0]);
        assert_eq!([0, 1, 2].map(|place| order.rank(GridIndex(place))), [1, 2, 0]);
    }
}
