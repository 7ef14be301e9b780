//! Mapbox Vector Tile 2.1 bytes. The only file that knows the encoder.

use geo::Coord;
use mvt::{GeomData, GeomEncoder, GeomType};
use thiserror::Error;

use super::attributes::Value;
use super::clip::Ring;
use super::shape::EXTENT;

/// Why a tile cannot be made.
#[derive(Debug, Error)]
pub enum TileError {
    /// The encoder refused; a defect of the program.
    #[error("a tile cannot be encoded: {0}")]
    Encode(String),
}

impl From<mvt::Error> for TileError {
    fn from(error: mvt::Error) -> Self {
        Self::Encode(error.to_string())
    }
}

/// A tile being written.
pub(super) struct TileWriter(mvt::Tile);

/// A layer being written.
pub(super) struct LayerWriter(mvt::Layer);

/// A geometry, encoded.
pub(super) struct Geometry(GeomData);

impl TileWriter {
    pub(super) fn new() -> Self {
        Self(mvt::Tile::new(EXTENT.into()))
    }

    /// Begins a layer.
    pub(super) fn layer(&self, name: &str) -> LayerWriter {
        LayerWriter(self.0.create_layer(name))
    }

    /// Ends a layer; one without features is left out, as the specification advises.
    pub(super) fn add(&mut self, layer: LayerWriter) -> Result<(), TileError> {
        if layer.0.num_features() > 0 {
            self.0.add_layer(layer.0)?;
        }
        Ok(())
    }

    /// The bytes; none when the tile has no features.
    pub(super) fn finish(self) -> Result<Vec<u8>, TileError> {
        Ok(self.0.to_bytes()?)
    }
}

impl LayerWriter {
    /// Adds a feature. Attributes of equal value share an entry in the tables of the layer.
    pub(super) fn add<'a>(
        self,
        id: u64,
        geometry: Geometry,
        attributes: impl Iterator<Item = (&'static str, Value<'a>)>,
    ) -> Self {
        let mut feature = self.0.into_feature(geometry.0);
        feature.set_id(id);
        for (key, value) in attributes {
            match value {
                Value::Text(text) => feature.add_tag_string(key, text),
                Value::Count(number) => feature.add_tag_uint(key, number),
                Value::Measure(number) => feature.add_tag_float(key, number),
                Value::Truth(truth) => feature.add_tag_bool(key, truth),
            }
        }
        Self(feature.into_layer())
    }
}

/// Encodes a point.
pub(super) fn point(at: Coord<i32>) -> Result<Geometry, TileError> {
    Ok(Geometry(GeomEncoder::new(GeomType::Point).point(at.x, at.y)?.encode()?))
}

/// Encodes the rings of one or several polygons, wound and ordered.
pub(super) fn polygon(rings: &[Ring]) -> Result<Geometry, TileError> {
    let mut encoder = GeomEncoder::new(GeomType::Polygon);
    let mut cursor = None;
    for ring in rings {
        // The encoder takes a first vertex that equals the last one written for a repeat and forgets to move there; a ring
        // may begin anywhere, and its second vertex is another.
        let start = usize::from(cursor == ring.first().copied());
        for vertex in ring[start..].iter().chain(&ring[..start]) {
            encoder.add_point(vertex.x, vertex.y)?;
            cursor = Some(*vertex);
        }
        encoder.complete_geom()?;
    }
    // `complete_geom` has written the last ring and left the encoder empty, so that this adds nothing.
    Ok(Geometry(encoder.encode()?))
}
