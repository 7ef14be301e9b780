//! How large may a tile be, and what becomes of one that would be larger?
//!
//! It is drawn again, more coarsely, until it fits: borders with less detail where that may be enough, buildings as blocks, facilities as
//! clusters, and of the grids the deepest level by the one above it; what weighs most comes first. Nothing goes without something in its
//! place that says how many it stands for. Borders that leave the tile keep their detail, so that it fits its neighbours, coarsened or not.
//! The same atlas gives the same bytes.

use std::fmt;

use serde_json::{Value, json};

use super::canvas::Canvas;
use super::catalogue::{Selection, Source};
use super::encode::TileError;
use super::manner::{Manner, Step};
use super::render::{Drawing, Kind};
use super::zooms::Layer;
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::geom::Tile;
use crate::model::Level;

/// Less detail is tried where a tile is at most so many times its budget: it seldom saves more.
const DETAIL_SAVES: usize = 2;
/// The zooms whose detail borders may have instead are so many before.
const COARSEST: u8 = 2;

/// The bytes of a feature that is a point, at least: its tag and length, identity, type and geometry (Vector Tile Specification 2.1, 4.2 and 4.3).
const LEAST_BYTES: usize = 11;

/// How many bytes a tile may have, not compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(usize);

/// A tile that keeps to a budget as far as that is possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// As [`Selection::render`] gives them.
    pub bytes: Vec<u8>,
    /// What was done about a tile over its budget; `None`: nothing had to be.
    pub coarsened: Option<Coarsened>,
}

/// What was done to a tile over its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coarsened {
    /// Its size as the catalogue has it; the least that this can be where the tile has too many grids to be drawn with all of them.
    pub before: usize,
    /// Its size now; still over the budget when everything was tried.
    pub after: usize,
    /// What was done and made it smaller, in this order.
    pub steps: Vec<Step>,
}

impl fmt::Display for Coarsened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<_> = self.steps.iter().map(Step::to_string).collect();
        f.write_str(if steps.is_empty() { "nothing more to be done" } else { "" })?;
        f.write_str(&steps.join("; "))
    }
}

impl Budget {
    /// So many bytes.
    pub fn bytes(bytes: usize) -> Self {
        Self(bytes)
    }

    /// What the TileJSON says of it. `coarsened`: how many tiles had to be so far.
    pub fn describe(self, coarsened: usize) -> Value {
        json!({
            "bytes": self.0,
            "over": "drawn more coarsely until it fits, what weighs most first: borders inside the tile with the detail of up to \
                     two zooms before, buildings as building_blocks, facilities as facility_clusters, grids of the deepest level by \
                     those above them; each says how many it stands for (buildings, point_count, merged)",
            "coarsened": coarsened,
        })
    }
}

impl Selection<'_> {
    /// The tile as [`Selection::render`] gives it, coarsened where it would be over the budget. A tile within it costs nothing more; one
    /// over it is drawn once a step, of which there are ten at most, but not with more labels than have room in it.
    pub fn fit(
        &self,
        atlas: &Atlas,
        who: &Principal,
        tile: impl Into<Tile>,
        budget: Budget,
    ) -> Result<Fitted, TileError> {
        self.begin(atlas, who, tile).fit(budget)
    }
}

impl Canvas<'_> {
    /// See [`Selection::fit`].
    pub fn fit(mut self, budget: Budget) -> Result<Fitted, TileError> {
        let (mut manner, mut steps, mut least) = (Manner::default(), Vec::new(), None);
        while let Some((bytes, step)) = self.is_over(manner, budget) {
            manner = manner.after(step);
            steps.push(step);
            least.get_or_insert(bytes);
        }
        let mut drawing = self.draw(manner)?;
        if steps.is_empty() && drawing.bytes.len() <= budget.0 {
            return Ok(Fitted { bytes: drawing.bytes, coarsened: None });
        }
        let before = least.unwrap_or(drawing.bytes.len());
        while drawing.bytes.len() > budget.0 {
            let Some(step) = next(self.atlas(), self.layers(), &drawing, manner, budget) else { break };
            manner = manner.after(step);
            let coarser = self.draw(manner)?;
            if coarser.bytes.len() < drawing.bytes.len() {
                steps.push(step);
            }
            drawing = coarser;
        }
        let coarsened = Some(Coarsened { before, after: drawing.bytes.len(), steps });
        Ok(Fitted { bytes: drawing.bytes, coarsened })
    }

    /// Would a tile be so far over its budget, by its labels alone, that it need not be drawn to know what comes next? How many bytes they are at
    /// least, and that step.
    fn is_over(&self, manner: Manner, budget: Budget) -> Option<(usize, Step)> {
        let most = DETAIL_SAVES.saturating_mul(budget.0);
        let (features, deepest) = self.least_features(manner.deepest, most / LEAST_BYTES)?;
        let bytes = features * LEAST_BYTES;
        let level = above(self.atlas(), deepest, manner.deepest).filter(|_| bytes > most)?;
        Some((bytes, Step::Merge(level)))
    }
}

/// What to do next about a tile: what saves of the kind that weighs most and can be coarsened.
fn next(atlas: &Atlas, all: &[Layer], drawing: &Drawing, manner: Manner, budget: Budget) -> Option<Step> {
    let mut kinds = Kind::ALL.map(|kind| (drawing.weight(kind), kind));
    kinds.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let has = |source: Source| all.iter().any(|layer| layer.definition.source == source);
    kinds.into_iter().filter(|(weight, _)| *weight > 0).find_map(|(_, kind)| match kind {
        Kind::Buildings => {
            (!manner.blocks() && drawing.has(Source::Buildings) && has(Source::BuildingBlocks))
                .then_some(Step::Blocks)
        }
        Kind::Facilities => {
            (!manner.clusters() && drawing.has(Source::Facilities) && has(Source::FacilityClusters))
                .then_some(Step::Clusters)
        }
        Kind::Grids => {
            let near = drawing.bytes.len() <= DETAIL_SAVES.saturating_mul(budget.0);
            if near && manner.coarser < COARSEST && drawing.has(Source::Grids) {
                return Some(Step::Borders(manner.coarser + 1));
            }
            above(atlas, drawing.deepest?, manner.deepest).map(Step::Merge)
        }
    })
}

/// The next level above the deepest one of a tile that has any grid, deeper ones being merged already.
fn above(atlas: &Atlas, deepest: Level, merged: Option<Level>) -> Option<Level> {
    let below = merged.map_or(deepest, |merged| deepest.min(merged));
    Level::all().filter(|level| *level < below && atlas.grids().at_level(*level).len() > 0).last()
}
