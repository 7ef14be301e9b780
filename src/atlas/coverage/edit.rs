//! One grid's borders taken out of a coverage, or put in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use geo::{Coord, MultiPolygon};
use smallvec::smallvec;

use super::shape::ShapeBuilder;
use super::share::{Key, key, rings};
use super::{Border, BorderIndex, Coverage, Shape};
use crate::atlas::{Envelope, GridIndex};

/// Where the shapes of grids are kept.
pub(in crate::atlas) trait Shapes {
    /// The shape of a grid.
    fn shape(&self, grid: GridIndex) -> &Shape;
    /// Gives a grid a shape of the same territory.
    fn reshape(&mut self, grid: GridIndex, shape: Shape);
}

/// An edge of a stored border, as a new ring meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Met {
    border: BorderIndex,
    /// The edge's place in its border.
    edge: usize,
    reversed: bool,
}

/// Consecutive edges of a new ring, `length` of them from `from`: along one border, or along none.
struct Stretch {
    from: usize,
    length: usize,
    met: Option<Met>,
}

impl Coverage {
    /// Takes a grid out; borders that bound no other grid are gone.
    pub(in crate::atlas) fn remove(&mut self, grid: GridIndex, shape: &Shape) {
        for border in shape.borders() {
            self.touched.push(border);
            let slot = self.borders.get_mut(border.0 as usize);
            let Some(stored) = slot else { continue };
            if let Some(at) = stored.users.iter().position(|user| *user == grid) {
                stored.users.remove(at);
            }
            if stored.users.is_empty() {
                *slot = None;
                self.free.push(border);
            }
        }
    }

    /// Puts a grid in, along the borders of the grids `near` it, which are cut where it joins or leaves them. Returns its
    /// shape; those of other grids are changed in place. `near` must hold every grid whose envelope meets the territory's.
    pub(in crate::atlas) fn insert(
        &mut self,
        grid: GridIndex,
        territory: &MultiPolygon<f64>,
        near: &[GridIndex],
        shapes: &mut impl Shapes,
    ) -> Shape {
        let edges = self.edges_near(territory, near, shapes);
        let rings: Vec<_> = rings(territory).collect();
        let stretches: Vec<Vec<Stretch>> =
            rings.iter().map(|(_, vertices)| stretches(vertices, &edges)).collect();
        let pieces = self.cut_where_joined(stretches.iter().flatten(), shapes);
        let mut shape = ShapeBuilder::default();
        for ((opens_polygon, vertices), stretches) in rings.iter().zip(&stretches) {
            let first = stretches.first().map_or(0, |stretch| stretch.from);
            shape.open_ring(*opens_polygon, (vertices.len() - first) % vertices.len().max(1));
            for stretch in stretches {
                for (border, reversed) in self.settle(vertices, stretch, &pieces) {
                    self.touched.push(border);
                    if let Some(stored) = self.borders.get_mut(border.0 as usize) {
                        stored.users.push(grid);
                    }
                    shape.push(border, reversed);
                }
            }
        }
        shape.finish()
    }

    /// Every edge of the borders near a territory, in both directions.
    fn edges_near(
        &self,
        territory: &MultiPolygon<f64>,
        near: &[GridIndex],
        shapes: &impl Shapes,
    ) -> HashMap<[Key; 2], Met> {
        let Some(envelope) = Envelope::of(territory) else { return HashMap::new() };
        let borders: BTreeSet<_> = near.iter().flat_map(|grid| shapes.shape(*grid).borders()).collect();
        let mut edges = HashMap::new();
        for border in borders {
            for (at, edge) in self.line(border).windows(2).enumerate() {
                if !Envelope::of_edge(edge[0], edge[1]).meets(&envelope) {
                    continue;
                }
                let ends = [key(edge[0]), key(edge[1])];
                edges.insert(ends, Met { border, edge: at, reversed: false });
                edges.insert([ends[1], ends[0]], Met { border, edge: at, reversed: true });
            }
        }
        edges
    }

    /// Cuts borders at the ends of the stretches along them; the pieces of each by their first edges.
    fn cut_where_joined<'a>(
        &mut self,
        stretches: impl Iterator<Item = &'a Stretch>,
        shapes: &mut impl Shapes,
    ) -> HashMap<BorderIndex, BTreeMap<usize, BorderIndex>> {
        let mut cuts: HashMap<BorderIndex, BTreeSet<usize>> = HashMap::new();
        for stretch in stretches {
            let Some(met) = stretch.met else { continue };
            let first = if met.reversed { met.edge + 1 - stretch.length } else { met.edge };
            cuts.entry(met.border).or_default().extend([first, first + stretch.length]);
        }
        cuts.into_iter().map(|(border, cuts)| (border, self.cut(border, &cuts, shapes))).collect()
    }

    fn cut(
        &mut self,
        whole: BorderIndex,
        cuts: &BTreeSet<usize>,
        shapes: &mut impl Shapes,
    ) -> BTreeMap<usize, BorderIndex> {
        let Some(Border { line, users }) = self.get(whole).cloned() else { return BTreeMap::new() };
        let edges = line.len() - 1;
        let inner: Vec<_> = cuts.iter().copied().filter(|at| (1..edges).contains(at)).collect();
        if inner.is_empty() {
            return BTreeMap::from([(0, whole)]);
        }
        *self.borders.get_mut(whole.0 as usize) = None;
        self.touched.push(whole);
        self.free.push(whole);
        let starts: Vec<_> = std::iter::once(0).chain(inner).collect();
        let mut pieces = BTreeMap::new();
        for (place, start) in starts.iter().enumerate() {
            let end = starts.get(place + 1).copied().unwrap_or(edges);
            let piece = self.add(Border { line: line[*start..=end].into(), users: users.clone() });
            pieces.insert(*start, piece);
        }
        let in_order: Vec<_> = pieces.values().copied().collect();
        let users: BTreeSet<_> = users.into_iter().collect();
        for user in users {
            let reshaped = shapes.shape(user).with_pieces(whole, &in_order);
            shapes.reshape(user, reshaped);
        }
        pieces
    }

    /// The borders of a stretch in the direction of its ring; one is made where it runs along none.
    fn settle(
        &mut self,
        vertices: &[Coord<f64>],
        stretch: &Stretch,
        pieces: &HashMap<BorderIndex, BTreeMap<usize, BorderIndex>>,
    ) -> Vec<(BorderIndex, bool)> {
        let Some(met) = stretch.met else {
            let line =
                (0..=stretch.length).map(|at| vertices[(stretch.from + at) % vertices.len()]).collect();
            return vec![(self.add(Border { line, users: smallvec![] }), false)];
        };
        let first = if met.reversed { met.edge + 1 - stretch.length } else { met.edge };
        let along = pieces[&met.border].range(first..first + stretch.length);
        let mut along: Vec<_> = along.map(|(_, piece)| (*piece, met.reversed)).collect();
        if met.reversed {
            along.reverse();
        }
        along
    }
}

/// Takes a ring apart where it joins or leaves stored borders.
fn stretches(vertices: &[Coord<f64>], edges: &HashMap<[Key; 2], Met>) -> Vec<Stretch> {
    let length = vertices.len();
    let met: Vec<_> = (0..length)
        .map(|at| edges.get(&[key(vertices[at]), key(vertices[(at + 1) % length])]).copied())
        .collect();
    let goes_on = |before: Option<Met>, after: Option<Met>| match (before, after) {
        (None, None) => true,
        (Some(a), Some(b)) if a.border == b.border && a.reversed == b.reversed => {
            if a.reversed {
                a.edge == b.edge + 1
            } else {
                a.edge + 1 == b.edge
            }
        }
        _ => false,
    };
    // Begin where something ends, so that no stretch is cut by the ring's own first vertex.
    let start = (0..length).find(|at| !goes_on(met[(at + length - 1) % length], met[*at])).unwrap_or(0);
    let mut found: Vec<Stretch> = Vec::new();
    for step in 0..length {
        let at = (start + step) % length;
        match found.last_mut() {
            Some(last) if goes_on(met[(at + length - 1) % length], met[at]) => last.length += 1,
            _ => found.push(Stretch { from: at, length: 1, met: met[at] }),
        }
    }
    found
}
