//! What do the tiles of a selection depend on?

use super::attributes::Field;
use super::catalogue::{LayerDefinition, Selection, Source};
use crate::atlas::{Atlas, TileKind};
use crate::geom::TileId;

impl Selection<'_> {
    /// A number that stays the same as long as the tile does, whatever else changes: two atlases of this process that give the same number
    /// give the same bytes.
    pub fn edition(&self, atlas: &Atlas, tile: TileId) -> u64 {
        let layers = || self.tilesets.iter().flat_map(|tileset| &tileset.layers);
        let kinds = TileKind::ALL.into_iter().filter(|kind| layers().any(|layer| shows(layer, *kind)));
        atlas.tile_edition(kinds, tile)
    }
}

fn shows(layer: &LayerDefinition, kind: TileKind) -> bool {
    let is_of_grids = matches!(layer.source, Source::Grids | Source::GridLabels);
    match kind {
        TileKind::Grids => is_of_grids,
        TileKind::Counts => is_of_grids && layer.fields.keys().any(|field| is_count(*field)),
        TileKind::Buildings => matches!(layer.source, Source::Buildings | Source::BuildingBlocks),
        TileKind::Facilities => matches!(layer.source, Source::Facilities | Source::FacilityClusters),
    }
}

fn is_count(field: Field) -> bool {
    matches!(field, Field::Buildings | Field::Facilities | Field::People | Field::PeopleWithheld)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::Tilesets;

    #[test]
    fn a_tileset_depends_on_what_its_layers_are_made_of() {
        let tilesets = Tilesets::embedded().unwrap();
        let kinds = |names: &str| -> Vec<TileKind> {
            let selection = tilesets.select(names).unwrap();
            let layers = || selection.tilesets.iter().flat_map(|tileset| &tileset.layers);
            TileKind::ALL.into_iter().filter(|kind| layers().any(|layer| shows(layer, *kind))).collect()
        };
        assert_eq!(kinds("grids"), [TileKind::Grids]);
        assert_eq!(kinds("overview"), [TileKind::Grids, TileKind::Counts]);
        assert_eq!(kinds("facilities,buildings"), [TileKind::Buildings, TileKind::Facilities]);
    }
}
