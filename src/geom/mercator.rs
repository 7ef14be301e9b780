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
    let sin = lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians().sin();
    let v = 0.5 - sin.atanh() / (2.0 * PI);
    (lon / 360.0 + 0.5, v.clamp(0.0, 1.0))
}

/// The longitude and latitude in degrees of unit coordinates; the inverse of [`unit`].
pub fn from_unit(u: f64, v: f64) -> (f64, f64) {
    let lat = (PI * (1.0 - 2.0 * v)).sinh().atan().to_degrees();
    ((u - 0.5) * 360.0, lat)
}
