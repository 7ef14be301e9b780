//! Positions as points of space, so that the nearest of many is found without a projection.

use super::distance::{A, E2};
use crate::model::LonLat;

/// The position in metres from the Earth's centre: axes through 0° and 90° east on the equator, and through the north pole. The straight line
/// between two positions is shorter than the way over the surface, by a part in 10⁵ within 90 km.
pub fn in_space(position: LonLat) -> [f64; 3] {
    let (sin, cos) = position.lat().to_radians().sin_cos();
    let (east, north) = position.lon().to_radians().sin_cos();
    let prime_vertical = A / (1.0 - E2 * sin * sin).sqrt();
    [prime_vertical * cos * north, prime_vertical * cos * east, prime_vertical * (1.0 - E2) * sin]
}

/// The way over the surface, of a straight line between two positions: the arc of a circle as curved as the Earth is on average. Within a tenth of
/// a millimetre of the geodesic up to 10 km, a millimetre up to 20 km.
pub fn along_surface(straight_m: f64) -> f64 {
    const RADIUS_M: f64 = 6_371_000.0;
    straight_m * (1.0 + (straight_m / RADIUS_M).powi(2) / 24.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::distance_m;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_straight_line_is_a_little_shorter_than_the_geodesic(
            lon in -180.0..180.0_f64, lat in -89.0..89.0_f64, east in -0.9..0.9_f64, north in -0.6..0.6_f64, near in 0.0..1.0_f64,
        ) {
            let a = LonLat::new(lon, lat).unwrap();
            let (east, north) = (east * near * near, north * near * near);
            let b = LonLat::new((lon + east).clamp(-180.0, 180.0), lat + north).unwrap();
            let (p, q) = (in_space(a), in_space(b));
            let straight = (0..3).map(|axis| (p[axis] - q[axis]).powi(2)).sum::<f64>().sqrt();
            let geodesic = distance_m(a, b);
            if geodesic < 20_000.0 {
                let limit = if geodesic < 10_000.0 { 1e-4 } else { 1e-3 };
                prop_assert!((along_surface(straight) - geodesic).abs() < limit);
            }
            prop_assert!(straight <= geodesic + 1e-6 && geodesic <= straight * (1.0 + 2e-5) + 1e-6, "{straight} {geodesic}");
        }
    }
}
