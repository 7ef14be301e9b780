//! What a baked pyramid says of itself: the TileJSON, cut to the zooms that it has.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::run::Job;
use crate::access::Principal;
use crate::atlas::Atlas;

/// The metadata of a pyramid.
#[derive(Debug, Clone)]
pub(super) struct Metadata {
    pub(super) zooms: RangeInclusive<u8>,
    /// West, south, east, north in degrees.
    pub(super) bounds: [f64; 4],
    /// Longitude and latitude in degrees.
    pub(super) center: [f64; 2],
    /// Name, description, attribution, where it comes from; texts only.
    pub(super) texts: Map<String, Value>,
    /// As TileJSON 3 lists them.
    pub(super) vector_layers: Value,
    /// How large tiles may be, and how many had to be coarsened.
    pub(super) budget: Value,
}

impl Metadata {
    pub(super) fn of(job: &Job, atlas: &Atlas, who: &Principal, coarsened: u64) -> Self {
        let zooms = job.zooms.clone();
        let tilejson = job.selection.tilejson(atlas, who, "");
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let bounds = [0, 1, 2, 3].map(|side| number(&tilejson["bounds"][side]));
        let mut texts = Map::new();
        for key in ["name", "description", "attribution"] {
            if let Some(text) = tilejson.get(key).filter(|text| text.is_string()) {
                texts.insert(key.to_owned(), text.clone());
            }
        }
        texts.insert("type".to_owned(), "overlay".into());
        texts.insert("format".to_owned(), "pbf".into());
        texts.insert("version".to_owned(), atlas.revision().to_string().into());
        texts.insert("generator".to_owned(), concat!("gewu ", env!("CARGO_PKG_VERSION")).into());
        Self {
            bounds,
            center: [(bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0],
            vector_layers: cut(&tilejson["vector_layers"], &zooms),
            zooms,
            texts,
            budget: job.budget.describe(coarsened as usize),
        }
    }

    /// As one JSON object, for PMTiles.
    pub(super) fn object(&self) -> String {
        let mut object = self.texts.clone();
        object.insert("vector_layers".to_owned(), self.vector_layers.clone());
        object.insert("budget".to_owned(), self.budget.clone());
        Value::Object(object).to_string()
    }
}

/// The layers that some of the zooms have, each in those zooms only.
fn cut(layers: &Value, zooms: &RangeInclusive<u8>) -> Value {
    let zoom = |layer: &Value, key: &str| layer[key].as_u64().and_then(|zoom| u8::try_from(zoom).ok());
    let cut = layers.as_array().into_iter().flatten().filter_map(|layer| {
        let first = zoom(layer, "minzoom")?.max(*zooms.start());
        let last = zoom(layer, "maxzoom")?.min(*zooms.end());
        let mut layer = layer.clone();
        layer["minzoom"] = first.into();
        layer["maxzoom"] = last.into();
        (first <= last).then_some(layer)
    });
    json!(cut.collect::<Vec<_>>())
}
