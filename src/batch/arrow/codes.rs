//! Codes as dictionary columns: a row costs four bytes a level, and each code is sent once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray, types::Int32Type};
use arrow_buffer::NullBuffer;
use arrow_schema::ArrowError;

use crate::atlas::{Atlas, GridIndex};
use crate::model::Level;

/// Stands for "no grid".
const NONE: i32 = -1;
/// A chunk with fewer rows than a share of the grids gets a dictionary of its own, with what occurs in it.
const FEW: usize = 8;

/// Of each grid, its place among the grids of each level of its chain.
type Chains = Vec<[i32; Level::COUNT]>;

/// The dictionaries of one batch; made when the first large chunk asks for them.
#[derive(Default)]
pub(super) struct Codes {
    all: OnceLock<ArrayRef>,
    levels: [OnceLock<ArrayRef>; Level::COUNT],
    chains: OnceLock<Chains>,
}

impl Codes {
    /// The codes of the grids themselves.
    pub(super) fn own(&self, atlas: &Atlas, grids: &[Option<GridIndex>]) -> Result<ArrayRef, ArrowError> {
        let keys = grids.iter().map(|grid| grid.map_or(NONE, |grid| grid.0 as i32)).collect();
        column(atlas, keys, &self.all, 0, atlas.grids().len())
    }

    /// The codes of their chains at a level.
    pub(super) fn at(
        &self,
        atlas: &Atlas,
        grids: &[Option<GridIndex>],
        level: Level,
    ) -> Result<ArrayRef, ArrowError> {
        let mut of_level = atlas.grids().at_level(level);
        let count = of_level.len();
        let first = of_level.next().map_or(0, |grid| grid.0);
        let keys = if is_small(grids.len(), atlas.grids().len()) {
            let walk = |grid: GridIndex| place_at(atlas, grid, level, first);
            grids.iter().map(|grid| grid.map_or(NONE, walk)).collect()
        } else {
            let chains = self.chains.get_or_init(|| chains(atlas));
            grids.iter().map(|grid| grid.map_or(NONE, |g| chains[g.0 as usize][level.index()])).collect()
        };
        column(atlas, keys, &self.levels[level.index()], first, count)
    }
}

fn is_small(rows: usize, grids: usize) -> bool {
    rows * FEW < grids
}

fn place_at(atlas: &Atlas, grid: GridIndex, level: Level, first: u32) -> i32 {
    let found = atlas.grids().upwards(grid).find(|grid| atlas.grids().level(*grid) == level);
    found.map_or(NONE, |grid| (grid.0 - first) as i32)
}

fn chains(atlas: &Atlas) -> Chains {
    let grids = atlas.grids();
    let firsts: Vec<_> = Level::all().map(|level| grids.at_level(level).next().map_or(0, |g| g.0)).collect();
    let mut chains: Chains = Vec::with_capacity(grids.len());
    for grid in grids.all() {
        let mut chain = [NONE; Level::COUNT];
        for link in grids.upwards(grid) {
            let level = grids.level(link).index();
            chain[level] = (link.0 - firsts[level]) as i32;
        }
        chains.push(chain);
    }
    chains
}

/// A column of keys into the codes of `count` grids from `first` on.
fn column(
    atlas: &Atlas,
    mut keys: Vec<i32>,
    whole: &OnceLock<ArrayRef>,
    first: u32,
    count: usize,
) -> Result<ArrayRef, ArrowError> {
    let code = |place: i32| atlas.grids().code(GridIndex(first + place as u32)).as_str();
    let values = if is_small(keys.len(), atlas.grids().len()) {
        Arc::new(StringArray::from_iter_values(renumber(&mut keys).into_iter().map(code)))
    } else {
        let all = || Arc::new(StringArray::from_iter_values((0..count as i32).map(code))) as ArrayRef;
        Arc::clone(whole.get_or_init(all))
    };
    let nulls = keys.contains(&NONE).then(|| keys.iter().map(|key| *key != NONE).collect::<NullBuffer>());
    if nulls.is_some() {
        keys.iter_mut().for_each(|key| *key = (*key).max(0));
    }
    let keys = Int32Array::try_new(keys.into(), nulls)?;
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
}

/// Numbers the places that occur in the order of their first occurrence; gives them in that order.
fn renumber(keys: &mut [i32]) -> Vec<i32> {
    let mut places = Vec::new();
    let mut numbers = HashMap::new();
    for key in keys.iter_mut().filter(|key| **key != NONE) {
        *key = *numbers.entry(*key).or_insert_with_key(|place| {
            places.push(*place);
            places.len() as i32 - 1
        });
    }
    places
}
