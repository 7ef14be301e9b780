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
pub fn clip_ring<T: ClipNumber>(ring: Vec<Coord<T>>, rect: Rect<T>) -> Option<Vec<Coord<T>>> {
    let mut open = without_repeats(ring);
    // What one side cuts off brings nothing beyond another.
    for (side, crosses) in Side::all(rect).into_iter().zip(crossed(&open, rect)) {
        if crosses {
            open = without_repeats(clip_side(&open, side));
        }
    }
    let mut closed = without_spikes(open);
    if closed.len() < 3 || twice_area(&closed) == 0.0 {
        return None;
    }
    closed.push(closed[0]);
    Some(closed)
}

/// Beyond which sides of a rectangle, in the order of [`Side::all`], is a part of a ring?
fn crossed<T: ClipNumber>(open: &[Coord<T>], rect: Rect<T>) -> [bool; 4] {
    let (min, max) = (rect.min(), rect.max());
    open.iter().fold([false; 4], |[west, east, south, north], c| {
        [west | (c.x < min.x), east | (c.x > max.x), south | (c.y < min.y), north | (c.y > max.y)]
    })
}

fn clip_side<T: ClipNumber>(open: &[Coord<T>], side: Side<T>) -> Vec<Coord<T>> {
    let mut kept = Vec::with_capacity(open.len() + 4);
    let Some(&last) = open.last() else {
        return kept;
    };
    let (mut before, mut was_kept) = (last, side.keeps(last));
    for &vertex in open {
        let keeps = side.keeps(vertex);
        if was_kept != keeps {
            kept.push(side.crossing(before, vertex));
        }
        if keeps {
            kept.push(vertex);
        }
        (before, was_kept) = (vertex, keeps);
    }
    kept
}

/// The vertices without immediate repeats and without the closing one.
fn without_repeats<T: ClipNumber>(mut ring: Vec<Coord<T>>) -> Vec<Coord<T>> {
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// Takes out vertices at which the ring turns back on itself along a side of the rectangle: they enclose nothing.
fn without_spikes<T: ClipNumber>(mut open: Vec<Coord<T>>) -> Vec<Coord<T>> {
    if !has_spikes(&open) {
        return open;
    }
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

/// Is there anything to take out of a ring without repeats? Most have nothing.
fn has_spikes<T: ClipNumber>(open: &[Coord<T>]) -> bool {
    let [first, second, .., before, last] = *open else { return open.len() == 3 };
    open.windows(3).any(|at| is_spike(at[0], at[1], at[2]))
        || is_spike(before, last, first)
        || is_spike(last, first, second)
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

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon};
    use proptest::prelude::*;

    fn rect(x0: i32, y0: i32, x1: i32, y1: i32) -> Rect<i32> {
        Rect::new(Coord { x: x0, y: y0 }, Coord { x: x1, y: y1 })
    }

    fn coords(list: &[(i32, i32)]) -> Vec<Coord<i32>> {
        list.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    #[test]
    fn a_ring_inside_stays_as_it_is_and_is_closed() {
        let ring = coords(&[(1, 1), (8, 1), (8, 8), (1, 1)]);
        assert_eq!(clip_ring(ring.clone(), rect(0, 0, 10, 10)), Some(ring.clone()));
        assert_eq!(clip_ring(ring[..3].to_vec(), rect(0, 0, 10, 10)), Some(ring.clone()));
    }

    #[test]
    fn a_ring_around_the_rectangle_becomes_the_rectangle() {
        let ring = coords(&[(-99, -99), (99, -99), (99, 99), (-99, 99), (-99, -99)]);
        let clipped = clip_ring(ring, rect(0, 0, 10, 10)).unwrap();
        assert_eq!(clipped.len(), 5);
        assert_eq!(twice_area(&clipped), 200.0, "same winding");
    }

    #[test]
    fn nothing_with_an_area_gives_nothing() {
        let r = rect(0, 0, 10, 10);
        assert_eq!(clip_ring(coords(&[(20, 20), (30, 20), (30, 30)]), r), None);
        assert_eq!(clip_ring(coords(&[(10, 2), (20, 2), (20, 8), (10, 8)]), r), None, "shares only a side");
        assert_eq!(clip_ring(coords(&[(10, 10), (20, 10), (20, 20)]), r), None, "shares only a corner");
        assert_eq!(clip_ring(coords(&[(1, 1), (5, 5), (9, 9), (1, 1)]), r), None, "is a line");
        assert_eq!(clip_ring(coords(&[(1, 1), (1, 1), (2, 2)]), r), None);
        assert_eq!(clip_ring::<i32>(Vec::new(), r), None);
    }

    #[test]
    fn a_tooth_outside_leaves_no_spike_along_the_side() {
        // The ring runs out at the right, up, and back in: what stays of the tooth is a walk up the side.
        let ring = coords(&[(2, 2), (10, 2), (10, 5), (20, 5), (20, 9), (10, 9), (10, 4), (2, 4)]);
        let clipped = clip_ring(ring, rect(0, 0, 10, 10)).unwrap();
        assert!(clipped.iter().all(|c| c.y <= 5), "{clipped:?}");
        assert_eq!(twice_area(&clipped), 32.0);
    }

    #[test]
    fn rings_on_both_sides_of_a_border_are_cut_at_the_same_point() {
        let (a, b) = (Coord { x: 3, y: 1 }, Coord { x: 17, y: 10 });
        let west = clip_ring(vec![a, b, Coord { x: 3, y: 12 }], rect(0, 0, 10, 20)).unwrap();
        let east = clip_ring(vec![b, a, Coord { x: 15, y: 0 }], rect(0, 0, 10, 20)).unwrap();
        let cut = west.iter().find(|c| c.x == 10 && c.y < 8).unwrap();
        assert!(east.contains(cut), "{cut:?} is not in {east:?}");
    }

    #[test]
    fn a_line_is_cut_into_the_pieces_inside() {
        let line = coords(&[(-5, 5), (5, 5), (5, 15), (7, 15), (7, 5), (9, 5)]);
        let pieces = clip_line(&line, rect(0, 0, 10, 10));
        assert_eq!(pieces, [coords(&[(0, 5), (5, 5), (5, 10)]), coords(&[(7, 10), (7, 5), (9, 5)])]);
        assert!(clip_line(&coords(&[(10, 10), (20, 20)]), rect(0, 0, 10, 10)).is_empty(), "touches a corner");
        assert!(clip_line(&coords(&[(1, 1)]), rect(0, 0, 10, 10)).is_empty());
    }

    /// A star around a centre: simple, of any winding, often concave, often across several sides.
    fn star() -> impl Strategy<Value = Vec<Coord<f64>>> {
        let radii = prop::collection::vec(5.0..900.0f64, 3..24);
        (radii, -300.0..1300.0f64, -300.0..1300.0f64, any::<bool>()).prop_map(|(radii, x, y, turned)| {
            let n = radii.len() as f64;
            let mut ring: Vec<_> = radii
                .iter()
                .enumerate()
                .map(|(i, r)| {
                    let (sin, cos) = (i as f64 / n * std::f64::consts::TAU).sin_cos();
                    Coord { x: x + r * cos, y: y + r * sin }
                })
                .collect();
            ring.push(ring[0]);
            if turned {
                ring.reverse();
            }
            ring
        })
    }

    fn polygon(ring: &[Coord<f64>]) -> Polygon<f64> {
        Polygon::new(LineString(ring.to_vec()), Vec::new())
    }

    fn overlap(ring: &[Coord<f64>], tile: Rect<f64>) -> f64 {
        let inside: MultiPolygon<f64> = polygon(ring).intersection(&tile.to_polygon());
        inside.unsigned_area()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_clipped_area_is_the_overlap_that_geo_computes(ring in star()) {
            let tile = Rect::new(Coord { x: 0.0, y: 0.0 }, Coord { x: 1000.0, y: 1000.0 });
            let area = clip_ring(ring.clone(), tile).map_or(0.0, |clipped| {
                assert!(clipped.iter().all(|c| (0.0..=1000.0).contains(&c.x) && (0.0..=1000.0).contains(&c.y)));
                assert!(clipped.first() == clipped.last() && clipped.windows(2).all(|e| e[0] != e[1]));
                twice_area(&clipped) / 2.0
            });
            // geo works on an integer lattice of its own: its area is right to about a millionth.
            let expected = overlap(&ring, tile);
            prop_assert!((area.abs() - expected).abs() < 1e-2 + 1e-5 * expected, "{} is not {}", area, expected);
            prop_assert!(area == 0.0 || (area > 0.0) == (twice_area(&ring) > 0.0), "the winding is kept");
        }

        #[test]
        fn integers_are_clipped_like_doubles_up_to_rounding(ring in star()) {
            let tile = rect(0, 0, 1000, 1000);
            let whole: Vec<_> = ring.iter().map(|c| Coord { x: c.x.round() as i32, y: c.y.round() as i32 }).collect();
            let clipped = clip_ring(whole.clone(), tile);
            let as_doubles: Vec<_> = whole.iter().map(|c| Coord { x: f64::from(c.x), y: f64::from(c.y) }).collect();
            let exact = clip_ring(as_doubles, Rect::new(Coord { x: 0.0, y: 0.0 }, Coord { x: 1000.0, y: 1000.0 }));
            let area = |twice: Option<f64>| twice.unwrap_or(0.0) / 2.0;
            let (found, expected) = (area(clipped.as_deref().map(twice_area)), area(exact.as_deref().map(twice_area)));
            // Each crossing moves by half a unit at most, along a side of at most a thousand.
            prop_assert!((found - expected).abs() <= 500.0 * whole.len() as f64, "{} is not {}", found, expected);
            let inside = |c: &Coord<i32>| (0..=1000).contains(&c.x) && (0..=1000).contains(&c.y);
            prop_assert!(clipped.unwrap_or_default().iter().all(inside));
        }

        #[test]
        fn a_clipped_line_has_the_length_that_is_inside(ring in star()) {
            let tile = Rect::new(Coord { x: 0.0, y: 0.0 }, Coord { x: 1000.0, y: 1000.0 });
            let length = |line: &[Coord<f64>]| line.windows(2).map(|e| (e[1].x - e[0].x).hypot(e[1].y - e[0].y)).sum::<f64>();
            let found: f64 = clip_line(&ring, tile).iter().map(|piece| length(piece)).sum();
            // The oracle: 2,000 samples along each edge, those inside counted.
            let expected: f64 = ring.windows(2).map(|e| {
                let inside = |i: i32| { let c = e[0] + (e[1] - e[0]) * ((f64::from(i) + 0.5) / 2000.0); tile.min().x <= c.x && c.x <= 1000.0 && 0.0 <= c.y && c.y <= 1000.0 };
                (0..2000).filter(|&i| inside(i)).count() as f64 / 2000.0 * length(e)
            }).sum();
            prop_assert!((found - expected).abs() <= 2.0 * ring.len() as f64, "{} is not {}", found, expected);
        }
    }
}
