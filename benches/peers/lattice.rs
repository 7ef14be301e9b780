//! Writes the lattice of the benchmarks as files, so that Gewu and its peers are fed the same bytes.
//!
//! usage: `lattice CELLS POINTS DIRECTORY`. `CELLS` a side: 174 make 30,276 leaves, 1000 a million. The directory gets `grids.geojsonl`
//! (a feature a line, parents before children, leaves last), `points.csv` (lon, lat; no two neighbours in the file are
//! neighbours in the region), `workers.csv` and `assignments.csv` (two people a leaf, one for each grid a level above it).
//! Numbers are written with all the digits that they need to be read back bit for bit.

#[allow(dead_code, reason = "a file is written grid by grid, without a snapshot in memory")]
#[path = "../support/lattice.rs"]
mod lattice;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use gewu::model::{Grid, GridId};
use lattice::{Lattice, hash};

/// Codes nest, as those of divisions do: the first six digits name one of the blocks that stand for counties.
#[derive(Default)]
struct Codes {
    given: HashMap<GridId, (String, usize)>,
}

impl Codes {
    /// The code of the next grid, and its parent's.
    fn next(&mut self, grid: &Grid, leaf: bool) -> (String, Option<String>) {
        let (code, parent) = match grid.parent.and_then(|parent| self.given.get_mut(&parent)) {
            None => ("53".to_owned(), None),
            Some((above, children)) => {
                *children += 1;
                let width = if above.len() == 2 { 4 } else { 2 };
                (format!("{above}{children:0width$}"), Some(above.clone()))
            }
        };
        if !leaf {
            self.given.insert(grid.id, (code.clone(), 0));
        }
        (code, parent)
    }
}

struct Files {
    grids: BufWriter<File>,
    workers: BufWriter<File>,
    assignments: BufWriter<File>,
}

impl Files {
    fn create(directory: &Path) -> std::io::Result<Self> {
        let create = |name: &str| File::create(directory.join(name)).map(BufWriter::new);
        let mut files = Self {
            grids: create("grids.geojsonl")?,
            workers: create("workers.csv")?,
            assignments: create("assignments.csv")?,
        };
        writeln!(files.workers, "source_id,name,role,phone,organisation")?;
        writeln!(files.assignments, "worker,grid,role,rank")?;
        Ok(files)
    }

    fn grid(&mut self, grid: &Grid, code: &str, parent: Option<&str>) -> std::io::Result<()> {
        let level = grid.level.number();
        let name = &grid.name;
        let parent = parent.map_or("null".to_owned(), |code| format!("\"{code}\""));
        let households = grid.households.map_or("null".to_owned(), |number| number.to_string());
        write!(
            self.grids,
            "{{\"type\":\"Feature\",\"properties\":{{\"level\":{level},\"code\":\"{code}\",\"parent_code\":{parent},\
             \"name\":\"{name}\",\"households\":{households}}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[["
        )?;
        for (place, vertex) in grid.geometry.0[0].exterior().0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(self.grids, "{comma}[{},{}]", vertex.x, vertex.y)?;
        }
        writeln!(self.grids, "]]}}}}")
    }

    /// The person of a grid; a leaf also has its neighbour's as a deputy.
    fn staff(&mut self, code: &str, number: usize, leaf: bool) -> std::io::Result<()> {
        let role = if leaf { "full_time" } else { "head" };
        writeln!(self.workers, "W{number},员工{number},{role},138{:08},网格中心", number % 100_000_000)?;
        writeln!(self.assignments, "W{number},{code},{role},1")?;
        if leaf && number > 0 {
            writeln!(self.assignments, "W{},{code},part_time,2", number - 1)?;
        }
        Ok(())
    }
}

fn write_grids(lattice: &Lattice, directory: &Path) -> std::io::Result<usize> {
    let deepest = lattice.levels.last().map_or(1, |&(level, ..)| level);
    let mut files = Files::create(directory)?;
    let mut codes = Codes::default();
    let (mut count, mut staffed, mut outcome) = (0, 0, Ok(()));
    lattice.each(|grid| {
        if outcome.is_err() {
            return;
        }
        let level = i64::from(grid.level.number());
        let (code, parent) = codes.next(&grid, level == deepest);
        outcome = files.grid(&grid, &code, parent.as_deref());
        if level + 1 >= deepest && outcome.is_ok() {
            outcome = files.staff(&code, staffed, level == deepest);
            staffed += 1;
        }
        count += 1;
    });
    outcome?;
    files.grids.flush()?;
    files.workers.flush()?;
    files.assignments.flush()?;
    Ok(count)
}

/// Points all over the lattice but its outermost rim, which is rough.
fn write_points(lattice: &Lattice, count: u64, path: &Path) -> std::io::Result<()> {
    let side = lattice.cell * lattice.cells as f64;
    let share = |number: u64, axis: u64| (hash(&[number, axis]) >> 11) as f64 / (1_u64 << 53) as f64;
    let at =
        |number: u64, axis: usize| lattice.corner[axis] + side * (0.025 + 0.95 * share(number, axis as u64));
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "lon,lat")?;
    for number in 0..count {
        writeln!(file, "{},{}", at(number, 0), at(number, 1))?;
    }
    file.flush()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [cells, points, directory] = &arguments[..] else {
        return Err("usage: lattice CELLS POINTS DIRECTORY".into());
    };
    let lattice = Lattice::sized(cells.parse()?);
    let directory = Path::new(directory);
    std::fs::create_dir_all(directory)?;
    write_points(&lattice, points.parse()?, &directory.join("points.csv"))?;
    let count = write_grids(&lattice, directory)?;
    println!("{count} grids, {} of them leaves", lattice.cells * lattice.cells);
    Ok(())
}
