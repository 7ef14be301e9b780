//! The borders between two junctions, as one line.

use geo::Coord;

use super::BorderIndex;
use super::links::{End, Links};
use crate::atlas::coverage::Coverage;

/// Borders that follow one another, each with whether it is followed backwards; or one closed line of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) parts: Vec<(BorderIndex, bool)>,
    /// Does the last go on by the first, without a junction?
    endless: bool,
}

impl Chain {
    /// The chain that a border is part of.
    pub(super) fn through(links: &Links, border: BorderIndex) -> Self {
        let mut parts = vec![(border, false)];
        let mut at = End::last(border, false);
        while let Some(next) = links.get(at) {
            if next == End::first(border, false) {
                return Self { parts, endless: true };
            }
            parts.push((next.border(), next.reversed()));
            at = End::last(next.border(), next.reversed());
        }
        let mut back = Vec::new();
        let mut at = End::first(border, false);
        while let Some(before) = links.get(at) {
            // Going backwards one comes to a border by its other end.
            back.push((before.border(), !before.reversed()));
            at = End::first(before.border(), !before.reversed());
        }
        back.reverse();
        back.append(&mut parts);
        Self { parts: back, endless: false }
    }

    /// Its vertices in the order of its parts; the last of one is the first of the next.
    pub(super) fn vertices(&self, coverage: &Coverage) -> Vec<Coord<f64>> {
        let mut vertices: Vec<Coord<f64>> = Vec::new();
        for (border, reversed) in &self.parts {
            let line = coverage.line(*border);
            vertices.pop();
            match reversed {
                false => vertices.extend_from_slice(line),
                true => vertices.extend(line.iter().rev()),
            }
        }
        vertices
    }

    /// The order of its vertices that is the same whichever border it was found by: an endless one begins at its lowest vertex, and
    /// of the two directions the one with the lower vertices first counts.
    pub(super) fn order(&self, vertices: &[Coord<f64>]) -> Order {
        let around = vertices.len() - 1;
        let lowest = || (0..around).min_by_key(|at| key(vertices[*at])).unwrap_or(0);
        let start = if self.endless { lowest() } else { 0 };
        let order = |turned| Order { start, turned, endless: self.endless, around };
        let keys = |order: Order| (0..=around).map(move |step| key(vertices[order.vertex(step)]));
        order(keys(order(true)).lt(keys(order(false))))
    }
}

/// Which vertex of a chain comes at which place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    start: usize,
    turned: bool,
    endless: bool,
    /// Edges of the chain.
    around: usize,
}

impl Order {
    /// The place among the vertices of the chain of what comes after so many steps.
    pub(super) fn vertex(&self, step: usize) -> usize {
        let around = self.around;
        match (self.endless, self.turned) {
            (false, false) => step,
            (false, true) => around - step,
            (true, false) => (self.start + step) % around,
            (true, true) => (self.start + around - step % around) % around,
        }
    }
}

fn key(vertex: Coord<f64>) -> [u64; 2] {
    [vertex.x.to_bits(), vertex.y.to_bits()]
}
