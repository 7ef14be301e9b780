//! Does anything lie in a tile? Asked of whole subtrees, so that nothing is rendered where nothing is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use geo::{Coord, Intersects, MultiPolygon, Rect};

use super::super::catalogue::{Selection, Source};
use super::super::shape::{BUFFER, EXTENT};
use super::super::zooms::layers;
use crate::atlas::{Atlas, Envelope, GridIndex};
use crate::geom::TileId;

/// How far around a tile something still counts, as a share of the tile's width: twice the buffer, so that what was simplified
/// or snapped towards the tile is not missed.
const MARGIN: f64 = 2.0 * BUFFER as f64 / EXTENT as f64;

/// What a selection carries at one zoom, and where it lies.
pub(super) struct Occupied<'a> {
    atlas: &'a Atlas,
    grids: bool,
    buildings: bool,
    facilities: bool,
    /// Territories of divided grids that were looked at, which are few and large.
    territories: Mutex<HashMap<GridIndex, Arc<MultiPolygon<f64>>>>,
}

impl<'a> Occupied<'a> {
    pub(super) fn at(selection: &Selection, atlas: &'a Atlas, zoom: u8) -> Self {
        let shown: Vec<Source> = layers(selection, atlas)
            .into_iter()
            .filter(|layer| layer.zooms.contains(&zoom))
            .map(|layer| layer.definition.source)
            .collect();
        let any = |sources: &[Source]| shown.iter().any(|source| sources.contains(source));
        Self {
            atlas,
            grids: any(&[Source::Grids, Source::GridLabels]),
            buildings: any(&[Source::Buildings, Source::BuildingBlocks]),
            facilities: any(&[Source::Facilities, Source::FacilityClusters]),
            territories: Mutex::default(),
        }
    }

    /// May this tile, or any below it, hold something? Never no where there is something; seldom yes where there is nothing.
    pub(super) fn may_hold(&self, tile: TileId) -> bool {
        let rect = tile.envelope_with(MARGIN);
        let [min, max] = [rect.min(), rect.max()].map(|corner| [corner.x, corner.y]);
        let envelope = Envelope { min, max };
        let resources = self.atlas.resources();
        self.facilities && resources.facilities_in(&envelope).next().is_some()
            || self.buildings && resources.buildings_in(&envelope).next().is_some()
            || self.grids && self.holds_grid(&envelope, rect)
    }

    /// A leaf is small, so that its envelope will do. A divided grid counts by its true territory, and is looked at only
    /// where no leaf is near: outside the region, or where leaves leave a gap.
    fn holds_grid(&self, envelope: &Envelope, rect: Rect<f64>) -> bool {
        let grids = self.atlas.grids();
        let mut divided = Vec::new();
        for grid in self.atlas.grids_in(envelope) {
            match grids.is_leaf(grid) {
                true => return true,
                false => divided.push(grid),
            }
        }
        divided.into_iter().any(|grid| reaches(&self.territory(grid), rect))
    }

    fn territory(&self, grid: GridIndex) -> Arc<MultiPolygon<f64>> {
        let mut known = self.territories.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(grid).or_insert_with(|| Arc::new(self.atlas.grids().geometry(grid))))
    }
}

/// Does a territory meet a rectangle? An edge crosses it, or its middle lies inside.
fn reaches(territory: &MultiPolygon<f64>, rect: Rect<f64>) -> bool {
    let (min, max) = (rect.min(), rect.max());
    let apart = |a: Coord<f64>, b: Coord<f64>| {
        a.x.max(b.x) < min.x || a.x.min(b.x) > max.x || a.y.max(b.y) < min.y || a.y.min(b.y) > max.y
    };
    let rings = territory.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    rings.flat_map(|ring| ring.lines()).any(|line| !apart(line.start, line.end) && rect.intersects(&line))
        || territory.intersects(&rect.center())
}
