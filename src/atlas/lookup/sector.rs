//! A part of the region: a raster of cells that say at once which leaf a point is in, or which few edges decide.
//!
//! A cell that no border touches names its leaf. Any other cell knows the leaves that hold its south-western corner and the runs of
//! edges that may cross it; a path from that corner to the point changes sides at every run that it crosses an odd number of
//! times. Runs are of shared borders: one crossing takes the path out of one leaf and into the next.

use std::collections::HashMap;

use geo::Coord;
use smallvec::SmallVec;

use super::Purpose;
use super::boxes::Boxes;
use super::crossing::{Crossing, along_meridian, along_parallel, crossing, west_of};
use super::raster::Raster;
use crate::atlas::coverage::BorderIndex;
use crate::atlas::{Envelope, GridIndex, GridTable};

/// In a cell: no leaf.
const NOBODY: u32 = u32::MAX;
/// In a cell: not worth a plan; look at the leaves one by one.
const CROWDED: u32 = u32::MAX - 1;
/// Set in a cell whose plan begins at the place in its other bits.
const PLAN: u32 = 1 << 31;
/// The most leaves with one raster: their numbers have 16 bits, one of which means none.
const MOST_LEAVES: usize = u16::MAX as usize - 1;
/// No leaf on this side of a run.
const NO_LEAF: u16 = u16::MAX;
/// The most leaves that may hold one corner.
const MOST_HOLDERS: usize = 8;
/// The most edges of one run.
const MOST_EDGES: usize = 255;
/// The most vertices of one sector: their places have 24 bits.
const MOST_VERTICES: usize = 1 << 24;
/// Cells an edge and cells a leaf: measured, see `benches/README.md`.
const CELLS_PER_EDGE: f64 = 1.0;
const CELLS_PER_LEAF: f64 = 16.0;
const MOST_CELLS_A_SIDE: f64 = 2_048.0;

/// What a sector knows of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Strictly inside this leaf, and in no other.
    Leaf(GridIndex),
    Nobody,
    /// On an edge, or in several leaves, or where the raster does not say.
    Unsettled,
}

/// A part of the region.
#[derive(Debug)]
pub(super) struct Sector {
    pub(super) envelope: Envelope,
    /// The envelope and a little more: places are put into sectors by rounded numbers.
    reach: Envelope,
    raster: Raster,
    /// Row by row from the south-west: a leaf, [`NOBODY`], [`CROWDED`] or [`PLAN`] with a place in `plans`. Empty when there are
    /// too many leaves.
    cells: Box<[u32]>,
    /// Of each cell with edges: a word with the number of holders (low 16 bits) and of runs, the holders, and two words a run:
    /// first vertex and number of edges, and the two leaves on its sides.
    plans: Box<[u32]>,
    vertices: Box<[Coord<f64>]>,
    /// The leaves whose envelope meets the sector's, in ascending order of index; plans name them by their places here.
    pub(super) leaves: Box<[GridIndex]>,
    boxes: Boxes,
}

/// Vertices of one border in a sector, and the leaves on its sides.
struct Line {
    first: u32,
    edges: u32,
    sides: [u16; 2],
}

/// An edge of a line that may touch a cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    cell: u32,
    line: u32,
    vertex: u32,
}

type Holders = SmallVec<[u16; 4]>;

impl Sector {
    pub(super) fn build(
        grids: &GridTable,
        envelope: Envelope,
        mut leaves: Vec<GridIndex>,
        purpose: Purpose,
    ) -> Self {
        leaves.sort_unstable();
        let boxes = Boxes::new(leaves.iter().map(|leaf| (*leaf, *grids.envelope(*leaf))));
        let mut sector = Self {
            envelope,
            reach: envelope.with_slack(),
            raster: Raster::new(&envelope, 1, 1),
            cells: Box::default(),
            plans: Box::default(),
            vertices: Box::default(),
            leaves: leaves.into(),
            boxes,
        };
        if purpose == Purpose::Points && sector.leaves.len() <= MOST_LEAVES {
            sector.draw(grids);
        }
        sector
    }

    /// Which leaf is a point in, which lies in this sector?
    #[inline]
    pub(super) fn find(&self, point: Coord<f64>) -> Found {
        let (column, row) = self.raster.cell(point);
        match self.cells.get((row * self.raster.columns + column) as usize) {
            Some(&NOBODY) => Found::Nobody,
            Some(&word) if word < PLAN => Found::Leaf(GridIndex(word)),
            Some(&word) if word < CROWDED => {
                self.follow((word & !PLAN) as usize, self.raster.corner(column, row), point)
            }
            _ => Found::Unsettled,
        }
    }

    fn follow(&self, plan: usize, corner: Coord<f64>, point: Coord<f64>) -> Found {
        let head = self.plans[plan];
        let (holders, runs) = ((head & 0xFFFF) as usize, (head >> 16) as usize);
        let (own, rest) = self.plans[plan + 1..].split_at(holders);
        let mut now: [u16; 2 * MOST_HOLDERS] = [NO_LEAF; 2 * MOST_HOLDERS];
        let mut count = 0;
        for holder in own {
            now[count] = *holder as u16;
            count += 1;
        }
        for run in rest[..2 * runs].chunks_exact(2) {
            let (first, edges) = ((run[0] >> 8) as usize, (run[0] & 0xFF) as usize);
            let mut odd = false;
            for edge in self.vertices[first..=first + edges].windows(2) {
                match crossing(edge[0], edge[1], corner, point) {
                    Crossing::Holds => return Found::Unsettled,
                    Crossing::Odd => odd = !odd,
                    Crossing::Even => {}
                }
            }
            if !odd {
                continue;
            }
            for side in [run[1] as u16, (run[1] >> 16) as u16] {
                if side == NO_LEAF {
                    continue;
                }
                match now[..count].iter().position(|leaf| *leaf == side) {
                    Some(at) => {
                        count -= 1;
                        now[at] = now[count];
                    }
                    None if count == now.len() => return Found::Unsettled,
                    None => {
                        now[count] = side;
                        count += 1;
                    }
                }
            }
        }
        match count {
            0 => Found::Nobody,
            1 => Found::Leaf(self.leaves[now[0] as usize]),
            _ => Found::Unsettled,
        }
    }

    /// The leaves whose envelope holds a point.
    pub(super) fn candidates(&self, point: Coord<f64>) -> impl Iterator<Item = GridIndex> + '_ {
        self.boxes.meeting(Envelope::of_edge(point, point)).map(|(leaf, _)| leaf)
    }

    /// The leaves whose envelope meets another, with theirs.
    pub(super) fn meeting(&self, envelope: Envelope) -> impl Iterator<Item = (GridIndex, &Envelope)> {
        self.boxes.meeting(envelope)
    }

    fn draw(&mut self, grids: &GridTable) {
        let (lines, vertices) = self.lines(grids);
        if vertices.len() > MOST_VERTICES {
            return;
        }
        let inside = |edge: &[Coord<f64>]| Envelope::of_edge(edge[0], edge[1]).meets(&self.reach);
        let edges_inside = vertices.windows(2).filter(|edge| inside(edge)).count();
        let cells = (CELLS_PER_EDGE * edges_inside as f64).max(CELLS_PER_LEAF * self.leaves.len() as f64);
        let side = cells.sqrt().ceil().clamp(1.0, MOST_CELLS_A_SIDE) as u32;
        self.raster = Raster::new(&self.envelope, side, side);
        self.vertices = vertices.into();
        let entries = self.entries(&lines);
        let start = self.holders_of_first_corner(grids);
        self.plan(&lines, &entries, start);
    }

    /// The borders of the leaves that come near the sector.
    fn lines(&self, grids: &GridTable) -> (Vec<Line>, Vec<Coord<f64>>) {
        let places: HashMap<GridIndex, u16> =
            self.leaves.iter().enumerate().map(|(place, leaf)| (*leaf, place as u16)).collect();
        let mut borders: Vec<BorderIndex> =
            self.leaves.iter().flat_map(|leaf| grids.borders(*leaf)).collect();
        borders.sort_unstable();
        borders.dedup();
        let (mut lines, mut vertices) = (Vec::new(), Vec::new());
        for border in borders {
            let line = grids.coverage().line(border);
            if !line.windows(2).any(|edge| Envelope::of_edge(edge[0], edge[1]).meets(&self.reach)) {
                continue;
            }
            let first = vertices.len() as u32;
            vertices.extend_from_slice(line);
            let users = grids.coverage().users(border).iter().filter_map(|user| places.get(user).copied());
            let users: SmallVec<[u16; 4]> = users.collect();
            for pair in users.chunks(2) {
                let sides = [pair[0], pair.get(1).copied().unwrap_or(NO_LEAF)];
                lines.push(Line { first, edges: line.len() as u32 - 1, sides });
            }
        }
        (lines, vertices)
    }

    fn entries(&self, lines: &[Line]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            for vertex in line.first..line.first + line.edges {
                let (a, b) = (self.vertices[vertex as usize], self.vertices[vertex as usize + 1]);
                if !Envelope::of_edge(a, b).meets(&self.reach) {
                    continue;
                }
                self.raster.each_touched(a, b, |column, row| {
                    let cell = row * self.raster.columns + column;
                    entries.push(Entry { cell, line: number as u32, vertex });
                });
            }
        }
        entries.sort_unstable();
        entries
    }

    /// The leaves that hold the sector's south-western corner, seen from far to the west.
    fn holders_of_first_corner(&self, grids: &GridTable) -> Holders {
        let corner = self.raster.corner(0, 0);
        let crosses = |edge: &[Coord<f64>]| {
            let (a, b) = (edge[0], edge[1]);
            let (a_above, b_above) = (a.y > corner.y, b.y > corner.y);
            a_above != b_above && west_of(a, b, b_above, corner)
        };
        let holds = |leaf: GridIndex| {
            let lines = grids.borders(leaf).map(|border| grids.coverage().line(border));
            lines.flat_map(|line| line.windows(2)).filter(|edge| crosses(edge)).count() % 2 == 1
        };
        (0..self.leaves.len()).filter(|place| holds(self.leaves[*place])).map(|place| place as u16).collect()
    }

    /// Walks from corner to corner, row by row, and writes each cell's word and plan.
    fn plan(&mut self, lines: &[Line], entries: &[Entry], start: Holders) {
        let Raster { columns, rows, .. } = self.raster;
        let mut cells = Vec::with_capacity((columns * rows) as usize);
        let mut plans = Vec::new();
        let mut rest = entries;
        let mut first_of_row = start;
        for row in 0..rows {
            let mut holders = first_of_row.clone();
            for column in 0..columns {
                let cell = row * columns + column;
                let (here, later) = rest.split_at(rest.partition_point(|entry| entry.cell == cell));
                rest = later;
                cells.push(self.word(&holders, here, lines, &mut plans));
                let corner = self.raster.corner(column, row);
                if column == 0 {
                    let north = self.raster.corner(0, row + 1).y;
                    self.step(&mut first_of_row, here, lines, |a, b| along_meridian(a, b, corner, north));
                }
                let east = self.raster.corner(column + 1, row).x;
                self.step(&mut holders, here, lines, |a, b| along_parallel(a, b, corner, east));
            }
        }
        self.cells = cells.into();
        self.plans = plans.into();
    }

    fn step(
        &self,
        holders: &mut Holders,
        entries: &[Entry],
        lines: &[Line],
        crosses: impl Fn(Coord<f64>, Coord<f64>) -> bool,
    ) {
        for entry in entries {
            let vertex = entry.vertex as usize;
            if !crosses(self.vertices[vertex], self.vertices[vertex + 1]) {
                continue;
            }
            for side in lines[entry.line as usize].sides.into_iter().filter(|side| *side != NO_LEAF) {
                match holders.iter().position(|holder| *holder == side) {
                    Some(at) => _ = holders.swap_remove(at),
                    None => holders.push(side),
                }
            }
        }
    }

    fn word(&self, holders: &Holders, entries: &[Entry], lines: &[Line], plans: &mut Vec<u32>) -> u32 {
        match (entries, holders.as_slice()) {
            ([], []) => return NOBODY,
            ([], [leaf]) => return self.leaves[*leaf as usize].0,
            _ if holders.len() > MOST_HOLDERS => return CROWDED,
            _ => {}
        }
        let place = plans.len();
        plans.push(0);
        plans.extend(holders.iter().map(|holder| u32::from(*holder)));
        let mut runs = 0_u32;
        let mut rest = entries;
        while let Some(first) = rest.first() {
            let goes_on = |(step, entry): (usize, &Entry)| {
                entry.line == first.line && entry.vertex as usize == first.vertex as usize + step
            };
            let length = rest.iter().enumerate().take(MOST_EDGES).take_while(|e| goes_on(*e)).count();
            let sides = lines[first.line as usize].sides;
            plans.push((first.vertex << 8) | length as u32);
            plans.push(u32::from(sides[0]) | (u32::from(sides[1]) << 16));
            runs += 1;
            rest = &rest[length..];
        }
        if runs > u32::from(u16::MAX) || plans.len() >= (PLAN as usize) / 2 {
            plans.truncate(place);
            return CROWDED;
        }
        plans[place] = holders.len() as u32 | (runs << 16);
        PLAN | place as u32
    }
}
