//! What a tileset says of itself: TileJSON 3.0.0.

use geo::BoundingRect;
use serde_json::{Map, Value, json};

use super::catalogue::{Selection, Source};
use super::merge::MERGED;
use super::zooms::{Layer, layers};
use crate::access::Principal;
use crate::atlas::{Atlas, Envelope};
use crate::geom::mercator::MAX_LATITUDE;

/// Said wherever invented sample data are shown.
pub(super) const INVENTED: &str = "样例数据，内容系虚构 · Sample data, invented";

impl Selection<'_> {
    /// TileJSON 3.0.0 of the selection. `origin` is scheme and authority of the server as its callers reach it, without a
    /// slash at the end: `https://map.example`.
    pub fn tilejson(&self, atlas: &Atlas, _who: &Principal, origin: &str) -> Value {
        let layers = layers(self, atlas);
        let first = layers.iter().map(|layer| *layer.zooms.start()).min().unwrap_or(0);
        let last = layers.iter().map(|layer| *layer.zooms.end()).max().unwrap_or(0);
        let names = self.names();
        let bounds = bounds(self, atlas, None);
        let mut json = json!({
            "tilejson": "3.0.0",
            "name": names.as_str(),
            "description": self.titles(),
            "scheme": "xyz",
            "tiles": [format!("{origin}/tiles/{names}/{{z}}/{{x}}/{{y}}")],
            "minzoom": first,
            "maxzoom": last.max(first),
            "bounds": [bounds.min[0], bounds.min[1], bounds.max[0], bounds.max[1]],
            "center": [
                (bounds.min[0] + bounds.max[0]) / 2.0,
                (bounds.min[1] + bounds.max[1]) / 2.0,
                first,
            ],
            "vector_layers": layers.iter().map(|layer| describe(layer, atlas)).collect::<Vec<_>>(),
        });
        if atlas.grids().any_invented() {
            json["attribution"] = INVENTED.into();
        }
        json
    }
}

/// What it says of a layer.
pub(super) fn describe(layer: &Layer, atlas: &Atlas) -> Value {
    let mut fields: Map<_, _> = layer
        .definition
        .fields
        .iter()
        .map(|(field, what)| (field.as_str().to_owned(), what.as_str().into()))
        .collect();
    if let Some(table) = &layer.definition.table {
        fields.extend(table.fields.iter().map(|(column, what)| (column.clone(), what.as_str().into())));
    }
    if layer.definition.source == Source::FacilityClusters {
        fields.extend(facility_classes(atlas).map(|class| (class.to_owned(), class.into())));
    }
    if layer.definition.source.is_of_grids() {
        fields.insert(
            MERGED.to_owned(),
            "代表的下级网格数 How many grids below it stands for, in a tile over its budget".into(),
        );
    }
    let level = layer.level.and_then(|level| atlas.levels().get(level));
    let description = match level {
        Some(level) => format!("{} {}: {}", level.name, level.name_en, layer.definition.description),
        None => layer.definition.description.clone(),
    };
    json!({
        "id": layer.name(),
        "description": description,
        "minzoom": layer.zooms.start(),
        "maxzoom": layer.zooms.end(),
        "fields": fields,
    })
}

/// The classes of facilities that there are, some more than once.
fn facility_classes(atlas: &Atlas) -> impl Iterator<Item = &str> {
    let grids = atlas.grids();
    let top = grids.all().filter(|grid| grids.parent(*grid).is_none());
    let counts = top.map(|grid| atlas.resources().counts(grid)).chain([atlas.resources().unassigned()]);
    counts.flat_map(|counts| counts.facilities.keys()).map(String::as_str)
}

/// The envelope of everything that the selection can show, inside the Web Mercator square; the whole square when it shows nothing.
/// `tables`: how far its tables reach; where there are tables and that is not known, the whole square.
pub(super) fn bounds(selection: &Selection, atlas: &Atlas, tables: Option<Envelope>) -> Envelope {
    const SQUARE: Envelope = Envelope { min: [-180.0, -MAX_LATITUDE], max: [180.0, MAX_LATITUDE] };
    let sources = selection.tilesets.iter().flat_map(|t| &t.layers).map(|layer| layer.source);
    if selection.has_tables() && tables.is_none() {
        return SQUARE;
    }
    let all = sources.filter_map(|source| extent(source, atlas)).chain(tables).reduce(|a, b| a.union(&b));
    all.map_or(SQUARE, |e| Envelope {
        min: [e.min[0], e.min[1].max(-MAX_LATITUDE)],
        max: [e.max[0], e.max[1].min(MAX_LATITUDE)],
    })
}

fn extent(source: Source, atlas: &Atlas) -> Option<Envelope> {
    let union = |a: Envelope, b: Envelope| a.union(&b);
    match source {
        Source::Grids | Source::GridLabels => {
            let grids = atlas.grids();
            grids.all().map(|grid| *grids.envelope(grid)).reduce(union)
        }
        Source::Buildings | Source::BuildingBlocks => {
            let rects = atlas.resources().buildings().filter_map(|b| b.footprint.bounding_rect());
            rects.map(|r| Envelope { min: [r.min().x, r.min().y], max: [r.max().x, r.max().y] }).reduce(union)
        }
        Source::Facilities | Source::FacilityClusters => {
            let points = atlas.resources().facilities().map(|f| [f.position.x(), f.position.y()]);
            points.map(|at| Envelope { min: at, max: at }).reduce(union)
        }
        Source::Table => None,
    }
}
