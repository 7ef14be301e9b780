//! The grids as columns, and the tree that they form.

use std::collections::HashMap;

use geo::MultiPolygon;

use crate::model::{Code, Grid, GridId, GridKind, Level, LonLat};

/// The place of a grid in its atlas; grids are in ascending order of (level, code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GridIndex(pub u32);

impl GridIndex {
    pub(super) fn at(self) -> usize {
        self.0 as usize
    }
}

/// An envelope in degrees: `min` is south-west, `max` north-east.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Envelope {
    /// Longitude and latitude of the south-west corner.
    pub min: [f64; 2],
    /// Longitude and latitude of the north-east corner.
    pub max: [f64; 2],
}

impl Envelope {
    /// The envelope of a multipolygon; `None` when it is empty.
    pub fn of(geometry: &MultiPolygon<f64>) -> Option<Self> {
        let mut coords = geometry.iter().flat_map(|polygon| polygon.exterior().coords());
        let first = coords.next()?;
        let start = Self { min: [first.x, first.y], max: [first.x, first.y] };
        Some(coords.fold(start, |e, c| Self {
            min: [e.min[0].min(c.x), e.min[1].min(c.y)],
            max: [e.max[0].max(c.x), e.max[1].max(c.y)],
        }))
    }

    /// The smallest envelope that holds both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            min: [self.min[0].min(other.min[0]), self.min[1].min(other.min[1])],
            max: [self.max[0].max(other.max[0]), self.max[1].max(other.max[1])],
        }
    }

    /// Do they share a point?
    pub fn meets(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.min[axis] <= other.max[axis] && other.min[axis] <= self.max[axis])
    }
}

/// The grids of an atlas, one column an attribute.
#[derive(Debug, Default)]
pub struct GridTable {
    ids: Vec<GridId>,
    codes: Vec<Code>,
    names: Vec<String>,
    levels: Vec<Level>,
    kinds: Vec<Option<GridKind>>,
    households: Vec<Option<u32>>,
    invented: Vec<bool>,
    parents: Vec<Option<GridIndex>>,
    children: Vec<Vec<GridIndex>>,
    geometries: Vec<MultiPolygon<f64>>,
    envelopes: Vec<Envelope>,
    labels: Vec<LonLat>,
    by_code: HashMap<Code, GridIndex>,
    by_id: HashMap<GridId, GridIndex>,
}

impl GridTable {
    /// Takes sorted, checked rows apart; see [`super::build`].
    pub(super) fn from_rows(rows: Vec<(Grid, Envelope, LonLat)>, parents: Vec<Option<GridIndex>>) -> Self {
        let mut table = Self { children: vec![Vec::new(); rows.len()], ..Self::default() };
        for (place, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                table.children[parent.at()].push(GridIndex(place as u32));
            }
        }
        table.parents = parents;
        for (place, (grid, envelope, label)) in rows.into_iter().enumerate() {
            let index = GridIndex(place as u32);
            table.by_code.insert(grid.code.clone(), index);
            table.by_id.insert(grid.id, index);
            table.ids.push(grid.id);
            table.codes.push(grid.code);
            table.names.push(grid.name);
            table.levels.push(grid.level);
            table.kinds.push(grid.kind);
            table.households.push(grid.households);
            table.invented.push(grid.invented);
            table.geometries.push(grid.geometry);
            table.envelopes.push(envelope);
            table.labels.push(label);
        }
        table
    }

    /// How many grids, all levels together.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Is there no grid at all?
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Every grid, in ascending order of (level, code).
    pub fn all(&self) -> impl DoubleEndedIterator<Item = GridIndex> + ExactSizeIterator {
        (0..self.ids.len() as u32).map(GridIndex)
    }

    /// The grids of one level, in ascending order of code.
    pub fn at_level(&self, level: Level) -> impl DoubleEndedIterator<Item = GridIndex> + ExactSizeIterator {
        let start = self.levels.partition_point(|l| *l < level) as u32;
        let end = self.levels.partition_point(|l| *l <= level) as u32;
        (start..end).map(GridIndex)
    }

    /// The grid with this code.
    pub fn find_code(&self, code: &str) -> Option<GridIndex> {
        self.by_code.get(&Code::parse(code).ok()?).copied()
    }

    /// The grid with this identity.
    pub fn find_id(&self, id: GridId) -> Option<GridIndex> {
        self.by_id.get(&id).copied()
    }

    /// Identity.
    pub fn id(&self, grid: GridIndex) -> GridId {
        self.ids[grid.at()]
    }

    /// Code.
    pub fn code(&self, grid: GridIndex) -> &Code {
        &self.codes[grid.at()]
    }

    /// Name.
    pub fn name(&self, grid: GridIndex) -> &str {
        &self.names[grid.at()]
    }

    /// Level.
    pub fn level(&self, grid: GridIndex) -> Level {
        self.levels[grid.at()]
    }

    /// Kind; `None` for an administrative division.
    pub fn kind(&self, grid: GridIndex) -> Option<GridKind> {
        self.kinds[grid.at()]
    }

    /// Resident households, where known.
    pub fn households(&self, grid: GridIndex) -> Option<u32> {
        self.households[grid.at()]
    }

    /// Is it invented sample data?
    pub fn invented(&self, grid: GridIndex) -> bool {
        self.invented[grid.at()]
    }

    /// Is anything in the atlas invented sample data?
    pub fn any_invented(&self) -> bool {
        self.invented.contains(&true)
    }

    /// The grid above; `None` at the top.
    pub fn parent(&self, grid: GridIndex) -> Option<GridIndex> {
        self.parents[grid.at()]
    }

    /// The grids directly below, in ascending order of code.
    pub fn children(&self, grid: GridIndex) -> &[GridIndex] {
        &self.children[grid.at()]
    }

    /// Has it no children?
    pub fn is_leaf(&self, grid: GridIndex) -> bool {
        self.children[grid.at()].is_empty()
    }

    /// Territory in degrees.
    pub fn geometry(&self, grid: GridIndex) -> &MultiPolygon<f64> {
        &self.geometries[grid.at()]
    }

    /// Envelope in degrees.
    pub fn envelope(&self, grid: GridIndex) -> &Envelope {
        &self.envelopes[grid.at()]
    }

    /// A point well inside, for a label.
    pub fn label_point(&self, grid: GridIndex) -> LonLat {
        self.labels[grid.at()]
    }

    /// The grid itself and the grids above it, the grid first.
    pub fn upwards(&self, grid: GridIndex) -> impl Iterator<Item = GridIndex> + '_ {
        std::iter::successors(Some(grid), |g| self.parent(*g))
    }

    /// The chain of grids from the top down to the grid itself.
    pub fn chain(&self, grid: GridIndex) -> Vec<GridIndex> {
        let mut chain: Vec<_> = self.upwards(grid).collect();
        chain.reverse();
        chain
    }

    /// Everything below a grid, without it, depth first, siblings by code.
    pub fn descendants(&self, grid: GridIndex) -> Vec<GridIndex> {
        let mut found = Vec::new();
        let mut open: Vec<_> = self.children(grid).iter().rev().copied().collect();
        while let Some(next) = open.pop() {
            found.push(next);
            open.extend(self.children(next).iter().rev());
        }
        found
    }

    /// Is `grid` the grid `ancestor` or somewhere below it?
    pub fn is_within(&self, grid: GridIndex, ancestor: GridIndex) -> bool {
        self.upwards(grid).any(|g| g == ancestor)
    }

    /// The envelope of everything; `None` when there are no grids.
    pub fn bounds(&self) -> Option<Envelope> {
        self.envelopes.iter().copied().reduce(|a, b| a.union(&b))
    }
}
