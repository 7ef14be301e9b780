//! Geometries of GeoJSON, which a file or a caller wrote, as geometries to work with.

use geo::Geometry;
use geojson::{GeometryValue, Position};

/// The geometry that GeoJSON says; heights are left out. The conversion of the crate takes for granted that every position has two numbers, and
/// panics where one has fewer.
pub fn from_geojson(geometry: geojson::Geometry) -> Result<Geometry<f64>, String> {
    match is_complete(&geometry.value) {
        true => Geometry::try_from(geometry).map_err(|error| error.to_string()),
        false => Err("a position has less than two numbers".to_owned()),
    }
}

fn is_complete(value: &GeometryValue) -> bool {
    let position = |position: &Position| position.as_slice().len() >= 2;
    let line = |line: &Vec<Position>| line.iter().all(position);
    let polygon = |rings: &Vec<Vec<Position>>| rings.iter().all(line);
    match value {
        GeometryValue::Point { coordinates } => position(coordinates),
        GeometryValue::MultiPoint { coordinates } | GeometryValue::LineString { coordinates } => {
            line(coordinates)
        }
        GeometryValue::MultiLineString { coordinates } | GeometryValue::Polygon { coordinates } => {
            polygon(coordinates)
        }
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().all(polygon),
        GeometryValue::GeometryCollection { geometries } => {
            geometries.iter().all(|geometry| is_complete(&geometry.value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Geometry<f64>, String> {
        match text.parse::<geojson::GeoJson>() {
            Ok(geojson::GeoJson::Geometry(geometry)) => from_geojson(geometry),
            Ok(_) => panic!("{text}"),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_position_with_less_than_two_numbers_is_told_and_is_no_panic() {
        for text in [
            r#"{"type": "Point", "coordinates": [1]}"#,
            r#"{"type": "Point", "coordinates": []}"#,
            r#"{"type": "LineString", "coordinates": [[1, 2], [3]]}"#,
            r#"{"type": "Polygon", "coordinates": [[[0]]]}"#,
            r#"{"type": "MultiPolygon", "coordinates": [[[[0, 0], []]]]}"#,
            r#"{"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1]}]}"#,
        ] {
            assert!(read(text).unwrap_err().contains("position"), "{text}");
        }
        let point = read(r#"{"type": "Point", "coordinates": [100.1, 25.6, 1976]}"#);
        assert_eq!(point, Ok(Geometry::Point(geo::Point::new(100.1, 25.6))));
    }
}
