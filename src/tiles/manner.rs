//! How coarsely is a tile drawn?

use std::fmt;

use super::catalogue::Source;
use super::zooms::Layer;
use crate::model::Level;

/// How a tile is drawn: as the catalogue says, or more coarsely.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Borders that do not leave the tile have the detail of so many zooms before.
    pub(super) coarser: u8,
    /// Buildings are shown as blocks.
    blocks: bool,
    /// Facilities are shown as clusters.
    clusters: bool,
    /// The deepest level that is shown.
    pub(super) deepest: Option<Level>,
}

/// One way to make a tile smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Borders that do not leave the tile have the detail of so many zooms before.
    Borders(u8),
    /// Buildings are shown as blocks.
    Blocks,
    /// Facilities are shown as clusters.
    Clusters,
    /// Grids of deeper levels are shown by those of this level.
    Merge(Level),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Borders(zooms) => write!(f, "borders with the detail of {zooms} zooms before"),
            Self::Blocks => write!(f, "buildings as blocks"),
            Self::Clusters => write!(f, "facilities as clusters"),
            Self::Merge(level) => write!(f, "grids below level {level} by those of level {level}"),
        }
    }
}

impl Manner {
    pub(super) fn after(self, step: Step) -> Self {
        match step {
            Step::Borders(coarser) => Self { coarser, ..self },
            Step::Blocks => Self { blocks: true, ..self },
            Step::Clusters => Self { clusters: true, ..self },
            Step::Merge(level) => Self { deepest: Some(level), ..self },
        }
    }

    pub(super) fn blocks(&self) -> bool {
        self.blocks
    }

    pub(super) fn clusters(&self) -> bool {
        self.clusters
    }

    /// The layers of a zoom, of all that there are.
    pub(super) fn layers<'a>(&self, all: &[Layer<'a>], z: u8) -> Vec<Layer<'a>> {
        let mut shown: Vec<_> = all.iter().filter(|layer| layer.zooms.contains(&z)).cloned().collect();
        let pairs = [
            (self.blocks, Source::Buildings, Source::BuildingBlocks),
            (self.clusters, Source::Facilities, Source::FacilityClusters),
        ];
        for (_, fine, coarse) in pairs.into_iter().filter(|(wanted, ..)| *wanted) {
            let instead = all.iter().find(|layer| layer.definition.source == coarse);
            let place = shown.iter().position(|layer| layer.definition.source == fine);
            let (Some(instead), Some(place)) = (instead, place) else { continue };
            let is_there = shown.iter().any(|layer| layer.definition.source == coarse);
            shown.retain(|layer| layer.definition.source != fine);
            if !is_there {
                shown.insert(place, instead.clone());
            }
        }
        shown
    }
}
