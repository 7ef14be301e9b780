use geo::{Coord, MultiPolygon, Polygon, polygon};
use proptest::prelude::*;

use super::*;

/// Shapes in a plain vector.
#[derive(Default)]
struct Kept(Vec<Shape>);

impl Shapes for Kept {
    fn shape(&self, grid: GridIndex) -> &Shape {
        &self.0[grid.at()]
    }

    fn reshape(&mut self, grid: GridIndex, shape: Shape) {
        self.0[grid.at()] = shape;
    }
}

fn bits(territory: &MultiPolygon<f64>) -> Vec<Vec<Vec<[u64; 2]>>> {
    let ring = |ring: &LineString<f64>| ring.0.iter().map(|c| [c.x.to_bits(), c.y.to_bits()]).collect();
    let polygon = |p: &Polygon<f64>| std::iter::once(p.exterior()).chain(p.interiors()).map(ring).collect();
    territory.iter().map(polygon).collect()
}

/// Every undirected edge that is stored, with repetitions.
fn stored_edges(coverage: &Coverage) -> Vec<[[u64; 2]; 2]> {
    let mut edges: Vec<_> = coverage
        .borders
        .iter()
        .flatten()
        .flat_map(|border| border.line.windows(2).map(|e| [share::key(e[0]), share::key(e[1])]))
        .map(|[a, b]| [a.min(b), a.max(b)])
        .collect();
    edges.sort_unstable();
    edges
}

fn square(x: i32, y: i32, side: i32) -> MultiPolygon<f64> {
    // A vertex at each whole number, so that neighbours of any size share theirs.
    let mut ring: Vec<Coord<f64>> = Vec::new();
    let at = |x: i32, y: i32| Coord { x: f64::from(x), y: f64::from(y) };
    ring.extend((0..side).map(|d| at(x + d, y)));
    ring.extend((0..side).map(|d| at(x + side, y + d)));
    ring.extend((0..side).map(|d| at(x + side - d, y + side)));
    ring.extend((0..side).map(|d| at(x, y + side - d)));
    MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())])
}

#[test]
fn neighbours_store_their_common_border_once_and_come_back_bit_for_bit() {
    let territories = [square(0, 0, 2), square(2, 0, 2), square(0, 0, 4)];
    let (coverage, shapes) = Coverage::build(territories.iter());
    for (territory, shape) in territories.iter().zip(&shapes) {
        assert_eq!(bits(&coverage.territory(shape)), bits(territory));
    }
    let edges = stored_edges(&coverage);
    assert!(edges.windows(2).all(|pair| pair[0] != pair[1]), "an edge is stored twice");
    let sharing = coverage.sharing();
    // The small squares share 2 edges with one another and 4 each with the large one; 2, 2 and 8 are theirs alone.
    assert_eq!((sharing.shared_edges, sharing.single_edges), (2 + 4 + 4, 2 + 2 + 8));
}

#[test]
fn an_island_and_the_hole_around_it_are_one_closed_border_wherever_their_rings_begin() {
    let with_hole = polygon!(
        exterior: [(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 0., y: 9.)],
        interiors: [[(x: 3., y: 3.), (x: 3., y: 6.), (x: 6., y: 6.), (x: 6., y: 3.)]]
    );
    let island = polygon![(x: 6., y: 6.), (x: 3., y: 6.), (x: 3., y: 3.), (x: 6., y: 3.)];
    let territories = [MultiPolygon(vec![with_hole]), MultiPolygon(vec![island])];
    let (coverage, shapes) = Coverage::build(territories.iter());
    assert_eq!(coverage.sharing().borders, 2);
    for (territory, shape) in territories.iter().zip(&shapes) {
        assert_eq!(bits(&coverage.territory(shape)), bits(territory));
    }
}

#[test]
fn rings_that_go_to_and_fro_over_one_edge_come_back_however_often_they_do() {
    let to_and_fro = |times: usize| {
        let ends = [Coord { x: 1.0, y: 1.0 }, Coord { x: 2.0, y: 1.0 }];
        let ring = (0..=2 * times).map(|step| ends[step % 2]).collect();
        MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())])
    };
    let territories = [to_and_fro(1), to_and_fro(2), square(4, 4, 2), to_and_fro(1)];
    let (coverage, shapes) = Coverage::build(territories.iter());
    for (territory, shape) in territories.iter().zip(&shapes) {
        assert_eq!(bits(&coverage.territory(shape)), bits(territory));
    }
    assert_eq!(coverage.borders.iter().flatten().count(), 3, "the first and the last share theirs");
}

#[test]
fn taking_everything_out_leaves_nothing() {
    let territories = [square(0, 0, 2), square(1, 1, 3), square(2, 0, 2)];
    let (mut coverage, shapes) = Coverage::build(territories.iter());
    for (place, shape) in shapes.iter().enumerate() {
        coverage.remove(GridIndex(place as u32), shape);
    }
    assert_eq!(coverage.sharing(), Sharing::default());
}

fn any_square() -> impl Strategy<Value = (i32, i32, i32, usize)> {
    (0..6i32, 0..6i32, 1..5i32, 0..20usize)
}

fn turned((x, y, side, turn): (i32, i32, i32, usize)) -> MultiPolygon<f64> {
    let mut territory = square(x, y, side);
    territory.0[0].exterior_mut(|ring| {
        ring.0.pop();
        let turn = turn % ring.0.len();
        ring.0.rotate_left(turn);
        if turn.is_multiple_of(2) {
            ring.0.reverse();
        }
        ring.0.push(ring.0[0]);
    });
    territory
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn however_grids_overlap_each_edge_is_stored_once_and_each_territory_comes_back(squares in prop::collection::vec(any_square(), 1..12)) {
        let territories: Vec<_> = squares.into_iter().map(turned).collect();
        let (coverage, shapes) = Coverage::build(territories.iter());
        for (territory, shape) in territories.iter().zip(&shapes) {
            prop_assert_eq!(bits(&coverage.territory(shape)), bits(territory));
        }
        let edges = stored_edges(&coverage);
        prop_assert!(edges.windows(2).all(|pair| pair[0] != pair[1]));
    }

    /// The oracle is a coverage built at once from what is there in the end.
    #[test]
    fn putting_in_and_taking_out_one_by_one_stores_the_same_edges_as_building_at_once(
        squares in prop::collection::vec(any_square(), 1..8),
        changes in prop::collection::vec((0..8usize, prop::option::of(any_square())), 1..12),
    ) {
        let mut territories: Vec<_> = squares.into_iter().map(turned).map(Some).collect();
        let (mut coverage, shapes) = Coverage::build(territories.iter().flatten());
        let mut kept = Kept(shapes);
        for (place, change) in changes {
            let place = place % territories.len();
            let grid = GridIndex(place as u32);
            if territories[place].take().is_some() {
                let shape = kept.0[place].clone();
                coverage.remove(grid, &shape);
            }
            if let Some(square) = change {
                let territory = turned(square);
                let near: Vec<_> = (0..territories.len()).filter(|n| territories[*n].is_some()).map(|n| GridIndex(n as u32)).collect();
                let shape = coverage.insert(grid, &territory, &near, &mut kept);
                kept.reshape(grid, shape);
                territories[place] = Some(territory);
            }
            for (place, territory) in territories.iter().enumerate() {
                let Some(territory) = territory else { continue };
                prop_assert_eq!(bits(&coverage.territory(&kept.0[place])), bits(territory));
            }
        }
        let (oracle, _) = Coverage::build(territories.iter().flatten());
        prop_assert_eq!(stored_edges(&coverage), stored_edges(&oracle));
    }
}
