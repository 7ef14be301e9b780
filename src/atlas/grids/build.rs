//! From rows to a table.

use std::sync::{Arc, OnceLock};

use geo::MultiPolygon;

use super::order::Order;
use super::{GridIndex, GridTable, NONE, Row};
use crate::atlas::Envelope;
use crate::atlas::coverage::{Coverage, Numbered, Shape};
use crate::atlas::sharded::Sharded;
use crate::model::{Code, GridId, GridVersion, LonLat};

/// A grid as it is kept with its table: with all that was worked out of it, and its territory as a shape.
#[derive(Debug)]
pub(in crate::atlas) struct KeptGrid {
    /// Without the territory.
    pub(in crate::atlas) version: GridVersion,
    pub(in crate::atlas) shape: Shape,
    pub(in crate::atlas) label: Option<LonLat>,
    pub(in crate::atlas) seamless: Option<bool>,
}

impl KeptGrid {
    /// One of which nothing is worked out.
    pub(super) fn new(version: GridVersion, shape: Shape) -> Self {
        Self { version, shape, label: None, seamless: None }
    }
}

impl GridTable {
    /// Takes sorted, checked rows with their envelopes; see `build`.
    pub(in crate::atlas) fn from_rows(
        mut versions: Vec<GridVersion>,
        envelopes: Vec<Envelope>,
        parents: &[Option<GridIndex>],
    ) -> Self {
        let territories = versions.iter().map(|version| &version.grid.geometry);
        let ((coverage, shapes), tree) =
            rayon::join(|| Coverage::build(territories), || Tree::new(&versions, |version| version, parents));
        // To give back what they were drawn with takes as long as to make the rows, and can be done beside it.
        let drawn: Vec<_> = versions.iter_mut().map(|row| std::mem::take(&mut row.grid.geometry.0)).collect();
        let rows = versions.into_iter().zip(shapes).map(|(version, shape)| KeptGrid::new(version, shape));
        let rows = rows.zip(envelopes);
        rayon::join(|| tree.with(rows, coverage), || drop(drawn)).0
    }

    /// Takes sorted, checked rows that were kept, with the coverage of their shapes and their envelopes.
    pub(in crate::atlas) fn from_kept(
        kept: Vec<KeptGrid>,
        (coverage, envelopes): (Coverage, Vec<Envelope>),
        parents: &[Option<GridIndex>],
    ) -> Self {
        let tree = Tree::new(&kept, |kept| &kept.version, parents);
        tree.with(kept.into_iter().zip(envelopes), coverage)
    }

    /// A grid as it is kept, its borders by their numbers.
    pub(in crate::atlas) fn kept(&self, grid: GridIndex, borders: &Numbered<'_>) -> KeptGrid {
        let row = self.row(grid);
        KeptGrid {
            version: self.version_with(grid, MultiPolygon(Vec::new())),
            shape: borders.shape(&row.shape),
            label: row.label.get().copied(),
            seamless: row.seamless.get().copied(),
        }
    }
}

/// How grids lie one below the other, and where they are found.
struct Tree {
    parents: Vec<u32>,
    children: Vec<Vec<GridIndex>>,
    order: Order,
    by_code: Sharded<Code, GridIndex>,
    by_id: Sharded<GridId, GridIndex>,
}

impl Tree {
    fn new<T: Sync>(
        rows: &[T],
        version: impl Fn(&T) -> &GridVersion + Sync,
        parents: &[Option<GridIndex>],
    ) -> Self {
        let places = || rows.iter().map(|row| &version(row).grid).zip((0..).map(GridIndex));
        let by_code = || {
            let mut by_code = Sharded::with_capacity(rows.len());
            places().for_each(|(grid, index)| _ = by_code.insert(grid.code.clone(), index));
            by_code
        };
        let by_id = || {
            let mut by_id = Sharded::with_capacity(rows.len());
            places().for_each(|(grid, index)| _ = by_id.insert(grid.id, index));
            by_id
        };
        let (by_code, by_id) = rayon::join(by_code, by_id);
        let mut children: Vec<Vec<GridIndex>> = vec![Vec::new(); rows.len()];
        for (place, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[parent.at()].push(GridIndex(place as u32));
            }
        }
        let in_order = (0..rows.len() as u32).map(GridIndex).collect();
        let order = Order::new(in_order, rows.len(), |grid| version(&rows[grid.at()]).grid.level);
        let parents = parents.iter().map(|parent| parent.map_or(NONE, |parent| parent.0)).collect();
        Self { parents, children, order, by_code, by_id }
    }

    /// The table of the rows, each with its envelope.
    fn with(self, rows: impl Iterator<Item = (KeptGrid, Envelope)>, coverage: Coverage) -> GridTable {
        let rows = rows.zip(self.children);
        let row = |((kept, envelope), children)| Some(Arc::new(Row::new(kept, envelope, children)));
        GridTable {
            rows: rows.map(row).collect(),
            parents: Arc::new(self.parents),
            free: Vec::new(),
            order: Arc::new(self.order),
            by_code: self.by_code,
            by_id: self.by_id,
            coverage,
        }
    }
}

impl Row {
    pub(super) fn new(kept: KeptGrid, envelope: Envelope, children: Vec<GridIndex>) -> Self {
        let KeptGrid { version: GridVersion { grid, number, valid }, shape, label, seamless } = kept;
        Self {
            id: grid.id,
            number,
            county: grid.county,
            code: grid.code,
            scheme: grid.scheme,
            level: grid.level,
            kind: grid.kind,
            name: grid.name.into(),
            households: grid.households,
            invented: grid.invented,
            valid,
            children,
            envelope,
            label: label.map(OnceLock::from).unwrap_or_default(),
            seamless: seamless.map(OnceLock::from).unwrap_or_default(),
            shape,
        }
    }
}
