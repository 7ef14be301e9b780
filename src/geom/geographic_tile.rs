//! Tiles of the tile matrix sets in degrees: WorldCRS84Quad and CGCS2000Quad.

use super::tile::TileError;
use geo::{Coord, Rect};
use std::fmt;

/// A tile of a plane of longitude and latitude that exists: two columns and a row at zoom 0, twice as many of both at each next one.
///
/// Row 0 is the northernmost and begins at 90° N. WGS 84 and CGCS2000 differ by 0.12 mm at most, which no tile shows, so that one tile
/// serves the sets of both. Column for column these are the tiles of WebMercatorQuad one zoom deeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GeographicTile {
    z: u8,
    x: u32,
    y: u32,
}

impl GeographicTile {
    /// The deepest zoom: a tile of 2.4 m at the equator.
    pub const MAX_ZOOM: u8 = 23;

    /// Checks a zoom, a column and a row (from the north).
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self, TileError> {
        if z > Self::MAX_ZOOM {
            return Err(TileError::Zoom { z, deepest: Self::MAX_ZOOM });
        }
        let (columns, rows) = (2 << z, 1 << z);
        if x >= columns || y >= rows {
            return Err(TileError::Outside { z, x, y, columns, rows });
        }
        Ok(Self { z, x, y })
    }

    /// The tile of a zoom that holds a longitude and latitude in degrees; what lies on a side belongs to the east and the south.
    pub fn at(z: u8, position: Coord<f64>) -> Result<Self, TileError> {
        let Self { z, .. } = Self::new(z, 0, 0)?;
        let index = |degrees: f64, count: u32| ((degrees / side(z)).floor().max(0.0) as u32).min(count - 1);
        Ok(Self { z, x: index(position.x + 180.0, 2 << z), y: index(90.0 - position.y, 1 << z) })
    }

    /// Zoom.
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column, from the west.
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row, from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// The envelope in degrees, widened on each side by a `buffer` given as a share of the tile's width, and held on the
    /// earth.
    pub fn envelope_with(self, buffer: f64) -> Rect<f64> {
        let (x, y, side) = (f64::from(self.x), f64::from(self.y), side(self.z));
        let longitude = |n: f64| (n * side - 180.0).clamp(-180.0, 180.0);
        let latitude = |n: f64| (90.0 - n * side).clamp(-90.0, 90.0);
        Rect::new(
            Coord { x: longitude(x - buffer), y: latitude(y + 1.0 + buffer) },
            Coord { x: longitude(x + 1.0 + buffer), y: latitude(y - buffer) },
        )
    }

    /// A longitude and latitude in degrees as tile units, as [`super::TileId::to_units`] has them.
    pub fn to_units(self, position: Coord<f64>, extent: f64) -> Coord<f64> {
        let side = side(self.z);
        Coord {
            x: ((position.x + 180.0) / side - f64::from(self.x)) * extent,
            y: ((90.0 - position.y) / side - f64::from(self.y)) * extent,
        }
    }

    /// The longitude and latitude in degrees of tile units; the inverse of [`GeographicTile::to_units`].
    pub fn from_units(self, units: Coord<f64>, extent: f64) -> Coord<f64> {
        let side = side(self.z);
        Coord {
            x: (f64::from(self.x) + units.x / extent) * side - 180.0,
            y: 90.0 - (f64::from(self.y) + units.y / extent) * side,
        }
    }
}

/// The side of a tile in degrees.
fn side(z: u8) -> f64 {
    180.0 / f64::from(1_u32 << z)
}

impl fmt::Display for GeographicTile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_tile() -> impl Strategy<Value = GeographicTile> {
        (0..=GeographicTile::MAX_ZOOM)
            .prop_flat_map(|z| (Just(z), 0..2_u32 << z, 0..1_u32 << z))
            .prop_map(|(z, x, y)| GeographicTile::new(z, x, y).unwrap())
    }

    #[test]
    fn numbers_outside_the_matrix_name_no_tile() {
        assert!(GeographicTile::new(0, 1, 0).is_ok() && GeographicTile::new(23, (2 << 23) - 1, 0).is_ok());
        assert_eq!(GeographicTile::new(24, 0, 0), Err(TileError::Zoom { z: 24, deepest: 23 }));
        assert_eq!(
            GeographicTile::new(0, 0, 1).unwrap_err().to_string(),
            "zoom 0 has no column 0 with row 1: it has 2 columns and 1 rows, counted from 0"
        );
        assert!(matches!(GeographicTile::new(3, 16, 0), Err(TileError::Outside { .. })));
        assert!(GeographicTile::at(24, Coord { x: 0.0, y: 0.0 }).is_err());
    }

    #[test]
    fn the_two_tiles_of_zoom_zero_are_the_halves_of_the_earth() {
        for (x, west) in [(0, -180.0), (1, 0.0)] {
            let half = GeographicTile::new(0, x, 0).unwrap().envelope_with(0.0);
            assert_eq!((half.min(), half.max()), ((west, -90.0).into(), (west + 180.0, 90.0).into()));
        }
        let world = GeographicTile::new(0, 0, 0).unwrap().envelope_with(1.0);
        assert_eq!((world.min().x, world.max().x, world.max().y), (-180.0, 180.0, 90.0));
    }

    #[test]
    fn the_ends_of_the_earth_belong_to_the_outermost_tiles() {
        for (lon, lat, x, y) in [(-180.0, 90.0, 0, 0), (180.0, -90.0, 7, 3), (0.0, 0.0, 4, 2)] {
            assert_eq!(GeographicTile::at(2, Coord { x: lon, y: lat }), GeographicTile::new(2, x, y));
        }
    }

    proptest! {
        #[test]
        fn a_position_in_a_tile_is_found_again(id in any_tile(), x in 0.01..4095.99_f64, y in 0.01..4095.99_f64) {
            let position = id.from_units(Coord { x, y }, 4096.0);
            let back = id.to_units(position, 4096.0);
            prop_assert!((back.x - x).abs().max((back.y - y).abs()) < 1e-3, "{back:?}");
            prop_assert_eq!(GeographicTile::at(id.z(), position), Ok(id));
        }

        #[test]
        fn corners_of_the_envelope_are_corners_in_units(id in any_tile()) {
            let envelope = id.envelope_with(0.0);
            let north_west = id.to_units(Coord { x: envelope.min().x, y: envelope.max().y }, 4096.0);
            let south_east = id.to_units(Coord { x: envelope.max().x, y: envelope.min().y }, 4096.0);
            prop_assert!(north_west.x.abs().max(north_west.y.abs()) < 1e-3, "{north_west:?}");
            prop_assert!((south_east.x - 4096.0).abs().max((south_east.y - 4096.0).abs()) < 1e-3, "{south_east:?}");
        }
    }
}
