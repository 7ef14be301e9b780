//! The part of the earth that a tile shows.

/// What a tile shows, in the reference system of its tile matrix, and as degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// EPSG code of the tile matrix.
    pub srid: i32,
    /// The tile: west, south, east, north in that system.
    pub envelope: [f64; 4],
    /// The tile with its buffer, held inside the tile matrix, likewise.
    pub reach: [f64; 4],
    /// The same in degrees of longitude and latitude.
    pub degrees: [f64; 4],
    /// Is it in the last column, and in the last row? What lies on the edge of the tile matrix has no other tile.
    pub is_last: [bool; 2],
}

impl Window {
    /// The longest side in degrees.
    pub(super) fn breadth(&self) -> f64 {
        let [west, south, east, north] = self.degrees;
        (east - west).max(north - south)
    }
}
