//! The children of a grid cover it: no gap, no overlap.

use geo::{BooleanOps, MultiPolygon, unary_union};
use rayon::prelude::*;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::sift::{Sifted, oriented};
use super::{Check, Family, Finding, Slivers, What};
use crate::atlas::GridIndex;

impl Check<'_> {
    /// Gaps and overlaps of the families whose borders do not prove that there are none.
    pub(super) fn seamless(&self, families: &[Family]) -> (Vec<Finding>, Slivers) {
        let of_family = |family: &Family| {
            let asked = match family.parent {
                Some(parent) => self.is_selected(parent),
                None => family.children.iter().any(|child| self.is_selected(*child)),
            };
            if family.proven || !asked {
                return (Vec::new(), Slivers::default());
            }
            let (mut gaps, small) = self.gaps(family);
            let (overlaps, smaller) = self.overlaps(family);
            gaps.extend(overlaps);
            (gaps, small + smaller)
        };
        families.par_iter().map(of_family).reduce(
            || (Vec::new(), Slivers::default()),
            |(mut findings, slivers), (more, others)| {
                findings.extend(more);
                (findings, slivers + others)
            },
        )
    }

    fn gaps(&self, family: &Family) -> (Vec<Finding>, Slivers) {
        let Some(parent) = family.parent else { return (Vec::new(), Slivers::default()) };
        let grids = self.atlas.grids();
        let children: Vec<_> = family.children.iter().map(|child| oriented(grids.geometry(*child))).collect();
        let sifted = Sifted::new(grids.geometry(parent).difference(&unary_union(&children)), self.settings);
        let gap =
            |(piece, area_m2)| self.finding_on([parent], What::Gap { area_m2 }, MultiPolygon(vec![piece]));
        (sifted.large.into_iter().map(gap).collect(), sifted.slivers)
    }

    fn overlaps(&self, family: &Family) -> (Vec<Finding>, Slivers) {
        let overlap = |[a, b]: [GridIndex; 2]| {
            let [one, other] = [a, b].map(|grid| self.atlas.grids().geometry(grid));
            let sifted = Sifted::new(one.intersection(&other), self.settings);
            let (slivers, area_m2) = (sifted.slivers, sifted.area_m2());
            let finding = sifted.land().map(|land| self.finding_on([a, b], What::Overlap { area_m2 }, land));
            (finding, slivers)
        };
        let found: Vec<_> = self.pairs(&family.children).into_par_iter().map(overlap).collect();
        let slivers = found.iter().map(|(_, slivers)| *slivers).fold(Slivers::default(), |a, b| a + b);
        (found.into_iter().filter_map(|(finding, _)| finding).collect(), slivers)
    }

    /// Siblings whose envelopes meet, each pair once, the lower code first.
    fn pairs(&self, siblings: &[GridIndex]) -> Vec<[GridIndex; 2]> {
        let envelope = |grid: GridIndex| self.atlas.grids().envelope(grid);
        let boxed = |(place, grid): (usize, &GridIndex)| {
            GeomWithData::new(Rectangle::from_corners(envelope(*grid).min, envelope(*grid).max), place)
        };
        let tree = RTree::bulk_load(siblings.iter().enumerate().map(boxed).collect());
        let mut pairs = Vec::new();
        for (place, grid) in siblings.iter().enumerate() {
            let near = AABB::from_corners(envelope(*grid).min, envelope(*grid).max);
            let later = tree.locate_in_envelope_intersecting(near).filter(|other| other.data > place);
            pairs.extend(later.map(|other| [*grid, siblings[other.data]]));
        }
        pairs
    }
}
