//! Geometry to and from the bytes that PostGIS speaks. Coordinates keep every bit.

use geo::{Area, Geometry, LineString, MultiPolygon, Point, Polygon};
use geozero::wkb::Wkb;
use geozero::{CoordDimensions, ToGeo, ToWkb};

use super::StoreError;

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
    match read("grid_version", bytes)? {
        Geometry::MultiPolygon(territory) => Ok(territory),
        Geometry::Polygon(polygon) => Ok(MultiPolygon::new(vec![polygon])),
        other => Err(StoreError::stored("grid_version", format!("its territory is {other:?}"))),
    }
}

/// Reads the footprint of a building: of several parts the largest, of a point a ring without area.
pub(super) fn read_footprint(bytes: &[u8]) -> Result<Polygon<f64>, StoreError> {
    match read("building", bytes)? {
        Geometry::Polygon(polygon) => Ok(polygon),
        Geometry::MultiPolygon(parts) => {
            let largest = parts.into_iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
            largest.ok_or_else(|| StoreError::stored("building", "its footprint is empty"))
        }
        Geometry::Point(Point(at)) => Ok(Polygon::new(LineString(vec![at; 4]), Vec::new())),
        other => Err(StoreError::stored("building", format!("its footprint is {other:?}"))),
    }
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
}
