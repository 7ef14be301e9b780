//! Layers that come from tables of the database: which they are. What is in them is the store's business, since only it asks the database.

use serde_json::{Value, json};

use super::catalogue::{LayerDefinition, Selection, Source, Tileset, Tilesets};
use super::tilejson::bounds;
use crate::atlas::{Atlas, Envelope};
use crate::model::TableSource;

impl Tilesets {
    /// Every layer that comes from a table: its name in tiles, and its table.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &TableSource)> {
        self.tilesets.iter().flat_map(of_tileset).map(|(layer, source)| (layer.id.as_str(), source))
    }

    /// The names of the tilesets that are made from memory alone.
    pub fn names_from_memory(&self) -> impl Iterator<Item = &str> {
        let from_memory = |tileset: &&Tileset| of_tileset(tileset).next().is_none();
        self.tilesets.iter().filter(from_memory).map(|tileset| tileset.name.as_str())
    }
}

impl<'a> Selection<'a> {
    /// Does any layer come from a table?
    pub fn has_tables(&self) -> bool {
        self.tables().next().is_some()
    }

    /// The layers that come from tables, in the order of the catalogue: their names in tiles, and their tables.
    pub fn tables(&self) -> impl Iterator<Item = (&'a str, &'a TableSource)> {
        let layers = self.tilesets.iter().flat_map(|tileset| of_tileset(tileset));
        layers.map(|(layer, source)| (layer.id.as_str(), source))
    }

    /// Those that a tile of this zoom shows.
    pub fn tables_at(&self, zoom: u8) -> impl Iterator<Item = (&'a str, &'a TableSource)> {
        let shown = self.tilesets.iter().flat_map(move |tileset| {
            let shows = move |layer: &LayerDefinition| {
                (layer.min_zoom..=layer.max_zoom.unwrap_or(tileset.max_zoom)).contains(&zoom)
            };
            of_tileset(tileset).filter(move |(layer, _)| shows(layer))
        });
        shown.map(|(layer, source)| (layer.id.as_str(), source))
    }

    /// The tilesets of the selection that have layers made from memory; [`Selection::render`] makes these, and only these.
    pub fn from_memory(&self) -> Self {
        let has = |tileset: &Tileset| tileset.layers.iter().any(|layer| layer.source != Source::Table);
        let tilesets = self.tilesets.iter().copied().filter(|tileset| has(tileset)).collect();
        Self { tilesets, filter: self.filter.clone() }
    }

    /// Puts into the TileJSON of the selection how far its tables reach, in degrees. `None`: that is not known.
    pub fn put_bounds(&self, document: &mut Value, atlas: &Atlas, tables: Option<Envelope>) {
        let Envelope { min, max } = bounds(self, atlas, tables);
        document["bounds"] = json!([min[0], min[1], max[0], max[1]]);
        document["center"][0] = ((min[0] + max[0]) / 2.0).into();
        document["center"][1] = ((min[1] + max[1]) / 2.0).into();
    }
}

fn of_tileset(tileset: &Tileset) -> impl Iterator<Item = (&LayerDefinition, &TableSource)> {
    tileset.layers.iter().filter_map(|layer| Some((layer, &layer.table.as_ref()?.source)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "name = 'mixed'\ntitle = 't'\nmax_zoom = 12\n\
        [[layer]]\nid = 'roads'\nsource = 'table'\ntable = 'public.roads'\ndescription = 'd'\nmin_zoom = 3\nmax_zoom = 9\n\
        [[layer]]\nid = 'sites'\nsource = 'facilities'\ndescription = 'd'\nmin_zoom = 0\n";
    const ROADS: &str = "name = 'wells'\ntitle = 't'\nmax_zoom = 14\n\
        [[layer]]\nid = 'wells'\nsource = 'table'\ntable = 'public.wells'\ndescription = 'd'\nmin_zoom = 8\n\
        [layer.fields]\ndepth = 'how deep'\n";

    #[test]
    fn a_tile_shows_the_tables_of_its_zoom_and_memory_makes_the_rest() {
        let tilesets = Tilesets::parse([MIXED, ROADS]).unwrap();
        let selection = tilesets.select("mixed,wells").unwrap();
        let shown = |zoom| selection.tables_at(zoom).map(|(layer, _)| layer).collect::<Vec<_>>();
        assert_eq!(shown(2), [""; 0]);
        assert_eq!(shown(3), ["roads"]);
        assert_eq!(shown(9), ["roads", "wells"]);
        assert_eq!(shown(14), ["wells"]);
        assert_eq!(selection.from_memory().names(), "mixed");
        assert!(selection.has_tables() && tilesets.names_from_memory().next().is_none());
    }
}
