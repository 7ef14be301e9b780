//! What may lie in a tile: candidates by envelope, in an order that does not change, and their identities.

use geo::Polygon;

use super::catalogue::Source;
use super::shape::Frame;
use super::zooms::Layer;
use crate::atlas::{Atlas, GridIndex};
use crate::model::{Building, Facility, Level, LonLat};

/// Something that a tile can show.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    Grid(GridIndex),
    Label(GridIndex),
    Building(&'a Building),
    Facility(&'a Facility),
}

/// Where an item is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ground<'a> {
    /// The territory of a grid, made of borders.
    Territory(GridIndex),
    /// An area by itself.
    Area(&'a Polygon<f64>),
    Point(f64, f64),
}

impl<'a> Item<'a> {
    /// The grid that it is, or the label of.
    pub(super) fn grid(&self) -> Option<GridIndex> {
        match *self {
            Item::Grid(grid) | Item::Label(grid) => Some(grid),
            Item::Building(_) | Item::Facility(_) => None,
        }
    }

    pub(super) fn ground(&self, atlas: &'a Atlas) -> Ground<'a> {
        match *self {
            Item::Grid(grid) => Ground::Territory(grid),
            Item::Label(grid) => point(atlas.grids().label_point(grid)),
            Item::Building(building) => Ground::Area(&building.footprint),
            Item::Facility(facility) => Ground::Point(facility.position.x(), facility.position.y()),
        }
    }

    /// The id of its feature: a number that the store gave out once.
    pub(super) fn id(&self, atlas: &Atlas) -> u64 {
        match self {
            Item::Grid(grid) | Item::Label(grid) => atlas.grids().number(*grid),
            Item::Building(building) => building.number,
            Item::Facility(facility) => facility.number,
        }
    }
}

/// What may lie in a tile of a layer, in the order of the atlas (grids) or of numbers (resources): the same atlas gives the same
/// bytes. Candidates only: the shape decides. `grids`: those of the levels that the tile shows, in that order.
pub(super) fn items<'a>(
    atlas: &'a Atlas,
    layer: &Layer<'a>,
    frame: &Frame,
    grids: &[GridIndex],
) -> Vec<Item<'a>> {
    let level = |grid: &GridIndex| atlas.grids().level(*grid);
    match layer.definition.source {
        Source::Grids => {
            grids.iter().filter(|grid| Some(level(grid)) == layer.level).copied().map(Item::Grid).collect()
        }
        Source::GridLabels => grids
            .iter()
            .filter(|grid| layer.labels(atlas, **grid, frame.zoom()))
            .copied()
            .map(Item::Label)
            .collect(),
        // Blocks and clusters are made of what they stand for one by one.
        Source::Buildings | Source::BuildingBlocks => {
            let mut found: Vec<_> = atlas.resources().buildings_in(frame.envelope()).collect();
            found.sort_unstable_by_key(|building| building.number);
            found.into_iter().map(Item::Building).collect()
        }
        Source::Facilities | Source::FacilityClusters => {
            let mut found: Vec<_> = atlas.resources().facilities_in(frame.envelope()).collect();
            found.sort_unstable_by_key(|facility| facility.number);
            found.into_iter().map(Item::Facility).collect()
        }
        // The database makes these.
        Source::Table => Vec::new(),
    }
}

/// The grids that layers may show in a tile, in the order of the atlas.
pub(super) fn grids(atlas: &Atlas, layers: &[Layer], frame: &Frame, most: usize) -> Vec<GridIndex> {
    let shows = |layer: &Layer, level: Level| match layer.definition.source {
        Source::Grids => layer.level == Some(level),
        Source::GridLabels => layer.may_label(atlas, level, frame.zoom()),
        Source::Buildings
        | Source::BuildingBlocks
        | Source::Facilities
        | Source::FacilityClusters
        | Source::Table => false,
    };
    let levels: Vec<Level> =
        Level::all().filter(|level| layers.iter().any(|layer| shows(layer, *level))).collect();
    let mut found = atlas.grids_of(&levels, frame.envelope(), most);
    atlas.grids().sort(&mut found);
    found
}

fn point(position: LonLat) -> Ground<'static> {
    Ground::Point(position.lon(), position.lat())
}
