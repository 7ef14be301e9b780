//! What do the tiles of a selection depend on?

use super::attributes::Field;
use super::catalogue::{LayerDefinition, Selection, Source};
use super::filter::Filter;
use crate::atlas::{Atlas, TILE_REACH, TileKind};
use crate::geom::{GeographicTile, Tile, TileRange};
use crate::model::Scope;

impl Selection<'_> {
    /// A number that stays the same as long as the tile does, whatever else changes: two atlases of this process that give the same number
    /// give the same bytes.
    ///
    /// What changes is marked by the tiles of Web Mercator. A geographic tile is as new as the newest of those of its detail that meet it
    /// with what it shows around it: whatever it shows lies in one of them too, which then is marked.
    pub fn edition(&self, atlas: &Atlas, tile: impl Into<Tile>) -> u64 {
        // The tree, and the leaf of what lies elsewhere, change without a mark here.
        if self.filter.as_ref().is_some_and(Filter::asks_the_tree) {
            return atlas.edition();
        }
        match tile.into() {
            Tile::WebMercator(tile) => atlas.tile_edition(self.kinds(), tile),
            Tile::Geographic(tile) => {
                let marked = marked(tile);
                let each = marked
                    .iter()
                    .flat_map(TileRange::tiles)
                    .map(|tile| atlas.tile_edition(self.kinds(), tile));
                each.max().unwrap_or(atlas.edition())
            }
        }
    }

    /// What the tiles show beside grids: rows of other tables are not needed to draw them.
    pub fn scope(&self) -> Scope {
        let layers = || self.tilesets.iter().flat_map(|tileset| &tileset.layers);
        let asks = |field: Field| {
            let is_shown =
                layers().any(|layer| layer.source.is_of_grids() && layer.fields.contains_key(&field));
            is_shown || self.filter.as_ref().is_some_and(|filter| filter.reads(|read| read == field))
        };
        Scope {
            staff: asks(Field::Workers) || asks(Field::DutyGap),
            buildings: asks(Field::Buildings) || layers().any(|layer| shows(layer, TileKind::Buildings)),
            facilities: asks(Field::Facilities) || layers().any(|layer| shows(layer, TileKind::Facilities)),
            people: asks(Field::People) || asks(Field::PeopleWithheld),
        }
    }

    fn kinds(&self) -> impl Iterator<Item = TileKind> {
        let layers = || self.tilesets.iter().flat_map(|tileset| &tileset.layers);
        let asks_counts = self.filter.as_ref().is_some_and(|filter| filter.reads(Field::is_count));
        TileKind::ALL.into_iter().filter(move |kind| {
            layers().any(|layer| shows(layer, *kind)) || (asks_counts && *kind == TileKind::Counts)
        })
    }
}

/// The tiles of Web Mercator of the same detail that meet what a tile shows: some dozen, forty at most.
fn marked(tile: GeographicTile) -> Option<TileRange> {
    TileRange::covering(tile.envelope_with(TILE_REACH), Tile::from(tile).detail()).ok()
}

fn shows(layer: &LayerDefinition, kind: TileKind) -> bool {
    let is_of_grids = matches!(layer.source, Source::Grids | Source::GridLabels);
    match kind {
        TileKind::Grids => is_of_grids,
        TileKind::Counts => is_of_grids && layer.fields.keys().any(|field| field.is_count()),
        TileKind::Buildings => matches!(layer.source, Source::Buildings | Source::BuildingBlocks),
        TileKind::Facilities => matches!(layer.source, Source::Facilities | Source::FacilityClusters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cql::Language;
    use crate::tiles::{Asked, Tilesets};

    #[test]
    fn a_tileset_depends_on_what_its_layers_are_made_of() {
        let tilesets = Tilesets::embedded().unwrap();
        let kinds = |names: &str| tilesets.select(names).unwrap().kinds().collect::<Vec<_>>();
        assert_eq!(kinds("grids"), [TileKind::Grids]);
        assert_eq!(kinds("overview"), [TileKind::Grids, TileKind::Counts]);
        assert_eq!(kinds("facilities,buildings"), [TileKind::Buildings, TileKind::Facilities]);
    }

    #[test]
    fn a_tileset_needs_the_tables_that_its_layers_show_and_no_others() {
        let tilesets = Tilesets::embedded().unwrap();
        let scope = |names: &str| tilesets.select(names).unwrap().scope();
        let none = Scope::default();
        assert_eq!(scope("grids"), Scope::STAFF);
        assert_eq!(scope("buildings"), Scope { buildings: true, ..none });
        assert_eq!(scope("facilities"), Scope { facilities: true, ..none });
        let overview = scope("overview");
        assert_eq!((overview.people, overview.buildings, overview.facilities), (true, true, true));
        let own = "name = \"own\"\ntitle = \"own\"\nmax_zoom = 14\n[[layer]]\nid = \"own\"\nsource = \"grids\"\n\
                   description = \"own\"\nmin_zoom = 0\nfields = { code = \"code\" }";
        assert_eq!(Tilesets::parse([own]).unwrap().select("own").unwrap().scope(), none);
    }

    #[test]
    fn a_filter_adds_what_it_reads() {
        let tilesets = Tilesets::embedded().unwrap();
        let kinds = |filter: &str| {
            let filter = Some((filter.to_owned(), Language::Text));
            let asked = Asked { filter, ..Asked::default() };
            tilesets.select("grids").unwrap().filtered(&asked).unwrap().kinds().collect::<Vec<_>>()
        };
        assert_eq!(kinds("workers > 1 AND households > 5"), [TileKind::Grids]);
        for counted in
            ["people > 5", "NOT people_withheld", "buildings + 1 > households", "facilities IS NULL"]
        {
            assert_eq!(kinds(counted), [TileKind::Grids, TileKind::Counts], "{counted}");
        }
    }
}
