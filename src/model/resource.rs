//! What lies in grids: buildings, facilities, people, and any further collection of the catalogue.

use std::fmt;

use geo::{Geometry, Point, Polygon};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{County, GridId};

/// The identity of a building, facility, person or other resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(pub Uuid);

/// What every resource has, whatever its collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Identity.
    pub id: ResourceId,
    /// Partition key: the county of the leaf, `000000` when no grid holds the resource.
    pub county: County,
    /// The system that owns it.
    pub source: String,
    /// The identity there; (`source`, `source_id`) is unique in a collection.
    pub source_id: String,
    /// Class within the collection, such as `school` or `hydrant`.
    pub class: String,
    /// Name, where it has one.
    pub name: Option<String>,
    /// Address, where known.
    pub address: Option<String>,
    /// Further attributes.
    pub properties: Map<String, Value>,
    /// Position or footprint in EPSG:4490, degrees.
    pub geometry: Geometry<f64>,
    /// The leaf grid that holds it; `None`: unassigned.
    pub leaf: Option<GridId>,
    /// True when invented sample data.
    pub invented: bool,
}

/// A building, as the atlas holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Building {
    /// Identity.
    pub id: ResourceId,
    /// The number that the store gave it once: the id of its features in tiles.
    pub number: u64,
    /// Class, such as `residential`.
    pub class: String,
    /// The identity that its owner gave it.
    pub source_id: String,
    /// Name, where it has one.
    pub name: Option<String>,
    /// Address, where known.
    pub address: Option<String>,
    /// Height in metres, where known.
    pub height_m: Option<f32>,
    /// Floors above ground, where known.
    pub floors: Option<u16>,
    /// Resident households, where known.
    pub households: Option<u32>,
    /// Footprint in EPSG:4490, degrees.
    pub footprint: Polygon<f64>,
    /// The leaf grid that holds it.
    pub leaf: Option<GridId>,
}

/// A facility, as the atlas holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Facility {
    /// Identity.
    pub id: ResourceId,
    /// The number that the store gave it once: the id of its features in tiles.
    pub number: u64,
    /// Class, such as `hydrant`.
    pub class: String,
    /// The identity that its owner gave it.
    pub source_id: String,
    /// Name, where it has one.
    pub name: Option<String>,
    /// Address, where known.
    pub address: Option<String>,
    /// Position in EPSG:4490, degrees.
    pub position: Point<f64>,
    /// The leaf grid that holds it.
    pub leaf: Option<GridId>,
}

/// A resident, as whoever serves them sees one: what was not asked for is absent.
#[derive(Clone, PartialEq)]
pub struct Resident {
    /// Identity.
    pub id: ResourceId,
    /// Position of the address point in EPSG:4490, degrees.
    pub position: Option<Point<f64>>,
    /// The household.
    pub household: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// Service tags, such as meal delivery.
    pub tags: Option<Vec<String>>,
    /// The code of the leaf grid that holds the address point.
    pub grid: Option<String>,
}

impl fmt::Debug for Resident {
    /// The identity alone: whatever is printed may end in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resident").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A person, as the atlas holds one: position and leaf only, never a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Person {
    /// Identity.
    pub id: ResourceId,
    /// Position of the address point in EPSG:4490, degrees.
    pub position: Point<f64>,
    /// The leaf grid that holds it.
    pub leaf: Option<GridId>,
}
