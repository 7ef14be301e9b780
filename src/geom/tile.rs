//! Tiles of the WebMercatorQuad tile matrix set, which everything is kept by. [`super::GeographicTile`] are those of degrees.

use super::mercator;
use geo::{Coord, Rect};
use std::fmt;
use std::ops::RangeInclusive;
use thiserror::Error;

/// A tile that exists: zoom at most [`TileId::MAX_ZOOM`], column and row inside the tile matrix. Row 0 is the northernmost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

/// Numbers that name no tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TileError {
    /// The zoom is deeper than any tile matrix of the set.
    #[error("zoom {z} is deeper than {deepest}")]
    Zoom {
        /// Zoom.
        z: u8,
        /// The deepest of the set.
        deepest: u8,
    },
    /// The column or the row is outside the tile matrix.
    #[error(
        "zoom {z} has no column {x} with row {y}: it has {columns} columns and {rows} rows, counted from 0"
    )]
    Outside {
        /// Zoom.
        z: u8,
        /// Column.
        x: u32,
        /// Row.
        y: u32,
        /// Columns of the zoom.
        columns: u32,
        /// Rows of the zoom.
        rows: u32,
    },
}

impl TileId {
    /// The deepest zoom: a tile of 2.4 m at the equator.
    pub const MAX_ZOOM: u8 = 24;

    /// Checks a zoom, a column and a row (from the north).
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self, TileError> {
        if z > Self::MAX_ZOOM {
            return Err(TileError::Zoom { z, deepest: Self::MAX_ZOOM });
        }
        let width = 1 << z;
        if x >= width || y >= width {
            return Err(TileError::Outside { z, x, y, columns: width, rows: width });
        }
        Ok(Self { z, x, y })
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

    /// The tile one zoom up that holds this one; none for 0/0/0.
    pub fn parent(self) -> Option<Self> {
        Some(Self { z: self.z.checked_sub(1)?, x: self.x / 2, y: self.y / 2 })
    }

    /// The envelope in longitude and latitude, in degrees.
    pub fn envelope(self) -> Rect<f64> {
        self.envelope_with(0.0)
    }

    /// The envelope in degrees, widened on each side by a `buffer` given as a share of the tile's width
    /// (64 units of 4096 are 1/64), and held inside the Web Mercator square.
    pub fn envelope_with(self, buffer: f64) -> Rect<f64> {
        let side = |n: f64| (n / self.matrix_width()).clamp(0.0, 1.0);
        let (west, north) = mercator::from_unit(side(self.x as f64 - buffer), side(self.y as f64 - buffer));
        let (east, south) =
            mercator::from_unit(side(self.x as f64 + 1.0 + buffer), side(self.y as f64 + 1.0 + buffer));
        Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north })
    }

    /// A longitude and latitude in degrees as tile units: (0, 0) is the north-western corner, (`extent`, `extent`) the
    /// south-eastern, y grows southwards. Positions outside the tile fall outside that square. Not rounded.
    pub fn to_units(self, position: Coord<f64>, extent: f64) -> Coord<f64> {
        let (u, v) = mercator::unit(position.x, position.y);
        let width = self.matrix_width();
        Coord { x: (u * width - self.x as f64) * extent, y: (v * width - self.y as f64) * extent }
    }

    /// The longitude and latitude in degrees of tile units; the inverse of [`TileId::to_units`].
    pub fn from_units(self, units: Coord<f64>, extent: f64) -> Coord<f64> {
        let width = self.matrix_width();
        let (x, y) = mercator::from_unit(
            (self.x as f64 + units.x / extent) / width,
            (self.y as f64 + units.y / extent) / width,
        );
        Coord { x, y }
    }

    /// The number of columns (and rows) of this zoom.
    fn matrix_width(self) -> f64 {
        f64::from(1u32 << self.z)
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

/// The block of tiles of one zoom that an envelope touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileRange {
    z: u8,
    columns: RangeInclusive<u32>,
    rows: RangeInclusive<u32>,
}

impl TileRange {
    /// The tiles of zoom `z` that an envelope in degrees touches. What lies beyond the Web Mercator square counts to the
    /// square's edge.
    pub fn covering(envelope: Rect<f64>, z: u8) -> Result<Self, TileError> {
        if z > TileId::MAX_ZOOM {
            return Err(TileError::Zoom { z, deepest: TileId::MAX_ZOOM });
        }
        let last = (1u32 << z) - 1;
        let index = |unit: f64| ((unit * f64::from(1u32 << z)).floor().max(0.0) as u32).min(last);
        let (west, north) = mercator::unit(envelope.min().x, envelope.max().y);
        let (east, south) = mercator::unit(envelope.max().x, envelope.min().y);
        Ok(Self { z, columns: index(west)..=index(east), rows: index(north)..=index(south) })
    }

    /// The north-western tile.
    pub fn first(&self) -> TileId {
        TileId { z: self.z, x: *self.columns.start(), y: *self.rows.start() }
    }

    /// The number of tiles.
    pub fn count(&self) -> u64 {
        let length = |range: &RangeInclusive<u32>| u64::from(range.end() - range.start()) + 1;
        length(&self.columns) * length(&self.rows)
    }

    /// The tiles, row by row from the north, west to east.
    pub fn tiles(&self) -> impl Iterator<Item = TileId> + '_ {
        let columns = &self.columns;
        self.rows.clone().flat_map(move |y| columns.clone().map(move |x| TileId { z: self.z, x, y }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tile(z: u8, x: u32, y: u32) -> TileId {
        TileId::new(z, x, y).unwrap()
    }

    fn any_tile() -> impl Strategy<Value = TileId> {
        (0..=TileId::MAX_ZOOM)
            .prop_flat_map(|z| (Just(z), 0..1u32 << z, 0..1u32 << z))
            .prop_map(|(z, x, y)| tile(z, x, y))
    }

    #[test]
    fn numbers_outside_the_matrix_name_no_tile() {
        assert_eq!(TileId::new(25, 0, 0), Err(TileError::Zoom { z: 25, deepest: 24 }));
        assert!(matches!(TileId::new(255, 0, 0), Err(TileError::Zoom { .. })));
        assert!(matches!(TileId::new(3, 8, 0), Err(TileError::Outside { .. })));
        assert_eq!(
            TileId::new(1, 0, 2).unwrap_err().to_string(),
            "zoom 1 has no column 0 with row 2: it has 2 columns and 2 rows, counted from 0"
        );
        assert!(TileId::new(24, (1 << 24) - 1, 0).is_ok());
    }

    #[test]
    fn dali_lies_in_the_tile_that_every_web_map_asks_for() {
        // floor((100.2676 + 180) / 360 * 4096), and the row of the slippy map formula.
        let lat = 25.6065f64.to_radians();
        let row = (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * 4096.0;
        let here = Coord { x: 100.2676, y: 25.6065 };
        let range = TileRange::covering(Rect::new(here, here), 12).unwrap();
        assert_eq!(range.tiles().collect::<Vec<_>>(), [tile(12, 3188, row as u32)]);
        assert_eq!(range.count(), 1);
    }

    #[test]
    fn the_tile_of_zoom_zero_is_the_whole_square() {
        let world = tile(0, 0, 0).envelope();
        assert_eq!((world.min().x, world.max().x), (-180.0, 180.0));
        assert!((world.max().y - mercator::MAX_LATITUDE).abs() < 1e-9);
        assert_eq!(tile(0, 0, 0).envelope_with(0.1), world);
        assert_eq!(tile(0, 0, 0).parent(), None);
    }

    #[test]
    fn an_envelope_beyond_the_square_is_covered_by_the_outermost_tiles() {
        let all = Rect::new(Coord { x: -180.0, y: -90.0 }, Coord { x: 180.0, y: 90.0 });
        assert_eq!(TileRange::covering(all, 3).unwrap().count(), 64);
        assert!(TileRange::covering(all, 99).is_err());
    }

    proptest! {
        #[test]
        fn corners_of_the_envelope_are_corners_in_units(id in any_tile()) {
            let envelope = id.envelope();
            let north_west = id.to_units(Coord { x: envelope.min().x, y: envelope.max().y }, 4096.0);
            let south_east = id.to_units(Coord { x: envelope.max().x, y: envelope.min().y }, 4096.0);
            // One double of longitude is worth 1e-4 units at zoom 24.
            prop_assert!(north_west.x.abs().max(north_west.y.abs()) < 1e-3, "{north_west:?}");
            prop_assert!((south_east.x - 4096.0).abs().max((south_east.y - 4096.0).abs()) < 1e-3, "{south_east:?}");
        }

        #[test]
        fn a_position_in_a_tile_is_found_again(id in any_tile(), x in 0.01..4095.99f64, y in 0.01..4095.99f64) {
            let position = id.from_units(Coord { x, y }, 4096.0);
            let back = id.to_units(position, 4096.0);
            prop_assert!((back.x - x).abs().max((back.y - y).abs()) < 1e-3, "{back:?}");
            let range = TileRange::covering(Rect::new(position, position), id.z()).unwrap();
            prop_assert_eq!(range.tiles().collect::<Vec<_>>(), vec![id]);
        }

        #[test]
        fn a_parent_holds_its_child(id in any_tile()) {
            if let Some(parent) = id.parent() {
                let (inner, outer) = (id.envelope(), parent.envelope());
                prop_assert!(outer.min().x <= inner.min().x && inner.max().x <= outer.max().x);
                prop_assert!(outer.min().y <= inner.min().y + 1e-12 && inner.max().y <= outer.max().y + 1e-12);
            }
        }

        #[test]
        fn the_tiles_that_cover_an_envelope_are_those_that_meet_it(
            (west, south) in (-179.0..179.0f64, -84.0..84.0f64), (width, height) in (0.0..1.0f64, 0.0..1.0f64), z in 0u8..8
        ) {
            let envelope = Rect::new(Coord { x: west, y: south }, Coord { x: west + width, y: south + height });
            let covering: Vec<_> = TileRange::covering(envelope, z).unwrap().tiles().collect();
            for x in 0..1u32 << z {
                for y in 0..1u32 << z {
                    let other = tile(z, x, y).envelope();
                    let meets = other.min().x < envelope.max().x && envelope.min().x < other.max().x
                        && other.min().y < envelope.max().y && envelope.min().y < other.max().y;
                    if meets { prop_assert!(covering.contains(&tile(z, x, y))); }
                    let apart = other.min().x > envelope.max().x + 1e-9 || envelope.min().x > other.max().x + 1e-9
                        || other.min().y > envelope.max().y + 1e-9 || envelope.min().y > other.max().y + 1e-9;
                    if apart { prop_assert!(!covering.contains(&tile(z, x, y))); }
                }
            }
        }
    }
}
