//! Web Mercator (EPSG:3857) and its unit square.

use crate::model::LonLat;
use std::f64::consts::PI;

/// Radius of the sphere that Web Mercator pretends the Earth to be, in metres.
pub const RADIUS_M: f64 = 6_378_137.0;
/// Half the width of the Web Mercator square in metres.
pub const HALF_WIDTH_M: f64 = PI * RADIUS_M;
/// The latitude in degrees of the square's upper edge: atan(sinh(pi)).
pub const MAX_LATITUDE: f64 = 85.051_128_779_806_6;

/// Metres east and north of 0, 0 (EPSG:3857). Latitudes beyond the square are held at its edge.
pub fn project(position: LonLat) -> (f64, f64) {
    let (u, v) = unit(position.lon(), position.lat());
    ((2.0 * u - 1.0) * HALF_WIDTH_M, (1.0 - 2.0 * v) * HALF_WIDTH_M)
}

/// The square's unit coordinates of a longitude and latitude in degrees: u from 0 (180 W) to 1 (180 E), v from 0 (north edge)
/// to 1 (south edge). Latitudes beyond the square are held at its edge.
pub fn unit(lon: f64, lat: f64) -> (f64, f64) {
    // The inverse Gudermannian function, ln(sec + tan): half the time of asinh(tan), and as exact on this scale.
    let (sine, cosine) = lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians().sin_cos();
    let v = 0.5 - ((1.0 + sine.abs()) / cosine).ln().copysign(sine) / (2.0 * PI);
    (lon / 360.0 + 0.5, v.clamp(0.0, 1.0))
}

/// The longitude and latitude in degrees of unit coordinates; the inverse of [`unit()`].
pub fn from_unit(u: f64, v: f64) -> (f64, f64) {
    let lat = (PI * (1.0 - 2.0 * v)).sinh().atan().to_degrees();
    ((u - 0.5) * 360.0, lat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_square_ends_where_its_definition_says() {
        assert_eq!(MAX_LATITUDE, PI.sinh().atan().to_degrees());
        assert_eq!(unit(-180.0, 0.0), (0.0, 0.5));
        assert!(unit(180.0, MAX_LATITUDE).1 < 1e-14 && unit(180.0, -MAX_LATITUDE).1 > 1.0 - 1e-14);
        assert_eq!(unit(0.0, 90.0), unit(0.0, MAX_LATITUDE));
    }

    proptest! {
        #[test]
        fn unit_coordinates_come_back_to_the_same_degrees(lon in -180.0..180.0, lat in -85.05..85.05) {
            let (u, v) = unit(lon, lat);
            let back = from_unit(u, v);
            prop_assert!((back.0 - lon).abs() < 1e-12 && (back.1 - lat).abs() < 1e-12, "{back:?}");
        }

        #[test]
        fn metres_agree_with_the_textbook_formula(lon in -180.0..180.0, lat in -85.0..85.0) {
            // Snyder, Map Projections: A Working Manual, eq. 7-1 and 7-2.
            let (x, y) = project(LonLat::new(lon, lat).unwrap());
            let expected = RADIUS_M * (PI / 4.0 + lat.to_radians() / 2.0).tan().ln();
            prop_assert!((x - RADIUS_M * lon.to_radians()).abs() < 1e-7 && (y - expected).abs() < 1e-7);
        }
    }
}
