//! A tile, and what it is made of.

use super::catalogue::{Selection, Source};
use super::encode::TileError;
use super::manner::Manner;
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::geom::Tile;
use crate::model::Level;

/// What a tile's bytes are spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Grids,
    Buildings,
    Facilities,
}

/// A tile, and what its bytes are spent on.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) bytes: Vec<u8>,
    /// The bytes of each layer that has features, and what they are.
    layers: Vec<(Source, usize)>,
    /// The deepest level of which it may show a grid or a label.
    pub(super) deepest: Option<Level>,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Grids, Self::Buildings, Self::Facilities];

    /// Tables are drawn elsewhere.
    fn of(source: Source) -> Option<Self> {
        match source {
            Source::Grids | Source::GridLabels => Some(Self::Grids),
            Source::Buildings | Source::BuildingBlocks => Some(Self::Buildings),
            Source::Facilities | Source::FacilityClusters => Some(Self::Facilities),
            Source::Table => None,
        }
    }
}

impl Drawing {
    /// Without bytes.
    pub(super) fn new(deepest: Option<Level>) -> Self {
        Self { deepest, ..Self::default() }
    }

    /// Notes the bytes of a layer.
    pub(super) fn spend(&mut self, source: Source, bytes: usize) {
        self.layers.push((source, bytes));
    }

    /// With all bytes.
    pub(super) fn with(self, bytes: Vec<u8>) -> Self {
        Self { bytes, ..self }
    }

    /// The bytes that are spent on a kind.
    pub(super) fn weight(&self, kind: Kind) -> usize {
        self.layers.iter().filter(|(source, _)| Kind::of(*source) == Some(kind)).map(|(_, bytes)| bytes).sum()
    }

    /// Has it any feature of a source?
    pub(super) fn has(&self, source: Source) -> bool {
        self.layers.iter().any(|(other, bytes)| *other == source && *bytes > 0)
    }
}

impl Selection<'_> {
    /// The tile as Mapbox Vector Tile 2.1, extent 4096, not compressed; empty when nothing lies in it.
    ///
    /// Polygons reach 64 units beyond the tile; a point is in the one tile that owns it, and so are blocks of buildings, which end
    /// where the tile does. Below the first zoom of a layer and beyond the last zoom of its tileset (see the TileJSON) there is
    /// nothing. The same atlas gives the same bytes, however many; [`Selection::fit`] keeps to a budget. Layers that come from tables of
    /// the database are not in it. What these tilesets carry, boundaries, buildings and facilities, is no personal data: every principal
    /// may see it. People are there as counts only, where the policy shows counts, and small ones are withheld from everybody. Zooms are those of Web Mercator: a tile of
    /// another set shows what a tile of the same detail ([`Tile::detail`]) shows there.
    pub fn render(
        &self,
        atlas: &Atlas,
        who: &Principal,
        tile: impl Into<Tile>,
    ) -> Result<Vec<u8>, TileError> {
        Ok(self.begin(atlas, who, tile).draw(Manner::default())?.bytes)
    }
}
