//! What is left of polygon arithmetic: pieces that count, and slivers that are counted.

use geo::orient::Direction;
use geo::{Geodesic, Length, MultiPolygon, Orient, Polygon};

use super::{Settings, Slivers};
use crate::geom::polygon_area_m2;

/// The pieces of a defect.
pub(super) struct Sifted {
    /// Pieces above the tolerance, with their areas in square metres.
    pub(super) large: Vec<(Polygon<f64>, f64)>,
    /// The others.
    pub(super) slivers: Slivers,
}

impl Sifted {
    pub(super) fn new(pieces: MultiPolygon<f64>, settings: &Settings) -> Self {
        let mut sifted = Self { large: Vec::new(), slivers: Slivers::default() };
        for piece in pieces {
            let area = polygon_area_m2(&piece);
            if area >= settings.tolerance_m2 && mean_width_m(&piece, area) >= settings.tolerance_m {
                sifted.large.push((piece.orient(Direction::Default), area));
            } else {
                sifted.slivers = sifted.slivers + Slivers { count: 1, area_m2: area };
            }
        }
        sifted
    }

    /// The area of the pieces that count.
    pub(super) fn area_m2(&self) -> f64 {
        self.large.iter().map(|(_, area)| area).sum()
    }

    /// The pieces that count, as one; `None` when there are none.
    pub(super) fn land(self) -> Option<MultiPolygon<f64>> {
        let pieces: Vec<_> = self.large.into_iter().map(|(piece, _)| piece).collect();
        (!pieces.is_empty()).then_some(MultiPolygon(pieces))
    }
}

/// Twice the area over the perimeter: the width of something long and narrow, in metres.
pub(super) fn mean_width_m(polygon: &Polygon<f64>, area_m2: f64) -> f64 {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let perimeter: f64 = rings.map(|ring| Geodesic.length(ring)).sum();
    2.0 * area_m2 / perimeter
}

/// The territory with outer rings counter-clockwise and holes clockwise: what polygon arithmetic on many at once needs.
pub(super) fn oriented(territory: MultiPolygon<f64>) -> MultiPolygon<f64> {
    territory.orient(Direction::Default)
}
