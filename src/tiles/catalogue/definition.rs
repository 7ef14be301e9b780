//! A tileset as the catalogue writes it, in TOML.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use crate::model::{Relation, TableSource};
use crate::tiles::attributes::Field;

/// How long a query of a table may take where the catalogue says nothing, and what it may say.
const TIME_LIMIT_MS: u32 = 2_000;
const TIME_LIMITS_MS: std::ops::RangeInclusive<u32> = 10..=30_000;
/// The most features of a tile where the catalogue says nothing, and what it may say.
const MAX_FEATURES: u32 = 50_000;
const MOST_FEATURES: u32 = 1_000_000;
/// The most attributes of a table layer.
const MOST_COLUMNS: usize = 100;

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
    let named =
        written.table.as_deref().ok_or("a layer whose source is \"table\" needs table = \"schema.name\"")?;
    let relation = Relation::parse(named)
        .ok_or_else(|| format!("table = {named:?} names no table; give \"schema.name\""))?;
    if written.label_zooms.is_some() {
        return Err("label_zooms belongs to a layer whose source is \"grid_labels\"".to_owned());
    }
    let columns: Vec<String> = written.fields.keys().cloned().collect();
    let named = columns.iter().chain(&written.geometry).chain(&written.feature_id);
    for column in named {
        if !(1..=Relation::LONGEST).contains(&column.len()) || column.contains(char::is_control) {
            return Err(format!("{column:?} names no column; give 1 to {} bytes", Relation::LONGEST));
        }
    }
    if columns.len() > MOST_COLUMNS {
        return Err(format!(
            "{} fields are more than the {MOST_COLUMNS} that a layer may have",
            columns.len()
        ));
    }
    let within = |key: &str, value: u32, least: u32, most: u32| match (least..=most).contains(&value) {
        true => Ok(value),
        false => Err(format!("{key} = {value}: give {least} to {most}")),
    };
    let time_limit_ms = written.time_limit_ms.unwrap_or(TIME_LIMIT_MS);
    let time_limit_ms =
        within("time_limit_ms", time_limit_ms, *TIME_LIMITS_MS.start(), *TIME_LIMITS_MS.end())?;
    let max_features = written.max_features.unwrap_or(MAX_FEATURES);
    let source = TableSource {
        relation,
        geometry: written.geometry.clone(),
        feature_id: written.feature_id.clone(),
        columns,
        time_limit: Duration::from_millis(time_limit_ms.into()),
        max_features: within("max_features", max_features, 1, MOST_FEATURES)?,
    };
    Ok(TableLayer { source, fields: written.fields.clone() })
}
