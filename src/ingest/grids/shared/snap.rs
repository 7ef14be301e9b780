//! Vertices that are near each other made one.

use std::collections::{BTreeMap, HashMap};

use smallvec::SmallVec;

use super::near::Near;
use super::vertices::{Vertex, Vertices};

type RowSet = SmallVec<[u32; 8]>;

/// Which vertex became which.
#[derive(Debug, Default)]
pub(super) struct Snapped {
    to: HashMap<Vertex, Vertex>,
    /// The rows of the vertices that others were near to, with the rows of those that became it.
    joined: HashMap<Vertex, RowSet>,
}

impl Snapped {
    /// What a vertex became.
    pub(super) fn of(&self, vertex: Vertex) -> Vertex {
        self.to.get(&vertex).copied().unwrap_or(vertex)
    }

    /// Those that became another.
    pub(super) fn moved(&self) -> impl Iterator<Item = Vertex> + '_ {
        self.to.keys().copied()
    }

    /// Did it become another?
    pub(super) fn is_moved(&self, vertex: Vertex) -> bool {
        self.to.contains_key(&vertex)
    }

    /// The rows that have a vertex now.
    pub(super) fn users<'a>(&'a self, vertex: Vertex, vertices: &'a Vertices) -> &'a [u32] {
        self.joined.get(&vertex).map_or_else(|| vertices.users(vertex), SmallVec::as_slice)
    }
}

/// Goes through the vertices that have others near them, those that may not move first, the rest by longitude and latitude:
/// each becomes the nearest of those that stand already, or stands itself.
///
/// So none moves farther than the tolerance however long a chain of near ones is, and the order of rows does not matter.
/// Two vertices of one row never become one: a border finer than the tolerance keeps its shape, and what neighbours share
/// already stays as it is.
pub(super) fn snap(near: &Near, vertices: &Vertices, is_fixed: impl Fn(Vertex) -> bool) -> Snapped {
    let mut around: BTreeMap<Vertex, SmallVec<[(Vertex, f64); 4]>> = BTreeMap::new();
    for (a, b, distance) in &near.pairs {
        around.entry(*a).or_default().push((*b, *distance));
        around.entry(*b).or_default().push((*a, *distance));
    }
    let (fixed, free): (Vec<Vertex>, Vec<Vertex>) = around.keys().partition(|vertex| is_fixed(**vertex));
    let standing = fixed.into_iter().map(|vertex| (vertex, RowSet::from_slice(vertices.users(vertex))));
    let mut snapped = Snapped { to: HashMap::new(), joined: standing.collect() };
    for vertex in free {
        let rows = vertices.users(vertex);
        let may_join = |(other, _): &&(Vertex, f64)| {
            snapped.joined.get(other).is_some_and(|joined| !joined.iter().any(|row| rows.contains(row)))
        };
        let nearest =
            around[&vertex].iter().filter(may_join).min_by(|(a, x), (b, y)| x.total_cmp(y).then(a.cmp(b)));
        match nearest {
            Some((nearest, _)) => {
                snapped.joined.entry(*nearest).or_default().extend_from_slice(rows);
                snapped.to.insert(vertex, *nearest);
            }
            None => {
                snapped.joined.insert(vertex, RowSet::from_slice(rows));
            }
        }
    }
    snapped
}
