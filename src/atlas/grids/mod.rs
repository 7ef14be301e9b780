//! The grids as columns, and the tree that they form.

mod build;
mod change;
mod nesting;
mod order;
mod parts;

pub(in crate::atlas) use build::KeptGrid;
pub(in crate::atlas) use change::Changed;
pub(in crate::atlas) use parts::GridPart;

use std::sync::{Arc, OnceLock};

use geo::{Coord, Intersects, Line, MultiPolygon, Rect};
use smol_str::SmolStr;

use crate::atlas::Envelope;
use crate::atlas::chunked::Chunked;
use crate::atlas::coverage::{BorderIndex, Coverage, Shape, Sharing};
use crate::atlas::sharded::Sharded;
use crate::geom::{Location, interior_point, locate_among_lines};
use crate::model::{Code, County, Grid, GridId, GridKind, GridVersion, Level, LonLat, Span};
use order::Order;

/// The place of a grid in its atlas, without any order; it stays while the grid does, and may be another's after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GridIndex(pub u32);

impl GridIndex {
    pub(in crate::atlas) fn at(self) -> usize {
        self.0 as usize
    }
}

/// No grid.
const NONE: u32 = u32::MAX;

/// What is known of one grid. What a tile shows of it comes first and side by side, short texts included: a tile waits for memory more than
/// for anything else.
#[derive(Debug, Clone)]
#[repr(C)]
struct Row {
    level: Level,
    kind: Option<GridKind>,
    households: Option<u32>,
    number: u64,
    shape: Shape,
    code: Code,
    name: SmolStr,
    envelope: Envelope,
    id: GridId,
    county: County,
    scheme: String,
    invented: bool,
    valid: Span,
    /// In ascending order of code.
    children: Vec<GridIndex>,
    /// Worked out when it is first asked for: it takes longer than everything else of a grid together.
    label: OnceLock<LonLat>,
    /// Do the children make up exactly this grid? Worked out when it is first asked for.
    seamless: OnceLock<bool>,
}

/// The grids of an atlas and their tree. Copies share what was not changed since.
#[derive(Debug, Clone, Default)]
pub struct GridTable {
    rows: Chunked<Option<Arc<Row>>>,
    /// Apart from the rows and in one piece, since a chain is followed more often than anything else is read; copied whole when the
    /// tree changes.
    parents: Arc<Vec<u32>>,
    /// Places without a grid, for the next ones.
    free: Vec<GridIndex>,
    order: Arc<Order>,
    by_code: Sharded<Code, GridIndex>,
    by_id: Sharded<GridId, GridIndex>,
    coverage: Coverage,
}

impl GridTable {
    fn set_parent(&mut self, grid: GridIndex, parent: Option<GridIndex>) {
        Arc::make_mut(&mut self.parents)[grid.at()] = parent.map_or(NONE, |parent| parent.0);
    }

    fn row(&self, grid: GridIndex) -> &Row {
        self.rows[grid.at()].as_ref().expect("an index is given out only for a grid that is there")
    }

    fn row_mut(&mut self, grid: GridIndex) -> &mut Row {
        let row = self.rows.get_mut(grid.at()).as_mut();
        Arc::make_mut(row.expect("an index is given out only for a grid that is there"))
    }

    /// How many grids, all levels together.
    pub fn len(&self) -> usize {
        self.order.grids().len()
    }

    /// Is there no grid at all?
    pub fn is_empty(&self) -> bool {
        self.order.grids().is_empty()
    }

    /// Every grid, in ascending order of (level, code).
    pub fn all(&self) -> impl DoubleEndedIterator<Item = GridIndex> + ExactSizeIterator + '_ {
        self.order.grids().iter().copied()
    }

    /// The grids of one level, in ascending order of code.
    pub fn at_level(
        &self,
        level: Level,
    ) -> impl DoubleEndedIterator<Item = GridIndex> + ExactSizeIterator + '_ {
        self.order.at_level(level).iter().copied()
    }

    /// Puts grids in ascending order of (level, code).
    pub fn sort(&self, grids: &mut [GridIndex]) {
        grids.sort_unstable_by_key(|grid| self.rank(*grid));
    }

    /// The place of a grid among all in ascending order of (level, code).
    pub fn rank(&self, grid: GridIndex) -> u32 {
        self.order.rank(grid)
    }

    /// One more than the highest index: the length of an array that has a place for every grid.
    pub(in crate::atlas) fn places(&self) -> usize {
        self.rows.len()
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
        self.row(grid).id
    }

    /// The number of the identity: the id of the feature in tiles.
    pub fn number(&self, grid: GridIndex) -> u64 {
        self.row(grid).number
    }

    /// Code.
    pub fn code(&self, grid: GridIndex) -> &Code {
        &self.row(grid).code
    }

    /// Name.
    pub fn name(&self, grid: GridIndex) -> &str {
        &self.row(grid).name
    }

    /// Level.
    pub fn level(&self, grid: GridIndex) -> Level {
        self.row(grid).level
    }

    /// The scheme of its code.
    pub fn scheme(&self, grid: GridIndex) -> &str {
        &self.row(grid).scheme
    }

    /// Kind; `None` for an administrative division.
    pub fn kind(&self, grid: GridIndex) -> Option<GridKind> {
        self.row(grid).kind
    }

    /// Resident households, where known.
    pub fn households(&self, grid: GridIndex) -> Option<u32> {
        self.row(grid).households
    }

    /// Is it invented sample data?
    pub fn invented(&self, grid: GridIndex) -> bool {
        self.row(grid).invented
    }

    /// Is anything in the atlas invented sample data?
    pub fn any_invented(&self) -> bool {
        self.rows().any(|row| row.invented)
    }

    /// The grid above; `None` at the top.
    pub fn parent(&self, grid: GridIndex) -> Option<GridIndex> {
        let parent = self.parents[grid.at()];
        (parent != NONE).then_some(GridIndex(parent))
    }

    /// The grids directly below, in ascending order of code.
    pub fn children(&self, grid: GridIndex) -> &[GridIndex] {
        &self.row(grid).children
    }

    /// Has it no children?
    pub fn is_leaf(&self, grid: GridIndex) -> bool {
        self.row(grid).children.is_empty()
    }

    /// Territory in degrees, put together from the borders: every vertex as it is stored.
    pub fn geometry(&self, grid: GridIndex) -> MultiPolygon<f64> {
        self.coverage.territory(&self.row(grid).shape)
    }

    /// The lines that bound a grid, each once for every side on which it does; in no order.
    pub(in crate::atlas) fn borders(&self, grid: GridIndex) -> impl Iterator<Item = BorderIndex> + '_ {
        self.row(grid).shape.borders()
    }

    /// The rings of a grid as borders.
    pub(in crate::atlas) fn shape(&self, grid: GridIndex) -> &Shape {
        &self.row(grid).shape
    }

    /// Where a point lies with respect to a grid; the verdict of PostGIS for a valid territory.
    pub fn locate(&self, grid: GridIndex, point: LonLat) -> Location {
        locate_among_lines(self.lines(grid), point.into())
    }

    /// Has a grid a point in common with an envelope, its edge included? The verdict of PostGIS for a valid territory.
    pub fn meets(&self, grid: GridIndex, envelope: &Envelope) -> bool {
        let own = self.envelope(grid);
        if !own.meets(envelope) {
            return false;
        }
        if envelope.holds(own) {
            return true;
        }
        let corner = LonLat::new(envelope.min[0], envelope.min[1]);
        corner.is_ok_and(|corner| self.locate(grid, corner).is_covered())
            || self.lines(grid).any(|line| meets_line(line, envelope))
    }

    /// The lines that bound a grid, in no order.
    pub(in crate::atlas) fn lines(&self, grid: GridIndex) -> impl Iterator<Item = &[Coord<f64>]> + Clone {
        self.row(grid).shape.borders().map(|border| self.coverage.line(border))
    }

    /// Every border of the grids.
    pub(in crate::atlas) fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// How well grids share their borders. O(borders).
    pub fn sharing(&self) -> Sharing {
        self.coverage.sharing()
    }

    /// When the grid is as it is.
    pub fn valid(&self, grid: GridIndex) -> Span {
        self.row(grid).valid
    }

    /// The grid as the store has it.
    pub fn version(&self, grid: GridIndex) -> GridVersion {
        self.version_with(grid, self.geometry(grid))
    }

    fn version_with(&self, grid: GridIndex, geometry: MultiPolygon<f64>) -> GridVersion {
        let row = self.row(grid);
        let of = Grid {
            id: row.id,
            county: row.county.clone(),
            code: row.code.clone(),
            scheme: row.scheme.clone(),
            level: row.level,
            parent: self.parent(grid).map(|parent| self.id(parent)),
            kind: row.kind,
            name: row.name.to_string(),
            households: row.households,
            invented: row.invented,
            geometry,
        };
        GridVersion { grid: of, number: row.number, valid: row.valid }
    }

    /// Envelope in degrees.
    pub fn envelope(&self, grid: GridIndex) -> &Envelope {
        &self.row(grid).envelope
    }

    /// A point well inside, for a label.
    pub fn label_point(&self, grid: GridIndex) -> LonLat {
        let row = self.row(grid);
        *row.label.get_or_init(|| {
            let inside = interior_point(&self.geometry(grid)).and_then(|at| LonLat::new(at.x, at.y).ok());
            inside.unwrap_or_else(|| row.envelope.middle())
        })
    }

    /// Works out everything that is worked out on demand and that nobody has asked for yet: labels, and which families are proven
    /// to be seamless. On one core, since the others have requests to answer.
    pub fn prepare(&self) {
        self.order.grids().iter().for_each(|grid| _ = self.is_seamless(*grid));
        self.order.grids().iter().for_each(|grid| _ = self.label_point(*grid));
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
        self.rows().map(|row| row.envelope).reduce(|a, b| a.union(&b))
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().flatten().map(Arc::as_ref)
    }
}

/// Has a line a point in common with an envelope?
fn meets_line(line: &[Coord<f64>], envelope: &Envelope) -> bool {
    let rect = Rect::new(envelope.min, envelope.max);
    line.windows(2).any(|edge| {
        Envelope::of_edge(edge[0], edge[1]).meets(envelope) && Line::new(edge[0], edge[1]).intersects(&rect)
    })
}
