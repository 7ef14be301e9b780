//! Where is it, in which coordinates, how far? Pure geometry, no I/O.
//!
//! Coordinates are longitude, latitude in degrees of CGCS2000 (WGS84 is the same to 0.12 mm) unless a function
//! says otherwise; distances are metres on the ellipsoid, areas square metres. What arrives in another
//! reference system passes through [`Crs`] once, at the door.

pub mod china;
mod clip;
mod coord;
mod crowd;
mod crs;
mod distance;
mod distance_bound;
mod from_geojson;
mod geographic_tile;
mod label;
mod matrix_set;
mod measure;
pub mod mercator;
mod projected;
mod ring;
mod segment;
mod simplify;
mod space;
mod tile;
mod tournament;
pub(crate) mod wkb;

pub use clip::{ClipNumber, clip_line, clip_ring};
pub use crs::{Crs, CrsError};
pub use distance::{Nearest, distance_m, millimetres, nearest_on_lines, nearest_on_segment};
pub use distance_bound::DistanceBound;
pub use from_geojson::from_geojson;
pub use geographic_tile::GeographicTile;
pub use label::interior_point;
pub use matrix_set::{Tile, TileMatrix, TileMatrixSet};
pub use measure::{area_m2, envelope, polygon_area_m2, ring_envelope, signed_area};
pub use projected::Projected;
pub use ring::{Location, locate, locate_among_lines, locate_multipolygon, locate_polygon};
pub use simplify::{simplification_reach, zooms_drawn};
pub use space::{along_surface, in_space};
pub use tile::{TileError, TileId, TileRange};
