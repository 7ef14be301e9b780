//! From degrees to the lattice of a zoom.

use std::f64::consts::TAU;

use geo::Coord;

use super::shape::EXTENT;
use crate::geom::{Tile, mercator};

/// A place of the series this near to the middle between two units is worked out by the formula: a thousand times the error that
/// the series may have.
const UNSURE: f64 = 1e-3;
/// The error that the series may have, in tile units.
const ERROR: f64 = 1e-6;

/// The lattice that all tiles of a zoom share, counted from the north-western corner of the tile matrix. A vertex belongs to the
/// nearest point of it; halves go east and south, wherever the tile is.
///
/// Rows come from a series around the middle of the tile, or of what is drawn in it, where it cannot be told from the formula: the formula costs ten
/// times as much, and most of a tile's time with it. In degrees the row is linear in the latitude, and the series ends there.
#[derive(Debug, Clone)]
pub(super) struct Lattice {
    plane: Plane,
    /// Tile units around the earth.
    world: f64,
    series: Series,
}

/// How latitudes become rows.
#[derive(Debug, Clone, Copy)]
enum Plane {
    WebMercator,
    Degrees,
}

/// The row of a latitude, as a polynomial of fifth degree around another latitude.
#[derive(Debug, Clone)]
struct Series {
    /// Degrees.
    middle: f64,
    /// The series is good for latitudes that are no further off, degrees.
    reach: f64,
    terms: [f64; 6],
}

impl Lattice {
    pub(super) fn new(tile: Tile) -> Self {
        let world = f64::from(1u32 << tile.detail()) * f64::from(EXTENT);
        let envelope = tile.envelope_with(0.0);
        let (south, north) = (envelope.min().y, envelope.max().y);
        let (middle, height) = ((south + north) / 2.0, north - south);
        let (plane, series) = match tile {
            Tile::WebMercator(_) => (Plane::WebMercator, Series::new(middle, height, world)),
            Tile::Geographic(_) => (Plane::Degrees, Series::linear(middle, height, world)),
        };
        Self { plane, world, series }
    }

    /// Makes latitudes from `south` to `north` quick, degrees, instead of those around the middle of a tile of Web Mercator.
    pub(super) fn expect(&mut self, south: f64, north: f64) {
        self.series = Series::new((south + north) / 2.0, north - south, self.world);
    }

    /// Are there latitudes whose rows need no formula?
    pub(super) fn has_series(&self) -> bool {
        self.series.reach >= 0.0
    }

    /// Tile units around the earth.
    pub(super) fn world(&self) -> f64 {
        self.world
    }

    /// The last column and the last row.
    pub(super) fn last(&self) -> [i64; 2] {
        let columns = self.world as i64;
        let rows = match self.plane {
            Plane::WebMercator => columns,
            Plane::Degrees => columns / 2,
        };
        [columns - 1, rows - 1]
    }

    /// The nearest point of the lattice: column and row.
    #[inline]
    pub(super) fn nearest(&self, vertex: Coord<f64>) -> [i64; 2] {
        // Both are positive, so that cutting off rounds down.
        let column = ((vertex.x / 360.0 + 0.5) * self.world + 0.5) as i64;
        let beside = vertex.y - self.series.middle;
        if beside.abs() <= self.series.reach {
            let row = self.series.row(beside) + 0.5;
            let whole = row as i64;
            let rest = row - whole as f64;
            if (UNSURE..1.0 - UNSURE).contains(&rest) {
                return [column, whole];
            }
        }
        [column, self.row(vertex.y)]
    }

    /// The nearest row by the formula.
    fn row(&self, latitude: f64) -> i64 {
        let share = match self.plane {
            Plane::WebMercator => mercator::unit(0.0, latitude).1,
            Plane::Degrees => (90.0 - latitude) / 360.0,
        };
        (share * self.world + 0.5) as i64
    }
}

impl Series {
    /// The Taylor series of the inverse Gudermannian function. It reaches two heights of a tile from its middle, one, as far as the
    /// buffer, or nowhere, by the bound of its remainder.
    fn new(middle: f64, height: f64, world: f64) -> Self {
        let (secant, tangent) = (1.0 / middle.to_radians().cos(), middle.to_radians().tan());
        let square = tangent * tangent;
        let derivatives = [
            secant,
            secant * tangent,
            secant * (1.0 + 2.0 * square),
            secant * tangent * (5.0 + 6.0 * square),
            secant * (5.0 + 28.0 * square + 24.0 * square * square),
        ];
        let (_, v) = mercator::unit(0.0, middle);
        let mut terms = [v * world; 6];
        let mut scale = -world / TAU;
        for (degree, derivative) in (1..).zip(derivatives) {
            scale *= 1_f64.to_radians() / f64::from(degree);
            terms[degree as usize] = scale * derivative;
        }
        let good = |reach: &f64| remainder(middle, *reach) * world / TAU < ERROR;
        let reach = [2.0, 1.0, 0.52].map(|heights| heights * height).into_iter().find(good).unwrap_or(-1.0);
        Self { middle, reach, terms }
    }

    /// The row in degrees.
    fn linear(middle: f64, height: f64, world: f64) -> Self {
        let terms = [(90.0 - middle) / 360.0 * world, -world / 360.0, 0.0, 0.0, 0.0, 0.0];
        Self { middle, reach: 2.0 * height, terms }
    }

    #[inline]
    fn row(&self, beside: f64) -> f64 {
        self.terms.iter().rev().fold(0.0, |sum, term| sum * beside + term)
    }
}

/// A bound of what the series leaves out, in radians of the equator: the sixth derivative at the end that is nearer to a pole, where it
/// is the largest.
fn remainder(middle: f64, reach: f64) -> f64 {
    let highest = middle.abs() + reach;
    if highest > 85.0 {
        return f64::INFINITY;
    }
    let (secant, tangent) = (1.0 / highest.to_radians().cos(), highest.to_radians().tan());
    let square = tangent * tangent;
    let sixth = secant * tangent * (61.0 + 180.0 * square + 120.0 * square * square);
    sixth * reach.to_radians().powi(6) / 720.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{TileId, TileMatrixSet};
    use proptest::prelude::*;

    fn mercator_tile(z: u8, x: u32, y: u32) -> Tile {
        TileId::new(z, x, y).unwrap().into()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_series_is_as_good_as_it_says(z in 5..=18_u8, place in 0.0..1.0_f64, share in -1.0..1.0_f64) {
            let lattice = Lattice::new(mercator_tile(z, 0, (place * f64::from(1_u32 << z)) as u32));
            let beside = share * lattice.series.reach.max(0.0);
            let latitude = lattice.series.middle + beside;
            let (_, v) = mercator::unit(0.0, latitude);
            // Doubles of a world of 2^30 units are 2.4e-7 apart.
            let bound = ERROR + 1e-6;
            prop_assert!((lattice.series.row(latitude - lattice.series.middle) - v * lattice.world).abs() <= bound);
        }

        #[test]
        fn a_vertex_has_the_same_place_in_whichever_tile_it_is_asked_for(
            z in 0..=18_u8, lon in -180.0..180.0_f64, lat in -90.0..90.0_f64, aside in -2..=2_i64
        ) {
            let scale = f64::from(1_u32 << z);
            let (u, v) = mercator::unit(lon, lat);
            let held = |n: f64, aside: i64| ((n * scale) as i64 + aside).clamp(0, scale as i64 - 1) as u32;
            let tile = mercator_tile(z, held(u, 0), held(v, aside));
            let by_formula = [u, v].map(|n| (n * scale * 4096.0 + 0.5).floor() as i64);
            prop_assert_eq!(Lattice::new(tile).nearest(Coord { x: lon, y: lat }), by_formula);
        }

        #[test]
        fn what_latitudes_are_expected_changes_no_place(
            z in 0..=8_u8, lon in -180.0..180.0_f64, lat in -80.0..80.0_f64, height in 0.0..6.0_f64, share in -1.5..1.5_f64
        ) {
            let at = Coord { x: lon, y: lat + share * height };
            let lattice = Lattice::new(TileMatrixSet::WebMercatorQuad.tile_at(z, Coord { x: lon, y: lat }).unwrap());
            let mut expecting = lattice.clone();
            expecting.expect(lat - height / 2.0, lat + height / 2.0);
            prop_assert_eq!(expecting.nearest(at), lattice.nearest(at));
        }

        #[test]
        fn so_it_has_in_degrees(
            z in 0..=17_u8, lon in -180.0..180.0_f64, lat in -90.0..90.0_f64, aside in -2..=2_i64
        ) {
            let set = TileMatrixSet::Cgcs2000Quad;
            let own = set.tile_at(z, Coord { x: lon, y: lat }).unwrap();
            let row = (i64::from(own.y()) + aside).clamp(0, (1 << z) - 1) as u32;
            let lattice = Lattice::new(set.tile(z, own.x(), row).unwrap());
            // Units of 180 / 4096 degrees, halved at each zoom.
            let unit = 180.0 / 4096.0 / f64::from(1_u32 << z);
            let [column, row] = lattice.nearest(Coord { x: lon, y: lat });
            let off = [column as f64 - (lon + 180.0) / unit, row as f64 - (90.0 - lat) / unit];
            prop_assert!(off.iter().all(|off| off.abs() <= 0.5 + 1e-5), "{off:?}");
            // Where the nearest is not clear every tile must say the same.
            prop_assert_eq!([column, row], Lattice::new(own).nearest(Coord { x: lon, y: lat }));
        }
    }

    /// Latitudes half-way between two rows, and the doubles next to them.
    #[test]
    fn all_tiles_agree_on_a_latitude_between_two_rows() {
        for z in [3, 9, 15, 17] {
            let unit = 180.0 / 4096.0 / f64::from(1_u32 << z);
            for number in 0..1_000 {
                let middle = 31.0 - unit * (f64::from(number) * 37.0 + 0.5);
                for lat in [middle.next_down(), middle, middle.next_up()] {
                    let at = Coord { x: 100.0, y: lat };
                    let own = TileMatrixSet::Cgcs2000Quad.tile_at(z, at).unwrap();
                    let places = [0, 1].map(|down| {
                        let tile = TileMatrixSet::Cgcs2000Quad.tile(z, own.x(), own.y() - down);
                        Lattice::new(tile.unwrap()).nearest(at)
                    });
                    assert_eq!(places[0], places[1], "zoom {z}, latitude {lat}");
                }
            }
        }
    }

    #[test]
    fn the_series_serves_a_prefecture_at_every_zoom_below_8() {
        for z in 0..8 {
            let mut lattice =
                Lattice::new(TileMatrixSet::WebMercatorQuad.tile_at(z, Coord { x: 100.2, y: 25.6 }).unwrap());
            lattice.expect(24.6, 26.7);
            assert!(lattice.has_series(), "zoom {z}");
        }
    }

    #[test]
    fn the_series_serves_every_tile_where_people_live_from_zoom_8_on() {
        for z in 8..=18 {
            for y in [(1_u32 << z) / 2, ((1_u32 << z) as f64 * 0.3) as u32] {
                assert!(Lattice::new(mercator_tile(z, 0, y)).series.reach > 0.0, "zoom {z}, row {y}");
            }
        }
    }
}
