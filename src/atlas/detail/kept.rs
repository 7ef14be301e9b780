//! What was worked out of borders, as it is kept with an atlas.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use super::depth::{Depth, UNKNOWN};
use super::{BorderIndex, Detail};
use crate::atlas::GridTable;
use crate::model::{Level, LevelScheme};

/// The first zooms of the vertices of all borders of grids down to a level, border by border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::atlas) struct KeptDepth {
    pub(in crate::atlas) deepest: Level,
    /// A byte a vertex; the first of a border that nobody has asked for yet is [`UNKNOWN`].
    pub(in crate::atlas) zooms: Vec<u8>,
}

impl Detail {
    /// What is worked out so far, with the borders in an order.
    pub(in crate::atlas) fn kept(
        &self,
        borders: impl Iterator<Item = BorderIndex> + Clone,
    ) -> impl Iterator<Item = KeptDepth> {
        let depths = self.depths.iter().filter_map(OnceLock::get);
        depths.map(move |depth| KeptDepth { deepest: depth.deepest(), zooms: depth.kept(borders.clone()) })
    }

    /// The detail of an atlas whose borders are numbered in the order in which they were kept.
    pub(in crate::atlas) fn restore(
        grids: &GridTable,
        levels: &LevelScheme,
        kept: Vec<KeptDepth>,
        is_prepared: bool,
    ) -> Result<Self, &'static str> {
        let detail = Self::new(grids, levels);
        for KeptDepth { deepest, zooms } in kept {
            let first_zoom = detail.plan.first_zooms[deepest.index()];
            let first_zoom = first_zoom.ok_or("borders of a level that is never the deepest one drawn")?;
            let depth = Depth::new(grids, deepest, first_zoom);
            depth.restore(grids.coverage().places(), &zooms)?;
            _ = detail.depths[deepest.index()].set(Arc::new(depth));
        }
        if is_prepared {
            _ = detail.prepared.set(());
        }
        Ok(detail)
    }
}

impl Depth {
    fn kept(&self, borders: impl Iterator<Item = BorderIndex>) -> Vec<u8> {
        let mut kept = Vec::new();
        for border in borders {
            let zooms = self.known(border);
            // Who finds the first byte of a border finds the others: before, they may be half written.
            match zooms.first().map(|first| first.load(Ordering::Acquire)) {
                Some(UNKNOWN) => kept.extend(std::iter::repeat_n(UNKNOWN, zooms.len())),
                _ => kept.extend(zooms.iter().map(|zoom| zoom.load(Ordering::Relaxed))),
            }
        }
        kept
    }

    fn restore(&self, borders: usize, kept: &[u8]) -> Result<(), &'static str> {
        let mut rest = kept;
        for border in (0..borders as u32).map(BorderIndex) {
            let zooms = self.known(border);
            let (own, after) = rest.split_at_checked(zooms.len()).ok_or("fewer zooms than vertices")?;
            zooms.iter().zip(own).for_each(|(zoom, own)| zoom.store(*own, Ordering::Relaxed));
            rest = after;
        }
        if rest.is_empty() { Ok(()) } else { Err("more zooms than vertices") }
    }
}
