//! Is the division of the land in order? The rules for grids, one file a rule.
//!
//! Every rule reads one [`Atlas`] and gives [`Finding`]s. Boundaries and whether a grid is served are no personal data; no
//! finding names a worker.

mod bounds;
mod crossing;
mod finding;
mod nested;
mod owner;
mod seamless;
mod sift;
mod size;
#[cfg(test)]
mod tests;
mod wellformed;

pub use finding::{Finding, LevelNesting, Report, Rule, Settings, Severity, Slivers, What};

use std::collections::{HashMap, HashSet};

use geo::Coord;
use rayon::prelude::*;

use crate::access::Principal;
use crate::atlas::{Atlas, GridIndex};
use crossing::defects;

/// What the rules share: the atlas, what was asked, and what was found out on the way.
struct Check<'a> {
    atlas: &'a Atlas,
    settings: &'a Settings,
    /// Grids that are not valid, with the places where they are not.
    invalid: HashMap<GridIndex, Vec<Coord<f64>>>,
    tick: &'a (dyn Fn() + Sync),
}

/// Examines the grids of an atlas by every rule, on all cores. `tick` is called now and then, at most once a grid. Findings come by rule, then by level and
/// code.
///
/// Where borders prove that children make up their parent, no polygon arithmetic is needed (see
/// [`GridTable::is_seamless`](crate::atlas::GridTable::is_seamless)): O(vertices log vertices) then.
pub fn check(atlas: &Atlas, _who: &Principal, settings: &Settings, tick: &(dyn Fn() + Sync)) -> Report {
    let mut check = Check { atlas, settings, invalid: HashMap::new(), tick };
    let groups = check.groups();
    check.invalid = check.find_invalid(&groups);
    let families: Vec<_> = groups.into_par_iter().map(|group| check.prove(group)).collect();
    let (mut findings, slivers) = check.seamless(&families);
    let (outside, levels) = check.nested(&families);
    findings.extend(outside);
    findings.extend(check.bounds());
    findings.extend(check.codes());
    findings.extend(check.sizes());
    findings.extend(check.owners());
    let grids = atlas.grids();
    let first = |finding: &Finding| finding.grids.first().map(|grid| grids.code(*grid).clone());
    findings
        .par_sort_by_cached_key(|finding| (finding.rule, finding.severity, finding.level, first(finding)));
    Report {
        revision: atlas.revision(),
        at: settings.at,
        grids: check.selected().len(),
        findings,
        slivers,
        levels,
        sharing: grids.sharing(),
    }
}

/// A parent and its children, or grids without a parent.
type Group = (Option<GridIndex>, Vec<GridIndex>);

/// Grids with one parent, or with none and on one level.
struct Family {
    parent: Option<GridIndex>,
    children: Vec<GridIndex>,
    /// Do borders prove that the children make up the parent?
    proven: bool,
}

impl Check<'_> {
    /// The grids of the levels asked for, by level and code.
    fn selected(&self) -> Vec<GridIndex> {
        let all = self.atlas.grids().all();
        all.filter(|grid| self.is_selected(*grid)).collect()
    }

    fn is_selected(&self, grid: GridIndex) -> bool {
        self.settings.level.is_none_or(|level| self.atlas.grids().level(grid) == level)
    }

    /// What a rule says of each grid asked for.
    fn each(&self, rule: impl Fn(GridIndex) -> Vec<Finding> + Sync) -> Vec<Finding> {
        self.selected().into_par_iter().flat_map_iter(&rule).collect()
    }

    /// Parents with their children, and grids without a parent by level, where one of them is on a level asked for.
    fn groups(&self) -> Vec<Group> {
        let grids = self.atlas.grids();
        let parents = grids.all().filter(|grid| !grids.is_leaf(*grid));
        let mut groups: Vec<Group> =
            parents.map(|grid| (Some(grid), grids.children(grid).to_vec())).collect();
        let roots: Vec<_> = grids.all().filter(|grid| grids.parent(*grid).is_none()).collect();
        let of_level = roots.chunk_by(|a, b| grids.level(*a) == grids.level(*b));
        groups.extend(of_level.map(|roots| (None, roots.to_vec())));
        groups.retain(|(parent, children)| parent.iter().chain(children).any(|grid| self.is_selected(*grid)));
        groups
    }

    /// Those of the groups that are not valid; the proof by borders rests on it.
    fn find_invalid(&self, groups: &[Group]) -> HashMap<GridIndex, Vec<Coord<f64>>> {
        let members = groups.iter().flat_map(|(parent, children)| parent.iter().chain(children).copied());
        let members: HashSet<_> = members.collect();
        let examine = |grid: GridIndex| {
            (self.tick)();
            let places = defects(&self.atlas.grids().geometry(grid));
            (!places.is_empty()).then_some((grid, places))
        };
        members.into_par_iter().filter_map(examine).collect()
    }

    fn prove(&self, (parent, children): Group) -> Family {
        let valid = !parent.iter().chain(&children).any(|grid| self.invalid.contains_key(grid));
        let proven = match parent {
            Some(parent) => valid && self.atlas.grids().is_seamless(parent),
            // One alone overlaps with nobody.
            None => children.len() == 1,
        };
        Family { parent, children, proven }
    }
}
