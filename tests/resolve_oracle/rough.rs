//! A lattice so rough that some of its cells cross themselves, written as a file and imported as an operator would.

use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Weak};

use geo::Coord;
use gewu::atlas::Atlas;
use gewu::ingest::{GridMapping, ImportOptions, import_grids};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::sync::Mutex;

use crate::common::{TestDatabase, database};

/// Cells a side.
const CELLS: usize = 60;
/// Degrees a cell.
const CELL: f64 = 0.01;
/// Longitude and latitude of the south-western corner.
const CORNER: [f64; 2] = [99.2, 25.1];
/// Cells a side of the blocks of levels 1 to 6; each is a multiple of the next, so that they nest.
const BLOCKS: [usize; 6] = [CELLS, 54, 27, 9, 3, 1];
/// How far a corner may leave its place, in cells; how far a middle may leave its chord, in lengths of the chord.
const JITTER: f64 = 0.3;
const ROUGHNESS: f64 = 0.16;
/// A border between two corners has 2 to this power edges.
const DEPTH: u32 = 4;

type Border = Vec<Coord<f64>>;

struct Rough {
    /// From corner (i, j) to (i + 1, j), and from (i, j) to (i, j + 1).
    across: Vec<Vec<Border>>,
    up: Vec<Vec<Border>>,
}

impl Rough {
    fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut place =
            |n: usize, axis: usize| CORNER[axis] + CELL * (n as f64 + random.random_range(-JITTER..JITTER));
        let corners: Vec<Vec<_>> = (0..=CELLS)
            .map(|i| (0..=CELLS).map(|j| Coord { x: place(i, 0), y: place(j, 1) }).collect())
            .collect();
        let mut border =
            |a: (usize, usize), b: (usize, usize)| fractal(corners[a.0][a.1], corners[b.0][b.1], &mut random);
        let all = 0..=CELLS;
        let across = (0..CELLS).map(|i| all.clone().map(|j| border((i, j), (i + 1, j))).collect()).collect();
        let up = all.map(|i| (0..CELLS).map(|j| border((i, j), (i, j + 1))).collect()).collect();
        Self { across, up }
    }

    /// The ring around a block of cells, closed.
    fn ring(&self, [i0, j0, i1, j1]: [usize; 4]) -> Border {
        let forth = |border: &Border| border[..border.len() - 1].to_vec();
        let back = |border: &Border| border[1..].iter().rev().copied().collect::<Border>();
        let mut ring = Border::new();
        (i0..i1).for_each(|i| ring.extend(forth(&self.across[i][j0])));
        (j0..j1).for_each(|j| ring.extend(forth(&self.up[i1][j])));
        (i0..i1).rev().for_each(|i| ring.extend(back(&self.across[i][j1])));
        (j0..j1).rev().for_each(|j| ring.extend(back(&self.up[i0][j])));
        ring.push(ring[0]);
        ring
    }

    /// A GeoJSON feature a line.
    fn write(&self, path: &Path) {
        let mut text = String::new();
        for (above, side) in BLOCKS.iter().enumerate() {
            for i in (0..CELLS).step_by(*side) {
                for j in (0..CELLS).step_by(*side) {
                    let ring = self.ring([i, j, (i + side).min(CELLS), (j + side).min(CELLS)]);
                    let vertices: Vec<_> = ring.iter().map(|c| format!("[{},{}]", c.x, c.y)).collect();
                    let properties = serde_json::json!({
                        "level": above + 1, "code": code(above, i, j), "name": format!("网格{}-{i}-{j}", above + 1),
                        "parent_code": (above > 0).then(|| code(above - 1, i, j)),
                    });
                    writeln!(
                        text,
                        "{{\"type\":\"Feature\",\"properties\":{properties},\
                         \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}}}",
                        vertices.join(",")
                    )
                    .unwrap();
                }
            }
        }
        std::fs::write(path, text).unwrap();
    }
}

/// A code names the block of every level down to its own.
fn code(above: usize, i: usize, j: usize) -> String {
    let parts = BLOCKS[1..=above].iter().map(|side| format!("{:02}{:02}", i / side, j / side));
    std::iter::once("53".to_owned()).chain(parts).collect()
}

/// A border by midpoint displacement, its vertices rounded to nine digits as files have them.
fn fractal(a: Coord<f64>, b: Coord<f64>, random: &mut ChaCha8Rng) -> Border {
    let mut border = vec![a, b];
    for _ in 0..DEPTH {
        let mut finer = vec![border[0]];
        for edge in border.windows(2) {
            let (p, q) = (edge[0], edge[1]);
            let normal = Coord { x: p.y - q.y, y: q.x - p.x };
            finer.extend([(p + q) / 2.0 + normal * random.random_range(-ROUGHNESS..ROUGHNESS), q]);
        }
        border = finer;
    }
    let rounded = |v: f64| (v * 1e9).round() / 1e9;
    border.into_iter().map(|c| Coord { x: rounded(c.x), y: rounded(c.y) }).collect()
}

/// The lattice in a database of its own.
pub(crate) struct Region {
    pub(crate) database: TestDatabase,
    pub(crate) atlas: Atlas,
    /// How many crossed boundaries the import repaired, and how many it refused because a repair would have changed too much.
    pub(crate) repaired: usize,
    pub(crate) rejected: usize,
}

static SHARED: Mutex<Weak<Region>> = Mutex::const_new(Weak::new());

/// The lattice, imported once for all tests that run at the same time.
pub(crate) async fn region() -> Arc<Region> {
    let mut shared = SHARED.lock().await;
    if let Some(region) = shared.upgrade() {
        return region;
    }
    let region = Arc::new(import().await);
    *shared = Arc::downgrade(&region);
    region
}

async fn import() -> Region {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rough.geojsonl");
    Rough::new(7).write(&path);
    let mut mapping = GridMapping {
        level_field: Some("level".into()),
        parent: Some("field:parent_code".into()),
        ..GridMapping::default()
    };
    mapping.file.crs = Some("cgcs2000".into());
    let options = ImportOptions { allow_rejects: true, ..ImportOptions::default() };
    let database = database().await;
    let report = import_grids(&database.store, vec![path], mapping, &options).await.unwrap();
    assert!(report.committed, "{report:?}");
    let atlas = Atlas::build(database.store.read_snapshot().await.unwrap()).unwrap();
    let crossed = report.repaired.iter().filter(|finding| finding.defect.kind() == "self_crossing");
    let repaired = crossed.count();
    Region { database, atlas, repaired, rejected: report.rejected.len() }
}
