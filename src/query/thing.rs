//! A building or a facility, whichever it is.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use geo::{Coord, InteriorPoint};
use smallvec::SmallVec;

use super::nearby::Found;
use crate::atlas::{Atlas, Envelope};
use crate::geom::{distance_m, locate_polygon, nearest_on_lines};
use crate::model::{Building, Facility, GridId, LonLat, ResourceId, Role};
use crate::resolve::Place;

/// A collection of resources that lie on the map one by one; people do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    /// Buildings.
    Buildings,
    /// Facilities.
    Facilities,
}

impl Collection {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Buildings, Self::Facilities];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buildings => "buildings",
            Self::Facilities => "facilities",
        }
    }

    /// The collection of a name, or which there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|collection| collection.as_str() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.map(Self::as_str).into();
            format!("there is no collection {name:?} to look for; there are {}", known.join(", "))
        })
    }
}

/// What to look for, and who counts as responsible for the grids that are met.
#[derive(Debug, Clone, PartialEq)]
pub struct Looking {
    /// Of which collections.
    pub collections: BTreeSet<Collection>,
    /// Of which classes; empty: any.
    pub classes: BTreeSet<String>,
    /// How many to list.
    pub limit: usize,
    /// When, for the people on duty.
    pub at: DateTime<Utc>,
    /// Roles that count as responsible; empty: any.
    pub roles: Vec<Role>,
}

/// One of a collection.
#[derive(Debug, Clone, Copy)]
pub(super) enum Thing<'a> {
    Building(&'a Building),
    Facility(&'a Facility),
}

impl<'a> Thing<'a> {
    /// Those of some collections and classes (none named: any) whose envelope meets another, in no order.
    pub(super) fn all_in(
        atlas: &'a Atlas,
        looking: &Looking,
        envelope: &Envelope,
    ) -> impl Iterator<Item = Self> {
        let resources = atlas.resources();
        let Looking { collections, classes, .. } = looking;
        let has = |collection| collections.contains(&collection);
        let buildings = has(Collection::Buildings).then(|| resources.buildings_in(envelope));
        let facilities = has(Collection::Facilities).then(|| resources.facilities_in(envelope));
        let buildings = buildings.into_iter().flatten().map(Thing::Building);
        let all = buildings.chain(facilities.into_iter().flatten().map(Thing::Facility));
        all.filter(move |thing| classes.is_empty() || classes.contains(thing.class()))
    }

    pub(super) fn id(&self) -> ResourceId {
        match self {
            Self::Building(building) => building.id,
            Self::Facility(facility) => facility.id,
        }
    }

    pub(super) fn collection(&self) -> Collection {
        match self {
            Self::Building(_) => Collection::Buildings,
            Self::Facility(_) => Collection::Facilities,
        }
    }

    pub(super) fn class(&self) -> &'a str {
        match self {
            Self::Building(building) => &building.class,
            Self::Facility(facility) => &facility.class,
        }
    }

    pub(super) fn leaf(&self) -> Option<GridId> {
        match self {
            Self::Building(building) => building.leaf,
            Self::Facility(facility) => facility.leaf,
        }
    }

    /// Metres on the ellipsoid from a point; 0 inside a footprint or on its edge.
    pub(super) fn distance_m(&self, from: LonLat) -> f64 {
        match self {
            Self::Facility(facility) => {
                let at = LonLat::new(facility.position.x(), facility.position.y());
                at.map_or(f64::INFINITY, |at| distance_m(from, at))
            }
            Self::Building(building) => {
                let footprint = &building.footprint;
                if locate_polygon(footprint, from.into()).is_covered() {
                    return 0.0;
                }
                let rings: SmallVec<[&[Coord<f64>]; 2]> = std::iter::once(footprint.exterior())
                    .chain(footprint.interiors())
                    .map(|ring| ring.0.as_slice())
                    .collect();
                nearest_on_lines(from, rings.into_iter()).map_or(f64::INFINITY, |nearest| nearest.distance_m)
            }
        }
    }

    /// In brief, as an answer tells it.
    pub(super) fn found(&self, atlas: &'a Atlas) -> Found<'a> {
        let (name, at) = match self {
            Self::Building(building) => (building.name.as_deref(), place_inside(building)),
            Self::Facility(facility) => {
                (facility.name.as_deref(), Place { lon: facility.position.x(), lat: facility.position.y() })
            }
        };
        let leaf = self.leaf().and_then(|leaf| atlas.grids().find_id(leaf));
        Found {
            collection: self.collection().as_str(),
            id: self.id().0,
            class: self.class(),
            name,
            at,
            grid_code: leaf.map(|leaf| atlas.grids().code(leaf).as_str()),
        }
    }
}

/// The centre of a footprint that has no inside is a vertex of it.
pub(super) fn place_inside(building: &Building) -> Place {
    let inside = building.footprint.interior_point().map(Coord::from);
    let at = inside.or_else(|| building.footprint.exterior().0.first().copied()).unwrap_or_default();
    Place { lon: at.x, lat: at.y }
}
