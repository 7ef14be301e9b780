//! Grids of deep levels shown by what is above them, where a tile would be too large with each of them.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use geo::Coord;

use super::catalogue::{LayerDefinition, Source};
use super::clip::Vertex;
use super::select::Item;
use super::zooms::Layer;
use crate::atlas::{Atlas, Envelope, GridIndex};
use crate::model::Level;

/// How many grids of deeper levels a grid stands for in a tile.
pub(super) const MERGED: &str = "merged";

/// An item of a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) item: Item<'a>,
    /// How many others it stands for.
    pub(super) merged: u64,
    /// Where it is put when not at its own place.
    pub(super) at: Option<Vertex>,
}

/// A layer with what it shows.
pub(super) type Filled<'a> = (Layer<'a>, Vec<Shown<'a>>);

impl<'a> Shown<'a> {
    pub(super) fn itself(item: Item<'a>) -> Self {
        Self { item, merged: 0, at: None }
    }
}

/// Puts what is above them, down to a level, in the place of grids and labels of deeper ones, also in layers that the zoom would not
/// have. Each says how many it stands for. A grid stays by itself where nothing above it is in the tile.
///
/// `inside`: what lies in it is in the tile, and counts also where it would be too small to be drawn. `place`: the place of a label in the tile, or
/// anything for a territory; `None` when nothing of it is there.
pub(super) fn merge<'a>(
    atlas: &Atlas,
    all: &[Layer<'a>],
    filled: &mut Vec<Filled<'a>>,
    deepest: Level,
    inside: &Envelope,
    mut place: impl FnMut(&Item<'a>) -> Option<Vertex>,
) {
    let mut definitions: Vec<&'a LayerDefinition> = Vec::new();
    for (layer, _) in filled.iter().filter(|(layer, _)| layer.definition.source.is_of_grids()) {
        if !definitions.iter().any(|known| std::ptr::eq(*known, layer.definition)) {
            definitions.push(layer.definition);
        }
    }
    for definition in definitions {
        let mut stands = take(atlas, filled, definition, deepest, inside, &mut place);
        let own = filled.iter_mut().filter(|(layer, _)| std::ptr::eq(layer.definition, definition));
        for shown in own.flat_map(|(_, items)| items) {
            if let Some((count, _)) = shown.item.grid().and_then(|grid| stands.remove(&grid)) {
                shown.merged = count;
            }
        }
        for (grid, (merged, at)) in stands {
            let item = definition.item(grid);
            // Its own place, unless that is in another tile.
            let is_label = definition.source == Source::GridLabels;
            let at = is_label.then(|| place(&item).unwrap_or(at));
            if let Some(items) = layer_of(atlas, all, filled, definition, grid) {
                items.push(Shown { item, merged, at });
            }
        }
        for (_, items) in filled.iter_mut().filter(|(layer, _)| std::ptr::eq(layer.definition, definition)) {
            let grids = atlas.grids();
            items.sort_by_key(|shown| shown.item.grid().map(|grid| grids.rank(grid)));
        }
    }
}

/// Takes out what is of deeper levels: how many of them each grid above stands for, and the place of the first.
fn take<'a>(
    atlas: &Atlas,
    filled: &mut [Filled<'a>],
    definition: &'a LayerDefinition,
    deepest: Level,
    inside: &Envelope,
    place: &mut impl FnMut(&Item<'a>) -> Option<Vertex>,
) -> BTreeMap<GridIndex, (u64, Vertex)> {
    let grids = atlas.grids();
    let is_label = definition.source == Source::GridLabels;
    let mut stands: BTreeMap<GridIndex, (u64, Vertex)> = BTreeMap::new();
    let mut is_there: HashMap<GridIndex, bool, RandomState> = HashMap::default();
    // By the parent: its children are many, and what is above them is the same.
    let mut known: HashMap<GridIndex, Option<GridIndex>, RandomState> = HashMap::default();
    for (_, items) in filled.iter_mut().filter(|(layer, _)| std::ptr::eq(layer.definition, definition)) {
        items.retain(|shown| {
            let Some(grid) = shown.item.grid().filter(|grid| grids.level(*grid) > deepest) else {
                return true;
            };
            // What is not in the tile needs nothing in its place.
            let is_inside = inside.holds(grids.envelope(grid));
            let at = if is_inside { None } else { place(&shown.item) };
            if !is_inside && at.is_none() {
                return false;
            }
            let mut fits = |above: GridIndex| {
                is_label || *is_there.entry(above).or_insert_with(|| place(&definition.item(above)).is_some())
            };
            let mut above = |parent: GridIndex| {
                let mut upwards = grids.upwards(parent).filter(|above| grids.level(*above) <= deepest);
                upwards.find(|above| fits(*above))
            };
            let parent = grids.parent(grid);
            let above = parent.and_then(|parent| *known.entry(parent).or_insert_with(|| above(parent)));
            let Some(above) = above else { return true };
            let mut first = || match (at, is_label) {
                (Some(at), _) => at,
                (None, true) => place(&shown.item).unwrap_or(SOMEWHERE),
                (None, false) => SOMEWHERE,
            };
            stands.entry(above).or_insert_with(|| (0, first())).0 += 1;
            false
        });
    }
    stands
}

/// What a grid's layer shows; the layer is added where the zoom does not have it.
fn layer_of<'f, 'a>(
    atlas: &Atlas,
    all: &[Layer<'a>],
    filled: &'f mut Vec<Filled<'a>>,
    definition: &'a LayerDefinition,
    grid: GridIndex,
) -> Option<&'f mut Vec<Shown<'a>>> {
    let level = Some(atlas.grids().level(grid)).filter(|_| definition.source == Source::Grids);
    let fits = |layer: &Layer| std::ptr::eq(layer.definition, definition) && layer.level == level;
    let found = filled.iter().position(|(layer, _)| fits(layer));
    let at = match found {
        Some(at) => at,
        None => {
            let layer = all.iter().find(|layer| fits(layer))?.clone();
            let first = filled.iter().position(|(layer, _)| std::ptr::eq(layer.definition, definition));
            let at = first.unwrap_or(filled.len());
            filled.insert(at, (layer, Vec::new()));
            at
        }
    };
    Some(&mut filled[at].1)
}

impl LayerDefinition {
    /// A grid as this layer shows it.
    fn item<'a>(&self, grid: GridIndex) -> Item<'a> {
        if self.source == Source::GridLabels { Item::Label(grid) } else { Item::Grid(grid) }
    }
}

/// Any place: a territory has none of its own.
pub(super) const SOMEWHERE: Vertex = Coord { x: 0, y: 0 };
