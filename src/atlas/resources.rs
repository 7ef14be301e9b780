//! Buildings, facilities and people, by place and by leaf.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use geo::BoundingRect;

use super::chunked::Chunked;
use super::sharded::Sharded;
use super::spatial::Spatial;
use super::{Envelope, GridIndex, GridTable};
use crate::model::{Building, Facility, GridId, LonLat, Person, ResourceId};

/// Counts of one grid with everything below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Buildings by class; none that is zero.
    pub buildings: BTreeMap<String, u32>,
    /// Facilities by class; none that is zero.
    pub facilities: BTreeMap<String, u32>,
    /// People: show it only as a suppressed count.
    pub people: u32,
}

/// Whether counts come or go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Come,
    Go,
}

impl Counts {
    fn turn(&mut self, other: &Self, turn: Turn) {
        let both = [(&mut self.buildings, &other.buildings), (&mut self.facilities, &other.facilities)];
        for (mine, theirs) in both {
            for (class, count) in theirs {
                let now = mine.entry(class.clone()).or_default();
                *now = turn.of(*now, *count);
                if *now == 0 {
                    mine.remove(class);
                }
            }
        }
        self.people = turn.of(self.people, other.people);
    }

    fn is_empty(&self) -> bool {
        self.buildings.is_empty() && self.facilities.is_empty() && self.people == 0
    }

    fn building(class: &str) -> Self {
        Self { buildings: BTreeMap::from([(class.to_owned(), 1)]), ..Self::default() }
    }

    fn facility(class: &str) -> Self {
        Self { facilities: BTreeMap::from([(class.to_owned(), 1)]), ..Self::default() }
    }

    fn person() -> Self {
        Self { people: 1, ..Self::default() }
    }
}

impl Turn {
    fn of(self, now: u32, count: u32) -> u32 {
        match self {
            Self::Come => now + count,
            Self::Go => now.saturating_sub(count),
        }
    }
}

/// The resources of an atlas. Copies share what was not changed since.
#[derive(Debug, Clone, Default)]
pub struct ResourceTable {
    buildings: Sharded<ResourceId, Arc<Building>>,
    building_boxes: Spatial<ResourceId>,
    facilities: Sharded<ResourceId, Arc<Facility>>,
    facility_boxes: Spatial<ResourceId>,
    /// Everybody: a position and a leaf.
    people: Sharded<ResourceId, Person>,
    /// What lies directly in each grid, by identity: also in grids that do not hold now.
    own: Sharded<GridId, Counts>,
    /// By place of the grid, roll-ups included; kept, since every panel and choropleth asks for them.
    rolled: Chunked<Counts>,
    /// What lies in no grid that holds now.
    unassigned: Counts,
}

impl ResourceTable {
    pub(super) fn build(
        grids: &GridTable,
        buildings: Vec<Building>,
        facilities: Vec<Facility>,
        people: Vec<Person>,
    ) -> Self {
        let mut own: Sharded<GridId, Counts> = Sharded::default();
        let mut nowhere = Counts::default();
        let mut at = |leaf: Option<GridId>, count: &dyn Fn(&mut Counts)| match leaf {
            Some(leaf) => count(own.entry(leaf, Counts::default)),
            None => count(&mut nowhere),
        };
        buildings.iter().for_each(|one| at(one.leaf, &|counts| add(&mut counts.buildings, &one.class)));
        facilities.iter().for_each(|one| at(one.leaf, &|counts| add(&mut counts.facilities, &one.class)));
        people.iter().for_each(|one| at(one.leaf, &|counts| counts.people += 1));
        let mut rolled = vec![Counts::default(); grids.places()];
        for (leaf, counts) in own.iter() {
            match grids.find_id(*leaf) {
                Some(grid) => rolled[grid.at()].turn(counts, Turn::Come),
                None => nowhere.turn(counts, Turn::Come),
            }
        }
        // The deepest level first: grids come in order of their levels.
        for grid in grids.all().rev() {
            if let Some(parent) = grids.parent(grid) {
                let counts = rolled[grid.at()].clone();
                rolled[parent.at()].turn(&counts, Turn::Come);
            }
        }
        let buildings: Vec<_> = buildings.into_iter().map(Arc::new).collect();
        let facility_boxes = Spatial::build(facilities.iter().map(|one| (one.id, facility_envelope(one))));
        let boxes = buildings.iter().filter_map(|one| Some((one.id, building_envelope(one)?)));
        let ((building_boxes, people), (buildings, facilities)) = rayon::join(
            || (Spatial::build(boxes), people.into_iter().map(|one| (one.id, one)).collect()),
            || {
                let buildings = buildings.iter().map(|one| (one.id, Arc::clone(one))).collect();
                (buildings, facilities.into_iter().map(|one| (one.id, Arc::new(one))).collect())
            },
        );
        Self {
            building_boxes,
            facility_boxes,
            buildings,
            facilities,
            people,
            own,
            rolled: rolled.into_iter().collect(),
            unassigned: nowhere,
        }
    }

    /// Every building, in no order.
    pub fn buildings(&self) -> impl Iterator<Item = &Building> {
        self.buildings.iter().map(|(_, building)| &**building)
    }

    /// Every facility, in no order.
    pub fn facilities(&self) -> impl Iterator<Item = &Facility> {
        self.facilities.iter().map(|(_, facility)| &**facility)
    }

    /// The building with this identity.
    pub fn building(&self, id: ResourceId) -> Option<&Building> {
        self.buildings.get(&id).map(|building| &**building)
    }

    /// The facility with this identity.
    pub fn facility(&self, id: ResourceId) -> Option<&Facility> {
        self.facilities.get(&id).map(|facility| &**facility)
    }

    pub(super) fn building_shards(&self) -> &[Arc<HashMap<ResourceId, Arc<Building>, RandomState>>] {
        self.buildings.shards()
    }

    pub(super) fn facility_shards(&self) -> &[Arc<HashMap<ResourceId, Arc<Facility>, RandomState>>] {
        self.facilities.shards()
    }

    /// How many buildings.
    pub fn building_count(&self) -> usize {
        self.buildings.len()
    }

    /// How many facilities.
    pub fn facility_count(&self) -> usize {
        self.facilities.len()
    }

    /// How many people, in all.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Everybody as a position, in no order; never shown one by one.
    pub(super) fn persons(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().map(|(_, person)| person)
    }

    /// Where everybody is, and in which leaf, in no order: to be counted, never to be shown one by one.
    pub fn people_places(&self) -> impl Iterator<Item = (LonLat, Option<GridId>)> {
        let place = |person: &Person| {
            Some((LonLat::new(person.position.x(), person.position.y()).ok()?, person.leaf))
        };
        self.persons().filter_map(place)
    }

    /// The counts of a grid with everything below it.
    pub fn counts(&self, grid: GridIndex) -> &Counts {
        &self.rolled[grid.at()]
    }

    /// The counts of what no grid holds.
    pub fn unassigned(&self) -> &Counts {
        &self.unassigned
    }

    /// The buildings whose envelope meets an envelope, in no order.
    pub fn buildings_in(&self, envelope: &Envelope) -> impl Iterator<Item = &Building> {
        let found = self.building_boxes.meeting(envelope);
        found.filter_map(|id| self.buildings.get(&id).map(|building| &**building))
    }

    /// The facilities inside an envelope, in no order.
    pub fn facilities_in(&self, envelope: &Envelope) -> impl Iterator<Item = &Facility> {
        let found = self.facility_boxes.meeting(envelope);
        found.filter_map(|id| self.facilities.get(&id).map(|facility| &**facility))
    }

    /// Where a building is, and its leaf.
    pub(super) fn building_place(&self, id: ResourceId) -> Option<(Option<Envelope>, Option<GridId>)> {
        self.buildings.get(&id).map(|building| (building_envelope(building), building.leaf))
    }

    /// Where a facility is, and its leaf.
    pub(super) fn facility_place(&self, id: ResourceId) -> Option<(Option<Envelope>, Option<GridId>)> {
        self.facilities.get(&id).map(|facility| (Some(facility_envelope(facility)), facility.leaf))
    }

    /// In which leaf a person is counted; none: nobody has this identity.
    pub(super) fn person_leaf(&self, id: ResourceId) -> Option<Option<GridId>> {
        self.people.get(&id).map(|person| person.leaf)
    }

    /// Puts a building in the place of the one with this identity; `None`: nothing.
    pub(super) fn put_building(&mut self, grids: &GridTable, id: ResourceId, building: Option<Building>) {
        if let Some(old) = self.buildings.remove(&id) {
            self.turn(grids, old.leaf, &Counts::building(&old.class), Turn::Go);
        }
        self.building_boxes.set(id, building.iter().filter_map(building_envelope));
        if let Some(new) = building {
            self.turn(grids, new.leaf, &Counts::building(&new.class), Turn::Come);
            self.buildings.insert(id, Arc::new(new));
        }
    }

    /// Puts a facility in the place of the one with this identity; `None`: nothing.
    pub(super) fn put_facility(&mut self, grids: &GridTable, id: ResourceId, facility: Option<Facility>) {
        if let Some(old) = self.facilities.remove(&id) {
            self.turn(grids, old.leaf, &Counts::facility(&old.class), Turn::Go);
        }
        self.facility_boxes.set(id, facility.iter().map(facility_envelope));
        if let Some(new) = facility {
            self.turn(grids, new.leaf, &Counts::facility(&new.class), Turn::Come);
            self.facilities.insert(id, Arc::new(new));
        }
    }

    /// Puts a person in the place of the one with this identity; `None`: nobody.
    pub(super) fn put_person(&mut self, grids: &GridTable, id: ResourceId, person: Option<Person>) {
        if let Some(old) = self.people.remove(&id) {
            self.turn(grids, old.leaf, &Counts::person(), Turn::Go);
        }
        if let Some(new) = person {
            self.turn(grids, new.leaf, &Counts::person(), Turn::Come);
            self.people.insert(id, new);
        }
    }

    /// A grid, with what is below it still there, is about to leave the tree at its place; `stays`: to come back to another.
    pub(super) fn detach(&mut self, grids: &GridTable, grid: GridIndex, stays: bool) {
        let counts = self.rolled[grid.at()].clone();
        self.turn_above(grids, grids.parent(grid), &counts, Turn::Go);
        if !stays {
            *self.rolled.get_mut(grid.at()) = Counts::default();
            let own = self.own.get(&grids.id(grid)).cloned().unwrap_or_default();
            self.unassigned.turn(&own, Turn::Come);
        }
    }

    /// A grid came to its place in the tree; `stayed`: it was elsewhere in it before.
    pub(super) fn attach(&mut self, grids: &GridTable, grid: GridIndex, stayed: bool) {
        while self.rolled.len() <= grid.at() {
            self.rolled.push(Counts::default());
        }
        if !stayed {
            let own = self.own.get(&grids.id(grid)).cloned().unwrap_or_default();
            self.unassigned.turn(&own, Turn::Go);
            *self.rolled.get_mut(grid.at()) = own;
        }
        let counts = self.rolled[grid.at()].clone();
        self.turn_above(grids, grids.parent(grid), &counts, Turn::Come);
    }

    /// To be called once after all changes of a step.
    pub(super) fn settle(&mut self) {
        self.building_boxes.settle();
        self.facility_boxes.settle();
    }

    fn turn(&mut self, grids: &GridTable, leaf: Option<GridId>, counts: &Counts, turn: Turn) {
        if let Some(leaf) = leaf {
            let own = self.own.entry(leaf, Counts::default);
            own.turn(counts, turn);
            if own.is_empty() {
                self.own.remove(&leaf);
            }
        }
        match leaf.and_then(|leaf| grids.find_id(leaf)) {
            Some(grid) => self.turn_above(grids, Some(grid), counts, turn),
            None => self.unassigned.turn(counts, turn),
        }
    }

    fn turn_above(&mut self, grids: &GridTable, from: Option<GridIndex>, counts: &Counts, turn: Turn) {
        if counts.is_empty() {
            return;
        }
        for grid in from.into_iter().flat_map(|from| grids.upwards(from)) {
            self.rolled.get_mut(grid.at()).turn(counts, turn);
        }
    }
}

/// Counts one more of a class.
fn add(classes: &mut BTreeMap<String, u32>, class: &str) {
    match classes.get_mut(class) {
        Some(count) => *count += 1,
        None => drop(classes.insert(class.to_owned(), 1)),
    }
}

fn building_envelope(building: &Building) -> Option<Envelope> {
    let rect = building.footprint.bounding_rect()?;
    Some(Envelope { min: [rect.min().x, rect.min().y], max: [rect.max().x, rect.max().y] })
}

fn facility_envelope(facility: &Facility) -> Envelope {
    let at = [facility.position.x(), facility.position.y()];
    Envelope { min: at, max: at }
}
