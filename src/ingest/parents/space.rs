//! Grids that may be a parent, found by where they lie.

use geo::{Area, BooleanOps, BoundingRect, Contains, InteriorPoint, MultiPolygon, Point};
use rstar::{AABB, RTree, RTreeObject};

use crate::model::{GridId, Level};
use crate::store::StoredTerritory;

/// A grid that may be a parent, with its territory.
#[derive(Debug, Clone)]
pub(crate) struct Territory {
    /// Identity; provisional for a row.
    pub id: GridId,
    /// Level.
    pub level: Level,
    /// Territory in EPSG:4490, degrees, valid.
    pub geometry: MultiPolygon<f64>,
}

impl From<StoredTerritory> for Territory {
    fn from(stored: StoredTerritory) -> Self {
        Self { id: stored.grid.id, level: stored.grid.level, geometry: stored.geometry }
    }
}

/// Territories, by place.
#[derive(Debug)]
pub(crate) struct Territories {
    all: Vec<Territory>,
    tree: RTree<Bounds>,
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    place: usize,
    envelope: AABB<[f64; 2]>,
}

impl RTreeObject for Bounds {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// More than this share of the area in one candidate, and no other of its level can hold more.
const MOST: f64 = 0.5;

impl Territories {
    /// Indexes territories.
    pub(crate) fn new(all: Vec<Territory>) -> Self {
        let bounds = all.iter().enumerate().filter_map(|(place, territory)| {
            Some(Bounds { place, envelope: envelope(&territory.geometry)? })
        });
        let tree = RTree::bulk_load(bounds.collect());
        Self { all, tree }
    }

    /// The parent of a territory of this level, and the share of its area that lies in the parent: the grid with the largest
    /// share on the lowest level above where one holds more than half; else the largest share of all.
    pub(crate) fn parent(&self, child: &MultiPolygon<f64>, level: Level) -> Option<(GridId, f64)> {
        let area = child.unsigned_area();
        let inside = child.interior_point()?;
        let near: Vec<&Territory> = self
            .tree
            .locate_in_envelope_intersecting(envelope(child)?)
            .map(|bounds| &self.all[bounds.place])
            .filter(|territory| territory.level < level)
            .collect();
        let mut best: Option<(GridId, f64)> = None;
        for above in (1..level.number()).rev() {
            let of_level = near.iter().copied().filter(|territory| territory.level.number() == above);
            let Some((id, share)) = largest(of_level.collect(), child, inside, area) else { continue };
            if share > MOST {
                return Some((id, share));
            }
            if best.is_none_or(|(_, most)| share > most) {
                best = Some((id, share));
            }
        }
        best
    }
}

fn envelope(territory: &MultiPolygon<f64>) -> Option<AABB<[f64; 2]>> {
    let bounds = territory.bounding_rect()?;
    Some(AABB::from_corners([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]))
}

fn largest(
    mut candidates: Vec<&Territory>,
    child: &MultiPolygon<f64>,
    inside: Point<f64>,
    area: f64,
) -> Option<(GridId, f64)> {
    // The one around an inner point most likely holds most of it, and then the others need not be looked at.
    candidates.sort_by_cached_key(|territory| (!territory.geometry.contains(&inside), territory.id));
    let mut best: Option<(GridId, f64)> = None;
    for territory in candidates {
        let share = territory.geometry.intersection(child).unsigned_area() / area;
        if share > 0.0 && best.is_none_or(|(_, most)| share > most) {
            best = Some((territory.id, share));
        }
        if share > MOST {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Rect;
    use uuid::Uuid;

    fn id(number: u128) -> GridId {
        GridId(Uuid::from_u128(number))
    }

    fn square(x: f64, y: f64, size: f64) -> MultiPolygon<f64> {
        MultiPolygon::new(vec![Rect::new((x, y), (x + size, y + size)).to_polygon()])
    }

    fn territory(number: u128, level: i64, geometry: MultiPolygon<f64>) -> Territory {
        Territory { id: id(number), level: Level::new(level).unwrap(), geometry }
    }

    #[test]
    fn the_largest_overlap_on_the_lowest_level_above_wins() {
        let grids = Territories::new(vec![
            territory(1, 1, square(0.0, 0.0, 10.0)),
            territory(2, 2, square(0.0, 0.0, 5.0)),
            territory(3, 2, square(5.0, 0.0, 5.0)),
        ]);
        let across = square(4.5, 1.0, 2.0);
        let (parent, share) = grids.parent(&across, Level::new(3).unwrap()).unwrap();
        assert_eq!(parent, id(3));
        assert!((share - 0.75).abs() < 1e-9);
    }

    #[test]
    fn a_territory_that_no_near_level_holds_goes_to_the_one_above() {
        let grids = Territories::new(vec![
            territory(1, 1, square(0.0, 0.0, 10.0)),
            territory(2, 2, square(0.0, 0.0, 1.0)),
        ]);
        let (parent, share) = grids.parent(&square(0.9, 0.9, 4.0), Level::new(3).unwrap()).unwrap();
        assert_eq!((parent, share > 0.99), (id(1), true));
    }

    #[test]
    fn what_lies_in_nothing_or_only_touches_has_no_parent() {
        let grids = Territories::new(vec![territory(1, 1, square(0.0, 0.0, 1.0))]);
        assert_eq!(grids.parent(&square(5.0, 5.0, 1.0), Level::new(2).unwrap()), None);
        assert_eq!(grids.parent(&square(1.0, 0.0, 1.0), Level::new(2).unwrap()), None);
    }
}
