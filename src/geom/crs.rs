//! The reference systems that Gewu speaks.

use super::{Projected, china};
use crate::model::{LonLat, LonLatError};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;

/// What [`Crs::parse`] accepts, for messages and help texts.
pub(super) const ACCEPTED: &str = "wgs84, cgcs2000, gcj02, bd09 or EPSG:n (n = 4326, 4490, 3857, 4491 to 4554, \
    32601 to 32660, 32701 to 32760 and other transverse Mercator systems in metres on WGS84 or CGCS2000)";

/// A reference system of coordinates, prepared once and cheap to copy and to reuse.
///
/// The order of axes is always x, y: longitude, latitude in degrees, or easting, northing in metres, whatever the
/// order in the EPSG register.
#[derive(Debug, Clone, PartialEq)]
pub enum Crs {
    /// WGS84 longitude, latitude (EPSG:4326, OGC:CRS84).
    Wgs84,
    /// CGCS2000 longitude, latitude (EPSG:4490): the one that Gewu keeps; WGS84 within 0.12 mm.
    Cgcs2000,
    /// GCJ-02 longitude, latitude, as most Chinese web maps and phones say.
    Gcj02,
    /// BD-09 longitude, latitude, as Baidu says.
    Bd09,
    /// A projected system on WGS84 or CGCS2000.
    Epsg(Arc<Projected>),
}

/// A reference system that is not spoken, or coordinates that it does not have.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CrsError {
    /// The text names no reference system.
    #[error("\"{0}\" is not a reference system; accepted are {ACCEPTED}")]
    Unknown(String),
    /// The EPSG code is not in the register's copy that Gewu carries.
    #[error("EPSG:{0} is not known; accepted are {ACCEPTED}")]
    UnknownCode(u32),
    /// The system has another datum: getting from it needs a datum shift, which would be inexact.
    #[error(
        "EPSG:{code} is on the datum {datum}, not on WGS84 or CGCS2000: reaching them needs a datum shift that \
        is not exactly known; convert the data first with the shift that your survey office prescribes"
    )]
    Datum {
        /// EPSG code.
        code: u32,
        /// Name of its datum.
        datum: String,
    },
    /// The system is of a kind that is not supported.
    #[error("EPSG:{code} is not supported ({why}); accepted are {ACCEPTED}")]
    Unsupported {
        /// EPSG code.
        code: u32,
        /// What is in the way.
        why: String,
    },
    /// The numbers are no longitude and latitude.
    #[error("{x}, {y} is no longitude, latitude: {source}{hint}")]
    NotLonLat {
        /// First number.
        x: f64,
        /// Second number.
        y: f64,
        /// Which number is wrong.
        source: LonLatError,
        /// What it may be instead; empty, or starting with a semicolon.
        hint: &'static str,
    },
    /// The numbers are no easting and northing of the system.
    #[error("{x}, {y} is no easting, northing of {crs}: {why}")]
    NotProjected {
        /// First number.
        x: f64,
        /// Second number.
        y: f64,
        /// The system.
        crs: String,
        /// What is wrong, and what it may be instead.
        why: String,
    },
    /// The position is too far from the area for which the system is made.
    #[error("longitude {lon}, latitude {lat} cannot be written in {crs}: {why}")]
    Unreachable {
        /// Longitude in degrees.
        lon: f64,
        /// Latitude in degrees.
        lat: f64,
        /// The system.
        crs: String,
        /// What is wrong.
        why: String,
    },
}

impl Crs {
    /// Reads `wgs84`, `cgcs2000`, `gcj02`, `bd09` or `EPSG:n`, in upper or lower case. EPSG:4326 is [`Crs::Wgs84`] and
    /// EPSG:4490 is [`Crs::Cgcs2000`].
    pub fn parse(text: &str) -> Result<Self, CrsError> {
        let unknown = || CrsError::Unknown(text.chars().take(64).collect());
        let name = text.trim().to_ascii_lowercase();
        match name.as_str() {
            "wgs84" => Ok(Self::Wgs84),
            "cgcs2000" => Ok(Self::Cgcs2000),
            "gcj02" => Ok(Self::Gcj02),
            "bd09" => Ok(Self::Bd09),
            other => {
                let digits = other.strip_prefix("epsg:").ok_or_else(unknown)?;
                let code = digits.parse().map_err(|_| unknown())?;
                Self::from_epsg(code)
            }
        }
    }

    /// The reference system with an EPSG code.
    pub fn from_epsg(code: u32) -> Result<Self, CrsError> {
        match code {
            4326 => Ok(Self::Wgs84),
            4490 => Ok(Self::Cgcs2000),
            _ => Ok(Self::Epsg(Arc::new(Projected::new(code)?))),
        }
    }

    /// True when reading this system takes the inverse of GCJ-02, which an operator may have to switch off.
    pub fn needs_inverse_gcj(&self) -> bool {
        matches!(self, Self::Gcj02 | Self::Bd09)
    }

    /// True when x and y are longitude and latitude in degrees.
    pub fn is_geographic(&self) -> bool {
        !matches!(self, Self::Epsg(_))
    }

    /// From coordinates of this system to longitude and latitude. Impossible coordinates are refused, with a guess at
    /// what happened in the message; nothing is repaired.
    pub fn to_lonlat(&self, x: f64, y: f64) -> Result<LonLat, CrsError> {
        match self {
            Self::Wgs84 | Self::Cgcs2000 => lon_lat(x, y),
            Self::Gcj02 => lon_lat(x, y).map(china::gcj02_to_wgs84),
            Self::Bd09 => lon_lat(x, y).map(china::bd09_to_wgs84),
            Self::Epsg(projected) => projected.inverse(x, y),
        }
    }

    /// From longitude and latitude to coordinates of this system.
    pub fn from_lonlat(&self, position: LonLat) -> Result<(f64, f64), CrsError> {
        let degrees = |position: LonLat| (position.lon(), position.lat());
        match self {
            Self::Wgs84 | Self::Cgcs2000 => Ok(degrees(position)),
            Self::Gcj02 => Ok(degrees(china::wgs84_to_gcj02(position))),
            Self::Bd09 => Ok(degrees(china::wgs84_to_bd09(position))),
            Self::Epsg(projected) => projected.forward(position),
        }
    }
}

fn lon_lat(x: f64, y: f64) -> Result<LonLat, CrsError> {
    LonLat::new(x, y).map_err(|source| CrsError::NotLonLat { x, y, source, hint: lon_lat_hint(x, y) })
}

fn lon_lat_hint(x: f64, y: f64) -> &'static str {
    if LonLat::new(y, x).is_ok() {
        "; the two look swapped: longitude comes first"
    } else if x.abs() > 1000.0 && y.abs() > 1000.0 {
        "; these look like metres: name the projected system, such as EPSG:4544"
    } else {
        ""
    }
}

impl FromStr for Crs {
    type Err = CrsError;

    fn from_str(text: &str) -> Result<Self, CrsError> {
        Self::parse(text)
    }
}

/// The name that [`Crs::parse`] reads.
impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wgs84 => f.write_str("wgs84"),
            Self::Cgcs2000 => f.write_str("cgcs2000"),
            Self::Gcj02 => f.write_str("gcj02"),
            Self::Bd09 => f.write_str("bd09"),
            Self::Epsg(projected) => write!(f, "EPSG:{}", projected.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(crs: &str, x: f64, y: f64) -> String {
        Crs::parse(crs).unwrap().to_lonlat(x, y).unwrap_err().to_string()
    }

    #[test]
    fn every_name_is_read_in_any_case_and_written_back() {
        for name in ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4544", "EPSG:3857", "EPSG:32648"] {
            assert_eq!(Crs::parse(name).unwrap().to_string(), name);
            assert_eq!(Crs::parse(&name.to_uppercase()), Crs::parse(&name.to_lowercase()));
        }
        assert_eq!(Crs::parse(" epsg:4490 "), Ok(Crs::Cgcs2000));
        assert_eq!("EPSG:4326".parse(), Ok(Crs::Wgs84));
    }

    #[test]
    fn what_is_not_spoken_is_refused_with_the_list_of_what_is() {
        for text in ["", "wgs", "EPSG:", "EPSG:x", "4326", "EPSG:-1", "EPSG:99999999999"] {
            let error = Crs::parse(text).unwrap_err();
            assert_eq!(error, CrsError::Unknown(text.into()));
            assert!(error.to_string().contains("gcj02"), "{error}");
        }
        assert_eq!(Crs::parse("EPSG:70000"), Err(CrsError::UnknownCode(70_000)));
        assert_eq!(Crs::parse("EPSG:1"), Err(CrsError::UnknownCode(1)));
        assert!(matches!(Crs::parse(&"x".repeat(9999)), Err(CrsError::Unknown(text)) if text.len() == 64));
    }

    #[test]
    fn systems_on_another_datum_are_refused_by_the_name_of_the_datum() {
        for (code, datum) in [
            (2326, "Hong_Kong_1980"),
            (2343, "Xian_1980"),
            (2422, "Beijing_1954"),
            (26910, "North_American_Datum_1983"),
        ] {
            assert_eq!(Crs::from_epsg(code), Err(CrsError::Datum { code, datum: datum.into() }));
        }
        assert!(matches!(Crs::from_epsg(4214), Err(CrsError::Unsupported { code: 4214, .. })));
        assert!(matches!(Crs::from_epsg(5041), Err(CrsError::Unsupported { code: 5041, .. })));
    }

    #[test]
    fn swapped_and_projected_numbers_are_named_but_not_repaired() {
        assert!(message("wgs84", 25.6, 100.3).contains("look swapped"));
        assert!(message("gcj02", 31.2, 121.5).contains("look swapped"));
        assert!(message("cgcs2000", 35_500_000.0, 2_834_000.0).contains("look like metres"));
        assert!(message("bd09", 200.0, 95.0).ends_with("outside -180 to 180 degrees"));
        assert!(message("wgs84", f64::NAN, 25.0).contains("NaN"));
        assert!(message("wgs84", f64::INFINITY, f64::NEG_INFINITY).contains("outside"));
    }

    #[test]
    fn one_place_said_in_four_systems_is_one_place() {
        let place = LonLat::new(100.2676, 25.6065).unwrap();
        for name in
            ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4542", "EPSG:4521", "EPSG:3857", "EPSG:32647"]
        {
            let crs = Crs::parse(name).unwrap();
            let (x, y) = crs.from_lonlat(place).unwrap();
            let back = crs.to_lonlat(x, y).unwrap();
            assert!(crate::geom::distance_m(back, place) < 1e-6, "{name}: {back:?}");
        }
    }

    #[test]
    fn only_the_shifted_systems_need_the_inverse_shift() {
        let needs = |name| Crs::parse(name).unwrap().needs_inverse_gcj();
        assert!(needs("gcj02") && needs("bd09"));
        assert!(!needs("wgs84") && !needs("cgcs2000") && !needs("EPSG:4544"));
        assert!(Crs::Gcj02.is_geographic() && !Crs::from_epsg(4544).unwrap().is_geographic());
    }

    #[test]
    fn one_prepared_system_serves_many_threads() {
        let crs = Crs::parse("EPSG:4544").unwrap();
        let here = LonLat::new(104.71, 28.43).unwrap();
        let expected = crs.from_lonlat(here).unwrap();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| crs.from_lonlat(here).unwrap())).collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap() == expected));
        });
    }
}
