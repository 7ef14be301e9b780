//! Buildings near one another as one, at zooms at which most are smaller than a pixel or two.
//!
//! A tile is cut into cells, and cells are put together to squares. A building is in the one cell, of the one tile, that its middle is in; the
//! cells of a square that hold any building are one feature, with how many buildings it stands for. So tiles of a zoom agree, nothing is
//! counted twice, and the counts of all tiles add up to all buildings.

use std::collections::BTreeMap;

use geo::{Area, BoundingRect, Coord};

use super::attributes::{Field, Value};
use super::catalogue::LayerDefinition;
use super::clip::{Ring, Vertex, join};
use super::encode::{LayerWriter, TileError};
use super::merge::Shown;
use super::select::Item;
use super::shape::{EXTENT, Frame};
use super::wind::wind;
use crate::model::Building;

/// The width of a cell in tile units: 2 pixels of a tile shown at 512, some 35 m at zoom 12.
const CELL: i32 = 16;
/// Cells along a side of a square, so that a bit each fits 64.
const SIDE: i32 = 8;
/// The width of a square in tile units.
const SQUARE: i32 = CELL * SIDE;

/// The buildings of a square.
#[derive(Debug, Default)]
struct Block {
    /// The cells that hold any: a bit each, row by row.
    cells: u64,
    buildings: u64,
    /// Footprints, in square tile units.
    area: f64,
    height: Mean,
    floors: Mean,
}

/// A mean that large footprints count more in.
#[derive(Debug, Default)]
struct Mean {
    weights: f64,
    sum: f64,
}

impl Mean {
    fn add(&mut self, weight: f64, value: Option<f64>) {
        if let Some(value) = value {
            self.weights += weight;
            self.sum += weight * value;
        }
    }

    /// Rounded to so many parts of one, so that equal values are stored once; `None` where nothing is known.
    fn rounded(&self, parts: f64) -> Option<f64> {
        (self.weights > 0.0).then(|| (self.sum / self.weights * parts).round() / parts)
    }
}

impl Block {
    fn add(&mut self, cell: Vertex, building: &Building, area: f64) {
        self.cells |= 1 << (cell.y * SIDE + cell.x);
        self.buildings += 1;
        self.area += area;
        // A footprint without area still stands somewhere.
        let weight = area.max(f64::MIN_POSITIVE);
        self.height.add(weight, building.height_m.map(f64::from));
        self.floors.add(weight, building.floors.map(f64::from));
    }

    fn value(&self, field: Field) -> Option<Value<'static>> {
        let cells = f64::from(self.cells.count_ones()) * f64::from(CELL * CELL);
        match field {
            Field::Buildings => Some(Value::Count(self.buildings)),
            Field::HeightM => self.height.rounded(10.0).map(|metres| Value::Measure(metres as f32)),
            Field::Floors => self.floors.rounded(1.0).map(|floors| Value::Count(floors as u64)),
            Field::Coverage => {
                Some(Value::Measure(((self.area / cells).min(1.0) * 1_000.0).round() as f32 / 1_000.0))
            }
            _ => None,
        }
    }

    /// The outlines of the cells, the square beginning at a vertex.
    fn rings(&self, corner: Vertex) -> Vec<Ring> {
        let is_set = |x: i32, y: i32| {
            (0..SIDE).contains(&x) && (0..SIDE).contains(&y) && self.cells >> (y * SIDE + x) & 1 == 1
        };
        let at = |x: i32, y: i32| Coord { x: corner.x + x * CELL, y: corner.y + y * CELL };
        let mut sides = Vec::new();
        let all = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
        for (x, y) in all.filter(|(x, y)| is_set(*x, *y)) {
            // Each side in the direction of positive area, but those between two cells.
            let around = [(x, y - 1), (x + 1, y), (x, y + 1), (x - 1, y)];
            let corners = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)];
            for (side, beside) in around.into_iter().enumerate() {
                if !is_set(beside.0, beside.1) {
                    sides.push(vec![corners[side], corners[(side + 1) % 4]]);
                }
            }
        }
        wind(join(&sides))
    }
}

/// Writes the buildings of a tile as blocks.
pub(super) fn write(
    definition: &LayerDefinition,
    name: &str,
    frame: &Frame,
    items: &[Shown],
) -> Result<LayerWriter<'static>, TileError> {
    let mut blocks: BTreeMap<(i32, i32), Block> = BTreeMap::new();
    for shown in items {
        let Item::Building(building) = shown.item else { continue };
        let Some(rect) = building.footprint.bounding_rect() else { continue };
        let middle = rect.center();
        let Some(at) = frame.point(middle.x, middle.y) else { continue };
        let cell = Coord { x: at.x % SQUARE / CELL, y: at.y % SQUARE / CELL };
        let area = building.footprint.unsigned_area() * frame.square_units(middle.y);
        blocks.entry((at.y / SQUARE, at.x / SQUARE)).or_default().add(cell, building, area);
    }
    let fields: Vec<Field> = definition.fields.keys().copied().collect();
    let mut writer = LayerWriter::new(name, fields.iter().map(|field| field.as_str()));
    for ((row, column), block) in &blocks {
        let id = frame.cell(*row, *column, i32::from(EXTENT) / SQUARE);
        let rings = block.rings(Coord { x: column * SQUARE, y: row * SQUARE });
        writer.polygon(id, &rings, fields.iter().map(|field| block.value(*field)))?;
    }
    Ok(writer)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::clip::twice_area;
    use super::*;

    proptest! {
        #[test]
        fn the_outlines_of_any_cells_enclose_just_these_and_meet_no_vertex_twice(cells: u64) {
            let block = Block { cells, ..Block::default() };
            let rings = block.rings(Coord { x: SQUARE, y: 0 });
            let area: i64 = rings.iter().map(|ring| twice_area(ring)).sum();
            prop_assert_eq!(area, 2 * i64::from(CELL * CELL) * i64::from(cells.count_ones()));
            for ring in &rings {
                let distinct: BTreeSet<_> = ring.iter().map(|vertex| (vertex.x, vertex.y)).collect();
                prop_assert_eq!(distinct.len(), ring.len());
            }
            // Whether the middle of a cell is enclosed, by counting the sides north of it.
            for (x, y) in (0..SIDE).flat_map(|x| (0..SIDE).map(move |y| (x, y))) {
                let middle = (SQUARE + x * CELL + CELL / 2, y * CELL + CELL / 2);
                let above = rings.iter().flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)));
                let crossed = above
                    .filter(|(a, b)| a.y == b.y && a.y < middle.1)
                    .filter(|(a, b)| (a.x.min(b.x)..a.x.max(b.x)).contains(&middle.0));
                prop_assert_eq!(crossed.count() % 2 == 1, cells >> (y * SIDE + x) & 1 == 1);
            }
        }
    }
}
