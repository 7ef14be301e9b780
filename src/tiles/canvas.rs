//! A tile while it is drawn: once, or several times and ever more coarsely. What was worked out for one drawing serves the next, and says before
//! the first how long it may take.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::attributes::{Attributes, Field, Value};
use super::catalogue::{Selection, Source};
use super::clip::Ring;
use super::encode::{LayerWriter, TileError, TileWriter};
use super::manner::Manner;
use super::merge::{Filled, MERGED, SOMEWHERE, Shown, merge};
use super::render::Drawing;
use super::select::{Ground, grids, items};
use super::shape::Frame;
use super::trace::{Sheet, Tracer};
use super::zooms::{Layer, layers};
use super::{blocks, cluster};
use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crate::geom::Tile;
use crate::model::Level;

/// So many vertices are drawn in half a millisecond.
const VERTICES: usize = 32_768;
/// What a feature costs beside its vertices, in vertices.
const FEATURE: usize = 32;

/// What the drawings of a tile have in common.
pub struct Canvas<'a> {
    selection: &'a Selection<'a>,
    atlas: &'a Atlas,
    frame: Frame,
    /// Those of the selection, at all zooms; those of tables are drawn elsewhere.
    layers: Vec<Layer<'a>>,
    /// The grids that any of them may show in the tile, in the order of the atlas.
    grids: Vec<GridIndex>,
    attributes: Attributes<'a>,
    sheet: Sheet<'a>,
    /// As in the manner of the last drawing.
    coarser: u8,
    /// The territories that were drawn with this detail, and whether anything of each is in the tile.
    drawn: Vec<(GridIndex, bool)>,
    tracer: Tracer,
    rings: Vec<Ring>,
}

impl Selection<'_> {
    /// A tile that is certain to be drawn in half a millisecond or so, ready to be drawn; `None`: it may take longer. Finding that out takes no
    /// longer either: of a tile with very many grids no more are looked at than a light one may have.
    pub fn light<'a>(
        &'a self,
        atlas: &'a Atlas,
        who: &Principal,
        tile: impl Into<Tile>,
    ) -> Option<Canvas<'a>> {
        const MOST: usize = VERTICES / FEATURE;
        let canvas = atlas.is_prepared().then(|| self.begin_with(atlas, who, tile.into(), MOST + 1));
        canvas.filter(|canvas| canvas.grids.len() <= MOST && canvas.is_light())
    }

    /// Looks for what lies in a tile; nothing is drawn yet.
    pub(super) fn begin<'a>(
        &'a self,
        atlas: &'a Atlas,
        who: &Principal,
        tile: impl Into<Tile>,
    ) -> Canvas<'a> {
        self.begin_with(atlas, who, tile.into(), usize::MAX)
    }

    /// [`Selection::begin`], with so many grids at most.
    fn begin_with<'a>(&'a self, atlas: &'a Atlas, who: &Principal, tile: Tile, most: usize) -> Canvas<'a> {
        let mut frame = Frame::new(tile);
        let zoom = frame.zoom();
        let mut layers = layers(self, atlas);
        layers.retain(|layer| layer.definition.source != Source::Table);
        // Which grids are shown is a matter of the zoom, not of the manner.
        let shown = Manner::default().layers(&layers, zoom);
        let grids = grids(atlas, &shown, &frame, most);
        frame.expect(grids.iter().map(|grid| atlas.grids().envelope(*grid)));
        // The deepest tiles are stretched to deeper zooms and so keep every vertex.
        let whole = shown.iter().any(|layer| layer.is_whole_at(zoom));
        let sheet = Sheet::new(atlas.drawn((!whole).then_some(zoom)), grids.len());
        Canvas {
            selection: self,
            atlas,
            frame,
            layers,
            grids,
            attributes: Attributes::new(atlas, who),
            sheet,
            coarser: 0,
            drawn: Vec::new(),
            tracer: Tracer::default(),
            rings: Vec::new(),
        }
    }
}

impl<'a> Canvas<'a> {
    /// Is it certain that the tile is drawn in half a millisecond or so?
    ///
    /// Never where something is asked of a feature that takes longer than to draw it: counts
    /// that may have to be withheld, and filters.
    fn is_light(&self) -> bool {
        let (atlas, envelope) = (self.atlas, self.frame.envelope());
        let shown = Manner::default().layers(&self.layers, self.frame.zoom());
        let counts = shown.iter().any(|layer| layer.definition.fields.keys().any(|field| field.is_count()));
        if counts || self.selection.filter.is_some() {
            return false;
        }
        let mut left = VERTICES;
        let mut spend = |vertices: usize| match left.checked_sub(vertices + FEATURE) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        };
        atlas.vertices_of(&self.grids).all(&mut spend)
            && shown.iter().all(|layer| match layer.definition.source {
                Source::Grids | Source::GridLabels | Source::Table => true,
                Source::Buildings | Source::BuildingBlocks => {
                    let mut found = atlas.resources().buildings_in(envelope);
                    found.all(|building| spend(building.footprint.exterior().0.len()))
                }
                Source::Facilities | Source::FacilityClusters => {
                    atlas.resources().facilities_in(envelope).all(|_| spend(1))
                }
            })
    }

    pub(super) fn atlas(&self) -> &'a Atlas {
        self.atlas
    }

    /// The layers of the selection at all zooms.
    pub(super) fn layers(&self) -> &[Layer<'a>] {
        &self.layers
    }

    /// How many features the tile has at least, down to a level, and the deepest one there: labels of grids that lie in it. `None` where no more than
    /// `least` grids may lie in it, and where it shows something else, or not all of what there is.
    pub(super) fn least_features(&self, deepest: Option<Level>, least: usize) -> Option<(usize, Level)> {
        let (atlas, grids, zoom) = (self.atlas, self.atlas.grids(), self.frame.zoom());
        let shown = Manner::default().layers(&self.layers, zoom);
        let only_grids = || shown.iter().all(|layer| layer.definition.source.is_of_grids());
        if self.grids.len() <= least || self.selection.filter.is_some() || !only_grids() {
            return None;
        }
        let inside = self.frame.inside();
        let counts = |grid: &&GridIndex| deepest.is_none_or(|deepest| grids.level(**grid) <= deepest);
        let counted = self.grids.iter().filter(counts).filter(|grid| inside.holds(grids.envelope(**grid)));
        let labels = shown.iter().filter(|layer| layer.definition.source == Source::GridLabels);
        let labels: Vec<_> = labels.collect();
        let each = counted.map(|grid| labels.iter().filter(|layer| layer.labels(atlas, *grid, zoom)).count());
        let there = self.grids.iter().filter(counts).map(|grid| grids.level(*grid)).max()?;
        Some((each.sum(), there))
    }

    /// The tile, as coarse as asked for.
    pub(super) fn draw(&mut self, manner: Manner) -> Result<Drawing, TileError> {
        if manner.coarser != self.coarser {
            self.coarser = manner.coarser;
            self.sheet.coarsen(self.atlas.drawn_coarser(self.frame.zoom(), manner.coarser));
            self.drawn.clear();
        }
        let filled = self.fill(manner);
        let levels = filled.iter().flat_map(|(_, items)| items).filter_map(|shown| shown.item.grid());
        let mut drawing = Drawing::new(levels.map(|grid| self.atlas.grids().level(grid)).max());
        let mut writer = TileWriter::default();
        for (layer, items) in &filled {
            let before = writer.len();
            let (definition, name) = (layer.definition, layer.name());
            writer.add(match definition.source {
                Source::FacilityClusters => cluster::write(self.atlas, definition, &name, &self.frame, items),
                Source::BuildingBlocks => blocks::write(definition, &name, &self.frame, items)?,
                _ => self.write(layer, &name, items)?,
            });
            drawing.spend(definition.source, writer.len() - before);
        }
        Ok(drawing.with(writer.finish()))
    }

    /// What each layer shows.
    fn fill(&mut self, manner: Manner) -> Vec<Filled<'a>> {
        let mut filled: Vec<Filled> = Vec::new();
        for layer in manner.layers(&self.layers, self.frame.zoom()) {
            let found = items(self.atlas, &layer, &self.frame, &self.grids);
            let passing = self.selection.passing(self.atlas, &self.attributes, found);
            filled.push((layer, passing.into_iter().map(Shown::itself).collect()));
        }
        if let Some(deepest) = manner.deepest {
            let known: HashMap<GridIndex, bool, RandomState> = self.drawn.iter().copied().collect();
            let Self { atlas, frame, layers, sheet, .. } = self;
            merge(atlas, layers, &mut filled, deepest, &frame.inside(), |item| match item.ground(atlas) {
                Ground::Territory(grid) => {
                    let shows = known.get(&grid).copied().unwrap_or_else(|| shows(sheet, frame, grid));
                    shows.then_some(SOMEWHERE)
                }
                Ground::Point(lon, lat) => frame.point(lon, lat),
                Ground::Area(_) => None,
            });
        }
        filled
    }

    fn write(
        &mut self,
        layer: &Layer<'a>,
        name: &str,
        items: &[Shown<'a>],
    ) -> Result<LayerWriter<'a>, TileError> {
        let Self { atlas, frame, attributes, sheet, drawn, tracer, rings, .. } = self;
        let fields: Vec<Field> = layer.definition.fields.keys().copied().collect();
        let keys = fields.iter().map(|field| field.as_str()).chain([MERGED]);
        let mut writer = LayerWriter::new(name, keys);
        writer.reserve(items.len());
        for Shown { item, merged, at } in items {
            let merged = (*merged > 0).then_some(Value::Count(*merged));
            let values = fields.iter().map(|field| attributes.value(item, *field)).chain([merged]);
            match item.ground(atlas) {
                Ground::Territory(grid) => {
                    sheet.grid(frame, grid, tracer, rings);
                    drawn.push((grid, !rings.is_empty()));
                }
                Ground::Area(polygon) => frame.polygon(polygon, rings),
                Ground::Point(lon, lat) => {
                    if let Some(at) = at.or_else(|| frame.point(lon, lat)) {
                        writer.point(item.id(atlas), at, values);
                    }
                    continue;
                }
            }
            if !rings.is_empty() {
                writer.polygon(item.id(atlas), rings, values)?;
            }
            tracer.recycle(rings);
        }
        Ok(writer)
    }
}

/// Is anything of a grid in the tile?
fn shows(sheet: &mut Sheet, frame: &Frame, grid: GridIndex) -> bool {
    let mut rings: Vec<Ring> = Vec::new();
    sheet.grid(frame, grid, &mut Tracer::default(), &mut rings);
    !rings.is_empty()
}
