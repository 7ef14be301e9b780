//! The tile matrix sets (OGC 17-083r4) that tiles are served in, and a tile of any of them.
//!
//! CGCS2000Quad is in no register of the OGC. It is WorldCRS84Quad with the coordinate reference system of China, and what Tianditu
//! calls the matrix set `c`, whose levels begin at 1: its `TILEMATRIX` is the zoom here plus one.

use super::geographic_tile::GeographicTile;
use super::mercator::{HALF_WIDTH_M, RADIUS_M};
use super::tile::{TileError, TileId, TileRange};
use geo::{Coord, Rect};
use std::fmt;

/// Pixels of a tile along a side, as the sets reckon their scales.
const PIXELS: f64 = 256.0;
/// The width of a pixel that scales are reckoned by, in metres (OGC 17-083r4, 6.2.1).
const PIXEL_M: f64 = 0.28e-3;

/// A tile matrix set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TileMatrixSet {
    /// The square of Web Mercator (EPSG:3857).
    WebMercatorQuad,
    /// Longitude and latitude of WGS 84 (CRS84).
    WorldCrs84Quad,
    /// Latitude and longitude of CGCS2000 (EPSG:4490).
    Cgcs2000Quad,
}

/// The tile matrix of a zoom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TileMatrix {
    /// Zoom, which is also the identifier.
    pub z: u8,
    /// Scale denominator at the equator.
    pub scale_denominator: f64,
    /// The width of a pixel of 256 a tile, in units of the coordinate reference system.
    pub cell_size: f64,
    /// The north-western corner, in the order of [`TileMatrixSet::axes`].
    pub origin: [f64; 2],
    /// Tiles from west to east.
    pub columns: u32,
    /// Tiles from north to south.
    pub rows: u32,
}

/// A tile of any set. Sets of the same plane have the same tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tile {
    /// Of WebMercatorQuad.
    WebMercator(TileId),
    /// Of WorldCRS84Quad and CGCS2000Quad.
    Geographic(GeographicTile),
}

impl TileMatrixSet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::WebMercatorQuad, Self::WorldCrs84Quad, Self::Cgcs2000Quad];

    /// The set of an identifier.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.id() == id)
    }

    /// The identifier.
    pub fn id(self) -> &'static str {
        match self {
            Self::WebMercatorQuad => "WebMercatorQuad",
            Self::WorldCrs84Quad => "WorldCRS84Quad",
            Self::Cgcs2000Quad => "CGCS2000Quad",
        }
    }

    /// What it is, in a line.
    pub fn title(self) -> &'static str {
        match self {
            Self::WebMercatorQuad => "Google Maps Compatible for the World",
            Self::WorldCrs84Quad => "CRS84 for the World",
            Self::Cgcs2000Quad => "CGCS2000 for the World",
        }
    }

    /// Its address in the register of the OGC; none where it is not registered.
    pub fn uri(self) -> Option<&'static str> {
        match self {
            Self::WebMercatorQuad => Some("http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"),
            Self::WorldCrs84Quad => Some("http://www.opengis.net/def/tilematrixset/OGC/1.0/WorldCRS84Quad"),
            Self::Cgcs2000Quad => None,
        }
    }

    /// The address of its well-known scale set; none where there is none for its coordinate reference system.
    pub fn scale_set(self) -> Option<&'static str> {
        match self {
            Self::WebMercatorQuad => Some("http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"),
            Self::WorldCrs84Quad => Some("http://www.opengis.net/def/wkss/OGC/1.0/GoogleCRS84Quad"),
            Self::Cgcs2000Quad => None,
        }
    }

    /// The address of its coordinate reference system.
    pub fn crs(self) -> &'static str {
        match self {
            Self::WebMercatorQuad => "http://www.opengis.net/def/crs/EPSG/0/3857",
            Self::WorldCrs84Quad => "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            Self::Cgcs2000Quad => "http://www.opengis.net/def/crs/EPSG/0/4490",
        }
    }

    /// The axes of that, in their order.
    pub fn axes(self) -> [&'static str; 2] {
        match self {
            Self::WebMercatorQuad => ["X", "Y"],
            Self::WorldCrs84Quad => ["Lon", "Lat"],
            Self::Cgcs2000Quad => ["Lat", "Lon"],
        }
    }

    /// The deepest zoom.
    pub fn max_zoom(self) -> u8 {
        match self {
            Self::WebMercatorQuad => TileId::MAX_ZOOM,
            Self::WorldCrs84Quad | Self::Cgcs2000Quad => GeographicTile::MAX_ZOOM,
        }
    }

    /// The tile matrices, from the smallest.
    pub fn matrices(self) -> impl Iterator<Item = TileMatrix> {
        (0..=self.max_zoom()).map(move |z| self.matrix(z))
    }

    fn matrix(self, z: u8) -> TileMatrix {
        let rows = 1_u32 << z;
        let (columns, side, metres, origin) = match self {
            Self::WebMercatorQuad => (rows, 2.0 * HALF_WIDTH_M, 1.0, [-HALF_WIDTH_M, HALF_WIDTH_M]),
            Self::WorldCrs84Quad => (2 * rows, 180.0, RADIUS_M.to_radians(), [-180.0, 90.0]),
            Self::Cgcs2000Quad => (2 * rows, 180.0, RADIUS_M.to_radians(), [90.0, -180.0]),
        };
        let cell_size = side / f64::from(rows) / PIXELS;
        TileMatrix { z, scale_denominator: cell_size * metres / PIXEL_M, cell_size, origin, columns, rows }
    }

    /// The tile of a zoom, a column and a row.
    pub fn tile(self, z: u8, column: u32, row: u32) -> Result<Tile, TileError> {
        match self {
            Self::WebMercatorQuad => TileId::new(z, column, row).map(Tile::WebMercator),
            Self::WorldCrs84Quad | Self::Cgcs2000Quad => {
                GeographicTile::new(z, column, row).map(Tile::Geographic)
            }
        }
    }

    /// The tile of a zoom that holds a longitude and latitude in degrees, or the outermost one towards it.
    pub fn tile_at(self, z: u8, position: Coord<f64>) -> Result<Tile, TileError> {
        match self {
            Self::WebMercatorQuad => {
                TileRange::covering(Rect::new(position, position), z).map(|range| range.first().into())
            }
            Self::WorldCrs84Quad | Self::Cgcs2000Quad => {
                GeographicTile::at(z, position).map(Tile::Geographic)
            }
        }
    }

    /// The zoom whose tiles have a detail; see [`Tile::detail`].
    pub fn zoom_of(self, detail: u8) -> Option<u8> {
        match self {
            Self::WebMercatorQuad => Some(detail),
            Self::WorldCrs84Quad | Self::Cgcs2000Quad => detail.checked_sub(1),
        }
    }
}

impl Tile {
    /// Zoom.
    pub fn z(self) -> u8 {
        match self {
            Self::WebMercator(tile) => tile.z(),
            Self::Geographic(tile) => tile.z(),
        }
    }

    /// Column, from the west.
    pub fn x(self) -> u32 {
        match self {
            Self::WebMercator(tile) => tile.x(),
            Self::Geographic(tile) => tile.x(),
        }
    }

    /// Row, from the north.
    pub fn y(self) -> u32 {
        match self {
            Self::WebMercator(tile) => tile.y(),
            Self::Geographic(tile) => tile.y(),
        }
    }

    /// The zoom of WebMercatorQuad at which a tile is as many degrees of longitude wide: what that shows, this shows.
    pub fn detail(self) -> u8 {
        match self {
            Self::WebMercator(tile) => tile.z(),
            Self::Geographic(tile) => tile.z() + 1,
        }
    }

    /// The envelope in degrees, widened on each side by a `buffer` given as a share of the tile's width, and held inside the plane
    /// of the set.
    pub fn envelope_with(self, buffer: f64) -> Rect<f64> {
        match self {
            Self::WebMercator(tile) => tile.envelope_with(buffer),
            Self::Geographic(tile) => tile.envelope_with(buffer),
        }
    }

    /// A longitude and latitude in degrees as tile units, as [`TileId::to_units`] has them.
    pub fn to_units(self, position: Coord<f64>, extent: f64) -> Coord<f64> {
        match self {
            Self::WebMercator(tile) => tile.to_units(position, extent),
            Self::Geographic(tile) => tile.to_units(position, extent),
        }
    }

    /// The longitude and latitude in degrees of tile units; the inverse of [`Tile::to_units`].
    pub fn from_units(self, units: Coord<f64>, extent: f64) -> Coord<f64> {
        match self {
            Self::WebMercator(tile) => tile.from_units(units, extent),
            Self::Geographic(tile) => tile.from_units(units, extent),
        }
    }
}

impl From<TileId> for Tile {
    fn from(tile: TileId) -> Self {
        Self::WebMercator(tile)
    }
}

impl From<GeographicTile> for Tile {
    fn from(tile: GeographicTile) -> Self {
        Self::Geographic(tile)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebMercator(tile) => tile.fmt(f),
            Self::Geographic(tile) => write!(f, "geographic {tile}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Zoom, scale denominator, cell size, columns, rows: the first, one between and the last of OGC 17-083r4, annex D, as registered.
    const WEB_MERCATOR: [(u8, f64, f64, u32, u32); 3] = [
        (0, 559_082_264.028_717, 156_543.033_928_041, 1, 1),
        (12, 136_494.693_366_386, 38.218_514_142_588_1, 4_096, 4_096),
        (24, 33.323_899_747_652_8, 0.009_330_691_929_342_8, 16_777_216, 16_777_216),
    ];
    const CRS84: [(u8, f64, f64, u32, u32); 3] = [
        (0, 279_541_132.014_358, 0.703_125, 2, 1),
        (11, 136_494.693_366_386, 0.000_343_322_753_906_25, 4_096, 2_048),
        (23, 33.323_899_747_652_8, 0.000_000_083_819_031_715_39, 16_777_216, 8_388_608),
    ];

    #[test]
    fn the_matrices_are_those_of_the_standard() {
        let near = |ours: f64, theirs: f64| (ours / theirs - 1.0).abs() < 1e-12;
        for (set, expected) in [
            (TileMatrixSet::WebMercatorQuad, WEB_MERCATOR),
            (TileMatrixSet::WorldCrs84Quad, CRS84),
            (TileMatrixSet::Cgcs2000Quad, CRS84),
        ] {
            let matrices: Vec<_> = set.matrices().collect();
            assert_eq!(matrices.len(), usize::from(expected[2].0) + 1);
            for (z, scale, cell, columns, rows) in expected {
                let ours = matrices[usize::from(z)];
                assert_eq!((ours.z, ours.columns, ours.rows), (z, columns, rows), "{set:?}");
                assert!(near(ours.scale_denominator, scale), "{} is {scale}", ours.scale_denominator);
                // The register rounds this one to 14 decimals.
                assert!(near(ours.cell_size, cell) || (ours.cell_size - cell).abs() < 1e-14, "{cell}");
                assert!(set.tile(z, columns - 1, rows - 1).is_ok() && set.tile(z, columns, 0).is_err());
            }
            assert_eq!(TileMatrixSet::parse(set.id()), Some(set));
        }
        assert_eq!(TileMatrixSet::parse("worldcrs84quad"), None);
    }

    #[test]
    fn the_origin_stands_in_the_order_of_the_axes() {
        let origin = |set: TileMatrixSet| set.matrices().next().map(|matrix| (set.axes(), matrix.origin));
        assert_eq!(origin(TileMatrixSet::WorldCrs84Quad), Some((["Lon", "Lat"], [-180.0, 90.0])));
        assert_eq!(origin(TileMatrixSet::Cgcs2000Quad), Some((["Lat", "Lon"], [90.0, -180.0])));
    }

    /// Levels 1 and 18 of the matrix set `c` in Tianditu's capabilities, whose scales are of 96 pixels an inch.
    #[test]
    fn a_level_of_tianditu_is_the_zoom_plus_one() {
        let pixel_m = 0.0254 / 96.0;
        let matrices: Vec<_> = TileMatrixSet::Cgcs2000Quad.matrices().collect();
        for (level, scale, columns, rows) in
            [(1, 2.958_293_554_545_656e8, 2, 1), (18, 2_256.998_866_688_275, 262_144, 131_072)]
        {
            let matrix = matrices[level - 1];
            let ours = matrix.scale_denominator * PIXEL_M / pixel_m;
            assert!((ours / scale - 1.0).abs() < 1e-12, "level {level}: {ours}");
            assert_eq!((matrix.columns, matrix.rows, matrix.origin), (columns, rows, [90.0, -180.0]));
        }
    }

    #[test]
    fn a_position_has_the_same_column_and_detail_in_every_set() {
        let dali = Coord { x: 100.2676, y: 25.6065 };
        for detail in 1..=24 {
            let tiles =
                TileMatrixSet::ALL.map(|set| set.tile_at(set.zoom_of(detail).unwrap(), dali).unwrap());
            let sides = tiles.map(|tile| tile.envelope_with(0.0)).map(|rect| (rect.min().x, rect.max().x));
            assert!(tiles.iter().all(|tile| (tile.detail(), tile.x()) == (detail, tiles[0].x())));
            assert!(sides.iter().all(|(west, east)| (west - sides[0].0).abs().max(east - sides[0].1) < 1e-9));
        }
        assert_eq!(TileMatrixSet::Cgcs2000Quad.zoom_of(0), None);
    }
}
