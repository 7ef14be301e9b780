//! A code follows its scheme and begins with its parent's. That it is unique is certain: no atlas is built otherwise.

use super::{Check, Finding, What};
use crate::atlas::GridIndex;
use crate::model::{scheme_of, significant};

/// Schemes that say what a code looks like.
const KNOWN: [&str; 4] = ["division", "grid15", "grid20", "micro"];
/// Schemes whose codes begin with that of a parent, if the parent's is one of them.
const BEGINS_WITH_PARENT: [&str; 3] = ["division", "grid15", "micro"];

impl Check<'_> {
    /// What is wrong with codes; of schemes that nobody knows, nothing.
    pub(super) fn codes(&self) -> Vec<Finding> {
        self.each(|grid| {
            let grids = self.atlas.grids();
            let scheme = grids.version(grid).grid.scheme;
            let mut found = Vec::new();
            if KNOWN.contains(&scheme.as_str()) && scheme_of(grids.code(grid).as_str()) != scheme {
                found.push(self.finding([grid], What::CodeForm { scheme: scheme.clone() }));
            }
            let parent = grids.parent(grid).filter(|_| BEGINS_WITH_PARENT.contains(&scheme.as_str()));
            found.extend(parent.and_then(|parent| self.prefix(grid, parent)));
            found
        })
    }

    fn prefix(&self, grid: GridIndex, parent: GridIndex) -> Option<Finding> {
        let grids = self.atlas.grids();
        let above = grids.version(parent).grid.scheme;
        let expected = significant(grids.code(parent).as_str());
        let is_under = grids.code(grid).as_str().starts_with(expected);
        let wrong = BEGINS_WITH_PARENT.contains(&above.as_str()) && !is_under;
        wrong.then(|| self.finding([grid, parent], What::CodePrefix { expected: expected.to_owned() }))
    }
}
