//! Some grids come, go or change: a new table that shares everything else with the old one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use super::order::Order;
use super::{GridIndex, GridTable, KeptGrid, NONE, Row};
use crate::atlas::Envelope;
use crate::atlas::build::{BuildError, place};
use crate::atlas::coverage::{BorderIndex, Shape, Shapes};
use crate::atlas::lookup::Moves;
use crate::model::{GridId, GridVersion};

/// So many grids are put in order one by one; more, and all are sorted.
const ONE_BY_ONE: usize = 64;

/// What came: where, and below which grid.
type Came = Vec<(GridIndex, Option<GridId>)>;
/// What is drawn anew.
type Drawn = Vec<(GridIndex, GridVersion)>;

/// What became of the tree and of the territories.
#[derive(Debug, Default)]
pub(in crate::atlas) struct Changed {
    pub(in crate::atlas) moves: Moves,
    /// Grids that left their place in the tree of the old table, the deepest first; do they come back to another?
    pub(in crate::atlas) detached: Vec<(GridIndex, bool)>,
    /// Grids that came to a place in the tree of the new table, the highest first; were they elsewhere before?
    pub(in crate::atlas) attached: Vec<(GridIndex, bool)>,
    /// Borders that are other than before, or bound other grids, or grids of another level.
    pub(in crate::atlas) borders: BTreeSet<BorderIndex>,
}

/// A grid of the old table and what it becomes.
struct Replaced {
    grid: GridIndex,
    version: GridVersion,
    redrawn: bool,
}

impl GridTable {
    /// The table after changes: each identity with what holds of it now, `None` for nothing. `near` gives the grids of this table
    /// whose envelope meets another. Refused, and nothing changed, where a whole build would be.
    pub(in crate::atlas) fn change(
        &self,
        changes: Vec<(GridId, Option<GridVersion>)>,
        near: impl Fn(&Envelope) -> Vec<GridIndex>,
    ) -> Result<(Self, Changed), BuildError> {
        let (mut gone, mut replaced, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for (id, version) in changes {
            match (self.find_id(id), version) {
                (Some(grid), None) => gone.push(grid),
                (Some(grid), Some(version)) => {
                    let redrawn = self.geometry(grid) != version.grid.geometry;
                    replaced.push(Replaced { grid, version, redrawn });
                }
                (None, Some(version)) => new.push(version),
                (None, None) => {}
            }
        }
        let mut next = self.clone();
        let mut changed = Changed::default();
        let out_of_order = next.take_out(self, &gone, &replaced);
        let (came, drawn) = next.put_in(new, replaced)?;
        next.link(self, &gone, &came, &mut changed)?;
        next.order(self, &out_of_order, &came);
        next.draw(&drawn, near);
        next.note_moves(self, &gone, &came, &drawn, &mut changed);
        changed.borders = next.coverage.take_touched().into_iter().collect();
        for (grid, _) in came.iter().filter(|(grid, _)| self.is_same(*grid, &next)) {
            if self.level(*grid) != next.level(*grid) {
                changed.borders.extend(next.borders(*grid));
            }
        }
        Ok((next, changed))
    }

    /// Takes borders and names out; returns the grids whose place in the order is no longer sure.
    fn take_out(&mut self, old: &Self, gone: &[GridIndex], replaced: &[Replaced]) -> HashSet<GridIndex> {
        let redrawn = replaced.iter().filter(|r| r.redrawn).map(|r| r.grid);
        for grid in gone.iter().copied().chain(redrawn) {
            let shape = old.row(grid).shape.clone();
            self.coverage.remove(grid, &shape);
            self.row_mut(grid).shape = Shape::default();
        }
        let renamed = replaced.iter().filter(|r| {
            (old.code(r.grid), old.level(r.grid)) != (&r.version.grid.code, r.version.grid.level)
        });
        let out: HashSet<_> = gone.iter().copied().chain(renamed.map(|r| r.grid)).collect();
        for grid in &out {
            self.by_code.remove(old.code(*grid));
        }
        for grid in gone {
            self.by_id.remove(&old.id(*grid));
            *self.rows.get_mut(grid.at()) = None;
            self.free.push(*grid);
        }
        out
    }

    /// Puts rows in place, without parents, children and shapes. Returns every grid that is new or other than before, and the
    /// territories of those that are drawn anew.
    fn put_in(
        &mut self,
        new: Vec<GridVersion>,
        replaced: Vec<Replaced>,
    ) -> Result<(Came, Drawn), BuildError> {
        let (mut came, mut drawn) = (Vec::new(), Vec::new());
        for version in new {
            let grid = self.free.pop().unwrap_or_else(|| {
                self.rows.push(None);
                std::sync::Arc::make_mut(&mut self.parents).push(NONE);
                GridIndex(self.rows.len() as u32 - 1)
            });
            came.push((grid, version.grid.parent));
            let row =
                Row::new(KeptGrid::new(version.clone(), Shape::default()), place(&version)?, Vec::new());
            self.by_id.insert(version.grid.id, grid);
            *self.rows.get_mut(grid.at()) = Some(std::sync::Arc::new(row));
            drawn.push((grid, version));
        }
        for Replaced { grid, version, redrawn } in replaced {
            came.push((grid, version.grid.parent));
            let old = self.row(grid);
            let (children, shape) = (old.children.clone(), old.shape.clone());
            let row = |envelope| Row::new(KeptGrid::new(version.clone(), shape), envelope, children);
            *self.row_mut(grid) = match redrawn {
                true => row(place(&version)?),
                false => Row { label: old.label.clone(), ..row(old.envelope) },
            };
            if redrawn {
                drawn.push((grid, version));
            }
        }
        for (grid, _) in &came {
            let code = self.code(*grid).clone();
            if self.by_code.insert(code.clone(), *grid).is_some_and(|other| other != *grid) {
                return Err(BuildError::DuplicateCode(code));
            }
        }
        Ok((came, drawn))
    }

    /// Gives everything that came its parent, and parents their children.
    fn link(
        &mut self,
        old: &Self,
        gone: &[GridIndex],
        came: &[(GridIndex, Option<GridId>)],
        changed: &mut Changed,
    ) -> Result<(), BuildError> {
        let mut parents: HashMap<GridIndex, (Vec<GridIndex>, Vec<GridIndex>)> = HashMap::new();
        let kept: HashSet<_> =
            came.iter().map(|(grid, _)| *grid).filter(|grid| old.is_same(*grid, self)).collect();
        for grid in gone {
            if let Some(parent) = old.parent(*grid) {
                parents.entry(parent).or_default().0.push(*grid);
            }
            self.set_parent(*grid, None);
            changed.detached.push((*grid, false));
        }
        for (grid, parent) in came {
            let parent = match parent {
                None => None,
                Some(id) => {
                    let missing = || BuildError::MissingParent(self.code(*grid).clone());
                    Some(self.find_id(*id).ok_or_else(missing)?)
                }
            };
            let before = kept.contains(grid).then(|| old.parent(*grid));
            if let Some(parent) = parent {
                // Also where the parent is the same: the code may be another, and children are in the order of codes.
                parents.entry(parent).or_default().1.push(*grid);
            }
            if let Some(Some(parent)) = before {
                parents.entry(parent).or_default().0.push(*grid);
            }
            // A parent that went and another that took its place are not the same.
            let same = |a: GridIndex| old.is_same(a, self);
            if before != Some(parent) || parent.is_some_and(|parent| !same(parent)) {
                self.set_parent(*grid, parent);
                let stays = before.is_some();
                if stays {
                    changed.detached.push((*grid, true));
                }
                changed.attached.push((*grid, stays));
            }
        }
        changed.detached.sort_by_key(|(grid, _)| std::cmp::Reverse(old.level(*grid)));
        changed.attached.sort_by_key(|(grid, _)| self.level(*grid));
        for (parent, (left, joined)) in parents {
            if self.rows[parent.at()].is_none() {
                continue;
            }
            let mut children = self.row(parent).children.clone();
            children.retain(|child| !left.contains(child) && !joined.contains(child));
            children.extend(joined);
            children.sort_by(|a, b| self.code(*a).cmp(self.code(*b)));
            let parent = self.row_mut(parent);
            parent.children = children;
            parent.seamless = OnceLock::new();
        }
        self.check_links(old, gone, came)
    }

    /// Every grid next to a changed one in the tree is below its parent.
    fn check_links(
        &self,
        old: &Self,
        gone: &[GridIndex],
        came: &[(GridIndex, Option<GridId>)],
    ) -> Result<(), BuildError> {
        let below = |grid: GridIndex| match self.parent(grid) {
            Some(parent) if self.level(parent) >= self.level(grid) => Err(BuildError::ParentBelow {
                child: self.code(grid).clone(),
                parent: self.code(parent).clone(),
            }),
            _ => Ok(()),
        };
        for (grid, _) in came {
            below(*grid)?;
            self.children(*grid).iter().try_for_each(|child| below(*child))?;
        }
        let moved: HashSet<_> = came.iter().map(|(grid, _)| *grid).collect();
        for child in gone.iter().flat_map(|grid| old.children(*grid)) {
            if old.is_same(*child, self) && !moved.contains(child) {
                return Err(BuildError::MissingParent(self.code(*child).clone()));
            }
        }
        Ok(())
    }

    fn id_of_place(&self, place: GridIndex) -> Option<GridId> {
        self.rows[place.at()].as_ref().map(|row| row.id)
    }

    /// Is the grid at a place of this table still at that place of another?
    fn is_same(&self, grid: GridIndex, other: &Self) -> bool {
        let id = |table: &Self| (grid.at() < table.rows.len()).then(|| table.id_of_place(grid)).flatten();
        id(self).is_some() && id(self) == id(other)
    }

    fn order(&mut self, old: &Self, out: &HashSet<GridIndex>, came: &[(GridIndex, Option<GridId>)]) {
        let joined: Vec<_> = came
            .iter()
            .map(|(grid, _)| *grid)
            .filter(|grid| out.contains(grid) || !old.is_same(*grid, self))
            .collect();
        if out.is_empty() && joined.is_empty() {
            return;
        }
        let mut order = self.order.grids().to_vec();
        if out.len() + joined.len() <= ONE_BY_ONE {
            for grid in out {
                if let Some(place) = order.iter().position(|other| other == grid) {
                    order.remove(place);
                }
            }
            for grid in joined {
                let key = (self.level(grid), self.code(grid));
                let place = order.partition_point(|other| (self.level(*other), self.code(*other)) < key);
                order.insert(place, grid);
            }
        } else {
            order.retain(|grid| !out.contains(grid));
            order.extend(joined);
            order.sort_by(|a, b| (self.level(*a), self.code(*a)).cmp(&(self.level(*b), self.code(*b))));
        }
        let order = Order::new(order, self.rows.len(), |grid| self.level(grid));
        self.order = std::sync::Arc::new(order);
    }

    /// Puts borders in for what is drawn anew.
    fn draw(&mut self, drawn: &[(GridIndex, GridVersion)], near: impl Fn(&Envelope) -> Vec<GridIndex>) {
        let mut earlier: Vec<GridIndex> = Vec::new();
        for (grid, version) in drawn {
            let envelope = *self.envelope(*grid);
            let mut around: BTreeSet<_> = near(&envelope).into_iter().collect();
            around.extend(earlier.iter().filter(|grid| self.envelope(**grid).meets(&envelope)));
            around.remove(grid);
            let around: Vec<_> = around.into_iter().filter(|grid| self.rows[grid.at()].is_some()).collect();
            let mut coverage = std::mem::take(&mut self.coverage);
            let shape = coverage.insert(*grid, &version.grid.geometry, &around, self);
            self.coverage = coverage;
            self.row_mut(*grid).shape = shape;
            earlier.push(*grid);
        }
    }

    fn note_moves(
        &self,
        old: &Self,
        gone: &[GridIndex],
        came: &[(GridIndex, Option<GridId>)],
        drawn: &[(GridIndex, GridVersion)],
        changed: &mut Changed,
    ) {
        let moves = &mut changed.moves;
        let drawn: HashSet<_> = drawn.iter().map(|(grid, _)| *grid).collect();
        let parents = gone.iter().chain(came.iter().map(|(grid, _)| grid)).flat_map(|grid| {
            let before =
                (grid.at() < old.rows.len() && old.rows[grid.at()].is_some()).then(|| old.parent(*grid));
            let after = self.rows[grid.at()].is_some().then(|| self.parent(*grid));
            [before.flatten(), after.flatten()]
        });
        let touched: BTreeSet<GridIndex> =
            gone.iter().copied().chain(came.iter().map(|(grid, _)| *grid)).chain(parents.flatten()).collect();
        for grid in touched {
            let was = grid.at() < old.rows.len() && old.rows[grid.at()].is_some();
            let is = self.rows[grid.at()].is_some();
            let stays = old.is_same(grid, self) && old.level(grid) == self.level(grid);
            let same = stays && !drawn.contains(&grid);
            let was_leaf = was && old.is_leaf(grid);
            let is_leaf = is && self.is_leaf(grid);
            if same && was_leaf == is_leaf {
                continue;
            }
            if was_leaf {
                moves.left.push((grid, *old.envelope(grid)));
            }
            if is_leaf {
                moves.joined.push(grid);
            }
            moves.levels.extend(was.then(|| old.level(grid)));
            moves.levels.extend(is.then(|| self.level(grid)));
            moves.branches |= (was && !was_leaf) || (is && !is_leaf);
        }
    }
}

impl Shapes for GridTable {
    fn shape(&self, grid: GridIndex) -> &Shape {
        &self.row(grid).shape
    }

    fn reshape(&mut self, grid: GridIndex, shape: Shape) {
        self.row_mut(grid).shape = shape;
    }
}
