//! Which grid of a level covers a point, by its own boundary: asked only where it does not follow from the leaf.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::sector::Found;
use super::sectors::Sectors;
use super::{GridIndex, GridTable, Lookup, Purpose};
use crate::atlas::Envelope;
use crate::model::{Level, LonLat};

/// An index a level, made when the level is first asked for. Copies share what is made, whenever that is.
#[derive(Debug, Clone)]
pub(super) struct LevelIndexes(Vec<Arc<OnceLock<Option<Sectors>>>>);

impl Default for LevelIndexes {
    fn default() -> Self {
        Self(Level::all().map(|_| Arc::default()).collect())
    }
}

impl LevelIndexes {
    /// Without those of levels at which a grid came, went or moved.
    pub(super) fn without(&self, levels: &BTreeSet<Level>) -> Self {
        let kept = Level::all().zip(&self.0);
        Self(
            kept.map(
                |(level, index)| if levels.contains(&level) { Arc::default() } else { Arc::clone(index) },
            )
            .collect(),
        )
    }

    fn of(&self, grids: &GridTable, level: Level) -> Option<&Sectors> {
        let index = self
            .0
            .get(level.index())?
            .get_or_init(|| Sectors::build(grids, grids.at_level(level).collect(), Purpose::Points));
        index.as_ref()
    }
}

impl Lookup {
    /// The grid of a level that covers a point; of several `preferred` if it is among them, else the one of the lowest code.
    pub(in crate::atlas) fn cover_at_level(
        &self,
        grids: &GridTable,
        level: Level,
        point: LonLat,
        preferred: GridIndex,
    ) -> Option<GridIndex> {
        if let Some(levels) = &self.levels {
            match levels.of(grids, level)?.at(point.into())?.find(point.into()) {
                Found::Leaf(grid) => return Some(grid),
                Found::Nobody => return None,
                Found::Unsettled => {}
            }
        }
        if grids.locate(preferred, point).is_covered() {
            return Some(preferred);
        }
        let around = Envelope { min: [point.lon(), point.lat()], max: [point.lon(), point.lat()] };
        let of_level = self.grids_in(&around).filter(|grid| grids.level(*grid) == level);
        let covering = of_level.filter(|grid| grids.locate(*grid, point).is_covered());
        covering.min_by(|a, b| grids.code(*a).cmp(grids.code(*b)))
    }

    /// Where the boundaries do not bear out the chain above a grid: each grid of the chain that does not cover the point, from the
    /// bottom up, with the grid of its level that does.
    ///
    /// Nothing is looked up above a grid that covers the point as long as every family on the way is proven to be seamless.
    pub(in crate::atlas) fn disagreements(
        &self,
        grids: &GridTable,
        grid: GridIndex,
        point: LonLat,
    ) -> Vec<(GridIndex, Option<GridIndex>)> {
        let mut found = Vec::new();
        let mut covered = true;
        for above in grids.upwards(grid).skip(1) {
            if covered && grids.is_seamless(above) {
                continue;
            }
            let by_boundary = self.cover_at_level(grids, grids.level(above), point, above);
            covered = by_boundary == Some(above);
            if !covered {
                found.push((above, by_boundary));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::atlas::equivalence::{any_edits, state_after};
    use crate::atlas::{Atlas, GridIndex};

    /// Every grid of the chain looked at, and every grid of its level: what the answer must be without any proof or index.
    fn naive(atlas: &Atlas, grid: GridIndex, point: LonLat) -> Vec<(GridIndex, Option<GridIndex>)> {
        let grids = atlas.grids();
        let covers = |grid: &GridIndex| grids.locate(*grid, point).is_covered();
        let above = grids.upwards(grid).skip(1).filter(|above| !covers(above));
        above.map(|above| (above, grids.at_level(grids.level(above)).find(covers))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn levels_disagree_where_looking_at_every_grid_says_so(edits in any_edits(), shift in 0..100u32) {
            let atlas = state_after(edits);
            for x in 0..30_u32 {
                for y in 0..30_u32 {
                    // Corners of grids lie on multiples of a thousandth of a degree.
                    let shift = f64::from(shift % 4) * 0.0005;
                    let point = LonLat::new(99.995 + f64::from(x) * 0.003 + shift, 24.995 + f64::from(y) * 0.003 + shift).unwrap();
                    let Some(grid) = atlas.cover(point).grid() else { continue };
                    prop_assert_eq!(atlas.disagreements(grid, point), naive(&atlas, grid, point));
                }
            }
        }
    }
}
