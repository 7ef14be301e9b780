//! From which zoom on is a vertex of a line worth drawing?
//!
//! Visvalingam and Whyatt (1993): again and again the vertex goes whose triangle with its two neighbours is the smallest; the
//! area of that triangle, never less than that of one gone before, says how long it stays. A vertex may go only where
//! no line is crossed by it, by the check of JTS `CoverageSimplifier`: the triangle holds no other vertex of what is left of the
//! line, and no vertex at all of other lines. Then any two lines that do not cross before do not cross after, whatever each of them
//! has lost: an edge that came into the triangle would have an end in it, or cross its straight side twice. So each line
//! can be simplified by itself.

use geo::Coord;
use robust::orient2d;

use super::crowd::Crowd;
use super::tournament::{OUT, Tournament};

/// A vertex whose triangle is smaller than so many square units of a tile of 4096 units is not drawn: a sixteenth of a pixel of
/// a tile that is shown at 512 pixels.
const SMALLEST: f64 = 4.0;

/// The deepest zoom that a vertex can be kept from.
const DEEPEST: u8 = 24;

/// No triangle wider or higher than so many tiles of the first zoom is flattened. So what a line looks like depends only on what is
/// near it.
const REACH: f64 = 1.0 / 8.0;

/// For each zoom the area in the unit square of Web Mercator below which a triangle is not drawn.
const THRESHOLDS: [f64; DEEPEST as usize + 1] = {
    let mut thresholds = [0.0; DEEPEST as usize + 1];
    let mut zoom = 0;
    while zoom < thresholds.len() {
        let unit = (1u64 << zoom) as f64 * 4096.0;
        thresholds[zoom] = SMALLEST / (unit * unit);
        zoom += 1;
    }
    thresholds
};

/// How far from a line, in the unit square of Web Mercator, what lies there can keep a vertex of it that would go at `from` or a
/// deeper zoom.
pub fn simplification_reach(from: u8) -> f64 {
    REACH / (1u64 << from) as f64
}

/// The zoom from which each vertex of a line is drawn, 0 for those that are drawn at `from` already. The line lies in the unit square
/// of Web Mercator, as do the vertices of `others` near it, which may repeat its ends. The ends stay; of a line that is closed, so
/// do two more vertices that are not in line with them. O(n log n) for lines as borders are.
pub fn zooms_drawn(line: &[Coord<f64>], others: &[Coord<f64>], from: u8) -> Vec<u8> {
    let mut zooms = vec![0; line.len()];
    if line.len() < 3 {
        return zooms;
    }
    let thresholds = THRESHOLDS.get(usize::from(from)..).unwrap_or_default();
    let mut thinning = Thinning::new(line, others, simplification_reach(from));
    // Those that no area so far has reached.
    let mut above = thresholds;
    while let Some((at, area)) = thinning.corners.smallest() {
        while let [coarser @ .., threshold] = above
            && area >= *threshold
        {
            above = coarser;
        }
        if above.is_empty() {
            break;
        }
        if thinning.may_go(at) {
            zooms[at] = from + above.len() as u8;
            thinning.remove(at);
        } else {
            // It is looked at again when a neighbour goes.
            thinning.corners.take_out(at);
        }
    }
    zooms
}

/// A line that loses its vertices one by one.
struct Thinning<'a> {
    line: &'a [Coord<f64>],
    crowd: Crowd<'a>,
    reach: f64,
    neighbours: Vec<Neighbours>,
    /// The areas of the triangles of vertices between the ends.
    corners: Tournament,
    /// Vertices between the ends that are left.
    inner: usize,
    closed: bool,
}

/// What is left beside a vertex.
#[derive(Clone, Copy)]
struct Neighbours {
    before: u32,
    after: u32,
}

impl<'a> Thinning<'a> {
    fn new(line: &'a [Coord<f64>], others: &'a [Coord<f64>], reach: f64) -> Self {
        let last = line.len() - 1;
        let area = |at: usize| match (1..last).contains(&at) {
            true => triangle([line[at - 1], line[at], line[at + 1]]),
            false => OUT,
        };
        Self {
            line,
            crowd: Crowd::new(line, others),
            reach,
            neighbours: (0..=last as u32)
                .map(|at| Neighbours { before: at.saturating_sub(1), after: (at + 1).min(last as u32) })
                .collect(),
            corners: Tournament::new((0..line.len()).map(area)),
            inner: last - 1,
            closed: line[0] == line[last],
        }
    }

    fn before(&self, at: usize) -> usize {
        self.neighbours[at].before as usize
    }

    fn after(&self, at: usize) -> usize {
        self.neighbours[at].after as usize
    }

    fn corner(&self, at: usize) -> [Coord<f64>; 3] {
        [self.before(at), at, self.after(at)].map(|at| self.line[at])
    }

    /// Enters a vertex between the ends with the triangle that it has now.
    fn look_at(&mut self, at: usize) {
        if at == 0 || at == self.line.len() - 1 {
            return;
        }
        self.corners.enter(at, triangle(self.corner(at)));
    }

    fn may_go(&self, at: usize) -> bool {
        let [a, v, b] = self.corner(at);
        let (low, high) =
            ([a.x.min(v.x).min(b.x), a.y.min(v.y).min(b.y)], [a.x.max(v.x).max(b.x), a.y.max(v.y).max(b.y)]);
        if high[0] - low[0] > self.reach || high[1] - low[1] > self.reach || !self.stays_a_ring(at) {
            return false;
        }
        let own = [self.before(at), at, self.after(at)];
        !self
            .crowd
            .any_within(low, high, own, |vertex| vertex != a && vertex != b && holds([a, v, b], vertex))
    }

    fn stays_a_ring(&self, at: usize) -> bool {
        if !self.closed || self.inner > 3 {
            return true;
        }
        // Ends and two more stay; they must not be in line.
        let mut left = std::iter::successors(Some(self.after(0)), |next| Some(self.after(*next)))
            .filter(|next| *next != at);
        let (first, second) = (left.next().unwrap_or(0), left.next().unwrap_or(0));
        self.inner == 3 && turn(self.line[0], self.line[first], self.line[second]) != 0.0
    }

    fn remove(&mut self, at: usize) {
        let Neighbours { before, after } = self.neighbours[at];
        self.corners.take_out(at);
        self.crowd.leave(at);
        self.inner -= 1;
        self.neighbours[before as usize].after = after;
        self.neighbours[after as usize].before = before;
        let (before, after) = (before as usize, after as usize);
        self.look_at(before);
        self.look_at(after);
    }
}

/// The area of a triangle.
fn triangle([a, v, b]: [Coord<f64>; 3]) -> f64 {
    ((v.x - a.x) * (b.y - a.y) - (v.y - a.y) * (b.x - a.x)).abs() / 2.0
}

/// Twice the area of a triangle with the sign of its turn; the sign is exact.
fn turn(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> f64 {
    let robust = |c: Coord<f64>| robust::Coord { x: c.x, y: c.y };
    orient2d(robust(a), robust(b), robust(c))
}

/// Is a vertex, known to be within the envelope of a triangle, in the triangle or on its border?
fn holds([a, b, c]: [Coord<f64>; 3], vertex: Coord<f64>) -> bool {
    let sides = [turn(a, b, vertex), turn(b, c, vertex), turn(c, a, vertex)];
    sides.iter().all(|side| *side >= 0.0) || sides.iter().all(|side| *side <= 0.0)
}
