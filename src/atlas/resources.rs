//! Buildings, facilities and people, by place and by leaf.

use std::collections::BTreeMap;

use geo::{BoundingRect, Coord, Polygon};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{Envelope, GridIndex, GridTable};
use crate::model::{Building, Facility, GridId, Person};

type Boxed = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// Counts of one grid with everything below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Buildings by class.
    pub buildings: BTreeMap<String, u32>,
    /// Facilities by class.
    pub facilities: BTreeMap<String, u32>,
    /// People: show it only as a suppressed count.
    pub people: u32,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        for (mine, theirs) in
            [(&mut self.buildings, &other.buildings), (&mut self.facilities, &other.facilities)]
        {
            for (class, count) in theirs {
                *mine.entry(class.clone()).or_default() += count;
            }
        }
        self.people += other.people;
    }
}

/// The resources of an atlas.
#[derive(Debug)]
pub struct ResourceTable {
    buildings: Vec<Building>,
    facilities: Vec<Facility>,
    people: usize,
    building_tree: RTree<Boxed>,
    facility_tree: RTree<GeomWithData<[f64; 2], u32>>,
    /// One entry a grid, roll-ups included; built once, since every panel and choropleth asks for them.
    counts: Vec<Counts>,
    unassigned: Counts,
}

impl ResourceTable {
    pub(super) fn build(
        grids: &GridTable,
        buildings: Vec<Building>,
        facilities: Vec<Facility>,
        people: Vec<Person>,
    ) -> Self {
        let mut counts = vec![Counts::default(); grids.places()];
        let mut unassigned = Counts::default();
        for building in &buildings {
            let slot = slot(grids, &mut counts, &mut unassigned, building.leaf);
            *slot.buildings.entry(building.class.clone()).or_default() += 1;
        }
        for facility in &facilities {
            let slot = slot(grids, &mut counts, &mut unassigned, facility.leaf);
            *slot.facilities.entry(facility.class.clone()).or_default() += 1;
        }
        for person in &people {
            slot(grids, &mut counts, &mut unassigned, person.leaf).people += 1;
        }
        roll_up(grids, &mut counts);
        let building_tree = RTree::bulk_load(
            buildings.iter().enumerate().filter_map(|(at, b)| boxed(&b.footprint, at)).collect(),
        );
        let facility_tree = RTree::bulk_load(
            facilities
                .iter()
                .enumerate()
                .map(|(at, f)| GeomWithData::new([f.position.x(), f.position.y()], at as u32))
                .collect(),
        );
        Self { buildings, facilities, people: people.len(), building_tree, facility_tree, counts, unassigned }
    }

    /// Every building.
    pub fn buildings(&self) -> &[Building] {
        &self.buildings
    }

    /// Every facility.
    pub fn facilities(&self) -> &[Facility] {
        &self.facilities
    }

    /// How many people, in all.
    pub fn people(&self) -> usize {
        self.people
    }

    /// The counts of a grid with everything below it.
    pub fn counts(&self, grid: GridIndex) -> &Counts {
        &self.counts[grid.at()]
    }

    /// The counts of what no grid holds.
    pub fn unassigned(&self) -> &Counts {
        &self.unassigned
    }

    /// The buildings whose envelope meets an envelope, in no order.
    pub fn buildings_in<'a>(&'a self, envelope: &Envelope) -> impl Iterator<Item = &'a Building> {
        let query = AABB::from_corners(envelope.min, envelope.max);
        self.building_tree.locate_in_envelope_intersecting(query).map(|b| &self.buildings[b.data as usize])
    }

    /// The facilities inside an envelope, in no order.
    pub fn facilities_in<'a>(&'a self, envelope: &Envelope) -> impl Iterator<Item = &'a Facility> {
        let query = AABB::from_corners(envelope.min, envelope.max);
        self.facility_tree.locate_in_envelope(query).map(|f| &self.facilities[f.data as usize])
    }
}

fn slot<'a>(
    grids: &GridTable,
    counts: &'a mut [Counts],
    unassigned: &'a mut Counts,
    leaf: Option<GridId>,
) -> &'a mut Counts {
    match leaf.and_then(|id| grids.find_id(id)) {
        Some(grid) => &mut counts[grid.at()],
        None => unassigned,
    }
}

/// Adds the counts of each grid to its parent, deepest level first: grids are sorted by level.
fn roll_up(grids: &GridTable, counts: &mut [Counts]) {
    for grid in grids.all().rev() {
        if let Some(parent) = grids.parent(grid) {
            let own = counts[grid.at()].clone();
            counts[parent.at()].add(&own);
        }
    }
}

fn boxed(footprint: &Polygon<f64>, at: usize) -> Option<Boxed> {
    let rect = footprint.bounding_rect()?;
    let corner = |c: Coord<f64>| [c.x, c.y];
    Some(GeomWithData::new(Rectangle::from_corners(corner(rect.min()), corner(rect.max())), at as u32))
}
