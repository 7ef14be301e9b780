//! Do the children of a grid make up exactly the grid?

use std::collections::HashMap;

use super::{GridIndex, GridTable};
use crate::atlas::coverage::BorderIndex;
use crate::geom::signed_area;

impl GridTable {
    /// Is it proven by borders alone that the children of a grid cover it without gap, overlap or anything outside?
    ///
    /// The proof: each border counts +1 where a territory lies on its left and -1 where it lies on its right. If the counts of the
    /// children add up to those of the parent, then at every point so do the winding numbers, and these are 1 inside a
    /// valid territory and 0 outside: the point is in exactly one child where it is in the parent, and in none elsewhere. Counting
    /// borders without their sides would not do: a parent with two more children, both the same, passes that.
    ///
    /// It holds if the territories are valid. `false` only means that there is no such proof: neighbours may agree and yet have
    /// different vertices. O(vertices of the grid and of its children) at first, then at once.
    pub fn is_seamless(&self, parent: GridIndex) -> bool {
        *self.row(parent).seamless.get_or_init(|| self.prove_seamless(parent))
    }

    fn prove_seamless(&self, parent: GridIndex) -> bool {
        if self.is_leaf(parent) {
            return false;
        }
        let mut sides: HashMap<BorderIndex, i32> = HashMap::new();
        self.count_sides(parent, -1, &mut sides);
        self.children(parent).iter().for_each(|child| self.count_sides(*child, 1, &mut sides));
        sides.values().all(|count| *count == 0)
    }

    /// Adds, for each border of a grid, `times` or its negative, by the side on which the territory lies, whatever the winding
    /// that its rings are stored in.
    fn count_sides(&self, grid: GridIndex, times: i32, sides: &mut HashMap<BorderIndex, i32>) {
        let territory = self.geometry(grid);
        let rings =
            territory.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        for ((is_outer, borders), ring) in self.row(grid).shape.turns().zip(rings) {
            let on_the_left = (signed_area(&ring.0) > 0.0) == is_outer;
            for (border, reversed) in borders {
                let count = if reversed == on_the_left { -times } else { times };
                *sides.entry(border).or_default() += count;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use geo::{LineString, MultiPolygon, Polygon, Rect};

    use super::*;
    use crate::atlas::Atlas;
    use crate::atlas::fixture::{self, SOUTH, WEST};
    use crate::model::{Code, GridId, GridVersion};

    fn rect(west: f64, south: f64, east: f64, north: f64) -> Polygon<f64> {
        Rect::new((WEST + west, SOUTH + south), (WEST + east, SOUTH + north)).to_polygon()
    }

    /// A parent with these children.
    fn family(parent: Polygon<f64>, children: Vec<Polygon<f64>>) -> (GridTable, GridIndex) {
        let snapshot = fixture::snapshot();
        let model = |level: u8| {
            let of_level = |version: &&GridVersion| version.grid.level.number() == level;
            snapshot.grids.iter().find(of_level).unwrap().clone()
        };
        let mut grids = vec![model(1)];
        grids[0].grid.geometry = MultiPolygon(vec![parent]);
        for (number, child) in children.into_iter().enumerate() {
            let mut version = model(2);
            version.grid.id = GridId(fixture::id(100 + number as u128));
            version.grid.code = Code::parse(&format!("53000100{number}")).unwrap();
            version.grid.geometry = MultiPolygon(vec![child]);
            grids.push(version);
        }
        let grids = Atlas::build(crate::model::Snapshot { grids, ..snapshot }).unwrap().grids().clone();
        let top = grids.find_code("530001").unwrap();
        (grids, top)
    }

    fn is_seamless(parent: Polygon<f64>, children: Vec<Polygon<f64>>) -> bool {
        let (grids, top) = family(parent, children);
        grids.is_seamless(top)
    }

    /// Two halves and what they make, vertex for vertex.
    fn halves() -> (Polygon<f64>, Polygon<f64>, Polygon<f64>) {
        let at = |x: f64, y: f64| (WEST + x, SOUTH + y);
        let whole = vec![at(0., 0.), at(1., 0.), at(2., 0.), at(2., 1.), at(1., 1.), at(0., 1.)];
        let whole = Polygon::new(LineString::from(whole), vec![]);
        (whole, rect(0., 0., 1., 1.), rect(1., 0., 2., 1.))
    }

    fn turned(polygon: &Polygon<f64>) -> Polygon<f64> {
        let ring = polygon.exterior().0.iter().rev().copied().collect();
        Polygon::new(LineString(ring), polygon.interiors().to_vec())
    }

    #[test]
    fn children_that_share_every_border_are_seamless_however_their_rings_wind() {
        let (whole, west, east) = halves();
        assert!(is_seamless(whole.clone(), vec![west.clone(), east.clone()]));
        assert!(is_seamless(turned(&whole), vec![west.clone(), turned(&east)]));
        assert!(is_seamless(whole, vec![turned(&west), turned(&east)]));
    }

    #[test]
    fn a_child_in_the_hole_of_another_makes_it_whole_again() {
        let hole = rect(0.2, 0.2, 0.8, 0.8);
        let around = Polygon::new(rect(0., 0., 1., 1.).exterior().clone(), vec![hole.exterior().clone()]);
        assert!(is_seamless(rect(0., 0., 1., 1.), vec![around.clone(), hole.clone()]));
        assert!(is_seamless(rect(0., 0., 1., 1.), vec![around.clone(), turned(&hole)]));
        assert!(!is_seamless(rect(0., 0., 1., 1.), vec![around]));
    }

    #[test]
    fn a_gap_a_child_outside_and_a_missing_vertex_leave_it_unproven() {
        let (whole, west, east) = halves();
        assert!(!is_seamless(whole.clone(), vec![west.clone()]));
        assert!(!is_seamless(west.clone(), vec![west.clone(), east.clone()]));
        assert!(!is_seamless(rect(0., 0., 2., 1.), vec![west, east]));
        assert!(!is_seamless(whole, vec![]), "a leaf has no children to cover it");
    }

    #[test]
    fn land_that_is_covered_twice_or_three_times_is_no_proof_though_borders_come_in_pairs() {
        let whole = rect(0., 0., 1., 1.);
        let inner = rect(0.2, 0.2, 0.8, 0.8);
        assert!(!is_seamless(whole.clone(), vec![whole.clone(), inner.clone(), inner.clone()]));
        assert!(!is_seamless(whole.clone(), vec![whole.clone(), whole.clone(), whole.clone()]));
        let beside = rect(2., 0., 3., 1.);
        assert!(!is_seamless(whole.clone(), vec![whole, beside.clone(), beside]));
    }
}
