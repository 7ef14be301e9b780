//! A county of 400 square grids, in two states that differ in every name.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Grids of the county along each side.
const SIDE: u32 = 20;
/// The length of a grid in degrees.
const STEP: f64 = 0.01;
/// The corner of the county in the south-west.
const CORNER: (f64, f64) = (100.0, 25.5);

/// How many grids there are, the county included; the second state has one more.
pub(crate) const GRIDS: u32 = SIDE * SIDE + 1;

/// Which of the two states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The one that every seeded home holds.
    Old,
    /// Every name is another, and there is one grid more.
    New,
}

/// Where a few grids are, in EPSG:4490, and the number of each.
pub(crate) fn places() -> [(f64, f64, u32); 4] {
    [(0, 0), (7, 3), (12, 19), (19, 19)].map(|(column, row)| {
        let (west, south) = corner(column, row);
        (west + STEP / 3.0, south + STEP / 3.0, row * SIDE + column + 1)
    })
}

/// The name of a grid in a state.
pub(crate) fn name(state: State, number: u32) -> String {
    match state {
        State::Old => format!("第{number}网格"),
        State::New => format!("新设第{number}网格"),
    }
}

/// Writes a state as GeoJSON.
pub(crate) fn write(directory: &Path, state: State) -> PathBuf {
    let (west, south) = CORNER;
    let more = match state {
        State::Old => 0.0,
        State::New => STEP,
    };
    let length = f64::from(SIDE) * STEP;
    let mut features =
        vec![feature("532901", &name(state, 0), 1, "", [west, south, west + length + more, south + length])];
    for number in 1..=SIDE * SIDE {
        let (column, row) = ((number - 1) % SIDE, (number - 1) / SIDE);
        let (west, south) = corner(column, row);
        features.push(square(number, state, west, south));
    }
    if state == State::New {
        let (west, south) = corner(SIDE, 0);
        features.push(square(GRIDS, state, west, south));
    }
    let path = directory.join(format!("{state:?}.geojson"));
    std::fs::write(&path, json!({"type": "FeatureCollection", "features": features}).to_string()).unwrap();
    path
}

fn corner(column: u32, row: u32) -> (f64, f64) {
    (CORNER.0 + f64::from(column) * STEP, CORNER.1 + f64::from(row) * STEP)
}

fn square(number: u32, state: State, west: f64, south: f64) -> Value {
    let code = format!("532901{number:03}");
    feature(&code, &name(state, number), 2, "532901", [west, south, west + STEP, south + STEP])
}

fn feature(code: &str, name: &str, level: u8, parent: &str, [w, s, e, n]: [f64; 4]) -> Value {
    json!({
        "type": "Feature",
        "properties": {"code": code, "name": name, "level": level, "parent": parent},
        "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]},
    })
}
