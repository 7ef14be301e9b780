//! Neighbours in a tile share their border exactly.

use std::collections::{BTreeMap, BTreeSet};

use geo::{MultiPolygon, Polygon};
use gewu::geom::{GeographicTile, Tile, TileId};

use crate::raw::{self, Vertex};
use crate::region::{atlas, grids, lattice, polygon, render, tiles};

/// Cuts each edge at the vertices of others that lie on it, so that a border whose ends the two sides place
/// differently on the same line is compared piece by piece. Returns how often each directed piece occurs.
fn pieces(layer: &raw::Layer) -> BTreeMap<(Vertex, Vertex), i32> {
    let rings: Vec<_> = layer.features.iter().flat_map(|feature| feature.rings()).collect();
    let mut by_x: BTreeMap<i32, BTreeSet<Vertex>> = BTreeMap::new();
    rings.iter().flat_map(|ring| ring.iter()).for_each(|v| {
        by_x.entry(v.0).or_default().insert(*v);
    });
    let mut pieces = BTreeMap::new();
    for (a, b) in rings.iter().flat_map(|ring| raw::edges(ring)) {
        let mut on: Vec<Vertex> = by_x
            .range(a.0.min(b.0)..=a.0.max(b.0))
            .flat_map(|(_, column)| column.range((i32::MIN, a.1.min(b.1))..).copied().collect::<Vec<_>>())
            .filter(|v| (a.1.min(b.1)..=a.1.max(b.1)).contains(&v.1) && on_line(a, b, *v))
            .collect();
        on.sort_by_key(|v| (i64::from(v.0 - a.0)).abs() + i64::from(v.1 - a.1).abs());
        for piece in on.windows(2) {
            *pieces.entry((piece[0], piece[1])).or_default() += 1;
        }
    }
    pieces
}

fn on_line(a: Vertex, b: Vertex, v: Vertex) -> bool {
    let [dx, dy, ex, ey] = [b.0 - a.0, b.1 - a.1, v.0 - a.0, v.1 - a.1].map(i64::from);
    dx * ey == dy * ex
}

/// Asserts that every piece in the tile but those `outside` (the border of the region, the sides of the tile) has its
/// counterpart, and returns how many have.
fn assert_shared(layer: &raw::Layer, outside: impl Fn(Vertex, Vertex) -> bool) -> usize {
    let pieces = pieces(layer);
    let mut shared = 0;
    for (&(a, b), count) in &pieces {
        if outside(a, b) {
            continue;
        }
        assert_eq!(
            pieces.get(&(b, a)),
            Some(count),
            "{}: the border {a:?} to {b:?} has one side only",
            layer.name
        );
        shared += 1;
    }
    shared
}

fn along_a_side((ax, ay): Vertex, (bx, by): Vertex) -> bool {
    [-64, 4160].iter().any(|side| (ax == *side && bx == *side) || (ay == *side && by == *side))
}

#[test]
fn each_border_between_two_grids_of_a_level_is_the_same_line_on_both_sides() {
    let lattice = lattice();
    let atlas = atlas(lattice.snapshot());
    let mut shared = 0;
    for z in [10, 11, 12, 13, 14] {
        for tile in tiles(&atlas, z) {
            let layers = raw::read(&render(&atlas, "grids", tile));
            let Some(region) = layers.get("grid_1") else { continue };
            let rim: Vec<_> = pieces(region).into_keys().collect();
            for name in ["grid_2", "grid_4", "grid_5"] {
                let Some(layer) = layers.get(name) else { continue };
                shared += assert_shared(layer, |a, b| along_a_side(a, b) || on_rim(&rim, a, b));
            }
        }
    }
    assert!(shared > 10_000, "{shared}");
}

fn on_rim(rim: &[(Vertex, Vertex)], a: Vertex, b: Vertex) -> bool {
    rim.iter().any(|(p, q)| {
        let within = |v: Vertex| {
            (p.0.min(q.0)..=p.0.max(q.0)).contains(&v.0)
                && (p.1.min(q.1)..=p.1.max(q.1)).contains(&v.1)
                && on_line(*p, *q, v)
        };
        within(a) && within(b)
    })
}

#[test]
fn a_border_is_shared_also_where_three_grids_meet_in_the_middle_of_a_straight_side() {
    let tile = TileId::new(14, 12755, 6985).unwrap();
    // Bricks: the long one has the corner of the two others in the middle of its side, and leans so that nothing is level.
    let lean = |(x, y): (i32, i32)| (3 * x + y, 2 * y - x);
    let brick = |corners: &[(i32, i32)]| {
        let leaning: Vec<_> = corners.iter().map(|c| lean(*c)).collect();
        MultiPolygon(vec![polygon(tile, &[&leaning])])
    };
    let long = brick(&[(300, 600), (500, 600), (700, 600), (700, 800), (300, 800)]);
    let left = brick(&[(300, 600), (300, 400), (500, 400), (500, 600)]);
    let right = brick(&[(500, 600), (500, 400), (700, 400), (700, 600)]);
    let atlas = atlas(grids(vec![long, left, right]));
    let layers = raw::read(&render(&atlas, "grids", tile));
    let rim = [
        ((300, 400), (700, 400)),
        ((700, 400), (700, 800)),
        ((700, 800), (300, 800)),
        ((300, 800), (300, 400)),
    ];
    let rim = rim.map(|(a, b)| (lean(a), lean(b)));
    let shared = assert_shared(&layers["grid_6"], |a, b| on_rim(&rim, a, b));
    assert_eq!(shared, 6, "three borders, each from both sides");
}

#[test]
fn a_border_is_cut_at_the_same_point_whichever_way_it_is_run_through() {
    let tile = TileId::new(14, 12755, 6985).unwrap();
    // Borders that fan out across the eastern and southern side, so that each cut needs rounding.
    let ends: Vec<(i32, i32)> = (0..60)
        .map(|n| if n < 30 { (9_001, -311 + 313 * n) } else { (9_001 - 307 * (n - 29), 9_013) })
        .collect();
    let wedge = |pair: &[(i32, i32)]| MultiPolygon(vec![polygon(tile, &[&[(17, 23), pair[0], pair[1]]])]);
    let atlas = atlas(grids(ends.windows(2).map(wedge).collect()));
    let layers = raw::read(&render(&atlas, "grids", tile));
    raw::assert_valid(&layers["grid_6"], 64);
    let last = ends.len() - 1;
    let rim = [((17, 23), ends[0]), ((17, 23), ends[last])];
    // The two outermost borders are cut too: near enough is theirs alone.
    let outermost =
        |a: Vertex, b: Vertex| rim.iter().any(|(p, q)| [a, b].iter().all(|v| distance(*p, *q, *v) < 1.0));
    let shared = assert_shared(&layers["grid_6"], |a, b| along_a_side(a, b) || outermost(a, b));
    assert!(shared >= 80, "{shared}");
}

fn distance(a: Vertex, b: Vertex, v: Vertex) -> f64 {
    let [dx, dy, ex, ey] = [b.0 - a.0, b.1 - a.1, v.0 - a.0, v.1 - a.1].map(f64::from);
    (dx * ey - dy * ex).abs() / dx.hypot(dy)
}

#[test]
fn what_two_tiles_both_draw_is_the_same_in_both_in_either_plane() {
    let mercator = |y: u32| Tile::from(TileId::new(14, 12755, y).unwrap());
    let geographic = |y: u32| Tile::from(GeographicTile::new(13, 12755, y).unwrap());
    assert_overlaps_are_alike(mercator(6_985), mercator(6_986));
    assert_overlaps_are_alike(geographic(2_931), geographic(2_932));
}

fn assert_overlaps_are_alike(tile: Tile, below: Tile) {
    // A saw whose teeth end beyond the side of the upper tile, inside what both tiles draw.
    let ring: Vec<Vertex> =
        (0..40).map(|n| (n * 97 + 3, if n % 2 == 0 { 3_950 - n } else { 4_050 + 2 * n })).collect();
    let mut closed = ring.clone();
    closed.extend([(4_000, 3_500), (3, 3_500)]);
    let shape: Polygon<f64> = polygon(tile, &[&closed]);
    let atlas = atlas(grids(vec![MultiPolygon(vec![shape])]));
    let vertices = |t: Tile, shift: i32| -> BTreeSet<Vertex> {
        let layers = raw::read(&render(&atlas, "grids", t));
        let all = layers["grid_6"].features.iter().flat_map(|f| f.rings()).flatten();
        all.map(|(x, y)| (*x, *y + shift)).filter(|(_, y)| (4_040..4_150).contains(y)).collect()
    };
    let (above, under) = (vertices(tile, 0), vertices(below, 4_096));
    assert!(above.len() > 8, "{above:?}");
    assert_eq!(above, under);
}
