//! Not too many households in a grid, and not too few.

use super::{Check, Finding, What};
use crate::model::GridKind;

impl Check<'_> {
    /// Base and micro-grids whose households are known and out of range.
    pub(super) fn sizes(&self) -> Vec<Finding> {
        self.each(|grid| {
            let grids = self.atlas.grids();
            let range = match grids.kind(grid) {
                Some(GridKind::Base) => self.settings.base_households,
                Some(GridKind::Micro) => self.settings.micro_households,
                _ => return Vec::new(),
            };
            let count = grids.households(grid).filter(|count| !(range[0]..=range[1]).contains(count));
            count.map(|count| self.finding([grid], What::Households { count, range })).into_iter().collect()
        })
    }
}
