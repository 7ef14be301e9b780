//! The shifted coordinates of Chinese web maps: GCJ-02 and BD-09.
//!
//! The formulas are the publicly known, reverse-engineered ones: they follow vendors' maps closely, but nobody
//! promises agreement with a vendor's map below a metre. What is promised here is consistency: the inverse
//! functions undo the forward ones to far less than 0.1 mm anywhere in the box.
//!
//! Both shifts apply in a box of longitude 72.004 to 137.8347 and latitude 0.8293 to 55.8271; outside it they are
//! the identity. GCJ-02 lies some 20 m to 710 m away and jumps to zero across the box's edge, which lies beyond
//! China's borders. Within a kilometre or two of that edge a shifted position may therefore have two originals, or none:
//! the inverse then prefers the original inside the box, and continues the formula where there is none.

use crate::model::LonLat;
use std::f64::consts::PI;

/// Semi-major axis in metres used by the public formula (Krassowsky 1940).
const A: f64 = 6_378_245.0;
/// First eccentricity squared used by the public formula (Krassowsky 1940).
const EE: f64 = 0.006_693_421_622_965_943;
/// Angular frequency of BD-09's ripple, per degree.
const BD_RIPPLE: f64 = PI * 3000.0 / 180.0;
/// Fixed-point steps at most; each gains at least a factor of fifty, so seven reach the end of double precision.
const MAX_STEPS: usize = 12;
/// Degrees: with this little missing (10 micrometres), the step that adds it is the last one needed.
const RESIDUAL: f64 = 1e-10;
/// Degrees: an original this close to the box's edge is on it, whatever rounding says.
const EDGE: f64 = 1e-9;
/// Degrees that no shift exceeds: farther outside the box, nothing can come from inside it.
const MARGIN: f64 = 0.05;

/// A longitude and a latitude in degrees.
type Degrees = (f64, f64);

/// True inside the box in which the shifts apply.
pub fn in_box(position: LonLat) -> bool {
    within(degrees(position), 0.0)
}

/// WGS84 to GCJ-02.
pub fn wgs84_to_gcj02(position: LonLat) -> LonLat {
    shifted(position, gcj02_formula)
}

/// GCJ-02 to WGS84, by fixed-point iteration: [`wgs84_to_gcj02`] of the result differs from `position` by less than
/// a micrometre.
pub fn gcj02_to_wgs84(position: LonLat) -> LonLat {
    unshifted(position, gcj02_formula)
}

/// GCJ-02 to BD-09.
pub fn gcj02_to_bd09(position: LonLat) -> LonLat {
    shifted(position, bd09_formula)
}

/// BD-09 to GCJ-02, by fixed-point iteration. The widespread one-step inverse is off by up to 0.22 m; this one by
/// less than a micrometre.
pub fn bd09_to_gcj02(position: LonLat) -> LonLat {
    unshifted(position, bd09_formula)
}

/// WGS84 to BD-09, through GCJ-02.
pub fn wgs84_to_bd09(position: LonLat) -> LonLat {
    shifted(position, both_formulas)
}

/// BD-09 to WGS84, by fixed-point iteration over both shifts at once.
pub fn bd09_to_wgs84(position: LonLat) -> LonLat {
    unshifted(position, both_formulas)
}

fn shifted(position: LonLat, formula: fn(Degrees) -> Degrees) -> LonLat {
    if in_box(position) { position_or(formula(degrees(position)), position) } else { position }
}

fn unshifted(position: LonLat, formula: fn(Degrees) -> Degrees) -> LonLat {
    let target = degrees(position);
    if !within(target, MARGIN) {
        return position;
    }
    let original = invert(target, formula);
    if within(original, EDGE) || within(target, 0.0) { position_or(original, position) } else { position }
}

/// Solves `formula(original) = target`: the shift changes slowly, so adding what is still missing converges at once.
fn invert(target: Degrees, formula: fn(Degrees) -> Degrees) -> Degrees {
    let mut original = target;
    for _ in 0..MAX_STEPS {
        let image = formula(original);
        let (missing_lon, missing_lat) = (target.0 - image.0, target.1 - image.1);
        original = (original.0 + missing_lon, original.1 + missing_lat);
        if missing_lon.abs().max(missing_lat.abs()) < RESIDUAL {
            break;
        }
    }
    original
}

fn gcj02_formula((lon, lat): Degrees) -> Degrees {
    let (east, north) = gcj02_offset_m(lon - 105.0, lat - 35.0);
    let sin = lat.to_radians().sin();
    let w = 1.0 - EE * sin * sin;
    let prime_vertical = A / w.sqrt();
    let meridian = A * (1.0 - EE) / (w * w.sqrt());
    (
        lon + (east / (prime_vertical * lat.to_radians().cos())).to_degrees(),
        lat + (north / meridian).to_degrees(),
    )
}

/// The offset in metres (east, north) at `x`, `y` degrees from 105 E, 35 N.
fn gcj02_offset_m(x: f64, y: f64) -> (f64, f64) {
    let wave = |amplitude: f64, cycles: f64| amplitude * (cycles * PI).sin();
    let common = wave(20.0, 6.0 * x) + wave(20.0, 2.0 * x);
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt();
    let east_waves =
        common + wave(20.0, x) + wave(40.0, x / 3.0) + wave(150.0, x / 12.0) + wave(300.0, x / 30.0);
    let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt();
    let north_waves =
        common + wave(20.0, y) + wave(40.0, y / 3.0) + wave(160.0, y / 12.0) + wave(320.0, y / 30.0);
    (east + east_waves * 2.0 / 3.0, north + north_waves * 2.0 / 3.0)
}

fn bd09_formula((lon, lat): Degrees) -> Degrees {
    let radius = lon.hypot(lat) + 0.000_02 * (lat * BD_RIPPLE).sin();
    let angle = lat.atan2(lon) + 0.000_003 * (lon * BD_RIPPLE).cos();
    (radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006)
}

fn both_formulas(position: Degrees) -> Degrees {
    bd09_formula(gcj02_formula(position))
}

fn within((lon, lat): Degrees, margin: f64) -> bool {
    (72.004 - margin..=137.8347 + margin).contains(&lon)
        && (0.8293 - margin..=55.8271 + margin).contains(&lat)
}

fn degrees(position: LonLat) -> Degrees {
    (position.lon(), position.lat())
}

/// The box is far from the poles and from the antimeridian, so a shifted position is always a position.
fn position_or((lon, lat): Degrees, otherwise: LonLat) -> LonLat {
    LonLat::new(lon, lat).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::distance_m;
    use proptest::prelude::*;

    /// Longitude and latitude in WGS84, GCJ-02 and BD-09, to 1e-8 degrees.
    const PLACES: [[(f64, f64); 3]; 5] = [
        [(104.71, 28.43), (104.7125667, 28.42653967), (104.71912167, 28.43228772)],
        [(100.2676, 25.6065), (100.26869828, 25.60346639), (100.27528202, 25.60920001)],
        [(103.7963, 25.49), (103.79832296, 25.48699827), (103.80475901, 25.49331147)],
        [(107.4069, 37.7832), (107.41220055, 37.78394676), (107.4185955, 37.79020051)],
        [(117.201, 39.0842), (117.20729769, 39.08520579), (117.21379585, 39.09115008)],
    ];

    fn at((lon, lat): (f64, f64)) -> LonLat {
        LonLat::new(lon, lat).unwrap()
    }

    fn assert_same(found: LonLat, expected: (f64, f64)) {
        let off = (found.lon() - expected.0).abs().max((found.lat() - expected.1).abs());
        assert!(off <= 1e-8, "{found:?} is not {expected:?}");
    }

    #[test]
    fn known_places_shift_to_the_published_figures() {
        for [wgs, gcj, bd] in PLACES {
            assert_same(wgs84_to_gcj02(at(wgs)), gcj);
            assert_same(wgs84_to_bd09(at(wgs)), bd);
            assert_same(gcj02_to_bd09(at(gcj)), bd);
        }
    }

    #[test]
    fn known_places_shift_back_to_the_published_figures() {
        for [wgs, gcj, bd] in PLACES {
            assert_same(gcj02_to_wgs84(at(gcj)), wgs);
            assert_same(bd09_to_wgs84(at(bd)), wgs);
            assert_same(bd09_to_gcj02(at(bd)), gcj);
        }
    }

    #[test]
    fn outside_the_box_nothing_moves() {
        let all =
            [wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02, wgs84_to_bd09, bd09_to_wgs84];
        let far = [
            (-180.0, -90.0),
            (180.0, 90.0),
            (0.0, 0.0),
            (71.9, 40.0),
            (138.0, 35.0),
            (100.0, 56.0),
            (100.0, 0.5),
        ];
        for position in far.map(at) {
            assert!(all.iter().all(|shift| shift(position) == position), "{position:?}");
        }
    }

    #[test]
    fn a_shift_stays_between_17_and_720_metres_in_china() {
        for step in 0..200_000 {
            let position = at((73.5 + f64::from(step % 500) * 0.123, 3.8 + f64::from(step / 500) * 0.1243));
            let shift = distance_m(position, wgs84_to_gcj02(position));
            assert!((17.0..720.0).contains(&shift), "{shift} m at {position:?}");
        }
    }

    #[test]
    fn the_inverse_holds_on_the_very_edge_of_the_box() {
        for lon in [72.004, 105.0, 137.8347] {
            for lat in [0.8293, 35.0, 55.8271] {
                let position = at((lon, lat));
                assert!(distance_m(gcj02_to_wgs84(wgs84_to_gcj02(position)), position) < 1e-4);
                assert!(distance_m(bd09_to_wgs84(wgs84_to_bd09(position)), position) < 1e-4);
            }
        }
    }

    #[test]
    fn a_position_with_no_original_in_the_box_continues_the_formula_smoothly() {
        // East of the western edge by less than the shift: no WGS84 position in the box has this GCJ-02 position.
        let position = at((72.0045, 40.0));
        let original = gcj02_to_wgs84(position);
        assert!(!in_box(original) && distance_m(original, position) < 1000.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        #[test]
        fn the_inverse_undoes_the_shift_to_a_tenth_of_a_millimetre(lon in 72.004..137.8347, lat in 0.8293..55.8271) {
            let position = at((lon, lat));
            let gcj = wgs84_to_gcj02(position);
            prop_assert!(distance_m(gcj02_to_wgs84(gcj), position) <= 1e-4);
            prop_assert!(distance_m(bd09_to_wgs84(wgs84_to_bd09(position)), position) <= 1e-4);
            if in_box(gcj) {
                prop_assert!(distance_m(bd09_to_gcj02(gcj02_to_bd09(gcj)), gcj) <= 1e-4);
            }
        }
    }
}
