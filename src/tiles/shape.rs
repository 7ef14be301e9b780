//! The square that a tile is drawn in: from degrees to its integers.
//!
//! Every vertex is snapped before anything else, to a lattice that all tiles of a zoom share, and a border is cut at points
//! that depend on its segment alone: whoever draws the other side of a border draws the same line, bit for bit.

use geo::{Coord, Polygon, Rect};

use super::clip::{Ring, Vertex, clip_polygon, wound};
use super::lattice::Lattice;
use super::trace::Tracer;
use super::wind::{wind, wind_one};
use crate::atlas::Envelope;
use crate::geom::Tile;

/// The width of a tile in tile units.
pub const EXTENT: u16 = 4096;
/// How far polygons reach beyond the tile, in tile units; points have no buffer.
pub const BUFFER: u16 = 64;

/// An atlas tells which tiles a change may show in: it must reckon with at least this reach.
const _: () = assert!((BUFFER as f64 + 2.0 * SLACK) / EXTENT as f64 <= crate::atlas::TILE_REACH);

/// Room beyond the buffer for the rounding of the conversions, in tile units.
const SLACK: f64 = 2.0;

/// The square that a tile is drawn in.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    tile: Tile,
    /// Degrees, a little more than the tile with its buffer.
    envelope: Envelope,
    /// Tile units: the tile with its buffer.
    rect: Rect<i32>,
    lattice: Lattice,
}

/// The rings of a polygon in tile units, not yet clipped.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    pub(super) exterior: Ring,
    pub(super) interiors: Vec<Ring>,
    /// Does any vertex lie outside the tile with its buffer?
    pub(super) leaves: bool,
}

impl Frame {
    pub(super) fn new(tile: Tile) -> Self {
        let buffer = i32::from(BUFFER);
        let (low, high) = (-buffer, i32::from(EXTENT) + buffer);
        Self {
            tile,
            envelope: envelope(tile),
            rect: Rect::new(Coord { x: low, y: low }, Coord { x: high, y: high }),
            lattice: Lattice::new(tile),
        }
    }

    /// Makes vertices quick that lie in some envelopes, where the tile is too high for all of its latitudes to be; changes no place.
    pub(super) fn expect<'a>(&mut self, envelopes: impl Iterator<Item = &'a Envelope>) {
        if self.lattice.has_series() {
            return;
        }
        let band = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
        if let Some((south, north)) = envelopes.map(|one| (one.min[1], one.max[1])).reduce(band) {
            self.lattice.expect(south.max(self.envelope.min[1]), north.min(self.envelope.max[1]));
        }
    }

    /// The zoom of Web Mercator that this tile shows as much as: that at which levels and layers are shown.
    pub(super) fn zoom(&self) -> u8 {
        self.tile.detail()
    }

    /// Degrees: whatever this tile shows meets this envelope.
    pub(super) fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Degrees: whatever lies in this envelope is in this tile, its buffer not counted.
    pub(super) fn inside(&self) -> Envelope {
        let rect = self.tile.envelope_with(-SLACK / f64::from(EXTENT));
        Envelope { min: [rect.min().x, rect.min().y], max: [rect.max().x, rect.max().y] }
    }

    /// Adds the rings of a polygon in this tile.
    pub(super) fn polygon(&self, polygon: &Polygon<f64>, found: &mut Vec<Ring>) {
        let mut tracer = Tracer::default();
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        for (number, ring) in rings.enumerate() {
            tracer.open(number == 0);
            tracer.line(self, ring.0.iter().copied());
        }
        tracer.finish(|sketch| self.cut(sketch, found));
    }

    /// What of a polygon lies in this tile: each exterior followed by its interiors; nothing when nothing of it has an extent here. Rings
    /// are open, wound as MVT 2.1 asks, without repeated or collinear vertices.
    pub(super) fn cut(&self, sketch: Sketch, rings: &mut Vec<Ring>) {
        let Sketch { exterior, interiors, leaves } = sketch;
        match (leaves, interiors.is_empty()) {
            _ if exterior.len() < 3 => {}
            (true, _) => rings.extend(wind(clip_polygon(exterior, interiors, self.rect))),
            (false, true) => rings.extend(wind_one(exterior)),
            (false, false) => {
                let interiors = interiors.into_iter().map(|ring| wound(ring, -1));
                rings.extend(wind(std::iter::once(wound(exterior, 1)).chain(interiors).collect()));
            }
        }
    }

    /// The place of a point in the one tile that owns it, half-open: 0 to 4095 in both directions; `None` elsewhere.
    pub(super) fn point(&self, lon: f64, lat: f64) -> Option<Coord<i32>> {
        let (place, last) = (self.lattice.nearest(Coord { x: lon, y: lat }), self.lattice.last());
        let [x, y] = [0, 1].map(|axis| place[axis].clamp(0, last[axis]));
        let owner = [x, y].map(|n| n.div_euclid(EXTENT.into()));
        (owner == [i64::from(self.tile.x()), i64::from(self.tile.y())])
            .then(|| Coord { x: (x % i64::from(EXTENT)) as i32, y: (y % i64::from(EXTENT)) as i32 })
    }

    /// How many square tile units a square degree has at a latitude.
    pub(super) fn square_units(&self, latitude: f64) -> f64 {
        let unit = self.lattice.world() / 360.0;
        unit * unit / latitude.to_radians().cos().max(f64::EPSILON)
    }

    /// The number of a cell among all cells of the zoom, the tile being so many wide.
    pub(super) fn cell(&self, row: i32, column: i32, wide: i32) -> u64 {
        let number = |tile: u32, cell: i32| u64::from(tile) * wide as u64 + cell as u64;
        number(self.tile.y(), row) << 26 | number(self.tile.x(), column)
    }

    /// Is whatever lies in an envelope without area here, all its vertices being in one column of units or in one row?
    pub(super) fn flattens(&self, envelope: &Envelope) -> bool {
        let Envelope { min, max } = envelope;
        let unit = 360.0 / self.lattice.world();
        if max[0] - min[0] >= unit && max[1] - min[1] >= unit {
            return false;
        }
        let [low, high] = [min, max].map(|corner| self.units(Coord { x: corner[0], y: corner[1] }));
        low.x == high.x || low.y == high.y
    }

    /// Which sides of the envelope a vertex lies beyond, one bit each: 0 when it may be in the tile.
    #[inline]
    pub(super) fn sides(&self, vertex: Coord<f64>) -> u8 {
        let Envelope { min, max } = &self.envelope;
        u8::from(vertex.x < min[0])
            | u8::from(vertex.x > max[0]) << 1
            | u8::from(vertex.y < min[1]) << 2
            | u8::from(vertex.y > max[1]) << 3
    }

    /// The nearest tile unit; of what is farther away than a number holds the farthest, so that it does not come back on the other side.
    #[inline]
    pub(super) fn units(&self, vertex: Coord<f64>) -> Vertex {
        let [x, y] = self.lattice.nearest(vertex);
        let local = |n: i64, tile: u32| {
            let local = n.saturating_sub(i64::from(tile) * i64::from(EXTENT));
            local.clamp(i32::MIN.into(), i32::MAX.into()) as i32
        };
        Coord { x: local(x, self.tile.x()), y: local(y, self.tile.y()) }
    }

    /// Is a place in the tile itself, the buffer and what is at the tile's very side not counted?
    pub(super) fn owns(&self, vertex: Coord<f64>) -> bool {
        let Coord { x, y } = self.units(vertex);
        let inner = 1..i32::from(EXTENT);
        inner.contains(&x) && inner.contains(&y)
    }

    /// Is a vertex outside the tile with its buffer?
    #[inline]
    pub(super) fn is_outside(&self, vertex: Vertex) -> bool {
        let (min, max) = (self.rect.min(), self.rect.max());
        vertex.x < min.x || vertex.x > max.x || vertex.y < min.y || vertex.y > max.y
    }
}

/// The envelope of the tile with its buffer and a little more. Where the tile matrix of Web Mercator ends it goes on to the pole:
/// what lies beyond the square is drawn at its edge.
fn envelope(tile: Tile) -> Envelope {
    let rect = tile.envelope_with((f64::from(BUFFER) + SLACK) / f64::from(EXTENT));
    let (mut south, mut north) = (rect.min().y, rect.max().y);
    if let Tile::WebMercator(tile) = tile {
        let last = (1u32 << tile.z()) - 1;
        north = if tile.y() == 0 { 90.0 } else { north };
        south = if tile.y() == last { -90.0 } else { south };
    }
    Envelope { min: [rect.min().x, south], max: [rect.max().x, north] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{TileId, TileMatrixSet};
    use geo::{BoundingRect, LineString, polygon};
    use proptest::prelude::*;

    #[test]
    fn a_vertex_off_the_earth_stays_on_its_side_of_the_tile() {
        let middle = Coord { x: 100.2, y: 25.6 };
        for zoom in 0..=TileId::MAX_ZOOM {
            let frame = Frame::new(TileMatrixSet::WebMercatorQuad.tile_at(zoom, middle).unwrap());
            let beside = frame.units(middle);
            for far in [1e3, 5e5, 1e18, f64::INFINITY] {
                assert!(frame.units(Coord { x: far, y: 25.6 }).x > beside.x, "{far} at zoom {zoom}");
                assert!(frame.units(Coord { x: -far, y: 25.6 }).x < beside.x, "-{far} at zoom {zoom}");
            }
        }
    }

    #[test]
    fn a_vertex_ten_degrees_away_is_exact_at_the_deepest_zoom() {
        let middle = Coord { x: 100.2, y: 25.6 };
        let frame = Frame::new(TileMatrixSet::WebMercatorQuad.tile_at(TileId::MAX_ZOOM, middle).unwrap());
        let away = frame.units(Coord { x: 110.2, ..middle }).x - frame.units(middle).x;
        let expected = 10.0 / 360.0 * (4096.0 * f64::from(1 << TileId::MAX_ZOOM));
        assert!((f64::from(away) - expected).abs() <= 1.0, "{away}, {expected}");
    }

    #[test]
    fn a_polygon_with_a_corner_off_the_earth_is_drawn_up_to_the_side_of_the_tile() {
        let frame =
            Frame::new(TileMatrixSet::WebMercatorQuad.tile_at(14, Coord { x: 100.2, y: 25.6 }).unwrap());
        let corner = |x: i32, y: i32| {
            let square = 360.0 / f64::from(1 << 14);
            let (west, north) = (frame.envelope.min[0], frame.envelope.max[1]);
            Coord {
                x: west + square * f64::from(x) / 4096.0,
                y: north - 0.9 * square * f64::from(y) / 4096.0,
            }
        };
        let wrong = polygon![corner(1000, 1000), Coord { x: 5e5, ..corner(0, 2000) }, corner(1000, 3000)];
        let mut rings = Vec::new();
        frame.polygon(&wrong, &mut rings);
        let [ring] = &rings[..] else { panic!("{rings:?}") };
        let (least, most) =
            (ring.iter().map(|at| at.x).min().unwrap(), ring.iter().map(|at| at.x).max().unwrap());
        assert!((900..1000).contains(&least) && most == frame.rect.max().x, "{ring:?}");
    }

    proptest! {
        #[test]
        fn a_polygon_is_flat_only_where_nothing_of_it_is_drawn(
            zoom in 0..=20_u8, units in (-0.5..0.5_f64, -0.5..0.5_f64), size in 0.01..1.5_f64,
            corners in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 3..9)
        ) {
            let middle = Coord { x: 100.2, y: 25.6 };
            let frame = Frame::new(TileMatrixSet::WebMercatorQuad.tile_at(zoom, middle).unwrap());
            let unit = 360.0 / frame.lattice.world();
            let corner = |(x, y): &(f64, f64)| middle + Coord { x: units.0 + x * size, y: units.1 + y * size } * unit;
            let ring = LineString(corners.iter().map(corner).collect());
            let rect = ring.bounding_rect().unwrap();
            let envelope = Envelope { min: rect.min().into(), max: rect.max().into() };
            let mut rings = Vec::new();
            frame.polygon(&Polygon::new(ring, Vec::new()), &mut rings);
            let flattens = frame.flattens(&envelope);
            prop_assert!(rings.is_empty() || !flattens);
            // A unit is no higher than wide, in degrees.
            let is_large = (0..2).all(|axis| envelope.max[axis] - envelope.min[axis] > unit * (1.0 + 1e-6));
            prop_assert!(!(is_large && flattens));
            let corner_alone = Envelope { max: envelope.min, ..envelope };
            prop_assert!(frame.flattens(&corner_alone));
        }
    }
}
