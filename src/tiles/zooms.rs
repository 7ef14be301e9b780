//! Which layers does a tileset have in this deployment, and at which zooms?

use std::ops::RangeInclusive;

use super::catalogue::{LayerDefinition, Selection, Source, Tileset};
use crate::atlas::{Atlas, GridIndex};
use crate::model::Level;

/// A layer of a tile: that of the catalogue, or one level of it.
#[derive(Debug, Clone)]
pub(super) struct Layer<'a> {
    pub(super) definition: &'a LayerDefinition,
    /// The level, when the layer holds the territories of one.
    pub(super) level: Option<Level>,
    pub(super) zooms: RangeInclusive<u8>,
    /// The deepest zoom of the tileset.
    last: u8,
}

/// The layers of a selection, in the order of the catalogue, levels from the top down.
pub(super) fn layers<'a>(selection: &Selection<'a>, atlas: &Atlas) -> Vec<Layer<'a>> {
    let of_tileset = |tileset: &&'a Tileset| {
        let tileset: &'a Tileset = tileset;
        tileset.layers.iter().flat_map(move |definition| of_definition(tileset, definition, atlas))
    };
    selection.tilesets.iter().flat_map(of_tileset).collect()
}

fn of_definition<'a>(tileset: &Tileset, definition: &'a LayerDefinition, atlas: &Atlas) -> Vec<Layer<'a>> {
    let last = tileset.max_zoom;
    let whole = definition.min_zoom..=definition.max_zoom.unwrap_or(last);
    if definition.source != Source::Grids {
        return vec![Layer { definition, level: None, zooms: whole, last }];
    }
    let of_level = |level: Level| Layer {
        definition,
        level: Some(level),
        zooms: within(level_zooms(atlas, level, last), &whole),
        last,
    };
    levels_in_use(atlas).map(of_level).collect()
}

impl Layer<'_> {
    /// What it is called in tiles.
    pub(super) fn name(&self) -> String {
        match self.level {
            Some(level) => format!("{}_{level}", self.definition.id),
            None => self.definition.id.clone(),
        }
    }

    /// Does this layer hold territories, and is a zoom the deepest of its tileset?
    pub(super) fn is_whole_at(&self, z: u8) -> bool {
        self.definition.source == Source::Grids && z == self.last
    }

    /// May a grid of this level have its label shown at a zoom?
    pub(super) fn may_label(&self, atlas: &Atlas, level: Level, z: u8) -> bool {
        self.label_range(atlas, level).contains(&z)
    }

    /// Does this layer show the label of a grid at a zoom?
    ///
    /// From the first zoom of its level for as many zooms as the catalogue says, or through the last zoom of its
    /// level where it is not divided further: what lies deepest always keeps its name.
    pub(super) fn labels(&self, atlas: &Atlas, grid: GridIndex, z: u8) -> bool {
        let zooms = self.label_range(atlas, atlas.grids().level(grid));
        match self.definition.label_zooms {
            Some(count) if !atlas.grids().is_leaf(grid) => zooms.contains(&z) && z - zooms.start() < count,
            _ => zooms.contains(&z),
        }
    }

    fn label_range(&self, atlas: &Atlas, level: Level) -> RangeInclusive<u8> {
        within(level_zooms(atlas, level, self.last), &self.zooms)
    }
}

/// The levels of the scheme and those that grids have beyond it: what the scheme forgets is shown all the same.
fn levels_in_use(atlas: &Atlas) -> impl Iterator<Item = Level> {
    Level::all().filter(|l| atlas.levels().get(*l).is_some() || atlas.grids().at_level(*l).len() > 0)
}

/// The zooms of a level. One that begins beyond the last zoom of the tileset begins at that: it would never be seen.
fn level_zooms(atlas: &Atlas, level: Level, last: u8) -> RangeInclusive<u8> {
    atlas.levels().get(level).map_or(0..=last, |entry| entry.min_zoom.min(last)..=entry.max_zoom.min(last))
}

fn within(zooms: RangeInclusive<u8>, outer: &RangeInclusive<u8>) -> RangeInclusive<u8> {
    *zooms.start().max(outer.start())..=*zooms.end().min(outer.end())
}
