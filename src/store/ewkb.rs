//! Geometry to and from the bytes that PostGIS speaks. Coordinates keep every bit.

use geo::{Area, Geometry, LineString, MultiPolygon, Polygon};
use geozero::wkb::Wkb;
use geozero::{CoordDimensions, ToGeo, ToWkb};

use super::StoreError;
use crate::geom::wkb::{RawGeometry, RawPolygon, read_wkb};

/// CGCS2000 in degrees.
const SRID: i32 = 4490;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends extended WKB in hexadecimal digits.
pub(super) fn write_hex(text: &mut String, geometry: &Geometry<f64>) -> Result<(), StoreError> {
    let bytes = geometry
        .to_ewkb(CoordDimensions::xy(), Some(SRID))
        .map_err(|error| StoreError::stored("geometry", error))?;
    text.reserve(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    Ok(())
}

/// Reads WKB, as `ST_AsBinary` writes it.
pub(super) fn read(table: &'static str, bytes: &[u8]) -> Result<Geometry<f64>, StoreError> {
    Wkb(bytes).to_geo().map_err(|error| StoreError::stored(table, error))
}

/// Reads the territory of a grid.
pub(super) fn read_territory(bytes: &[u8]) -> Result<MultiPolygon<f64>, StoreError> {
    match read_wkb(bytes) {
        Some(RawGeometry { polygons, lines, points }) if lines.is_empty() && points.is_empty() => {
            Ok(polygons.into_iter().map(polygon).collect())
        }
        _ => Err(StoreError::stored("grid_version", "its territory is not made of polygons")),
    }
}

/// Reads the footprint of a building: of several parts the largest, of a point a ring without area.
pub(super) fn read_footprint(bytes: &[u8]) -> Result<Polygon<f64>, StoreError> {
    let raw = read_wkb(bytes).unwrap_or_default();
    let parts = raw.polygons.into_iter().map(polygon);
    let largest = parts.max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
    let point = || raw.points.first().map(|at| Polygon::new(LineString(vec![*at; 4]), Vec::new()));
    largest.or_else(point).ok_or_else(|| StoreError::stored("building", "its footprint is no polygon"))
}

fn polygon(rings: RawPolygon) -> Polygon<f64> {
    let mut rings = rings.into_iter().map(LineString);
    Polygon::new(rings.next().unwrap_or(LineString(Vec::new())), rings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn a_geometry_reads_back_bit_for_bit() {
        let square = polygon![(x: 0.1 + 0.2, y: -1e-300), (x: 1.0, y: 0.0), (x: 1.0, y: f64::MIN_POSITIVE)];
        let mut text = String::new();
        write_hex(&mut text, &Geometry::Polygon(square.clone())).unwrap();
        let bytes: Vec<u8> =
            (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect();
        assert_eq!(geozero::wkb::Ewkb(&bytes).to_geo().unwrap(), Geometry::Polygon(square));
    }

    #[test]
    fn territories_and_footprints_are_what_another_reader_reads() {
        let square = |x: f64| {
            let hole = polygon![(x: x + 0.1, y: 0.1), (x: x + 0.1, y: 0.2), (x: x + 0.2, y: 0.1)];
            let outer = polygon![(x: x, y: 0.0), (x: x + 1.0 / x, y: 0.0), (x: x + 1.0, y: 1.0 + x)];
            Polygon::new(outer.exterior().clone(), vec![hole.exterior().clone()])
        };
        let (one, two) = (square(1.0), MultiPolygon::new(vec![square(3.0), square(7.0)]));
        let wkb = |geometry: Geometry<f64>| geometry.to_wkb(CoordDimensions::xy()).unwrap();
        for territory in [MultiPolygon::new(vec![one.clone()]), two.clone(), MultiPolygon::new(Vec::new())] {
            let bytes = wkb(Geometry::MultiPolygon(territory.clone()));
            assert_eq!(Wkb(&bytes[..]).to_geo().unwrap(), Geometry::MultiPolygon(territory.clone()));
            assert_eq!(read_territory(&bytes).unwrap(), territory);
        }
        assert_eq!(read_footprint(&wkb(one.clone().into())).unwrap(), one);
        assert_eq!(read_footprint(&wkb(two.clone().into())).unwrap(), two.0[0]);
        let point = read_footprint(&wkb(geo::Point::new(100.0, 25.0).into())).unwrap();
        assert_eq!((point.exterior().0.len(), point.unsigned_area()), (4, 0.0));
        let line = LineString::from(vec![(0.0, 0.0), (1.0, 1.0)]);
        assert!(read_footprint(&wkb(line.clone().into())).is_err());
        assert!(read_territory(&wkb(line.into())).is_err());
        assert!(read_territory(&wkb(one.into())[..40]).is_err());
    }
}
