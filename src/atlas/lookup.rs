//! Where is a point? An R-tree gives candidates, exact containment decides.
//!
//! Everything outside this file sees only questions and answers, so that a faster index can replace the inside.

use geo::{Coord, Rect};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{Envelope, GridIndex, GridTable};
use crate::geom::{
    DistanceBound, Location, distance_to_multipolygon, locate_multipolygon, nearest_on_multipolygon,
};
use crate::model::LonLat;

type Boxed = GeomWithData<Rectangle<[f64; 2]>, GridIndex>;

/// What covers a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cover {
    /// Strictly inside one leaf.
    Inside(GridIndex),
    /// Exactly on an edge: the covering leaf of the lowest code.
    Border(GridIndex),
    /// In no leaf; the deepest grid that covers the point.
    ParentOnly(GridIndex),
    /// In no grid.
    Outside,
}

/// A leaf and how far away it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// The leaf.
    pub grid: GridIndex,
    /// Metres on the ellipsoid; 0 when the leaf covers the point.
    pub distance_m: f64,
}

/// The index over the grids of one atlas.
#[derive(Debug)]
pub(super) struct Lookup {
    leaves: RTree<Boxed>,
    branches: RTree<Boxed>,
}

impl Lookup {
    pub(super) fn build(grids: &GridTable) -> Self {
        let (leaves, branches) =
            grids.all().map(|grid| boxed(grids, grid)).partition(|b| grids.is_leaf(b.data));
        Self { leaves: RTree::bulk_load(leaves), branches: RTree::bulk_load(branches) }
    }

    pub(super) fn cover(&self, grids: &GridTable, point: LonLat) -> Cover {
        if let Some((grid, location)) = lowest_code(grids, covering(&self.leaves, grids, point)) {
            return match location {
                Location::Boundary => Cover::Border(grid),
                _ => Cover::Inside(grid),
            };
        }
        let branches = covering(&self.branches, grids, point);
        let deepest = branches.max_by(|(a, _), (b, _)| {
            let rank = |g: &GridIndex| (grids.level(*g), std::cmp::Reverse(grids.code(*g)));
            rank(a).cmp(&rank(b))
        });
        deepest.map_or(Cover::Outside, |(grid, _)| Cover::ParentOnly(grid))
    }

    pub(super) fn leaves_within(&self, grids: &GridTable, point: LonLat, radius_m: f64) -> Vec<Neighbor> {
        let mut found: Vec<_> = self
            .leaves
            .iter_near(point, radius_m)
            .map(|grid| Neighbor { grid, distance_m: territory_distance(grids, grid, point) })
            .filter(|neighbor| neighbor.distance_m <= radius_m)
            .collect();
        found.sort_by(|a, b| nearer(grids, a, b));
        found
    }

    pub(super) fn nearest_leaf(&self, grids: &GridTable, point: LonLat) -> Option<Neighbor> {
        const FIRST_RADIUS_M: f64 = 1_000.0;
        const HALF_THE_EARTH_M: f64 = 20_100_000.0;
        let mut radius = FIRST_RADIUS_M;
        loop {
            if let Some(nearest) = self.leaves_within(grids, point, radius).into_iter().next() {
                return Some(nearest);
            }
            if radius > HALF_THE_EARTH_M {
                return None;
            }
            radius *= 4.0;
        }
    }

    pub(super) fn border_distance(&self, grids: &GridTable, grid: GridIndex, point: LonLat) -> f64 {
        edge_distance(grids, grid, point)
    }

    pub(super) fn grids_in<'a>(&'a self, envelope: &Envelope) -> impl Iterator<Item = GridIndex> + 'a {
        let query = AABB::from_corners(envelope.min, envelope.max);
        let leaves = self.leaves.locate_in_envelope_intersecting(query);
        let branches = self.branches.locate_in_envelope_intersecting(query);
        leaves.chain(branches).map(|boxed| boxed.data)
    }
}

/// Candidates by distance, over any tree of boxes.
trait NearBoxes {
    fn iter_near(&self, point: LonLat, radius_m: f64) -> impl Iterator<Item = GridIndex>;
}

impl NearBoxes for RTree<Boxed> {
    fn iter_near(&self, point: LonLat, radius_m: f64) -> impl Iterator<Item = GridIndex> {
        let reach = reach(point, radius_m);
        let bound = DistanceBound::new(point);
        let query = AABB::from_corners(reach.min, reach.max);
        self.locate_in_envelope_intersecting(query)
            .filter(move |b| bound.to_box(Rect::new(b.geom().lower(), b.geom().upper())) <= radius_m)
            .map(|b| b.data)
    }
}

/// An envelope in degrees that holds everything within `radius_m` metres of a point, and a little more.
fn reach(point: LonLat, radius_m: f64) -> Envelope {
    /// No degree of latitude is shorter than this on the ellipsoid (equator: 110,574 m).
    const SHORTEST_DEGREE_M: f64 = 110_500.0;
    let north_south = radius_m / SHORTEST_DEGREE_M;
    let highest = (point.lat().abs() + north_south).min(90.0);
    let east_west = if highest > 89.0 { 360.0 } else { north_south / highest.to_radians().cos() };
    Envelope {
        min: [point.lon() - east_west, point.lat() - north_south],
        max: [point.lon() + east_west, point.lat() + north_south],
    }
}

fn boxed(grids: &GridTable, grid: GridIndex) -> Boxed {
    let envelope = grids.envelope(grid);
    GeomWithData::new(Rectangle::from_corners(envelope.min, envelope.max), grid)
}

fn covering<'a>(
    tree: &'a RTree<Boxed>,
    grids: &'a GridTable,
    point: LonLat,
) -> impl Iterator<Item = (GridIndex, Location)> + 'a {
    let at = Coord { x: point.lon(), y: point.lat() };
    tree.locate_all_at_point([at.x, at.y])
        .map(move |b| (b.data, locate_multipolygon(grids.geometry(b.data), at)))
        .filter(|(_, location)| *location != Location::Outside)
}

fn lowest_code(
    grids: &GridTable,
    found: impl Iterator<Item = (GridIndex, Location)>,
) -> Option<(GridIndex, Location)> {
    found.min_by(|(a, _), (b, _)| grids.code(*a).cmp(grids.code(*b)))
}

fn nearer(grids: &GridTable, a: &Neighbor, b: &Neighbor) -> std::cmp::Ordering {
    a.distance_m.total_cmp(&b.distance_m).then_with(|| grids.code(a.grid).cmp(grids.code(b.grid)))
}

fn territory_distance(grids: &GridTable, grid: GridIndex, point: LonLat) -> f64 {
    distance_to_multipolygon(point, grids.geometry(grid)).unwrap_or(f64::INFINITY)
}

fn edge_distance(grids: &GridTable, grid: GridIndex, point: LonLat) -> f64 {
    nearest_on_multipolygon(point, grids.geometry(grid)).map_or(f64::INFINITY, |nearest| nearest.distance_m)
}
