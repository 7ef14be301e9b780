//! Tilings that were drawn badly, and what must hold of them afterwards.

use std::collections::HashMap;

use geo::{Area, Coord, LineString, LinesIter, MultiPolygon, Polygon, Validation};
use proptest::prelude::*;

use super::{Row, Shared, share};
use crate::model::Level;

/// A millimetre.
const TOLERANCE_M: f64 = 1e-3;
/// Copies of one corner lie up to 2.83 times this from each other, or from an edge that it is on: within a millimetre.
const JITTER: f64 = 0.3e-3 / 111_000.0;

fn territory(corners: &[(f64, f64)]) -> MultiPolygon<f64> {
    let corners = corners.iter().map(|(x, y)| Coord { x: 100.0 + x, y: 25.0 + y }).collect();
    MultiPolygon(vec![Polygon::new(LineString(corners), Vec::new())])
}

fn rectangle([w, s, e, n]: [f64; 4]) -> MultiPolygon<f64> {
    territory(&[(w, s), (e, s), (e, n), (w, n)])
}

fn rows(territories: &[MultiPolygon<f64>]) -> Vec<Row<'_>> {
    let level = Level::new(3).unwrap();
    territories.iter().map(|territory| Row { territory, level, stored: false }).collect()
}

fn valid(territory: &MultiPolygon<f64>) -> bool {
    territory.is_valid()
}

fn shared(territories: &[MultiPolygon<f64>]) -> Shared {
    share(&rows(territories), TOLERANCE_M, valid)
}

/// The territories after what was done.
fn after(territories: &[MultiPolygon<f64>], shared: &Shared) -> Vec<MultiPolygon<f64>> {
    let of_row = |(row, before): (usize, &MultiPolygon<f64>)| {
        shared.changes.get(&row).map_or_else(|| before.clone(), |change| change.territory.clone())
    };
    territories.iter().enumerate().map(of_row).collect()
}

/// How often each edge is there, in either direction.
fn uses(territories: &[MultiPolygon<f64>]) -> HashMap<[[u64; 2]; 2], usize> {
    let mut uses = HashMap::new();
    for line in territories.iter().flat_map(|territory| territory.lines_iter()) {
        let mut ends = [line.start, line.end].map(|c| [c.x.to_bits(), c.y.to_bits()]);
        ends.sort_unstable();
        *uses.entry(ends).or_default() += 1;
    }
    uses
}

fn corners(territory: &MultiPolygon<f64>) -> usize {
    territory.0[0].exterior().0.len() - 1
}

const MM: f64 = 1e-3 / 111_000.0;

#[test]
fn a_corner_near_a_neighbours_corner_becomes_that_corner() {
    let drawn = [
        rectangle([0.0, 0.0, 0.1, 0.1]),
        territory(&[(0.1 + 0.5 * MM, 0.0), (0.2, 0.0), (0.2, 0.1), (0.1, 0.1)]),
    ];
    let done = shared(&drawn);
    assert_eq!((done.changes.len(), done.changes[&1].snapped, done.changes[&1].noded), (1, 1, 0));
    assert_eq!((done.shared_edges, done.single_edges), (1, 6));
    assert_eq!(shared(&after(&drawn, &done)).changes.len(), 0);
}

#[test]
fn a_corner_in_the_middle_of_a_neighbours_edge_goes_into_it() {
    let drawn = [
        rectangle([0.0, 0.0, 0.1, 0.2]),
        rectangle([0.1, 0.0, 0.2, 0.1]),
        territory(&[(0.1 + 0.7 * MM, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2)]),
    ];
    let done = shared(&drawn);
    assert_eq!((done.changes[&0].snapped, done.changes[&0].noded), (0, 1));
    let now = after(&drawn, &done);
    assert_eq!(corners(&now[0]), 5);
    assert_eq!((done.shared_edges, done.single_edges), (3, 8 - 1));
}

#[test]
fn what_shares_its_vertices_already_is_not_touched_however_fine_it_is() {
    // A step of a third of a millimetre in the border, the same in both.
    let step = 0.3 * MM;
    let west =
        territory(&[(0.0, 0.0), (0.1, 0.0), (0.1, 0.05), (0.1 + step, 0.05), (0.1 + step, 0.1), (0.0, 0.1)]);
    let east =
        territory(&[(0.1, 0.0), (0.2, 0.0), (0.2, 0.1), (0.1 + step, 0.1), (0.1 + step, 0.05), (0.1, 0.05)]);
    let done = shared(&[west, east]);
    assert!(done.changes.is_empty() && done.kept.is_empty());
    assert_eq!((done.shared_edges, done.single_edges), (3, 6));
}

#[test]
fn a_chain_of_near_corners_does_not_carry_any_of_them_farther_than_the_tolerance() {
    let drawn: Vec<_> = (0..12)
        .map(|n| {
            let x = 0.7 * MM * f64::from(n);
            territory(&[(x, 0.0), (x + 0.01 * f64::from(n + 1), -0.1), (x + 0.01 * f64::from(n + 2), -0.1)])
        })
        .collect();
    let done = shared(&drawn);
    assert!(done.changes.values().map(|change| change.snapped).sum::<usize>() >= 5);
    for (row, change) in &done.changes {
        let apart = |n: usize| {
            let before = drawn[*row].0[0].exterior().0.iter();
            before
                .map(|c| {
                    (c.x - change.territory.0[0].exterior().0[n].x)
                        .hypot(c.y - change.territory.0[0].exterior().0[n].y)
                })
                .fold(f64::MAX, f64::min)
        };
        for n in 0..corners(&change.territory) {
            assert!(apart(n) * 111_000.0 <= TOLERANCE_M * 1.0001 || change.noded > 0, "{row} {n}");
        }
    }
}

#[test]
fn a_stored_neighbour_stays_and_the_incoming_one_takes_its_vertices() {
    let level = Level::new(3).unwrap();
    let stored = [rectangle([0.1, 0.0, 0.2, 0.05]), rectangle([0.1, 0.05, 0.2, 0.1])];
    let incoming = territory(&[(0.0, 0.0), (0.1 - 0.4 * MM, 0.0), (0.1 - 0.3 * MM, 0.1), (0.0, 0.1)]);
    let mut rows = rows(&stored);
    rows.iter_mut().for_each(|row| row.stored = true);
    rows.push(Row { territory: &incoming, level, stored: false });
    let done = share(&rows, TOLERANCE_M, valid);
    assert_eq!(done.changes.keys().collect::<Vec<_>>(), [&2]);
    assert_eq!((done.changes[&2].snapped, done.changes[&2].noded), (2, 1));
    assert_eq!((done.shared_edges, done.single_edges), (2, 3));
}

#[test]
fn a_row_that_would_become_invalid_stays_and_its_neighbours_meet_it_where_it_is() {
    let drawn = [
        rectangle([0.0, 0.0, 0.1, 0.1]),
        territory(&[(0.1 + 0.5 * MM, 0.0), (0.2, 0.0), (0.2, 0.1), (0.1 + 0.5 * MM, 0.1)]),
    ];
    // The judge refuses every other form of the second.
    let judge = |territory: &MultiPolygon<f64>| territory.lines_iter().all(|line| line.start.x < 100.15);
    let done = share(&rows(&drawn), TOLERANCE_M, judge);
    assert_eq!(done.kept.iter().collect::<Vec<_>>(), [&1]);
    assert_eq!(done.changes.keys().collect::<Vec<_>>(), [&0]);
    assert_eq!((done.changes[&0].snapped, done.shared_edges), (2, 1));
}

#[test]
fn neighbours_a_hand_apart_stay_and_are_named() {
    let drawn = [rectangle([0.0, 0.0, 0.1, 0.1]), rectangle([0.100002, 0.0, 0.2, 0.1])];
    let done = shared(&drawn);
    assert!(done.changes.is_empty());
    let tally = done.unshared[&(0, 1)];
    assert!(tally.count == 4 && (0.19..0.21).contains(&tally.farthest_m), "{tally:?}");
    assert_eq!((done.shared_edges, done.single_edges), (0, 8));
}

#[test]
fn without_a_tolerance_nothing_changes_and_edges_are_counted() {
    let drawn = [rectangle([0.0, 0.0, 0.1, 0.1]), rectangle([0.1 + 0.1 * MM, 0.0, 0.2, 0.1])];
    let done = share(&rows(&drawn), 0.0, valid);
    assert!(done.changes.is_empty() && done.unshared.is_empty());
    assert_eq!((done.shared_edges, done.single_edges), (0, 8));
}

/// Rectangles that tile a square, cut again and again at random places, so that corners fall into the middle of edges.
fn tiling(cuts: &[(usize, bool, f64)]) -> Vec<[f64; 4]> {
    let mut tiles = vec![[0.0, 0.0, 0.1, 0.1]];
    for (which, upright, share) in cuts {
        let [w, s, e, n] = tiles.swap_remove(which % tiles.len());
        if *upright {
            let x = w + share * (e - w);
            tiles.extend([[w, s, x, n], [x, s, e, n]]);
        } else {
            let y = s + share * (n - s);
            tiles.extend([[w, s, e, y], [w, y, e, n]]);
        }
    }
    tiles
}

/// No two corners of the tiling come within a centimetre without being the same.
fn is_clear(tiles: &[[f64; 4]]) -> bool {
    let axis = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        values.windows(2).all(|pair| pair[0] == pair[1] || pair[1] - pair[0] > 10.0 * MM)
    };
    axis(tiles.iter().flat_map(|[w, _, e, _]| [*w, *e]).collect())
        && axis(tiles.iter().flat_map(|[_, s, _, n]| [*s, *n]).collect())
}

fn drawn_badly(tiles: &[[f64; 4]], jitter: &[(f64, f64)]) -> Vec<MultiPolygon<f64>> {
    let mut jitter = jitter.iter().cycle();
    let mut off = |x: f64, y: f64| {
        let (dx, dy) = jitter.next().unwrap();
        (x + dx * JITTER, y + dy * JITTER)
    };
    let drawn = |[w, s, e, n]: &[f64; 4]| territory(&[off(*w, *s), off(*e, *s), off(*e, *n), off(*w, *n)]);
    tiles.iter().map(drawn).collect()
}

fn total_area(territories: &[MultiPolygon<f64>]) -> f64 {
    territories.iter().map(|territory| territory.unsigned_area()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_tiling_drawn_badly_shares_every_inner_edge_afterwards_whatever_the_order_of_its_rows(
        cuts in prop::collection::vec((any::<usize>(), any::<bool>(), 0.1..0.9f64), 1..40),
        jitter in prop::collection::vec((-1.0..1.0f64, -1.0..1.0f64), 97),
        turn in any::<usize>(),
    ) {
        let tiles = tiling(&cuts);
        prop_assume!(is_clear(&tiles));
        let drawn = drawn_badly(&tiles, &jitter);
        let done = shared(&drawn);
        let now = after(&drawn, &done);
        prop_assert!(done.kept.is_empty());
        prop_assert!(now.iter().all(valid));

        // An edge on the rim has both ends on one side of the square; all others have two sides.
        let on_side = |bits: u64, side: f64| (f64::from_bits(bits) - side).abs() < 5.0 * MM;
        let sides = [(0, 100.0), (0, 100.1), (1, 25.0), (1, 25.1)];
        let mut counted = (0, 0);
        for (edge, uses) in uses(&now) {
            let on_rim = sides.iter().any(|(axis, side)| edge.iter().all(|end| on_side(end[*axis], *side)));
            prop_assert_eq!(uses, if on_rim { 1 } else { 2 }, "{:?}", edge);
            if uses == 1 { counted.1 += 1 } else { counted.0 += 1 }
        }
        prop_assert_eq!((done.shared_edges, done.single_edges), counted);

        let perimeter: f64 = tiles.iter().map(|[w, s, e, n]| 2.0 * (e - w + n - s)).sum();
        prop_assert!((total_area(&now) - total_area(&drawn)).abs() < perimeter * MM);
        prop_assert!(shared(&now).changes.is_empty());

        let mut turned = drawn.clone();
        turned.rotate_left(turn % drawn.len());
        turned.reverse();
        let mut turned = after(&turned, &shared(&turned));
        turned.reverse();
        turned.rotate_right(turn % drawn.len());
        prop_assert_eq!(turned, now);
    }
}
