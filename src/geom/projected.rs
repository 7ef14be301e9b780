//! Projected systems: easting and northing in metres.

use super::crs::CrsError;
use super::mercator::{HALF_WIDTH_M, MAX_LATITUDE};
use crate::model::LonLat;
use proj4rs::Proj;
use proj4rs::transform::transform;
use std::fmt;

/// Metres from the central meridian within which a transverse Mercator projection is used: some ten degrees.
const REACH_M: f64 = 1_000_000.0;
/// The same where the easting carries a zone number: farther out, its digits would change.
const PREFIXED_REACH_M: f64 = 500_000.0;
/// Metres from the equator to the pole, rounded up.
const QUADRANT_M: f64 = 10_002_000.0;
/// Metres between the prefixes of neighbouring zones.
const PREFIX_M: f64 = 1_000_000.0;

/// A projected system of the EPSG register on WGS84 or CGCS2000, parsed and ready.
///
/// Definitions come from `crs-definitions`, the arithmetic from `proj4rs` (transverse Mercator after Poder and Engsager,
/// sixth order), checked against PROJ to less than a tenth of a millimetre.
#[derive(Clone)]
pub struct Projected {
    code: u32,
    proj: Proj,
    degrees: Proj,
}

impl Projected {
    /// Looks up an EPSG code.
    pub(super) fn new(code: u32) -> Result<Self, CrsError> {
        let definition = u16::try_from(code).ok().and_then(crs_definitions::from_code);
        let definition = definition.ok_or(CrsError::UnknownCode(code))?;
        check_datum(code, definition.wkt)?;
        check_method(code, definition.proj4)?;
        // Web Mercator says "no shift" by a null grid; nothing is shifted here anyway.
        let text = definition.proj4.replace("+nadgrids=@null", "");
        let proj = Proj::from_proj_string(&text).map_err(|e| unsupported(code, &e.to_string()))?;
        if proj.to_meter() != 1.0 {
            return Err(unsupported(code, &format!("its unit is {}, not the metre", proj.units())));
        }
        let (a, b) = proj.ellipse_parameters();
        let degrees = Proj::from_proj_string(&format!("+proj=longlat +a={a} +b={b} +no_defs"))
            .map_err(|e| unsupported(code, &e.to_string()))?;
        Ok(Self { code, proj, degrees })
    }

    /// The EPSG code.
    pub fn code(&self) -> u32 {
        self.code
    }

    pub(super) fn inverse(&self, x: f64, y: f64) -> Result<LonLat, CrsError> {
        let wrong = |why| CrsError::NotProjected { x, y, crs: self.to_string(), why };
        self.check_range(x, y).map_err(wrong)?;
        let (lon, lat) = run(&self.proj, &self.degrees, x, y).map_err(wrong)?;
        LonLat::new(lon.to_degrees(), lat.to_degrees()).map_err(|e| wrong(e.to_string()))
    }

    pub(super) fn forward(&self, position: LonLat) -> Result<(f64, f64), CrsError> {
        let (lon, lat) = (position.lon(), position.lat());
        let wrong = |why| CrsError::Unreachable { lon, lat, crs: self.to_string(), why };
        if self.is_web_mercator() && lat.abs() > MAX_LATITUDE {
            return Err(wrong(format!("it ends at latitude {MAX_LATITUDE}")));
        }
        let (x, y) = run(&self.degrees, &self.proj, lon.to_radians(), lat.to_radians()).map_err(wrong)?;
        if self.is_transverse() && !self.is_near(x, y) {
            return Err(wrong(self.too_far()));
        }
        Ok((x, y))
    }

    fn is_transverse(&self) -> bool {
        matches!(self.proj.projname(), "tmerc" | "utm")
    }

    fn is_web_mercator(&self) -> bool {
        self.proj.projname() == "merc"
    }

    /// The zone number in front of the easting: 35 of a false easting of 35500000; 0 when there is none.
    fn prefix(&self) -> f64 {
        (self.proj.false_easting() / PREFIX_M).floor()
    }

    fn check_range(&self, x: f64, y: f64) -> Result<(), String> {
        if !(x.is_finite() && y.is_finite()) {
            return Err("not finite".into());
        }
        if self.is_web_mercator() && (x.abs().max(y.abs()) > HALF_WIDTH_M + 1e-3) {
            return Err(format!("both lie between -{HALF_WIDTH_M:.2} and {HALF_WIDTH_M:.2}"));
        }
        if self.is_transverse() { self.check_transverse(x, y) } else { Ok(()) }
    }

    fn check_transverse(&self, x: f64, y: f64) -> Result<(), String> {
        if x.abs() <= 180.0 && y.abs() <= 180.0 {
            return Err("these look like degrees: say wgs84, cgcs2000, gcj02 or bd09".into());
        }
        if self.is_near(x, y) { Ok(()) } else { Err(self.explain(x, y)) }
    }

    fn is_near(&self, x: f64, y: f64) -> bool {
        let northing = y - self.proj.false_northing();
        (x - self.proj.false_easting()).abs() <= self.reach() && northing.abs() <= QUADRANT_M
    }

    fn explain(&self, x: f64, y: f64) -> String {
        let (found, own) = ((x / PREFIX_M).floor(), self.prefix());
        if self.is_near(y, x) {
            return "the two look swapped: easting comes first, then northing".into();
        }
        if own == 0.0 && (13.0..=45.0).contains(&found) {
            return format!("the easting carries the zone number {found} in front, this system's does not");
        }
        if own > 0.0 && found == 0.0 {
            return format!("the easting lacks this system's zone number {own} in front");
        }
        if own > 0.0 && (13.0..=45.0).contains(&found) {
            return format!("the easting carries the zone number {found} in front, this system's is {own}");
        }
        self.too_far()
    }

    fn reach(&self) -> f64 {
        if self.prefix() > 0.0 { PREFIXED_REACH_M } else { REACH_M }
    }

    fn too_far(&self) -> String {
        format!("it is more than {} km from the central meridian or beyond the pole", self.reach() / 1000.0)
    }
}

fn unsupported(code: u32, why: &str) -> CrsError {
    CrsError::Unsupported { code, why: why.into() }
}

/// Only WGS84 and CGCS2000 are reached without a shift.
fn check_datum(code: u32, wkt: &str) -> Result<(), CrsError> {
    let quoted_after = |key| wkt.split(key).nth(1).and_then(|rest: &str| rest.split('"').next());
    if !wkt.starts_with("PROJCS[") {
        return Err(unsupported(
            code,
            "not a projected system; for longitude and latitude say wgs84 or cgcs2000",
        ));
    }
    match quoted_after("DATUM[\"") {
        Some("China_2000" | "WGS_1984") => Ok(()),
        other => Err(CrsError::Datum { code, datum: other.unwrap_or("unnamed").into() }),
    }
}

/// The projections whose results have been compared with PROJ's.
fn check_method(code: u32, definition: &str) -> Result<(), CrsError> {
    let method = definition.split(['=', ' ']).nth(1).unwrap_or_default();
    let web_mercator = definition.contains("+nadgrids=@null") && code == 3857;
    if matches!(method, "tmerc" | "utm") || web_mercator {
        Ok(())
    } else {
        Err(unsupported(code, &format!("the projection {method} is not among those verified")))
    }
}

fn run(from: &Proj, to: &Proj, x: f64, y: f64) -> Result<(f64, f64), String> {
    let mut point = (x, y, 0.0);
    transform(from, to, &mut point).map_err(|e| e.to_string())?;
    let finite = point.0.is_finite() && point.1.is_finite();
    if finite { Ok((point.0, point.1)) } else { Err("outside the projection's domain".into()) }
}

/// Two are the same when their codes are.
impl PartialEq for Projected {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl fmt::Debug for Projected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Projected({})", self.code)
    }
}

impl fmt::Display for Projected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{}", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(code: u32, x: f64, y: f64) -> String {
        Projected::new(code).unwrap().inverse(x, y).unwrap_err().to_string()
    }

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new(lon, lat).unwrap()
    }

    #[test]
    fn every_three_degree_zone_has_the_central_meridian_and_prefix_that_its_code_says() {
        for zone in 25..=45u32 {
            let on_meridian = at(f64::from(zone * 3), 30.0);
            let (prefixed, plain) = (Projected::new(4513 + zone - 25), Projected::new(4534 + zone - 25));
            let easting =
                |projected: Result<Projected, CrsError>| projected.unwrap().forward(on_meridian).unwrap().0;
            assert!((easting(prefixed) - (f64::from(zone) * 1e6 + 500_000.0)).abs() < 1e-6, "zone {zone}");
            assert!((easting(plain) - 500_000.0).abs() < 1e-6, "zone {zone}");
        }
    }

    #[test]
    fn an_easting_with_the_wrong_prefix_is_explained() {
        let northing = 3_146_000.0;
        assert!(
            why(4544, 35_471_600.0, northing)
                .contains("carries the zone number 35 in front, this system's does not")
        );
        assert!(why(4523, 471_600.0, northing).contains("lacks this system's zone number 35"));
        assert!(why(4523, 36_471_600.0, northing).contains("zone number 36 in front, this system's is 35"));
    }

    #[test]
    fn swapped_axes_degrees_and_nonsense_are_explained() {
        assert!(why(4544, 3_146_000.0, 471_600.0).contains("look swapped"));
        assert!(why(4523, 3_146_000.0, 35_471_600.0).contains("look swapped"));
        assert!(why(4544, 104.71, 28.43).contains("look like degrees"));
        assert!(why(4544, f64::NAN, 0.0).contains("not finite"));
        assert!(why(4544, 9e6, 9e6).contains("more than 1000 km from the central meridian"));
        assert!(why(3857, 2.1e7, 0.0).contains("both lie between"));
    }

    #[test]
    fn a_position_far_from_the_zone_is_refused_rather_than_distorted() {
        let error = Projected::new(4544).unwrap().forward(at(135.0, 30.0)).unwrap_err().to_string();
        assert!(error.contains("EPSG:4544") && error.contains("central meridian"), "{error}");
        assert!(
            Projected::new(4544).unwrap().forward(at(-75.0, 30.0)).is_err(),
            "the other side of the Earth"
        );
        assert!(Projected::new(3857).unwrap().forward(at(0.0, 86.0)).is_err());
    }

    #[test]
    fn the_corner_of_the_web_mercator_square_is_a_position() {
        let corner = Projected::new(3857).unwrap().inverse(-HALF_WIDTH_M, -HALF_WIDTH_M).unwrap();
        assert!(
            (corner.lat() + MAX_LATITUDE).abs() < 1e-9 && corner.lon().abs() > 180.0 - 1e-9,
            "{corner:?}"
        );
    }
}
