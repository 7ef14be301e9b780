//! Points near one another as one, at low zooms.
//!
//! A tile is cut into cells; the points of a cell become one, in their middle, with how many there are and how many of each class. A
//! point is in the one tile that owns it and in one cell, so the counts of all tiles of a zoom add up to all points.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;

use super::attributes::{Field, Value};
use super::catalogue::LayerDefinition;
use super::encode::LayerWriter;
use super::merge::Shown;
use super::select::{Ground, Item};
use super::shape::{EXTENT, Frame};
use crate::atlas::Atlas;

/// The width of a cell in tile units: 32 pixels of a tile shown at 512.
const CELL: i32 = 256;

/// The points of a cell.
#[derive(Debug, Default)]
struct Cluster<'a> {
    count: u64,
    sum: [i64; 2],
    classes: BTreeMap<&'a str, u64>,
}

/// Writes the facilities of a tile in clusters: `point_count`, and for each class that occurs its own count under its name.
pub(super) fn write<'a>(
    atlas: &'a Atlas,
    definition: &LayerDefinition,
    name: &str,
    frame: &Frame,
    items: &[Shown<'a>],
) -> LayerWriter<'a> {
    let mut clusters: BTreeMap<(i32, i32), Cluster> = BTreeMap::new();
    for Shown { item, .. } in items {
        let (Ground::Point(lon, lat), Item::Facility(facility)) = (item.ground(atlas), item) else {
            continue;
        };
        let Some(at) = frame.point(lon, lat) else { continue };
        let cluster = clusters.entry((at.y / CELL, at.x / CELL)).or_default();
        cluster.count += 1;
        cluster.sum = [cluster.sum[0] + i64::from(at.x), cluster.sum[1] + i64::from(at.y)];
        *cluster.classes.entry(&facility.class).or_default() += 1;
    }
    let classes: BTreeSet<&str> =
        clusters.values().flat_map(|cluster| cluster.classes.keys().copied()).collect();
    let total = definition.fields.keys().map(|field| field.as_str());
    let mut writer = LayerWriter::new(name, total.chain(classes.iter().copied()));
    for ((row, column), cluster) in &clusters {
        let at = cluster.sum.map(|sum| (sum / cluster.count as i64) as i32);
        let total = definition
            .fields
            .keys()
            .map(|field| (*field == Field::PointCount).then_some(Value::Count(cluster.count)));
        let by_class = classes.iter().map(|class| cluster.classes.get(class).copied().map(Value::Count));
        let id = frame.cell(*row, *column, i32::from(EXTENT) / CELL);
        writer.point(id, Coord { x: at[0], y: at[1] }, total.chain(by_class));
    }
    writer
}
