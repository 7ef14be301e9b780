//! The reference systems in which features are given and asked for: as OGC URIs, with the axes in the order of each system's register.

use geo::Coord;

use crate::geom::{Crs, CrsError};
use crate::model::LonLat;

/// Longitude and latitude on WGS84, in this order.
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The start of the URI of a system of the EPSG register.
const EPSG: &str = "http://www.opengis.net/def/crs/EPSG/0/";
/// WGS84 and CGCS2000 in degrees, Web Mercator, and the 3-degree Gauss-Kruger zones of CGCS2000.
const CODES: [std::ops::RangeInclusive<u32>; 4] = [4326..=4326, 4490..=4490, 3857..=3857, 4513..=4554];

/// A reference system that a caller named.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputCrs {
    uri: String,
    crs: Crs,
    /// Does the second axis of [`Crs`] come first?
    is_flipped: bool,
}

impl Default for OutputCrs {
    /// CRS84.
    fn default() -> Self {
        Self { uri: CRS84.to_owned(), crs: Crs::Wgs84, is_flipped: false }
    }
}

impl OutputCrs {
    /// The system of a URI, or of a short name: `EPSG:4490`, `[EPSG:4490]`, `OGC:CRS84`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.trim_matches(['[', ']']);
        if name == CRS84 || matches!(name, "OGC:CRS84" | "CRS84") {
            return Ok(Self::default());
        }
        let code = name.strip_prefix(EPSG).or_else(|| name.strip_prefix("EPSG:"));
        let code = code.and_then(|code| code.parse().ok());
        match code.filter(|code| CODES.iter().any(|range| range.contains(code))) {
            Some(code) => Ok(Self {
                uri: format!("{EPSG}{code}"),
                crs: Crs::from_epsg(code).map_err(|error| error.to_string())?,
                is_flipped: code != 3857,
            }),
            None => Err(format!(
                "there is no such reference system here; there are {CRS84}, {EPSG}4326, 4490, 3857 and 4513 to 4554"
            )),
        }
    }

    /// The URIs of all systems, CRS84 first.
    pub fn uris() -> Vec<String> {
        let codes = CODES.iter().cloned().flatten().map(|code| format!("{EPSG}{code}"));
        std::iter::once(CRS84.to_owned()).chain(codes).collect()
    }

    /// The URI of a system of the EPSG register.
    pub fn epsg_uri(code: i32) -> String {
        format!("{EPSG}{code}")
    }

    /// Its URI.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Its code in the EPSG register; `None`: CRS84, which has none there.
    pub fn epsg(&self) -> Option<u32> {
        self.uri.strip_prefix(EPSG)?.parse().ok()
    }

    /// Are positions longitude and latitude as they are kept?
    pub fn is_as_kept(&self) -> bool {
        !self.is_flipped && self.crs.is_geographic()
    }

    /// Is a box of it a box in degrees?
    pub fn keeps_boxes(&self) -> bool {
        self.crs.is_geographic() || !self.is_flipped
    }

    /// A position in the order of its axes.
    pub fn axes(&self, at: Coord<f64>) -> Result<[f64; 2], CrsError> {
        let Coord { x, y } = self.xy(at)?;
        Ok(if self.is_flipped { [y, x] } else { [x, y] })
    }

    /// A position as longitude and latitude or easting and northing, whatever the order of the register: formats with an order of their own
    /// ask for this one.
    pub fn xy(&self, at: Coord<f64>) -> Result<Coord<f64>, CrsError> {
        let position = LonLat::new(at.x, at.y).map_err(|source| CrsError::NotLonLat {
            x: at.x,
            y: at.y,
            source,
            hint: "",
        })?;
        self.crs.from_lonlat(position).map(Coord::from)
    }

    /// The longitude and latitude of a position in the order of its axes.
    pub fn degrees(&self, [first, second]: [f64; 2]) -> Result<Coord<f64>, CrsError> {
        let (x, y) = if self.is_flipped { (second, first) } else { (first, second) };
        self.crs.to_lonlat(x, y).map(Coord::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_its_axes_in_the_order_of_its_register() {
        let at = Coord { x: 100.25, y: 25.5 };
        let axes = |name: &str| OutputCrs::parse(name).unwrap().axes(at).unwrap();
        assert_eq!(axes(CRS84), [100.25, 25.5]);
        assert_eq!(axes("http://www.opengis.net/def/crs/EPSG/0/4326"), [25.5, 100.25]);
        assert_eq!(axes("[EPSG:4490]"), [25.5, 100.25]);
        let [easting, northing] = axes("EPSG:3857");
        assert!((easting - 11_159_778.9).abs() < 1.0 && (northing - 2_937_284.9).abs() < 20_000.0);
        let [north, east] = axes("EPSG:4542");
        assert!((2.8e6..2.9e6).contains(&north) && (6.2e5..6.3e5).contains(&east), "{north} {east}");
        for uri in OutputCrs::uris() {
            let crs = OutputCrs::parse(&uri).unwrap();
            assert_eq!(crs.uri(), uri);
        }
        assert_eq!(OutputCrs::uris().len(), 46);
    }

    #[test]
    fn a_position_comes_back_from_its_axes() {
        let at = Coord { x: 100.25, y: 25.5 };
        for name in ["OGC:CRS84", "EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4542", "EPSG:4521"] {
            let crs = OutputCrs::parse(name).unwrap();
            let back = crs.degrees(crs.axes(at).unwrap()).unwrap();
            assert!((back.x - at.x).abs() < 1e-10 && (back.y - at.y).abs() < 1e-10, "{name}");
        }
    }

    #[test]
    fn other_systems_are_refused_with_what_there_is() {
        for wrong in [
            "",
            "EPSG:4512",
            "http://www.opengis.net/def/crs/EPSG/0/2154",
            "4326",
            "urn:ogc:def:crs:EPSG::4326",
        ] {
            assert!(OutputCrs::parse(wrong).unwrap_err().contains("4513 to 4554"), "{wrong}");
        }
    }
}
