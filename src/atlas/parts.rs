//! The parts that copies of an atlas share, so that whoever works something out of the names keeps it as long as a part is the same.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::grids::GridPart;
use super::{Atlas, GridIndex};
use crate::model::{Building, Facility, GridId, ResourceId};

type Shard<T> = Arc<HashMap<ResourceId, Arc<T>, RandomState>>;

/// Some of the grids, buildings or facilities of an atlas. An atlas after an edit has the same part where nothing in it was touched. Holding
/// one keeps what is in it in memory.
#[derive(Debug, Clone)]
pub struct Part(Held);

#[derive(Debug, Clone)]
enum Held {
    Grids(GridPart),
    Buildings(Shard<Building>),
    Facilities(Shard<Facility>),
}

/// What is in a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// Grids of all levels.
    Grids,
    /// Facilities.
    Facilities,
    /// Buildings.
    Buildings,
}

/// What something is called. People and workers are never among them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Named<'a> {
    /// Which thing.
    pub key: NamedKey,
    /// The code of a grid; of a resource the identity that its owner gave it.
    pub code: &'a str,
    /// Name, where it has one.
    pub name: Option<&'a str>,
    /// Address, where known; grids have none.
    pub address: Option<&'a str>,
}

/// A thing with a name, in the atlas that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedKey {
    /// A grid.
    Grid(GridIndex),
    /// A facility.
    Facility(ResourceId),
    /// A building.
    Building(ResourceId),
}

impl Part {
    /// What is in it.
    pub fn kind(&self) -> PartKind {
        match self.0 {
            Held::Grids(_) => PartKind::Grids,
            Held::Buildings(_) => PartKind::Buildings,
            Held::Facilities(_) => PartKind::Facilities,
        }
    }

    /// A number that no other part has while this one is held.
    pub fn identity(&self) -> usize {
        match &self.0 {
            Held::Grids(part) => part.identity(),
            Held::Buildings(shard) => Arc::as_ptr(shard).addr(),
            Held::Facilities(shard) => Arc::as_ptr(shard).addr(),
        }
    }

    /// Everything in it, in no order.
    pub fn named(&self) -> Vec<Named<'_>> {
        match &self.0 {
            Held::Grids(part) => part
                .named()
                .map(|(grid, code, name)| Named {
                    key: NamedKey::Grid(grid),
                    code,
                    name: Some(name),
                    address: None,
                })
                .collect(),
            Held::Buildings(shard) => shard
                .values()
                .map(|one| Named {
                    key: NamedKey::Building(one.id),
                    code: &one.source_id,
                    name: one.name.as_deref(),
                    address: one.address.as_deref(),
                })
                .collect(),
            Held::Facilities(shard) => shard
                .values()
                .map(|one| Named {
                    key: NamedKey::Facility(one.id),
                    code: &one.source_id,
                    name: one.name.as_deref(),
                    address: one.address.as_deref(),
                })
                .collect(),
        }
    }
}

impl Atlas {
    /// The parts with everything that has a name: grids, buildings and facilities, each in one of them.
    pub fn parts(&self) -> Vec<Part> {
        let grids = self.grids.parts().map(Held::Grids);
        let buildings = self.resources.building_shards().iter().cloned().map(Held::Buildings);
        let facilities = self.resources.facility_shards().iter().cloned().map(Held::Facilities);
        grids.chain(buildings).chain(facilities).map(Part).collect()
    }

    /// The leaf that holds a building or facility now, or the grid itself.
    pub fn grid_of(&self, key: NamedKey) -> Option<GridIndex> {
        let leaf: Option<GridId> = match key {
            NamedKey::Grid(grid) => return Some(grid),
            NamedKey::Facility(id) => self.resources.facility(id).and_then(|one| one.leaf),
            NamedKey::Building(id) => self.resources.building(id).and_then(|one| one.leaf),
        };
        self.grids.find_id(leaf?)
    }
}
