//! A child lies inside its parent. Where it does not, the chain by parent links and a lookup on each level disagree.

use std::collections::BTreeMap;

use geo::BooleanOps;
use rayon::prelude::*;

use super::sift::Sifted;
use super::{Check, Family, Finding, LevelNesting, What};
use crate::atlas::GridIndex;
use crate::geom::area_m2;
use crate::model::Level;

/// What a child has outside of its parent.
struct Outside {
    level: Level,
    proven: bool,
    area_m2: f64,
    finding: Option<Finding>,
}

impl Check<'_> {
    /// Parts of children outside of their parents, grids without a parent, and how well each level is nested.
    pub(super) fn nested(&self, families: &[Family]) -> (Vec<Finding>, Vec<LevelNesting>) {
        let children = families.iter().filter_map(|family| Some((family, family.parent?))).flat_map(
            |(family, parent)| family.children.iter().map(move |child| (*child, parent, family.proven)),
        );
        let asked: Vec<_> = children.filter(|(child, ..)| self.is_selected(*child)).collect();
        let found: Vec<_> = asked.into_par_iter().map(|one| self.outside(one)).collect();
        let mut levels: BTreeMap<Level, LevelNesting> = BTreeMap::new();
        for one in &found {
            let none = LevelNesting { level: one.level, grids: 0, proven: 0, outside_m2: 0.0 };
            let level = levels.entry(one.level).or_insert(none);
            level.grids += 1;
            level.proven += usize::from(one.proven);
            level.outside_m2 += one.area_m2;
        }
        let mut findings: Vec<_> = found.into_iter().filter_map(|one| one.finding).collect();
        findings.extend(self.orphans());
        (findings, levels.into_values().collect())
    }

    fn outside(&self, (child, parent, proven): (GridIndex, GridIndex, bool)) -> Outside {
        let grids = self.atlas.grids();
        let mut outside = Outside { level: grids.level(child), proven, area_m2: 0.0, finding: None };
        if proven {
            return outside;
        }
        let territory = grids.geometry(child);
        let sifted = Sifted::new(territory.difference(&grids.geometry(parent)), self.settings);
        let area = sifted.area_m2();
        outside.area_m2 = area + sifted.slivers.area_m2;
        let what = What::Outside { area_m2: area, share: area / area_m2(&territory) };
        outside.finding = sifted.land().map(|land| self.finding_on([child, parent], what, land));
        outside
    }

    fn orphans(&self) -> Vec<Finding> {
        let grids = self.atlas.grids();
        let top = grids.all().next().map(|grid| grids.level(grid));
        let without = |grid: &GridIndex| grids.parent(*grid).is_none() && Some(grids.level(*grid)) != top;
        let selected = self.selected().into_iter();
        selected.filter(without).map(|grid| self.finding([grid], What::NoParent)).collect()
    }
}
