//! Makes a tile: select, shape, encode, layer by layer.

use super::attributes::{Attributes, Field};
use super::catalogue::{Selection, Source};
use super::cluster;
use super::encode::{LayerWriter, TileError, TileWriter};
use super::select::{Ground, Item, grids, items};
use super::shape::Frame;
use super::trace::{Sheet, Tracer};
use super::zooms::{Layer, layers};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::geom::Tile;

impl Selection<'_> {
    /// The tile as Mapbox Vector Tile 2.1, extent 4096, not compressed; empty when nothing lies in it.
    ///
    /// Polygons reach 64 units beyond the tile; a point is in the one tile that owns it. Below the first zoom of
    /// a layer and beyond the last zoom of its tileset (see the TileJSON) there is nothing. The same atlas gives the same
    /// bytes. Layers that come from tables of the database are not in it. What these tilesets carry, boundaries, buildings and facilities,
    /// is no personal data: every principal may see it. People are
    /// there as counts only, and small ones are withheld from everybody. Zooms are those of Web Mercator: a tile of another set shows what
    /// a tile of the same detail ([`Tile::detail`]) shows there.
    pub fn render(
        &self,
        atlas: &Atlas,
        who: &Principal,
        tile: impl Into<Tile>,
    ) -> Result<Vec<u8>, TileError> {
        let tile = tile.into();
        let zoom = tile.detail();
        let shows = |layer: &Layer| layer.zooms.contains(&zoom) && layer.definition.source != Source::Table;
        let shown: Vec<_> = layers(self, atlas).into_iter().filter(shows).collect();
        if shown.is_empty() {
            return Ok(Vec::new());
        }
        let frame = Frame::new(tile);
        // The deepest tiles are stretched to deeper zooms and so keep every vertex.
        let zoom = (!shown.iter().any(|layer| layer.is_whole_at(zoom))).then_some(zoom);
        let mut sheet = Sheet::new(&frame, atlas.drawn(zoom));
        let grids = grids(atlas, &shown, &frame);
        let attributes = Attributes::new(atlas, who);
        let mut writer = TileWriter::default();
        for layer in &shown {
            let items = self.passing(atlas, &attributes, items(atlas, layer, &frame, &grids));
            writer.add(match layer.definition.source {
                Source::FacilityClusters => {
                    cluster::write(atlas, layer.definition, &layer.name, &frame, &items)
                }
                _ => write(atlas, layer, &frame, &items, &attributes, &mut sheet)?,
            });
        }
        Ok(writer.finish())
    }
}

fn write<'a>(
    atlas: &'a Atlas,
    layer: &Layer<'a>,
    frame: &Frame,
    items: &[Item<'a>],
    attributes: &Attributes<'a>,
    sheet: &mut Sheet,
) -> Result<LayerWriter<'a>, TileError> {
    let fields: Vec<Field> = layer.definition.fields.keys().copied().collect();
    let mut writer = LayerWriter::new(&layer.name, fields.iter().map(|field| field.as_str()));
    let (mut tracer, mut rings) = (Tracer::default(), Vec::new());
    for item in items {
        let values = fields.iter().map(|field| attributes.value(item, *field));
        match item.ground(atlas) {
            Ground::Territory(grid) => sheet.grid(grid, &mut tracer, &mut rings),
            Ground::Area(polygon) => frame.polygon(polygon, &mut rings),
            Ground::Point(lon, lat) => {
                if let Some(at) = frame.point(lon, lat) {
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
