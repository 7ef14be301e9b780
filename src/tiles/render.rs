//! Makes a tile: select, shape, encode, layer by layer.

use super::attributes::{Field, value};
use super::catalogue::Selection;
use super::encode::{self, Geometry, LayerWriter, TileError, TileWriter};
use super::select::{Ground, Item, items};
use super::shape::Frame;
use super::zooms::{Layer, layers};
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::geom::TileId;

impl Selection<'_> {
    /// The tile as Mapbox Vector Tile 2.1, extent 4096, not compressed; empty when nothing lies in it.
    ///
    /// Polygons reach 64 units beyond the tile; a point is in the one tile that owns it. Below the first zoom of
    /// a layer and beyond the last zoom of its tileset (see the TileJSON) there is nothing. The same atlas gives the same
    /// bytes. What these tilesets carry, boundaries, buildings and facilities, is no personal data: every principal may see it.
    pub fn render(&self, atlas: &Atlas, _who: &Principal, tile: TileId) -> Result<Vec<u8>, TileError> {
        let shown: Vec<_> =
            layers(self, atlas).into_iter().filter(|layer| layer.zooms.contains(&tile.z())).collect();
        if shown.is_empty() {
            return Ok(Vec::new());
        }
        let frame = Frame::new(tile);
        let mut writer = TileWriter::new();
        for layer in &shown {
            let written = write(atlas, layer, &frame, writer.layer(&layer.name))?;
            writer.add(written)?;
        }
        writer.finish()
    }
}

fn write(atlas: &Atlas, layer: &Layer, frame: &Frame, writer: LayerWriter) -> Result<LayerWriter, TileError> {
    let fields: Vec<Field> = layer.definition.fields.keys().copied().collect();
    items(atlas, layer, frame).iter().try_fold(writer, |writer, item| {
        let Some(geometry) = draw(atlas, item, frame)? else { return Ok(writer) };
        let attributes = fields.iter().filter_map(|f| Some((f.as_str(), value(atlas, item, *f)?)));
        Ok(writer.add(item.id(atlas), geometry, attributes))
    })
}

fn draw(atlas: &Atlas, item: &Item, frame: &Frame) -> Result<Option<Geometry>, TileError> {
    match item.ground(atlas) {
        Ground::Area(polygons) => {
            let rings = frame.area(&polygons);
            if rings.is_empty() { Ok(None) } else { encode::polygon(&rings).map(Some) }
        }
        Ground::Point(lon, lat) => frame.point(lon, lat).map(encode::point).transpose(),
    }
}
