//! Territories are valid, no slivers, one part.

use geo::{Geometry, MultiPoint, MultiPolygon, Point};

use super::sift::mean_width_m;
use super::{Check, Finding, What};
use crate::atlas::GridIndex;
use crate::geom::polygon_area_m2;

/// The most places of one grid that are shown.
const MOST_PLACES: usize = 100;

impl Check<'_> {
    /// Every territory by itself.
    pub(super) fn bounds(&self) -> Vec<Finding> {
        self.each(|grid| {
            let territory = self.atlas.grids().geometry(grid);
            let mut found: Vec<_> = self.invalid(grid).into_iter().collect();
            found.extend(self.slivers(grid, &territory));
            if territory.0.len() > 1 {
                found.push(self.finding([grid], What::Parts { count: territory.0.len() }));
            }
            found
        })
    }

    fn invalid(&self, grid: GridIndex) -> Option<Finding> {
        let places = self.invalid.get(&grid)?;
        let shown = places.iter().take(MOST_PLACES).map(|place| Point(*place)).collect();
        let finding = self.finding([grid], What::Invalid { places: places.len() });
        Some(Finding { geometry: Some(Geometry::MultiPoint(MultiPoint(shown))), ..finding })
    }

    fn slivers(&self, grid: GridIndex, territory: &MultiPolygon<f64>) -> Vec<Finding> {
        let sliver = |part: &geo::Polygon<f64>| {
            let area_m2 = polygon_area_m2(part);
            let width_m = mean_width_m(part, area_m2);
            let what = What::Sliver { width_m, area_m2 };
            (width_m < self.settings.sliver_m)
                .then(|| self.finding_on([grid], what, MultiPolygon(vec![part.clone()])))
        };
        territory.iter().filter_map(sliver).collect()
    }
}
