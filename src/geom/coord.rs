//! A position as a vertex.

use crate::model::LonLat;
use geo::Coord;

/// The vertex with x = longitude and y = latitude, in degrees.
impl From<LonLat> for Coord<f64> {
    fn from(position: LonLat) -> Self {
        Self { x: position.lon(), y: position.lat() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vertex_has_the_longitude_as_x() {
        let vertex = Coord::from(LonLat::new(100.25, 25.5).unwrap());
        assert_eq!(vertex, Coord { x: 100.25, y: 25.5 });
    }
}
