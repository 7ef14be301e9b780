//! Shapes in tiles, against the specification and against geo's boolean operations.

use std::collections::BTreeSet;

use geo::{Area, BooleanOps, BoundingRect, Coord, MapCoords, MultiPolygon, Polygon, Rect};
use gewu::atlas::Atlas;
use gewu::geom::TileId;
use proptest::prelude::*;

use crate::raw::{self, Vertex};
use crate::region::{atlas, grids, lattice, polygon, render, tiles};

fn tile() -> TileId {
    TileId::new(14, 12755, 6985).unwrap()
}

/// The rings of the only feature of `grid_6`; none when there is no such layer.
fn rings(atlas: &Atlas, tile: TileId) -> Vec<Vec<Vertex>> {
    let layers = raw::read(&render(atlas, "grids", tile));
    let Some(layer) = layers.get("grid_6") else { return Vec::new() };
    raw::assert_valid(layer, 64);
    assert_eq!(layer.features.len(), 1);
    layer.features[0].rings().to_vec()
}

fn one(polygons: Vec<Polygon<f64>>) -> Atlas {
    atlas(grids(vec![MultiPolygon(polygons)]))
}

fn set(ring: &[Vertex]) -> BTreeSet<Vertex> {
    ring.iter().copied().collect()
}

fn area(rings: &[Vec<Vertex>]) -> f64 {
    rings.iter().map(|ring| raw::twice_area(ring)).sum::<i64>() as f64 / 2.0
}

#[test]
fn every_tile_of_a_region_obeys_the_specification() {
    let atlas = atlas(lattice().snapshot());
    for z in [0, 5, 8, 9, 11, 12, 13] {
        for tile in tiles(&atlas, z) {
            for (_, layer) in raw::read(&render(&atlas, "grids", tile)) {
                raw::assert_valid(&layer, 64);
            }
        }
    }
}

#[test]
fn whatever_reaches_into_a_tile_by_more_than_a_pixel_is_there_with_its_area() {
    let atlas = atlas(lattice().snapshot());
    let square = Rect::new(Coord { x: -64.0, y: -64.0 }, Coord { x: 4160.0, y: 4160.0 }).to_polygon();
    let mut compared = 0;
    for z in [11, 12, 13] {
        for tile in tiles(&atlas, z) {
            let layers = raw::read(&render(&atlas, "grids", tile));
            for grid in atlas.grids().all() {
                let level = atlas.grids().level(grid).number();
                if level == 2 && z > 11 {
                    continue;
                }
                let units = atlas.grids().geometry(grid).map_coords(|c| tile.to_units(c, 4096.0));
                let perimeter: f64 = units.0.iter().map(|p| length(p.exterior().0.as_slice())).sum();
                let expected = units.intersection(&square);
                let id = atlas.grids().number(grid);
                let found =
                    layers.get(&format!("grid_{level}")).and_then(|l| l.features.iter().find(|f| f.id == id));
                let reach = expected.bounding_rect().map_or(0.0, |r| r.width().min(r.height()));
                if reach > 8.0 {
                    let found = area(found.expect("the grid is in the tile").rings());
                    let tolerance = perimeter.min(6.0 * 4224.0);
                    assert!((found - expected.unsigned_area()).abs() <= tolerance, "{tile}: {found}");
                    compared += 1;
                } else if expected.unsigned_area() == 0.0 {
                    assert!(
                        found.is_none_or(|f| area(f.rings()) < 2.0 * 4224.0),
                        "{tile}: only what rounding adds"
                    );
                }
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}

fn length(ring: &[Coord<f64>]) -> f64 {
    ring.windows(2).map(|e| (e[1].x - e[0].x).hypot(e[1].y - e[0].y)).sum()
}

#[test]
fn a_hole_survives_and_is_wound_the_other_way() {
    let rings = rings(
        &one(vec![polygon(
            tile(),
            &[
                &[(100, 100), (900, 100), (900, 900), (100, 900)],
                &[(300, 300), (600, 300), (600, 600), (300, 600)],
            ],
        )]),
        tile(),
    );
    assert_eq!(rings.len(), 2);
    assert_eq!(raw::twice_area(&rings[0]), 2 * 800 * 800);
    assert_eq!(raw::twice_area(&rings[1]), -2 * 300 * 300);
}

#[test]
fn a_territory_in_several_parts_is_one_feature_each_hole_behind_its_part() {
    let holed = |x: i32| {
        polygon(
            tile(),
            &[
                &[(x, 100), (x + 800, 100), (x + 800, 900), (x, 900)],
                &[(x + 200, 300), (x + 200, 600), (x + 500, 600), (x + 500, 300)],
            ],
        )
    };
    let rings = rings(&one(vec![holed(100), holed(1_500)]), tile());
    let signs: Vec<_> = rings.iter().map(|ring| raw::twice_area(ring).signum()).collect();
    assert_eq!(signs, [1, -1, 1, -1]);
    for pair in rings.chunks(2) {
        let (x, y) = pair[1][0];
        assert!(raw::inside(&pair[..1], x.into(), y.into()), "the hole is in its own part");
    }
}

#[test]
fn a_shape_that_leaves_the_tile_and_comes_back_is_cut_into_separate_rings() {
    // A comb whose back lies beyond the eastern buffer: two teeth reach in.
    let comb: &[Vertex] =
        &[(5000, 0), (5000, 900), (3000, 900), (3000, 600), (4500, 600), (4500, 300), (3000, 300), (3000, 0)];
    let rings = rings(&one(vec![polygon(tile(), &[comb])]), tile());
    assert_eq!(rings.len(), 2);
    let teeth: BTreeSet<_> = rings.iter().map(|ring| set(ring)).collect();
    let tooth = |y: i32| BTreeSet::from([(3000, y), (4160, y), (4160, y + 300), (3000, y + 300)]);
    assert_eq!(teeth, BTreeSet::from([tooth(0), tooth(600)]));
}

#[test]
fn a_hole_across_the_side_of_the_tile_opens_into_it() {
    let around: &[Vertex] = &[(-900, -900), (9_000, -900), (9_000, 9_000), (-900, 9_000)];
    let hole: &[Vertex] = &[(3_000, 1_000), (8_000, 1_000), (8_000, 2_000), (3_000, 2_000)];
    let rings = rings(&one(vec![polygon(tile(), &[around, hole])]), tile());
    let (low, high) = (-64, 4160);
    let corners = [(low, low), (high, low), (high, high), (low, high)];
    let notch = [(high, 1_000), (3_000, 1_000), (3_000, 2_000), (high, 2_000)];
    assert_eq!(rings.len(), 1);
    assert_eq!(set(&rings[0]), corners.into_iter().chain(notch).collect());
}

#[test]
fn a_tile_deep_inside_a_grid_is_the_whole_square_whatever_the_border_outside() {
    // A star of 20,000 vertices around the tile, none nearer than two tiles.
    let ring: Vec<Vertex> = (0..20_000)
        .map(|n| {
            let (sin, cos) = (f64::from(n) / 20_000.0 * std::f64::consts::TAU).sin_cos();
            let radius = if n % 2 == 0 { 12_000.0 } else { 60_000.0 };
            ((2_048.0 + radius * cos) as i32, (2_048.0 + radius * sin) as i32)
        })
        .collect();
    let rings = rings(&one(vec![polygon(tile(), &[&ring])]), tile());
    assert_eq!(rings.len(), 1);
    assert_eq!(set(&rings[0]), BTreeSet::from([(-64, -64), (4160, -64), (4160, 4160), (-64, 4160)]));
}

#[test]
fn a_neighbour_shows_within_the_buffer_and_not_beyond() {
    let at = |x: i32| {
        rings(&one(vec![polygon(tile(), &[&[(x, 0), (x + 900, 0), (x + 900, 900), (x, 900)]])]), tile())
    };
    assert_eq!(area(&at(4_150)), 10.0 * 900.0);
    assert!(at(4_160).is_empty(), "shares only the side");
    assert!(at(4_200).is_empty());
}

#[test]
fn a_shape_smaller_than_a_tile_unit_leaves_no_broken_ring() {
    let island =
        polygon(TileId::new(18, 12755 << 4, 6985 << 4).unwrap(), &[&[(1, 1), (3, 1), (3, 3), (1, 3)]]);
    assert!(rings(&one(vec![island]), tile()).is_empty());
}

#[test]
fn rings_wound_either_way_and_beyond_the_square_of_web_mercator_are_drawn() {
    let arctic = |turned: bool| {
        let mut corners = vec![(10.0, 84.0), (20.0, 84.0), (20.0, 88.0), (15.0, 89.5), (10.0, 88.0)];
        if turned {
            corners.reverse();
        }
        let coords = corners.into_iter().map(|(x, y)| Coord { x, y }).collect();
        one(vec![Polygon::new(geo::LineString(coords), Vec::new())])
    };
    let tile = TileId::new(4, 8, 0).unwrap();
    let (left, right) = (rings(&arctic(true), tile), rings(&arctic(false), tile));
    assert_eq!(set(&left[0]), set(&right[0]));
    assert!(left[0].iter().all(|(_, y)| *y >= 0), "nothing is north of the square: {left:?}");
    assert!(left[0].iter().any(|(_, y)| *y == 0), "what is beyond is drawn at the edge: {left:?}");
}

/// A star in tile units around a place near the tile, often across its sides, and the same star a third of the size.
fn star() -> impl Strategy<Value = (Vec<Vertex>, Vec<Vertex>)> {
    let radii = prop::collection::vec(50.0..6_000.0f64, 3..20);
    (radii, -2_000.0..6_000.0f64, -2_000.0..6_000.0f64).prop_map(|(radii, x, y)| {
        let n = radii.len() as f64;
        let star = |share: f64| {
            let vertex = |(at, radius): (usize, &f64)| {
                let (sin, cos) = (at as f64 / n * std::f64::consts::TAU).sin_cos();
                ((x + share * radius * cos) as i32, (y + share * radius * sin) as i32)
            };
            radii.iter().enumerate().map(vertex).collect()
        };
        (star(1.0), star(1.0 / 3.0))
    })
}

fn far_from_edges(rings: &[Vec<Vertex>], x: f64, y: f64) -> bool {
    rings.iter().flat_map(|ring| raw::edges(ring)).all(|((ax, ay), (bx, by))| {
        let [ax, ay, bx, by] = [ax, ay, bx, by].map(f64::from);
        let (dx, dy) = (bx - ax, by - ay);
        let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
        (ax + along * dx - x).hypot(ay + along * dy - y) > 1.5
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The oracle is the shape before clipping, by the even-odd rule.
    #[test]
    fn a_place_is_inside_the_clipped_shape_when_it_is_inside_the_shape((star, hole) in star(), holed: bool) {
        let whole: Vec<Vec<Vertex>> = if holed { vec![star.clone(), hole.clone()] } else { vec![star.clone()] };
        let drawn: Vec<&[Vertex]> = whole.iter().map(Vec::as_slice).collect();
        let clipped = rings(&one(vec![polygon(tile(), &drawn)]), tile());
        for at in 0..400 {
            let (x, y) = (f64::from(at % 20) * 211.0 - 61.3, f64::from(at / 20) * 211.0 - 60.7);
            if far_from_edges(&whole, x, y) {
                prop_assert_eq!(raw::inside(&clipped, x, y), raw::inside(&whole, x, y), "{} {} of {:?}", x, y, clipped);
            }
        }
    }
}
