//! A tileset as the catalogue writes it, in TOML.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use crate::model::{TableKeys, TableSource};
use crate::tiles::attributes::Field;

/// What the features of a layer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::tiles) enum Source {
    /// Territories, one layer a level.
    Grids,
    /// Label points of grids.
    GridLabels,
    /// Footprints of buildings.
    Buildings,
    /// Buildings near one another as one, with how many they are.
    BuildingBlocks,
    /// Positions of facilities.
    Facilities,
    /// Facilities near one another as one point, with how many of each class there are.
    FacilityClusters,
    /// The rows of a table or view of the database.
    Table,
}

impl Source {
    /// Does it show grids, or labels of them?
    pub(in crate::tiles) fn is_of_grids(self) -> bool {
        matches!(self, Self::Grids | Self::GridLabels)
    }
}

/// A layer as the catalogue writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(in crate::tiles) struct LayerDefinition {
    pub(in crate::tiles) id: String,
    pub(in crate::tiles) source: Source,
    pub(in crate::tiles) description: String,
    pub(in crate::tiles) min_zoom: u8,
    /// The last zoom; absent: that of the tileset.
    pub(in crate::tiles) max_zoom: Option<u8>,
    /// Labels only: how many zooms the label of a divided grid stays; absent: as long as its level.
    pub(in crate::tiles) label_zooms: Option<u8>,
    /// Attributes and what they mean; those of a table are in `table`.
    pub(in crate::tiles) fields: BTreeMap<Field, String>,
    /// The table, when the source is one, and no other time.
    pub(in crate::tiles) table: Option<TableLayer>,
}

/// The table of a layer.
#[derive(Debug, Clone)]
pub(in crate::tiles) struct TableLayer {
    pub(in crate::tiles) source: TableSource,
    /// Columns and what they mean.
    pub(in crate::tiles) fields: BTreeMap<String, String>,
}

/// A tileset as the catalogue writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::tiles) struct Tileset {
    pub(in crate::tiles) name: String,
    pub(in crate::tiles) title: String,
    /// The deepest zoom that has tiles of its own; a map stretches these beyond it.
    pub(in crate::tiles) max_zoom: u8,
    #[serde(rename = "layer")]
    pub(in crate::tiles) layers: Vec<LayerDefinition>,
}

/// The keys of a layer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    source: Source,
    description: String,
    min_zoom: u8,
    max_zoom: Option<u8>,
    label_zooms: Option<u8>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    table: Option<String>,
    geometry: Option<String>,
    feature_id: Option<String>,
    time_limit_ms: Option<u32>,
    max_features: Option<u32>,
}

impl TryFrom<Written> for LayerDefinition {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (fields, table) = match written.source {
            Source::Table => (BTreeMap::new(), Some(table(&written)?)),
            _ => (fields(&written)?, None),
        };
        let Written { id, source, description, min_zoom, max_zoom, label_zooms, .. } = written;
        Ok(Self { id, source, description, min_zoom, max_zoom, label_zooms, fields, table })
    }
}

/// The attributes of a layer that is made from memory.
fn fields(written: &Written) -> Result<BTreeMap<Field, String>, String> {
    let of_tables = [
        ("table", written.table.is_some()),
        ("geometry", written.geometry.is_some()),
        ("feature_id", written.feature_id.is_some()),
        ("time_limit_ms", written.time_limit_ms.is_some()),
        ("max_features", written.max_features.is_some()),
    ];
    if let Some((key, _)) = of_tables.iter().find(|(_, is_set)| *is_set) {
        return Err(format!("{key} belongs to a layer whose source is \"table\""));
    }
    let field = |name: &String| {
        let name: StrDeserializer<'_, ValueError> = name.as_str().into_deserializer();
        Field::deserialize(name).map_err(|error| error.to_string())
    };
    written.fields.iter().map(|(name, what)| Ok((field(name)?, what.clone()))).collect()
}

fn table(written: &Written) -> Result<TableLayer, String> {
    let table =
        written.table.clone().ok_or("a layer whose source is \"table\" needs table = \"schema.name\"")?;
    if written.label_zooms.is_some() {
        return Err("label_zooms belongs to a layer whose source is \"grid_labels\"".to_owned());
    }
    let keys = TableKeys {
        table,
        geometry: written.geometry.clone(),
        feature_id: written.feature_id.clone(),
        only: BTreeMap::new(),
        time_limit_ms: written.time_limit_ms,
        max_features: written.max_features,
    };
    let source = TableSource::of(keys, written.fields.keys().cloned().collect())?;
    Ok(TableLayer { source, fields: written.fields.clone() })
}
