//! An invented region of any size for tests and benchmarks: square blocks of cells with jittered corners and rough borders.
//!
//! Neighbours and parents share their vertices exactly, since a border is a function of its place. No random numbers: a hash of
//! the place takes their part, so the same lattice comes out everywhere.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use gewu::model::{
    Code, County, Grid, GridId, GridKind, GridVersion, Level, LevelName, LevelScheme, Snapshot,
};
use uuid::Uuid;

/// What to make.
#[derive(Debug, Clone)]
pub(crate) struct Lattice {
    /// Longitude and latitude of the south-western corner, degrees.
    pub(crate) corner: [f64; 2],
    /// Cells a side.
    pub(crate) cells: usize,
    /// Width of a cell in degrees.
    pub(crate) cell: f64,
    /// Cells a side of the blocks of each level in use: (level, cells, first zoom, last zoom), from the top down.
    pub(crate) levels: Vec<(i64, usize, u8, u8)>,
    /// A border between two corners has 2 to this power segments.
    pub(crate) detail: u32,
}

impl Lattice {
    /// The region of the benchmarks: 30,276 leaves of 64 vertices on six levels, two degrees square.
    #[allow(dead_code, reason = "tests make smaller ones")]
    pub(crate) fn reference() -> Self {
        Self {
            corner: [99.0, 25.0],
            cells: 174,
            cell: 2.0 / 174.0,
            levels: vec![
                (1, 174, 0, 22),
                (2, 81, 6, 22),
                (3, 27, 8, 22),
                (4, 9, 10, 22),
                (5, 3, 11, 22),
                (6, 1, 11, 22),
            ],
            detail: 4,
        }
    }

    /// The same region with another number of leaves a side: 1,000 make a million.
    #[allow(dead_code, reason = "only what compares sizes makes other ones")]
    pub(crate) fn sized(cells: usize) -> Self {
        let mut lattice = Self { cells, cell: 2.0 / cells as f64, ..Self::reference() };
        lattice.levels[0].1 = cells;
        lattice
    }

    /// The region as a snapshot without staff and resources.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut grids = Vec::new();
        self.each(|grid| grids.push(GridVersion::lasting(1 + grids.len() as u64, grid)));
        let name = |&(level, _, min_zoom, max_zoom): &(i64, usize, u8, u8)| LevelName {
            level: Level::new(level).expect("a lattice has levels 1 to 6"),
            name: format!("第{level}级"),
            name_en: format!("Level {level}"),
            min_zoom,
            max_zoom,
        };
        let levels = LevelScheme { levels: self.levels.iter().map(name).collect() };
        Snapshot { revision: 1, levels, grids, ..Snapshot::default() }
    }

    /// Hands out the grids one by one, parents before children.
    pub(crate) fn each(&self, mut visit: impl FnMut(Grid)) {
        for (place, &(level, side, _, _)) in self.levels.iter().enumerate() {
            let above = place.checked_sub(1).map(|above| self.levels[above]);
            for i in (0..self.cells).step_by(side) {
                for j in (0..self.cells).step_by(side) {
                    let parent = above.map(|(level, side, _, _)| identity(level, i / side, j / side));
                    visit(self.grid(level, side, (i / side, j / side), parent));
                }
            }
        }
    }

    fn grid(&self, level: i64, side: usize, (i, j): (usize, usize), parent: Option<GridId>) -> Grid {
        let code = Code::parse(&code(level, i, j)).expect("digits and dots make a code");
        let ends = [(i + 1) * side, (j + 1) * side].map(|end| end.min(self.cells));
        let ring = self.ring(i * side, j * side, ends[0], ends[1]);
        Grid {
            id: identity(level, i, j),
            county: County::of(&code),
            code,
            scheme: "lattice".into(),
            level: Level::new(level).expect("a lattice has levels 1 to 6"),
            parent,
            kind: (level > 4).then_some(GridKind::Base),
            name: format!("网格{level}-{i}-{j}"),
            households: (level > 4).then(|| 200 + (hash(&[level as u64, i as u64, j as u64]) % 400) as u32),
            invented: true,
            geometry: MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())]),
        }
    }

    /// A closed ring, counter-clockwise.
    fn ring(&self, i0: usize, j0: usize, i1: usize, j1: usize) -> Vec<Coord<f64>> {
        let mut ring = Vec::new();
        (i0..i1).for_each(|i| ring.extend(self.border((i, j0), (i + 1, j0))));
        (j0..j1).for_each(|j| ring.extend(self.border((i1, j), (i1, j + 1))));
        (i0..i1).rev().for_each(|i| ring.extend(self.border((i + 1, j1), (i, j1))));
        (j0..j1).rev().for_each(|j| ring.extend(self.border((i0, j + 1), (i0, j))));
        ring.push(ring[0]);
        ring
    }

    /// The border between two neighbouring corners, without the last vertex.
    fn border(&self, from: (usize, usize), to: (usize, usize)) -> Vec<Coord<f64>> {
        let turned = from > to;
        let (a, b) = if turned { (to, from) } else { (from, to) };
        let seed = hash(&[a.0 as u64, a.1 as u64, b.0 as u64, b.1 as u64]);
        let mut points = vec![self.vertex(a), self.vertex(b)];
        for depth in 0..self.detail {
            let mut finer = vec![points[0]];
            for (at, edge) in points.windows(2).enumerate() {
                let (p, q) = (edge[0], edge[1]);
                let bend = 0.12 * share(&[seed, u64::from(depth), at as u64]);
                let middle = (p + q) / 2.0 + Coord { x: p.y - q.y, y: q.x - p.x } * bend;
                finer.extend([middle, q]);
            }
            points = finer;
        }
        if turned {
            points.reverse();
        }
        points.pop();
        points
    }

    fn vertex(&self, (i, j): (usize, usize)) -> Coord<f64> {
        let place = |n: usize, axis: u64| n as f64 + 0.22 * share(&[i as u64, j as u64, axis]);
        Coord { x: self.corner[0] + self.cell * place(i, 0), y: self.corner[1] + self.cell * place(j, 1) }
    }
}

fn code(level: i64, i: usize, j: usize) -> String {
    format!("5329{level}.{i:04}.{j:04}")
}

fn identity(level: i64, i: usize, j: usize) -> GridId {
    GridId(Uuid::new_v5(&Uuid::NAMESPACE_OID, code(level, i, j).as_bytes()))
}

/// -1 to 1.
fn share(place: &[u64]) -> f64 {
    (hash(place) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Mixes numbers into one (the finaliser of splitmix64, applied to each in turn).
pub(crate) fn hash(numbers: &[u64]) -> u64 {
    numbers.iter().fold(0x9E37_79B9_7F4A_7C15, |state, number| {
        let mut z = state.wrapping_add(*number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    })
}
