//! Along lines through decoded tiles: every place of a region is in exactly one of its grids.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Geometry, MultiPolygon};
use geojson::{Feature, FeatureCollection};
use gewu::atlas::{Atlas, GridIndex};
use gewu::geom::Tile;
use gewu::model::{Code, County, Grid, GridId, GridVersion, Level, LevelName, LevelScheme, Snapshot};
use uuid::Uuid;

use crate::raw::{self, Vertex};
use crate::region::{atlas, geographic_tiles, lattice, render, tiles};

/// What was looked at, and what was found to be wrong, wider than a tile unit.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Lines that went through grids.
    pub(crate) lines: usize,
    /// Places where a line passes from one grid to the next.
    pub(crate) seams: usize,
    pub(crate) gaps: usize,
    pub(crate) overlaps: usize,
}

/// Where a horizontal line is inside rings, by the even-odd rule: pairs of places, ascending. The line passes between vertices.
fn inside(rings: &[Vec<Vertex>], y: f64) -> Vec<(f64, f64)> {
    let crossing = |((ax, ay), (bx, by)): (Vertex, Vertex)| {
        let [ax, ay, bx, by] = [ax, ay, bx, by].map(f64::from);
        ((ay > y) != (by > y)).then(|| ax + (bx - ax) * (y - ay) / (by - ay))
    };
    let mut places: Vec<f64> = rings.iter().flat_map(|ring| raw::edges(ring)).filter_map(crossing).collect();
    places.sort_by(f64::total_cmp);
    places.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

impl Tally {
    /// Looks along every tenth line of a tile, and between. `roots`: what the others make up.
    pub(crate) fn look(&mut self, roots: &[&[Vec<Vertex>]], parts: &[&[Vec<Vertex>]]) {
        for step in 0..420 {
            let y = f64::from(step * 10 - 59) + 0.5;
            let mut within: Vec<(f64, f64)> = roots.iter().flat_map(|rings| inside(rings, y)).collect();
            let mut pieces: Vec<(f64, f64)> = parts.iter().flat_map(|rings| inside(rings, y)).collect();
            within.sort_by(|a, b| a.0.total_cmp(&b.0));
            pieces.sort_by(|a, b| a.0.total_cmp(&b.0));
            self.lines += usize::from(!pieces.is_empty());
            for (start, end) in within {
                let mut reached = start;
                for (from, to) in pieces.iter().filter(|(from, to)| *to > start && *from < end) {
                    self.gaps += usize::from(from - reached > 1.0);
                    self.overlaps += usize::from(reached - from > 1.0);
                    self.seams += usize::from(reached > start);
                    reached = reached.max(*to);
                }
                self.gaps += usize::from(end - reached > 1.0);
            }
        }
    }

    /// Looks at a tile of grids: the topmost against those below which no level is shown.
    pub(crate) fn look_at(&mut self, atlas: &Atlas, tile: impl Into<Tile>) {
        let layers = raw::read(&render(atlas, "grids", tile));
        let features: BTreeMap<u64, &[Vec<Vertex>]> = layers
            .iter()
            .filter(|(name, _)| *name != "grid_label")
            .flat_map(|(_, layer)| layer.features.iter().map(|feature| (feature.id, feature.rings())))
            .collect();
        let grids = atlas.grids();
        let shown: BTreeSet<Level> = layers
            .keys()
            .filter_map(|name| Level::new(name.strip_prefix("grid_")?.parse().ok()?).ok())
            .collect();
        let (Some(top), Some(_)) = (shown.first(), shown.last()) else { return };
        let is_shown = |grid: GridIndex| shown.contains(&grids.level(grid));
        let rings = |grid: GridIndex| features.get(&grids.number(grid)).copied();
        let roots: Vec<_> = grids.at_level(*top).filter_map(rings).collect();
        let deepest =
            |grid: &GridIndex| is_shown(*grid) && !grids.descendants(*grid).into_iter().any(is_shown);
        let parts: Vec<_> = grids.all().filter(deepest).filter_map(rings).collect();
        self.look(&roots, &parts);
    }
}

#[test]
fn a_gap_and_an_overlap_wider_than_a_unit_would_be_found() {
    let square = |x0: i32, x1: i32| vec![vec![(x0, 0), (x1, 0), (x1, 100), (x0, 100)]];
    let (whole, left) = (square(0, 100), square(0, 50));
    let look = |right: Vec<Vec<Vertex>>| {
        let mut tally = Tally::default();
        tally.look(&[&whole], &[&left, &right]);
        (tally.gaps, tally.overlaps)
    };
    assert_eq!(look(square(50, 100)), (0, 0));
    assert_eq!(look(square(51, 100)), (0, 0), "a unit is no gap");
    assert_eq!(look(square(53, 100)), (10, 0));
    assert_eq!(look(square(47, 100)), (0, 10));
    assert_eq!(look(square(50, 90)), (10, 0));
}

#[test]
fn a_lattice_has_no_gap_and_no_overlap_at_any_zoom() {
    let atlas = atlas(lattice().snapshot());
    let mut tally = Tally::default();
    for z in 3..=16 {
        for tile in tiles(&atlas, z).iter().step_by(if z < 13 { 1 } else { 1 << (2 * (z - 12)) }) {
            tally.look_at(&atlas, *tile);
        }
    }
    println!("{tally:?}");
    assert_eq!((tally.gaps, tally.overlaps), (0, 0));
    assert!(tally.lines > 10_000 && tally.seams > 50_000, "{tally:?}");
}

#[test]
fn nor_has_it_in_degrees() {
    let atlas = atlas(lattice().snapshot());
    let mut tally = Tally::default();
    for z in 2..=15 {
        let every = if z < 12 { 1 } else { 1 << (2 * (z - 11)) };
        for tile in geographic_tiles(&atlas, z).iter().step_by(every) {
            tally.look_at(&atlas, *tile);
        }
    }
    println!("{tally:?}");
    assert_eq!((tally.gaps, tally.overlaps), (0, 0));
    assert!(tally.lines > 10_000 && tally.seams > 50_000, "{tally:?}");
}

/// The communes of Liechtenstein: real borders, exclaves, and the holes that these leave.
fn liechtenstein() -> Atlas {
    let file: FeatureCollection = include_str!("../../data/liechtenstein/communes.geojson").parse().unwrap();
    let text = |feature: &Feature, name: &str| {
        feature.property(name).and_then(|value| value.as_str()).map(str::to_owned)
    };
    let id = |code: &str| GridId(Uuid::new_v5(&Uuid::NAMESPACE_OID, code.as_bytes()));
    let grid = |(number, feature): (u64, &Feature)| {
        let code = Code::parse(&text(feature, "code").unwrap()).unwrap();
        GridVersion::lasting(
            number,
            Grid {
                id: id(code.as_str()),
                county: County::of(&code),
                scheme: "osm".into(),
                level: Level::new(feature.property("level").unwrap().as_i64().unwrap()).unwrap(),
                parent: text(feature, "parent_code").map(|parent| id(&parent)),
                kind: None,
                name: text(feature, "name").unwrap(),
                households: None,
                invented: false,
                geometry: MultiPolygon::try_from(
                    Geometry::<f64>::try_from(feature.geometry.clone().unwrap()).unwrap(),
                )
                .unwrap(),
                code,
            },
        )
    };
    let level = |(number, min_zoom): (i64, u8)| LevelName {
        level: Level::new(number).unwrap(),
        name: number.to_string(),
        name_en: number.to_string(),
        min_zoom,
        max_zoom: 22,
    };
    let levels = LevelScheme { levels: [(1, 0), (2, 6), (3, 9)].map(level).into() };
    atlas(Snapshot { levels, grids: (1..).zip(&file.features).map(grid).collect(), ..Snapshot::default() })
}

#[test]
fn liechtenstein_has_no_gap_and_no_overlap_at_any_zoom_of_either_plane() {
    let atlas = liechtenstein();
    let mut tally = Tally::default();
    for z in 4..=16 {
        for tile in tiles(&atlas, z).iter().step_by(if z < 13 { 1 } else { 1 << (2 * (z - 12)) }) {
            tally.look_at(&atlas, *tile);
        }
        for tile in
            geographic_tiles(&atlas, z - 1).iter().step_by(if z < 13 { 1 } else { 1 << (2 * (z - 12)) })
        {
            tally.look_at(&atlas, *tile);
        }
    }
    println!("{tally:?}");
    assert_eq!((tally.gaps, tally.overlaps), (0, 0));
    assert!(tally.lines > 2_000 && tally.seams > 2_000, "{tally:?}");
}
