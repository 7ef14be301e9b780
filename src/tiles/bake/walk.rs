//! The tiles of one zoom in the order of PMTiles, past subtrees in which nothing lies.

use pmtiles::{PYRAMID_SIZE_BY_ZOOM, TileCoord};

use super::occupied::Occupied;
use crate::geom::TileId;

/// The number of a tile in PMTiles: zoom by zoom, along a Hilbert curve in each.
pub(super) fn number(tile: TileId) -> u64 {
    let coord = TileCoord::new(tile.z(), tile.x(), tile.y()).expect("a TileId lies in its matrix");
    pmtiles::TileId::from(coord).value()
}

/// The tile with a number; `None` for a number beyond the deepest zoom.
pub(super) fn tile(number: u64) -> Option<TileId> {
    let coord = TileCoord::from(pmtiles::TileId::new(number).ok()?);
    TileId::new(coord.z(), coord.x(), coord.y()).ok()
}

/// The tiles of a zoom that may hold something, by rising numbers.
pub(super) struct Walk<'a> {
    occupied: Occupied<'a>,
    zoom: u8,
    /// Tiles up to this number were walked before.
    after: Option<u64>,
    /// What is still to be looked at, the first last.
    ahead: Vec<TileId>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(occupied: Occupied<'a>, zoom: u8, after: Option<u64>) -> Self {
        let world = TileId::new(0, 0, 0).expect("zoom 0 has one tile");
        Self { occupied, zoom, after, ahead: vec![world] }
    }

    /// The last tile of the zoom that lies in a tile above it. A Hilbert curve runs through the whole of a tile before it leaves it.
    fn last_within(&self, tile: TileId) -> u64 {
        let along = number(tile) - PYRAMID_SIZE_BY_ZOOM[usize::from(tile.z())];
        let below = 2 * u32::from(self.zoom - tile.z());
        PYRAMID_SIZE_BY_ZOOM[usize::from(self.zoom)] + ((along + 1) << below) - 1
    }
}

impl Iterator for Walk<'_> {
    type Item = TileId;

    fn next(&mut self) -> Option<TileId> {
        while let Some(tile) = self.ahead.pop() {
            let passed = self.after.is_some_and(|after| self.last_within(tile) <= after);
            if passed || !self.occupied.may_hold(tile) {
                continue;
            }
            if tile.z() == self.zoom {
                return Some(tile);
            }
            let mut children = children(tile);
            children.sort_unstable_by_key(|child| std::cmp::Reverse(number(*child)));
            self.ahead.extend(children);
        }
        None
    }
}

fn children(tile: TileId) -> [TileId; 4] {
    [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| {
        let child = TileId::new(tile.z() + 1, 2 * tile.x() + right, 2 * tile.y() + down);
        child.expect("only tiles above the zoom that is walked are divided")
    })
}
