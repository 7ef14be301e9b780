use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, LineString, MultiPolygon, Polygon};

use super::*;
use crate::atlas::fixture;
use crate::model::{Code, County, Grid, GridId, GridVersion, LevelName, Snapshot};

const ZOOMS: [u8; 5] = [0, 6, 9, 12, 16];

/// A checkerboard of cells of 0.01 degrees with rough borders, on three levels: all, blocks of 3 by 3, cells.
pub(super) fn board(cells: i32) -> Snapshot {
    let mut grids = Vec::new();
    for (level, side) in [(1, cells), (2, 3), (3, 1)] {
        for x in (0..cells).step_by(side as usize) {
            for y in (0..cells).step_by(side as usize) {
                grids.push(GridVersion::lasting(grids.len() as u64, cell(level, side, x, y)));
            }
        }
    }
    let levels = [(1, 0), (2, 8), (3, 11)].map(|(level, min_zoom)| LevelName {
        level: Level::new(level).unwrap(),
        name: String::new(),
        name_en: String::new(),
        min_zoom,
        max_zoom: 22,
    });
    Snapshot {
        revision: 1,
        at: fixture::noon(),
        levels: LevelScheme { levels: levels.into() },
        grids,
        ..Snapshot::default()
    }
}

fn cell(level: i64, side: i32, x: i32, y: i32) -> Grid {
    let code = Code::parse(&format!("{level}.{x:03}.{y:03}")).unwrap();
    let id = |level: i64, x: i32, y: i32| {
        GridId(fixture::id((level as u128) << 64 | (x as u128) << 32 | y as u128))
    };
    let parent = match level {
        1 => None,
        2 => Some(id(1, 0, 0)),
        _ => Some(id(2, x / 3 * 3, y / 3 * 3)),
    };
    Grid {
        id: id(level, x, y),
        county: County::of(&code),
        code,
        scheme: "test".into(),
        level: Level::new(level).unwrap(),
        parent,
        kind: None,
        name: String::new(),
        households: None,
        invented: true,
        geometry: MultiPolygon(vec![Polygon::new(LineString(ring(x, y, side)), Vec::new())]),
    }
}

fn ring(x: i32, y: i32, side: i32) -> Vec<Coord<f64>> {
    let mut ring = Vec::new();
    let mut along = |from: [i32; 2], to: [i32; 2]| {
        for step in 0..8 {
            let at = [0, 1].map(|axis| from[axis] * 8 + (to[axis] - from[axis]) * step);
            let place = |axis: usize| {
                let seed = (at[axis] * 7_919 + at[1 - axis] * 104_729 + axis as i32).rem_euclid(1_013);
                f64::from(at[axis]) / 800.0 + f64::from(seed) * 5e-9
            };
            ring.push(Coord { x: 100.0 + place(0), y: 25.0 + place(1) });
        }
    };
    (0..side).for_each(|d| along([x + d, y], [x + d + 1, y]));
    (0..side).for_each(|d| along([x + side, y + d], [x + side, y + d + 1]));
    (0..side).for_each(|d| along([x + side - d, y + side], [x + side - d - 1, y + side]));
    (0..side).for_each(|d| along([x, y + side - d], [x, y + side - d - 1]));
    ring.push(ring[0]);
    ring
}

/// The rings of a grid at a zoom, open.
pub(super) fn rings(atlas: &Atlas, grid: GridIndex, zoom: Option<u8>) -> Vec<Vec<Coord<f64>>> {
    let everywhere = Envelope { min: [-180.0, -90.0], max: [180.0, 90.0] };
    let drawn = atlas.drawn(zoom);
    let mut rings: Vec<Vec<Coord<f64>>> = Vec::new();
    drawn.shape(grid).walk(
        &everywhere,
        &mut rings,
        |rings, _| rings.push(Vec::new()),
        |rings, stretch| {
            let Stretch::Border(border, reversed) = stretch else { panic!("nothing is beyond everywhere") };
            let mut line = Vec::new();
            drawn.vertices(border, |vertex| line.push(vertex));
            if reversed {
                line.reverse();
            }
            let ring = rings.last_mut().unwrap();
            line.into_iter().for_each(|vertex| {
                if ring.last() != Some(&vertex) {
                    ring.push(vertex);
                }
            });
        },
    );
    for ring in &mut rings {
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
    }
    rings
}

/// What is drawn of each grid, in an order that says nothing of how the atlas came to be.
pub(in crate::atlas) fn drawing(atlas: &Atlas) -> Vec<String> {
    let mut lines = Vec::new();
    for zoom in ZOOMS {
        for grid in atlas.grids().all() {
            let rings = rings(atlas, grid, Some(zoom));
            let turned = rings.into_iter().map(|mut ring| {
                let lowest = (0..ring.len()).min_by_key(|at| [ring[*at].x.to_bits(), ring[*at].y.to_bits()]);
                ring.rotate_left(lowest.unwrap_or(0));
                ring
            });
            lines.push(format!("{zoom} {:?} {:?}", atlas.grids().id(grid), turned.collect::<Vec<_>>()));
        }
    }
    lines
}

#[test]
fn what_is_worked_out_all_at_once_is_what_is_worked_out_when_it_is_asked_for() {
    let (asked, at_once) = (Atlas::build(board(12)).unwrap(), Atlas::build(board(12)).unwrap());
    at_once.prepare_borders();
    assert_eq!(drawing(&at_once), drawing(&asked));
    let leaf = asked.grids().all().last().unwrap();
    assert_ne!(rings(&asked, leaf, Some(11)), rings(&asked, leaf, None), "something is left out");
    let fresh = Atlas::build(board(12)).unwrap();
    fresh.prepare_borders();
    let kept: Vec<_> = fresh.detail.kept(fresh.grids.coverage().numbered().borders()).collect();
    assert_eq!(kept.len(), 3);
    let unknown = kept.iter().flat_map(|depth| &depth.zooms).filter(|zoom| **zoom == depth::UNKNOWN);
    assert_eq!(unknown.count(), 0, "nothing is left to be worked out");
}

#[test]
fn at_no_zoom_every_vertex_is_drawn() {
    let atlas = Atlas::build(board(6)).unwrap();
    for grid in atlas.grids().all() {
        let whole = &atlas.grids().geometry(grid).0[0].exterior().0.clone();
        let drawn = &rings(&atlas, grid, None)[0];
        let set = |ring: &[Coord<f64>]| -> BTreeSet<[u64; 2]> {
            ring.iter().map(|c| [c.x.to_bits(), c.y.to_bits()]).collect()
        };
        assert_eq!((drawn.len(), set(drawn)), (whole.len() - 1, set(whole)));
    }
}

#[test]
fn less_is_drawn_at_lower_zooms_and_junctions_of_the_levels_that_show_are_always() {
    let atlas = Atlas::build(board(9)).unwrap();
    let grids = atlas.grids();
    let count = |level: i64, zoom: u8| -> usize {
        let of_level = grids.at_level(Level::new(level).unwrap());
        of_level.flat_map(|grid| rings(&atlas, grid, Some(zoom))).map(|ring| ring.len()).sum()
    };
    assert!(count(1, 0) < 12, "{} vertices of the whole at zoom 0", count(1, 0));
    assert!(count(1, 0) < count(1, 9) && count(1, 9) <= count(1, 12) && count(1, 12) <= count(1, 16));
    assert!(count(3, 11) < count(3, 13) && count(3, 13) <= count(3, 22));
    // A vertex at which three rings of a level meet is a junction.
    for (level, zoom) in [(2, 8), (2, 10), (3, 11), (3, 16)] {
        let mut whole: BTreeMap<[u64; 2], BTreeSet<GridIndex>> = BTreeMap::new();
        let mut drawn = whole.clone();
        for grid in grids.at_level(Level::new(level).unwrap()) {
            for (vertices, zoom) in [(&mut whole, None), (&mut drawn, Some(zoom))] {
                for vertex in rings(&atlas, grid, zoom).concat() {
                    vertices.entry([vertex.x.to_bits(), vertex.y.to_bits()]).or_default().insert(grid);
                }
            }
        }
        let junctions: Vec<_> = whole.iter().filter(|(_, grids)| grids.len() > 2).collect();
        assert!(!junctions.is_empty());
        for (vertex, grids) in junctions {
            assert_eq!(drawn.get(vertex), Some(grids), "level {level}, zoom {zoom}");
        }
    }
}

#[test]
fn neighbours_parents_and_children_draw_the_same_edges() {
    let atlas = Atlas::build(board(9)).unwrap();
    let grids = atlas.grids();
    for zoom in ZOOMS {
        let deepest = atlas.detail.plan.deepest(zoom).unwrap();
        // Each edge of a parent is an edge of a child, and each edge inside has two sides.
        let edges = |level: Level| -> BTreeMap<[[u64; 2]; 2], i32> {
            let mut edges = BTreeMap::new();
            for ring in grids.at_level(level).flat_map(|grid| rings(&atlas, grid, Some(zoom))) {
                for at in 0..ring.len() {
                    let ends =
                        [ring[at], ring[(at + 1) % ring.len()]].map(|c| [c.x.to_bits(), c.y.to_bits()]);
                    *edges.entry([ends[0].min(ends[1]), ends[0].max(ends[1])]).or_default() += 1;
                }
            }
            edges
        };
        let deep = edges(deepest);
        assert!(deep.values().all(|sides| *sides <= 2));
        let rim: BTreeSet<_> = deep.iter().filter(|(_, sides)| **sides == 1).map(|(edge, _)| *edge).collect();
        let top: BTreeSet<_> = edges(Level::TOP).into_keys().collect();
        assert_eq!(top, rim, "zoom {zoom}");
        for level in Level::all().filter(|level| *level <= deepest) {
            assert!(edges(level).keys().all(|edge| deep.contains_key(edge)), "zoom {zoom}, level {level}");
        }
    }
}

#[test]
fn what_is_prepared_is_what_would_be_worked_out_when_it_is_asked_for() {
    let (asked, prepared) = (Atlas::build(board(6)).unwrap(), Atlas::build(board(6)).unwrap());
    prepared.prepare_borders();
    assert!(prepared.drawing_bytes() > 0);
    assert_eq!(drawing(&asked), drawing(&prepared));
}

#[test]
fn a_grid_of_many_borders_is_walked_in_blocks_that_leave_the_near_ones_as_they_are() {
    let atlas = Atlas::build(board(30)).unwrap();
    let grids = atlas.grids();
    let top = grids.at_level(Level::TOP).next().unwrap();
    assert!(Outline::pays(grids.shape(top)), "{}", grids.shape(top).len());
    let corner = Envelope { min: [100.0, 25.0], max: [100.02, 25.02] };
    for zoom in ZOOMS.map(Some).into_iter().chain([None]) {
        let drawn = atlas.drawn(zoom);
        let whole = &rings(&atlas, top, zoom)[0];
        let mut walked: Vec<Vec<Coord<f64>>> = Vec::new();
        let (mut pieces, mut shortcuts) = (0, 0);
        let mut state = (&mut walked, &mut pieces, &mut shortcuts);
        drawn.shape(top).walk(
            &corner,
            &mut state,
            |(walked, ..), _| walked.push(Vec::new()),
            |(walked, pieces, shortcuts), stretch| {
                **pieces += 1;
                let mut line = Vec::new();
                match stretch {
                    Stretch::Border(border, reversed) => {
                        drawn.vertices(border, |vertex| line.push(vertex));
                        if reversed {
                            line.reverse();
                        }
                    }
                    Stretch::Beyond(first, last) => {
                        **shortcuts += 1;
                        line.extend([first, last]);
                    }
                }
                walked[0].extend(line);
            },
        );
        assert!(shortcuts > 0 && pieces < 80, "{pieces} pieces, {shortcuts} of them shortcuts");
        walked[0].dedup();
        let near = |ring: &[Coord<f64>]| -> Vec<[Coord<f64>; 2]> {
            let edges = (0..ring.len()).map(|at| [ring[at], ring[(at + 1) % ring.len()]]);
            let mut near: Vec<_> =
                edges.filter(|[a, b]| a != b && Envelope::of_edge(*a, *b).meets(&corner)).collect();
            near.sort_by_key(|edge| edge.map(|c| [c.x.to_bits(), c.y.to_bits()]));
            near
        };
        assert_eq!(near(&walked[0]), near(whole), "{zoom:?}");
        assert!(zoom == Some(0) || !near(whole).is_empty());
    }
}
