//! A square of four by four crooked cells that share their corners, one of them divided again; and the same with defects.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use gewu::model::{Grid, Level, LevelName, LevelScheme};
use gewu::store::{ImportKind, Store};

use crate::common::grid;

const SIDE: usize = 4;

/// The corner at a place of the lattice, moved off its straight place by a fixed rule.
fn corner(x: usize, y: usize) -> Coord<f64> {
    let off = |a: usize, b: usize| ((a * 37 + b * 61 + 11) % 17) as f64 * 1e-4;
    Coord { x: 100.0 + 0.01 * x as f64 + off(x, y), y: 25.0 + 0.01 * y as f64 + off(y, x) }
}

fn ring(corners: Vec<Coord<f64>>) -> Polygon<f64> {
    Polygon::new(LineString(corners), Vec::new())
}

fn cell(x: usize, y: usize) -> Vec<Coord<f64>> {
    vec![corner(x, y), corner(x + 1, y), corner(x + 1, y + 1), corner(x, y + 1)]
}

/// The whole, its cells 530001001 to 530001016, and the two halves of cell 7.
pub(crate) fn whole() -> Vec<Grid> {
    let south = (0..SIDE).map(|x| corner(x, 0));
    let east = (0..SIDE).map(|y| corner(SIDE, y));
    let north = (1..=SIDE).rev().map(|x| corner(x, SIDE));
    let west = (1..=SIDE).rev().map(|y| corner(0, y));
    let top = grid("530001", 1, None, ring(south.chain(east).chain(north).chain(west).collect()));
    let cells = (0..SIDE * SIDE)
        .map(|n| grid(&format!("530001{:03}", n + 1), 2, Some(&top), ring(cell(n % SIDE, n / SIDE))));
    let mut grids: Vec<_> = cells.collect();
    let corners = cell(6 % SIDE, 6 / SIDE);
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| corners[at]);
    let halves = [vec![a, b, c], vec![a, c, d]];
    let halves = halves.map(ring).into_iter().zip(["530001007001", "530001007002"]);
    let halves: Vec<_> = halves.map(|(half, code)| grid(code, 3, Some(&grids[6]), half)).collect();
    grids.extend(halves);
    grids.insert(0, top);
    grids
}

/// The same, with a gap in the middle, a cell missing at the rim, land that two and three hold, and land outside the whole.
pub(crate) fn defective() -> Vec<Grid> {
    let mut grids = whole();
    let mut redraw = |cell_number: usize, corners: Vec<Coord<f64>>| {
        grids[cell_number].geometry = MultiPolygon(vec![ring(corners)])
    };
    let moved = |x: usize, y: usize, place: usize, by: (f64, f64)| {
        let mut corners = cell(x, y);
        corners[place] = corners[place] + Coord { x: by.0, y: by.1 };
        corners
    };
    redraw(1, moved(0, 0, 0, (-0.002, 0.0005)));
    redraw(6, moved(1, 1, 2, (-0.001, -0.0007)));
    redraw(15, moved(2, 3, 0, (-0.0013, -0.0021)));
    redraw(12, moved(3, 2, 3, (-0.003, 0.0004)));
    grids.remove(4);
    grids
}

/// Stores grids as one revision.
pub(crate) async fn store(store: &Store, grids: &[Grid]) {
    let mut import = store.begin_import(ImportKind::Sample, "test").await.unwrap();
    let levels = (1..=3).map(|number| LevelName {
        level: Level::new(number).unwrap(),
        name: format!("{number}级"),
        name_en: format!("level {number}"),
        min_zoom: 0,
        max_zoom: 22,
    });
    import.put_level_scheme(&LevelScheme { levels: levels.collect() }).await.unwrap();
    import.put_grids(grids).await.unwrap();
    import.commit().await.unwrap();
}
