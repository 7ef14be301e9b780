//! Makes a tile: select, shape, encode, layer by layer.

use super::attributes::{Attributes, Field, Value};
use super::catalogue::{Selection, Source};
use super::encode::{LayerWriter, TileError, TileWriter};
use super::manner::Manner;
use super::merge::{Filled, MERGED, SOMEWHERE, Shown, merge};
use super::select::{Ground, Item, grids, items};
use super::shape::Frame;
use super::trace::{Sheet, Tracer};
use super::zooms::{Layer, layers};
use super::{blocks, cluster};
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
    /// may see it. People are there as counts only, and small ones are withheld from everybody. Zooms are those of Web Mercator: a tile of
    /// another set shows what a tile of the same detail ([`Tile::detail`]) shows there.
    pub fn render(
        &self,
        atlas: &Atlas,
        who: &Principal,
        tile: impl Into<Tile>,
    ) -> Result<Vec<u8>, TileError> {
        Ok(self.draw(atlas, who, tile.into(), Manner::default())?.bytes)
    }

    /// The tile, as coarse as asked for.
    pub(super) fn draw(
        &self,
        atlas: &Atlas,
        who: &Principal,
        tile: Tile,
        manner: Manner,
    ) -> Result<Drawing, TileError> {
        let zoom = tile.detail();
        let mut all = layers(self, atlas);
        all.retain(|layer| layer.definition.source != Source::Table);
        let shown = manner.layers(&all, zoom);
        if shown.is_empty() {
            return Ok(Drawing::default());
        }
        let frame = Frame::new(tile);
        // The deepest tiles are stretched to deeper zooms and so keep every vertex.
        let whole = shown.iter().any(|layer| layer.is_whole_at(zoom));
        let coarse = (manner.coarser > 0).then(|| atlas.drawn_coarser(zoom, manner.coarser));
        let grids = grids(atlas, &shown, &frame);
        let mut sheet = Sheet::new(&frame, atlas.drawn((!whole).then_some(zoom)), coarse, grids.len());
        let attributes = Attributes::new(atlas, who);
        let mut filled: Vec<Filled> = Vec::new();
        for layer in shown {
            let items = self.passing(atlas, &attributes, items(atlas, &layer, &frame, &grids));
            filled.push((layer, items.into_iter().map(Shown::itself).collect()));
        }
        if let Some(deepest) = manner.deepest {
            merge(atlas, &all, &mut filled, deepest, |item| place(atlas, &frame, &mut sheet, item));
        }
        let levels = filled.iter().flat_map(|(_, items)| items).filter_map(|shown| shown.item.grid());
        let deepest = levels.map(|grid| atlas.grids().level(grid)).max();
        let (mut writer, mut spent) = (TileWriter::default(), Vec::new());
        for (layer, items) in &filled {
            let before = writer.len();
            writer.add(match layer.definition.source {
                Source::FacilityClusters => {
                    cluster::write(atlas, layer.definition, &layer.name(), &frame, items)
                }
                Source::BuildingBlocks => blocks::write(layer.definition, &layer.name(), &frame, items)?,
                _ => write(atlas, layer, &frame, items, &attributes, &mut sheet)?,
            });
            spent.push((layer.definition.source, writer.len() - before));
        }
        Ok(Drawing { bytes: writer.finish(), layers: spent, deepest })
    }
}

fn write<'a>(
    atlas: &'a Atlas,
    layer: &Layer<'a>,
    frame: &Frame,
    items: &[Shown<'a>],
    attributes: &Attributes<'a>,
    sheet: &mut Sheet,
) -> Result<LayerWriter<'a>, TileError> {
    let fields: Vec<Field> = layer.definition.fields.keys().copied().collect();
    let mut writer =
        LayerWriter::new(&layer.name(), fields.iter().map(|field| field.as_str()).chain([MERGED]));
    writer.reserve(items.len());
    let (mut tracer, mut rings) = (Tracer::default(), Vec::new());
    for Shown { item, merged, at } in items {
        let merged = (*merged > 0).then_some(Value::Count(*merged));
        let values = fields.iter().map(|field| attributes.value(item, *field)).chain([merged]);
        match item.ground(atlas) {
            Ground::Territory(grid) => sheet.grid(grid, &mut tracer, &mut rings),
            Ground::Area(polygon) => frame.polygon(polygon, &mut rings),
            Ground::Point(lon, lat) => {
                if let Some(at) = at.or_else(|| frame.point(lon, lat)) {
                    writer.point(item.id(atlas), at, values);
                }
                continue;
            }
        }
        if !rings.is_empty() {
            writer.polygon(item.id(atlas), &rings, values)?;
        }
        tracer.recycle(&mut rings);
    }
    Ok(writer)
}

/// Where a label is in a tile, or anything where a territory is in it.
fn place(atlas: &Atlas, frame: &Frame, sheet: &mut Sheet, item: &Item) -> Option<super::clip::Vertex> {
    match item.ground(atlas) {
        Ground::Territory(grid) => {
            let mut rings = Vec::new();
            sheet.grid(grid, &mut Tracer::default(), &mut rings);
            (!rings.is_empty()).then_some(SOMEWHERE)
        }
        Ground::Point(lon, lat) => frame.point(lon, lat),
        Ground::Area(_) => None,
    }
}
