//! From degrees to the integers of a tile: project, snap, clip, wind.
//!
//! Every vertex is snapped before anything else, to a lattice that all tiles of a zoom share, and a border is cut at points
//! that depend on its segment alone: whoever draws the other side of a border draws the same line, bit for bit.

use geo::{Coord, LineString, Polygon, Rect};

use super::clip::{Ring, clip_polygon};
use super::wind::wind;
use crate::atlas::Envelope;
use crate::geom::{TileId, mercator};

/// The width of a tile in tile units.
pub const EXTENT: u16 = 4096;
/// How far polygons reach beyond the tile, in tile units; points have no buffer.
pub const BUFFER: u16 = 64;

/// Room beyond the buffer for the rounding of the conversions, in tile units.
const SLACK: f64 = 2.0;

/// The square that a tile is drawn in.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    tile: TileId,
    /// Degrees, a little more than the tile with its buffer.
    envelope: Envelope,
    /// Tile units: the tile with its buffer.
    rect: Rect<i32>,
    /// Tile units around the earth at this zoom.
    world: f64,
}

impl Frame {
    pub(super) fn new(tile: TileId) -> Self {
        let buffer = i32::from(BUFFER);
        let (low, high) = (-buffer, i32::from(EXTENT) + buffer);
        Self {
            tile,
            envelope: envelope(tile),
            rect: Rect::new(Coord { x: low, y: low }, Coord { x: high, y: high }),
            world: f64::from(1u32 << tile.z()) * f64::from(EXTENT),
        }
    }

    pub(super) fn zoom(&self) -> u8 {
        self.tile.z()
    }

    /// Degrees: whatever this tile shows meets this envelope.
    pub(super) fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The rings of an area in this tile, each exterior followed by its interiors; none when nothing of it has an extent
    /// here. Rings are open, wound as MVT 2.1 asks, without repeated or collinear vertices.
    pub(super) fn area(&self, polygons: &[Polygon<f64>]) -> Vec<Ring> {
        polygons.iter().flat_map(|polygon| self.polygon(polygon)).collect()
    }

    /// The place of a point in the one tile that owns it, half-open: 0 to 4095 in both directions; `None` elsewhere.
    pub(super) fn point(&self, lon: f64, lat: f64) -> Option<Coord<i32>> {
        let last = self.world as i64 - 1;
        let [x, y] = self.lattice(Coord { x: lon, y: lat }).map(|n| n.clamp(0, last));
        let owner = [x, y].map(|n| n.div_euclid(EXTENT.into()));
        (owner == [i64::from(self.tile.x()), i64::from(self.tile.y())])
            .then(|| Coord { x: (x % i64::from(EXTENT)) as i32, y: (y % i64::from(EXTENT)) as i32 })
    }

    fn polygon(&self, polygon: &Polygon<f64>) -> Vec<Ring> {
        let exterior = self.snap(polygon.exterior());
        if exterior.len() < 3 {
            return Vec::new();
        }
        let interiors: Vec<_> = polygon.interiors().iter().map(|ring| self.snap(ring)).collect();
        wind(clip_polygon(&exterior, &interiors, self.rect))
    }

    /// The vertices of a ring in tile units, without immediate repeats.
    ///
    /// Of a run of vertices that all lie beyond the same side of the tile, only the first and the last are kept: the run
    /// cannot touch the tile, and neither can the line between its ends. A great parent costs little deep inside.
    fn snap(&self, ring: &LineString<f64>) -> Vec<Coord<i32>> {
        let mut snapped = Vec::new();
        let mut push = |vertex: Coord<f64>| {
            let vertex = self.units(vertex);
            if snapped.last() != Some(&vertex) {
                snapped.push(vertex);
            }
        };
        let mut beyond = 0;
        let mut skipped = None;
        for vertex in ring.0.iter().copied() {
            let sides = self.sides(vertex);
            if beyond & sides != 0 {
                beyond &= sides;
                skipped = Some(vertex);
                continue;
            }
            skipped.take().into_iter().for_each(&mut push);
            push(vertex);
            beyond = sides;
        }
        skipped.into_iter().for_each(push);
        snapped
    }

    /// Which sides of the envelope a vertex lies beyond, one bit each.
    fn sides(&self, vertex: Coord<f64>) -> u8 {
        let Envelope { min, max } = &self.envelope;
        u8::from(vertex.x < min[0])
            | u8::from(vertex.x > max[0]) << 1
            | u8::from(vertex.y < min[1]) << 2
            | u8::from(vertex.y > max[1]) << 3
    }

    fn units(&self, vertex: Coord<f64>) -> Coord<i32> {
        let [x, y] = self.lattice(vertex);
        let local = |n: i64, tile: u32| (n - i64::from(tile) * i64::from(EXTENT)) as i32;
        Coord { x: local(x, self.tile.x()), y: local(y, self.tile.y()) }
    }

    /// The nearest point of the lattice that all tiles of this zoom share, counted from the north-western corner of the
    /// tile matrix. Halves go up, wherever the tile is.
    fn lattice(&self, vertex: Coord<f64>) -> [i64; 2] {
        let (u, v) = mercator::unit(vertex.x, vertex.y);
        [u, v].map(|n| (n * self.world + 0.5).floor() as i64)
    }
}

/// The envelope of the tile with its buffer and a little more. Where the tile matrix ends it goes on to the pole: what lies
/// beyond the Web Mercator square is drawn at its edge.
fn envelope(tile: TileId) -> Envelope {
    let rect = tile.envelope_with((f64::from(BUFFER) + SLACK) / f64::from(EXTENT));
    let last = (1u32 << tile.z()) - 1;
    let north = if tile.y() == 0 { 90.0 } else { rect.max().y };
    let south = if tile.y() == last { -90.0 } else { rect.min().y };
    Envelope { min: [rect.min().x, south], max: [rect.max().x, north] }
}
