//! Tiles of the WebMercatorQuad tile matrix set.

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
    /// The zoom is deeper than any tile matrix.
    #[error("zoom {0} is deeper than {max}", max = TileId::MAX_ZOOM)]
    Zoom(u8),
    /// The column or the row is outside the tile matrix.
    #[error("tile {z}/{x}/{y} is outside its matrix: column and row go from 0 to {max}", max = (1u32 << z) - 1)]
    Outside {
        /// Zoom.
        z: u8,
        /// Column.
        x: u32,
        /// Row.
        y: u32,
    },
}

impl TileId {
    /// The deepest zoom: a tile of 2.4 m at the equator.
    pub const MAX_ZOOM: u8 = 24;

    /// Checks a zoom, a column and a row (from the north).
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self, TileError> {
        if z > Self::MAX_ZOOM {
            return Err(TileError::Zoom(z));
        }
        if x >= 1 << z || y >= 1 << z {
            return Err(TileError::Outside { z, x, y });
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
            return Err(TileError::Zoom(z));
        }
        let last = (1u32 << z) - 1;
        let index = |unit: f64| ((unit * f64::from(1u32 << z)).floor().max(0.0) as u32).min(last);
        let (west, north) = mercator::unit(envelope.min().x, envelope.max().y);
        let (east, south) = mercator::unit(envelope.max().x, envelope.min().y);
        Ok(Self { z, columns: index(west)..=index(east), rows: index(north)..=index(south) })
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
