//! What a selection is in each tile matrix set: tileset metadata of OGC 17-083r4, as OGC API - Tiles (20-057) serves them.

use std::ops::RangeInclusive;

use geo::Coord;
use serde_json::{Map, Value, json};

use super::catalogue::{Selection, Source};
use super::tilejson::{INVENTED, bounds, describe};
use super::zooms::{Layer, layers};
use crate::access::Principal;
use crate::atlas::{Atlas, Envelope};
use crate::geom::TileMatrixSet;

/// The reference system of bounding boxes: longitude and latitude.
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

impl Selection<'_> {
    /// Tileset metadata, without links. Limits are the tiles that the envelope of everything touches, for each zoom that shows anything.
    /// `tables`: how far its tables reach, as for [`Selection::put_bounds`].
    pub fn tileset(
        &self,
        atlas: &Atlas,
        _who: &Principal,
        set: TileMatrixSet,
        tables: Option<Envelope>,
    ) -> Value {
        let layers = layers(self, atlas);
        let bounds = bounds(self, atlas, tables);
        let mut json = self.tileset_item(set);
        json["description"] = self.titles().into();
        json["version"] = atlas.revision().to_string().into();
        json["boundingBox"] = json!({ "lowerLeft": bounds.min, "upperRight": bounds.max, "crs": CRS84 });
        json["tileMatrixSetLimits"] = zooms(layers.iter(), set)
            .into_iter()
            .flatten()
            .filter_map(|z| limits(set, z, &bounds))
            .collect::<Vec<_>>()
            .into();
        json["layers"] =
            layers.iter().filter_map(|layer| layer_of(layer, atlas, set)).collect::<Vec<_>>().into();
        if atlas.grids().any_invented() {
            json["attribution"] = INVENTED.into();
        }
        json
    }

    /// What a list of tilesets says of one: its title, what is in it, and the tile matrix set.
    pub fn tileset_item(&self, set: TileMatrixSet) -> Value {
        let mut json = json!({
            "title": format!("{} ({})", self.names(), set.id()),
            "dataType": "vector",
            "crs": set.crs(),
        });
        if let Some(uri) = set.uri() {
            json["tileMatrixSetURI"] = uri.into();
        }
        json
    }

    /// The sets beside WebMercatorQuad for the TileJSON: identifier, reference system, zooms and addresses of tiles. `origin` as in
    /// [`Selection::tilejson`]; `query` ends the addresses.
    pub fn other_matrix_sets(&self, atlas: &Atlas, origin: &str, query: &str) -> Value {
        let (layers, names) = (layers(self, atlas), self.names());
        let others = TileMatrixSet::ALL.into_iter().filter(|set| *set != TileMatrixSet::WebMercatorQuad);
        let describe = |set: TileMatrixSet| {
            let zooms = zooms(layers.iter(), set)?;
            let id = set.id();
            Some(json!({
                "id": id,
                "crs": set.crs(),
                "minzoom": zooms.start(),
                "maxzoom": zooms.end(),
                "tiles": [format!("{origin}/collections/{names}/tiles/{id}/{{z}}/{{y}}/{{x}}{query}")],
            }))
        };
        others.filter_map(describe).collect::<Vec<_>>().into()
    }
}

/// The zooms of a set at which any of the layers shows; none where they show at details only that the set does not have.
fn zooms<'a>(layers: impl Iterator<Item = &'a Layer<'a>>, set: TileMatrixSet) -> Option<RangeInclusive<u8>> {
    let ranges = layers.map(|layer| layer.zooms.clone()).filter(|zooms| !zooms.is_empty());
    let whole = ranges.reduce(|a, b| *a.start().min(b.start())..=*a.end().max(b.end()))?;
    Some(set.zoom_of(*whole.start()).unwrap_or(0)..=set.zoom_of(*whole.end())?)
}

fn limits(set: TileMatrixSet, z: u8, bounds: &Envelope) -> Option<Value> {
    let at = |x: f64, y: f64| set.tile_at(z, Coord { x, y }).ok();
    let (first, last) = (at(bounds.min[0], bounds.max[1])?, at(bounds.max[0], bounds.min[1])?);
    Some(json!({
        "tileMatrix": z.to_string(),
        "minTileRow": first.y(),
        "maxTileRow": last.y(),
        "minTileCol": first.x(),
        "maxTileCol": last.x(),
    }))
}

fn layer_of(layer: &Layer, atlas: &Atlas, set: TileMatrixSet) -> Option<Value> {
    let zooms = zooms(std::iter::once(layer), set)?;
    let mut told = describe(layer, atlas);
    let geometry = match layer.definition.source {
        Source::Grids | Source::Buildings | Source::BuildingBlocks => Some("polygons"),
        Source::GridLabels | Source::Facilities | Source::FacilityClusters => Some("points"),
        // Only the database knows.
        Source::Table => None,
    };
    let fields = told["fields"].as_object().into_iter().flatten();
    let properties: Map<_, _> =
        fields.map(|(field, what)| (field.clone(), json!({ "description": what }))).collect();
    let mut layer = json!({
        "id": told["id"].take(),
        "description": told["description"].take(),
        "dataType": "vector",
        "minTileMatrix": zooms.start().to_string(),
        "maxTileMatrix": zooms.end().to_string(),
        "propertiesSchema": { "type": "object", "properties": properties },
    });
    if let Some(geometry) = geometry {
        layer["geometryType"] = geometry.into();
    }
    Some(layer)
}
