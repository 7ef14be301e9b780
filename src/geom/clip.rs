//! Clipping to a rectangle, in tile units or in degrees.

use geo::{Coord, CoordNum, Rect};

/// A number that clipping can compute a crossing in: `f64`, or integers, where a crossing is rounded to the nearest.
pub trait ClipNumber: CoordNum {
    /// The number as a double (exact for tile units).
    fn to_double(self) -> f64;
    /// The nearest number of this type.
    fn from_double(value: f64) -> Self;
}

impl ClipNumber for f64 {
    fn to_double(self) -> f64 {
        self
    }

    fn from_double(value: f64) -> Self {
        value
    }
}

impl ClipNumber for i32 {
    fn to_double(self) -> f64 {
        f64::from(self)
    }

    fn from_double(value: f64) -> Self {
        value.round() as i32
    }
}

/// One side of the rectangle; clipping keeps what is on its inner side.
#[derive(Clone, Copy)]
enum Side<T> {
    West(T),
    East(T),
    South(T),
    North(T),
}

impl<T: ClipNumber> Side<T> {
    fn all(rect: Rect<T>) -> [Self; 4] {
        let (min, max) = (rect.min(), rect.max());
        [Self::West(min.x), Self::East(max.x), Self::South(min.y), Self::North(max.y)]
    }

    fn keeps(self, c: Coord<T>) -> bool {
        match self {
            Self::West(x) => c.x >= x,
            Self::East(x) => c.x <= x,
            Self::South(y) => c.y >= y,
            Self::North(y) => c.y <= y,
        }
    }

    /// Where the segment crosses this side's line; its ends lie on different sides of it. The ends are taken in a
    /// fixed order, so that the ring on the other side of a shared border is cut at the same point.
    fn crossing(self, a: Coord<T>, b: Coord<T>) -> Coord<T> {
        let (a, b) = if (a.x, a.y) <= (b.x, b.y) { (a, b) } else { (b, a) };
        match self {
            Self::West(x) | Self::East(x) => Coord { x, y: between(x, (a.x, a.y), (b.x, b.y)) },
            Self::South(y) | Self::North(y) => Coord { x: between(y, (a.y, a.x), (b.y, b.x)), y },
        }
    }
}

/// The second number at `at` on the line from `a` to `b`, held between theirs.
fn between<T: ClipNumber>(at: T, a: (T, T), b: (T, T)) -> T {
    let [at, a0, a1, b0, b1] = [at, a.0, a.1, b.0, b.1].map(T::to_double);
    let value = a1 + (b1 - a1) * ((at - a0) / (b0 - a0));
    T::from_double(value.clamp(a1.min(b1), a1.max(b1)))
}

/// Clips a ring to a rectangle (Sutherland and Hodgman 1974). The ring may be closed or not, of either winding; the
/// result is closed, keeps the winding and repeats no vertex. None when nothing with an area is left.
///
/// Where a ring leaves the rectangle and comes back, the parts stay connected along the rectangle's side: one ring in,
/// at most one ring out.
pub fn clip_ring<T: ClipNumber>(ring: &[Coord<T>], rect: Rect<T>) -> Option<Vec<Coord<T>>> {
    let mut open: Vec<Coord<T>> = without_repeats(ring);
    for side in Side::all(rect) {
        if !open.iter().all(|&c| side.keeps(c)) {
            open = without_repeats(&clip_side(&open, side));
        }
    }
    let mut closed = without_spikes(open);
    if closed.len() < 3 || twice_area(&closed) == 0.0 {
        return None;
    }
    closed.push(closed[0]);
    Some(closed)
}

fn clip_side<T: ClipNumber>(open: &[Coord<T>], side: Side<T>) -> Vec<Coord<T>> {
    let mut kept = Vec::with_capacity(open.len() + 4);
    let Some(&last) = open.last() else {
        return kept;
    };
    let mut before = last;
    for &vertex in open {
        if side.keeps(before) != side.keeps(vertex) {
            kept.push(side.crossing(before, vertex));
        }
        if side.keeps(vertex) {
            kept.push(vertex);
        }
        before = vertex;
    }
    kept
}

/// The vertices without immediate repeats and without the closing one.
fn without_repeats<T: ClipNumber>(ring: &[Coord<T>]) -> Vec<Coord<T>> {
    let mut open = ring.to_vec();
    open.dedup();
    while open.len() > 1 && open.first() == open.last() {
        open.pop();
    }
    open
}

/// Takes out vertices at which the ring turns back on itself along a side of the rectangle: they enclose nothing.
fn without_spikes<T: ClipNumber>(mut open: Vec<Coord<T>>) -> Vec<Coord<T>> {
    let mut i = 0;
    let mut unchanged = 0;
    while open.len() >= 3 && unchanged < open.len() {
        let n = open.len();
        let (before, at, after) = (open[(i + n - 1) % n], open[i % n], open[(i + 1) % n]);
        if is_spike(before, at, after) || at == after {
            open.remove(i % n);
            i = (i + n - 1) % n % open.len();
            unchanged = 0;
        } else {
            i = (i + 1) % n;
            unchanged += 1;
        }
    }
    open
}

fn is_spike<T: ClipNumber>(before: Coord<T>, at: Coord<T>, after: Coord<T>) -> bool {
    let turns_back = |before: T, at: T, after: T| (at > before && at > after) || (at < before && at < after);
    (before.x == at.x && at.x == after.x && turns_back(before.y, at.y, after.y))
        || (before.y == at.y && at.y == after.y && turns_back(before.x, at.x, after.x))
}

fn twice_area<T: ClipNumber>(open: &[Coord<T>]) -> f64 {
    let relative =
        |c: Coord<T>| (c.x.to_double() - open[0].x.to_double(), c.y.to_double() - open[0].y.to_double());
    open.windows(2)
        .map(|edge| {
            let ((ax, ay), (bx, by)) = (relative(edge[0]), relative(edge[1]));
            ax * by - bx * ay
        })
        .sum()
}

/// Clips a line to a rectangle: the pieces inside, each of two vertices or more, in the line's direction. A piece that
/// only touches the rectangle in a point is dropped.
pub fn clip_line<T: ClipNumber>(line: &[Coord<T>], rect: Rect<T>) -> Vec<Vec<Coord<T>>> {
    let mut pieces: Vec<Vec<Coord<T>>> = Vec::new();
    for edge in line.windows(2) {
        let Some((a, b)) = clip_edge(edge[0], edge[1], rect) else { continue };
        match pieces.last_mut() {
            Some(piece) if a == edge[0] && piece.last() == Some(&a) => piece.push(b),
            _ => pieces.push(vec![a, b]),
        }
    }
    pieces
}

fn clip_edge<T: ClipNumber>(mut a: Coord<T>, mut b: Coord<T>, rect: Rect<T>) -> Option<(Coord<T>, Coord<T>)> {
    for side in Side::all(rect) {
        match (side.keeps(a), side.keeps(b)) {
            (true, true) => {}
            (false, false) => return None,
            (false, true) => a = side.crossing(a, b),
            (true, false) => b = side.crossing(a, b),
        }
    }
    (a != b).then_some((a, b))
}
