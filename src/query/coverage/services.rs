//! The nearest facility, over any terrain.

use std::collections::BTreeSet;

use geo::{BoundingRect, Coord};
use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};

use super::Reach;
use crate::atlas::Atlas;
use crate::geom::{along_surface, in_space};
use crate::model::{Building, LonLat};
use crate::query::thing::Thing;

/// Facilities, to be found by how near they are: as points of space, in which the nearest is the nearest on the ground, too, but for a part in 10⁵ of
/// the distance.
pub(super) struct Services(RTree<GeomWithData<[f64; 3], LonLat>>);

/// What the straight line is shorter than the geodesic at most, within the radii that are asked for.
const LONGER: f64 = 1.0001;

/// Where the facilities of some classes are.
pub(super) fn places<'a>(
    atlas: &'a Atlas,
    classes: &'a BTreeSet<String>,
) -> impl Iterator<Item = LonLat> + 'a {
    let facilities = atlas.resources().facilities().filter(|one| classes.contains(&one.class));
    facilities.filter_map(|one| LonLat::new(one.position.x(), one.position.y()).ok())
}

impl Services {
    pub(super) fn of(atlas: &Atlas, classes: &BTreeSet<String>) -> Self {
        let points = places(atlas, classes).map(|at| GeomWithData::new(in_space(at), at));
        Self(RTree::bulk_load(points.collect()))
    }

    /// Metres in a straight line from a point of space to the nearest.
    fn straight_m(&self, from: [f64; 3]) -> Option<f64> {
        Some(self.0.nearest_neighbor(from)?.distance_2(&from).sqrt())
    }
}

impl Reach for Services {
    fn distance_m(&self, from: LonLat) -> f64 {
        self.straight_m(in_space(from)).map_or(f64::INFINITY, along_surface)
    }

    fn serves(&self, building: &Building, radius_m: f64) -> bool {
        let Some(round) = Round::about(building) else { return false };
        let Some(straight) = self.straight_m(round.middle) else { return false };
        if straight * LONGER + round.radius_m <= radius_m {
            return true;
        }
        // Not the nearest of the middle, but the nearest of the footprint counts.
        let farthest = radius_m + round.radius_m;
        straight <= farthest
            && self
                .0
                .locate_within_distance(round.middle, farthest * farthest)
                .any(|service| Thing::Building(building).distance_m(service.data) <= radius_m)
    }
}

/// A ball that a footprint lies in.
struct Round {
    middle: [f64; 3],
    radius_m: f64,
}

impl Round {
    fn about(building: &Building) -> Option<Self> {
        let envelope = building.footprint.bounding_rect()?;
        let place = |at: Coord<f64>| LonLat::new(at.x, at.y).ok();
        let (middle, south, north) = (envelope.center(), envelope.min(), envelope.max());
        // The other two corners are as far away, by symmetry.
        let corners = [south, Coord { x: south.x, y: north.y }];
        let middle = in_space(place(middle)?);
        let squared =
            corners.into_iter().filter_map(place).map(|corner| middle.distance_2(&in_space(corner)));
        Some(Self { middle, radius_m: squared.fold(0.0, f64::max).sqrt() * LONGER })
    }
}
