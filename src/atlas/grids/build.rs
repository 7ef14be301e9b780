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

type Indexes = (Sharded<Code, GridIndex>, Sharded<GridId, GridIndex>);

impl GridTable {
    /// Takes sorted, checked rows with their envelopes; see `build`.
    pub(in crate::atlas) fn from_rows(
        versions: Vec<GridVersion>,
        envelopes: Vec<Envelope>,
        parents: &[Option<GridIndex>],
    ) -> Self {
        let territories = versions.iter().map(|version| &version.grid.geometry);
        let ((coverage, shapes), indexes) =
            rayon::join(|| Coverage::build(territories), || indexes(&versions));
        Self::put_together(versions, envelopes, parents, coverage, shapes, indexes)
    }

    /// Takes sorted, checked rows that were kept, with the coverage of their shapes and their envelopes.
    pub(in crate::atlas) fn from_kept(
        kept: Vec<KeptGrid>,
        (coverage, envelopes): (Coverage, Vec<Envelope>),
        parents: &[Option<GridIndex>],
    ) -> Self {
        let known: Vec<_> = kept.iter().map(|kept| (kept.label, kept.seamless)).collect();
        let (versions, shapes): (Vec<_>, _) = kept.into_iter().map(|kept| (kept.version, kept.shape)).unzip();
        let indexes = indexes(&versions);
        let table = Self::put_together(versions, envelopes, parents, coverage, shapes, indexes);
        for (grid, (label, seamless)) in known.into_iter().enumerate() {
            let row = table.row(GridIndex(grid as u32));
            label.into_iter().for_each(|label| _ = row.label.set(label));
            seamless.into_iter().for_each(|seamless| _ = row.seamless.set(seamless));
        }
        table
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

    fn put_together(
        versions: Vec<GridVersion>,
        envelopes: Vec<Envelope>,
        parents: &[Option<GridIndex>],
        coverage: Coverage,
        shapes: Vec<Shape>,
        (by_code, by_id): Indexes,
    ) -> Self {
        let mut children: Vec<Vec<GridIndex>> = vec![Vec::new(); versions.len()];
        for (place, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[parent.at()].push(GridIndex(place as u32));
            }
        }
        let in_order = (0..versions.len() as u32).map(GridIndex).collect();
        let order = Order::new(in_order, versions.len(), |grid| versions[grid.at()].grid.level);
        let parents = parents.iter().map(|parent| parent.map_or(NONE, |parent| parent.0)).collect();
        let rows = versions.into_iter().zip(envelopes).zip(shapes.into_iter().zip(children));
        let row = |((version, envelope), (shape, children))| Row::new(version, envelope, children, shape);
        Self {
            rows: rows.map(|parts| Some(Arc::new(row(parts)))).collect(),
            parents: Arc::new(parents),
            free: Vec::new(),
            order: Arc::new(order),
            by_code,
            by_id,
            coverage,
        }
    }
}

/// The places of rows by code and by identity.
fn indexes(versions: &[GridVersion]) -> Indexes {
    let places = || versions.iter().zip((0..).map(GridIndex));
    let by_code = || {
        let mut by_code = Sharded::with_capacity(versions.len());
        places().for_each(|(version, index)| _ = by_code.insert(version.grid.code.clone(), index));
        by_code
    };
    let by_id = || {
        let mut by_id = Sharded::with_capacity(versions.len());
        places().for_each(|(version, index)| _ = by_id.insert(version.grid.id, index));
        by_id
    };
    rayon::join(by_code, by_id)
}

impl Row {
    pub(super) fn new(
        GridVersion { grid, valid }: GridVersion,
        envelope: Envelope,
        children: Vec<GridIndex>,
        shape: Shape,
    ) -> Self {
        Self {
            id: grid.id,
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
            label: OnceLock::new(),
            seamless: OnceLock::new(),
            shape,
        }
    }
}
