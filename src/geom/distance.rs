//! True distance in metres on the ellipsoid: between points, and from a point to lines.
//!
//! Segments are straight in longitude and latitude, as PostGIS draws them in EPSG:4490. None of them may cross the
//! antimeridian. Beyond some hundred kilometres it becomes approximate which point of a line is the nearest; the distance is
//! always the true one to the point that is named.

use super::segment;
use crate::model::LonLat;
use geo::{Coord, Distance, Geodesic, Point};
use smallvec::SmallVec;

/// Equatorial radius in metres (GRS 80 and WGS84).
pub(super) const A: f64 = 6_378_137.0;
/// First eccentricity squared (WGS84).
pub(super) const E2: f64 = 0.006_694_379_990_141_317;
/// So near, in metres, the plane of the middle latitude is right to a hundredth of a millimetre up to 60 degrees of latitude (the test below compares it with the
/// geodesic), and a twentieth of the work.
const NEAR_M: f64 = 1_000.0;
/// Newton steps towards the nearest point of a segment.
const STEPS: usize = 5;

/// The nearest point of a line and how far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// The nearest point: longitude, latitude in degrees.
    pub at: Coord<f64>,
    /// Its distance in metres on the ellipsoid.
    pub distance_m: f64,
}

/// The geodesic distance in metres between two positions (Karney 2013; good to nanometres).
pub fn distance_m(a: LonLat, b: LonLat) -> f64 {
    geodesic(a.into(), b.into())
}

/// A distance to the millimetre, as answers show it: digits beyond say nothing of a border on the ground.
pub fn millimetres(metres: f64) -> f64 {
    (metres * 1_000.0).round() / 1_000.0
}

/// The nearest point of the segment from `a` to `b`.
///
/// The nearest point is found on a plane whose scales are the ellipsoid's radii of curvature at the middle latitude, then
/// measured by a geodesic: at most 0.1 mm too long within 10 km, 1 cm within 100 km (latitudes up to 60 degrees).
pub fn nearest_on_segment(point: LonLat, a: Coord<f64>, b: Coord<f64>) -> Nearest {
    let point = Coord::from(point);
    measured(point, Plane::at(point).nearest(a, b))
}

/// The nearest point of several lines; none when they have no vertex. One geodesic, and a second look only at segments that may
/// be the nearest.
pub fn nearest_on_lines<'a>(point: LonLat, lines: impl Iterator<Item = &'a [Coord<f64>]>) -> Option<Nearest> {
    let at = Coord::from(point);
    let plane = Plane::at(at);
    let lines: SmallVec<[&[Coord<f64>]; 16]> = lines.collect();
    let mut roughs: SmallVec<[f64; 128]> = SmallVec::new();
    let (mut seed, mut least) = (None, f64::INFINITY);
    for line in &lines {
        for edge in line.windows(2) {
            let rough = segment::squared_distance(at, edge[0], edge[1], plane.scale);
            roughs.push(rough);
            if seed.is_none() || rough < least {
                (seed, least) = (Some(edge), rough);
            }
        }
    }
    let Some(seed) = seed else {
        let vertex = lines.into_iter().flatten().next()?;
        return Some(measured(at, *vertex));
    };
    let first = plane.nearest(seed[0], seed[1]);
    let mut best = (first, plane.squared(first));
    let edges = lines.iter().flat_map(|line| line.windows(2));
    for (edge, rough) in edges.zip(roughs) {
        if plane.is_clearly_farther(rough, best.1) {
            continue;
        }
        let nearest = plane.nearest(edge[0], edge[1]);
        let squared = plane.squared(nearest);
        if squared < best.1 {
            best = (nearest, squared);
        }
    }
    Some(match best.1 < NEAR_M * NEAR_M {
        true => Nearest { at: best.0, distance_m: best.1.sqrt() },
        false => measured(at, best.0),
    })
}

fn geodesic(a: Coord<f64>, b: Coord<f64>) -> f64 {
    Geodesic.distance(Point::from(a), Point::from(b))
}

fn measured(point: Coord<f64>, at: Coord<f64>) -> Nearest {
    Nearest { at, distance_m: geodesic(point, at) }
}

/// Metres per degree of longitude (x) and of latitude (y) at a latitude, from the radii of curvature in the prime vertical
/// and in the meridian (any textbook of geodesy, e.g. Torge, Geodesy, 4.1).
fn metres_per_degree(lat: f64) -> Coord<f64> {
    let (sin, cos) = lat.to_radians().sin_cos();
    let w = 1.0 - E2 * sin * sin;
    let prime_vertical = A / w.sqrt();
    let meridian = prime_vertical * (1.0 - E2) / w;
    Coord { x: (prime_vertical * cos).to_radians(), y: meridian.to_radians() }
}

/// The surroundings of a point.
struct Plane {
    point: Coord<f64>,
    scale: Coord<f64>,
}

impl Plane {
    fn at(point: Coord<f64>) -> Self {
        Self { point, scale: metres_per_degree(point.y) }
    }

    /// The nearest point of a segment: from the tangent plane's answer, Newton steps on the squared distance with the scales
    /// of the middle latitude, which depend on where the nearest point is.
    fn nearest(&self, a: Coord<f64>, b: Coord<f64>) -> Coord<f64> {
        let along = b - a;
        let mut share = segment::nearest_share(self.point, a, b, self.scale);
        for _ in 0..STEPS {
            let gap = segment::at_share(a, b, share) - self.point;
            let middle = self.point.y + gap.y / 2.0;
            let scale = metres_per_degree(middle);
            let (east, north) = (scale.x * along.x, scale.y * along.y);
            let steepness = east * east + north * north;
            if steepness == 0.0 {
                break;
            }
            // The eastward scale shrinks by tan(latitude) a radian of latitude; the middle moves half as far as the end.
            let shrink = -scale.x * middle.to_radians().tan() * along.y.to_radians() / 2.0;
            let slope = east * scale.x * gap.x + north * scale.y * gap.y + scale.x * shrink * gap.x * gap.x;
            let next = (share - slope / steepness).clamp(0.0, 1.0);
            let moved_m = (next - share).abs() * steepness.sqrt();
            share = next;
            if moved_m < 1e-3 {
                break;
            }
        }
        segment::at_share(a, b, share)
    }

    /// The squared distance in metres with the scales of the middle latitude: within a millionth for 100 km.
    fn squared(&self, to: Coord<f64>) -> f64 {
        let gap = to - self.point;
        let scale = metres_per_degree(self.point.y + gap.y / 2.0);
        (scale.x * gap.x).powi(2) + (scale.y * gap.y).powi(2)
    }

    /// Needs a segment, whose squared distance on the tangent plane is `rough`, no second look? The tangent plane is wrong by at
    /// most some percent over a few hundred kilometres, and says nothing beyond.
    fn is_clearly_farther(&self, rough: f64, best: f64) -> bool {
        rough > best * 1.1 && rough < 1e11
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).unwrap()
    }

    /// The oracle: the geodesic to every point of a dense sample, then narrowed down around the best by thirds.
    fn brute_force(point: LonLat, a: Coord<f64>, b: Coord<f64>) -> f64 {
        let to = |share: f64| geodesic(point.into(), a + (b - a) * share);
        let n = 400;
        let best =
            (0..=n).min_by(|&i, &j| to(f64::from(i) / 400.0).total_cmp(&to(f64::from(j) / 400.0))).unwrap();
        let (mut low, mut high) =
            (f64::from((best - 1).max(0)) / 400.0, f64::from((best + 1).min(n)) / 400.0);
        for _ in 0..60 {
            let (one, two) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if to(one) < to(two) { high = two } else { low = one }
        }
        to((low + high) / 2.0).min(to(0.0)).min(to(1.0))
    }

    #[test]
    fn a_degree_of_meridian_and_of_equator_measure_what_the_ellipsoid_says() {
        assert!((distance_m(at(100.0, 0.0), at(101.0, 0.0)) - A.to_radians()).abs() < 1e-6);
        // Meridian arc from the equator to 45 N on WGS84 (Torge, Geodesy: 4984944.378 m).
        assert!((distance_m(at(100.0, 0.0), at(100.0, 45.0)) - 4_984_944.378).abs() < 1e-3);
        assert_eq!(distance_m(at(100.0, 25.0), at(100.0, 25.0)), 0.0);
    }

    #[test]
    fn within_a_kilometre_the_plane_of_the_middle_latitude_is_the_geodesic_to_a_hundredth_of_a_millimetre() {
        for lat in (-60..=60).map(f64::from) {
            let from = at(100.0, lat);
            for bearing in (0..360).step_by(15).map(|degrees| f64::from(degrees).to_radians()) {
                let scale = metres_per_degree(lat);
                let to = Coord {
                    x: 100.0 + bearing.sin() * NEAR_M / scale.x,
                    y: lat + bearing.cos() * NEAR_M / scale.y,
                };
                let (plane, true_m) = (Plane::at(from.into()).squared(to).sqrt(), geodesic(from.into(), to));
                assert!((plane - true_m).abs() < 1e-5, "{plane} is not {true_m} at latitude {lat}");
            }
        }
    }

    #[test]
    fn a_segment_without_length_is_a_point() {
        let end = Coord { x: 100.1, y: 25.1 };
        let nearest = nearest_on_segment(at(100.0, 25.0), end, end);
        assert_eq!(nearest, Nearest { at: end, distance_m: geodesic(Coord { x: 100.0, y: 25.0 }, end) });
        assert_eq!(nearest_on_lines(at(100.0, 25.0), [&[end][..]].into_iter()), Some(nearest));
        assert_eq!(nearest_on_lines(at(100.0, 25.0), std::iter::empty()), None);
    }

    #[test]
    fn from_the_poles_and_from_the_other_side_of_the_earth_there_is_still_an_answer() {
        let (a, b) = (Coord { x: 100.0, y: 25.0 }, Coord { x: 100.1, y: 25.2 });
        for point in [at(0.0, 90.0), at(0.0, -90.0), at(-80.0, -25.0), at(180.0, 0.0), at(100.0, 0.0)] {
            let nearest = nearest_on_segment(point, a, b);
            let (to_a, to_b) = (geodesic(point.into(), a), geodesic(point.into(), b));
            assert!((100.0..=100.1).contains(&nearest.at.x), "{nearest:?}");
            assert!(nearest.distance_m <= to_a.max(to_b) && nearest.distance_m > to_a.min(to_b) - 30_000.0);
        }
    }

    #[test]
    fn of_several_lines_the_nearest_counts_from_either_side() {
        let square = |low: f64, high: f64| [(low, low), (high, low), (high, high), (low, high), (low, low)];
        let ring = |low, high| square(low, high).map(|(x, y)| Coord { x: 100.0 + x, y: 25.0 + y });
        let (outer, hole) = (ring(0.0, 1.0), ring(0.4, 0.6));
        for lon in [100.3, 100.5] {
            let border = nearest_on_lines(at(lon, 25.5), [&outer[..], &hole[..]].into_iter()).unwrap();
            assert!((border.distance_m - 10_050.0).abs() < 10.0, "{border:?}");
        }
    }

    /// A point and a segment, all within about `reach` degrees of each other.
    fn near(reach: f64) -> impl Strategy<Value = (LonLat, Coord<f64>, Coord<f64>)> {
        let offset = move || (-reach..reach, -reach..reach);
        ((73.0..135.0f64, -60.0..60.0f64), offset(), offset()).prop_map(|((lon, lat), a, b)| {
            (at(lon, lat), Coord { x: lon + a.0, y: lat + a.1 }, Coord { x: lon + b.0, y: lat + b.1 })
        })
    }

    proptest! {

        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_nearest_point_of_a_segment_within_10_km_is_right_to_a_tenth_of_a_millimetre((p, a, b) in near(0.06)) {
            let (found, best) = (nearest_on_segment(p, a, b).distance_m, brute_force(p, a, b));
            prop_assert!((found - best).abs() < 1e-4, "{} is not {}", found, best);
        }

        #[test]
        fn the_nearest_point_of_a_segment_within_100_km_is_right_to_a_centimetre((p, a, b) in near(0.6)) {
            let (found, best) = (nearest_on_segment(p, a, b).distance_m, brute_force(p, a, b));
            prop_assert!((found - best).abs() < 1e-2, "{} is not {}", found, best);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_nearest_point_of_a_ring_is_the_nearest_of_all_its_segments(
            (lon, lat) in (73.0..135.0f64, -55.0..55.0f64), ring in prop::collection::vec((-1.0..1.0f64, -1.0..1.0f64), 3..40)
        ) {
            let line: Vec<_> = ring.iter().map(|(x, y)| Coord { x: lon + x, y: lat + y }).collect();
            let best = line.windows(2).map(|e| brute_force(at(lon, lat), e[0], e[1])).fold(f64::INFINITY, f64::min);
            let found = nearest_on_lines(at(lon, lat), std::iter::once(&line[..])).unwrap().distance_m;
            prop_assert!((found - best).abs() < 1e-2 + 1e-6 * best, "{} is not {}", found, best);
            let (first, rest) = line.split_at(line.len() / 2);
            let joint = [first.last(), rest.first()].into_iter().flatten().copied().collect::<Vec<_>>();
            let parts = [first, &joint, rest];
            prop_assert_eq!(nearest_on_lines(at(lon, lat), parts.into_iter()).unwrap().distance_m, found);
        }
    }
}
