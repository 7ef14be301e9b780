//! Which borders may have a vertex in an envelope? For whoever asks of all of them.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::BorderIndex;
use super::outline::frame;
use crate::atlas::Envelope;
use crate::atlas::coverage::Coverage;

/// A border with its envelope, in single precision and rounded outwards.
type Framed = GeomWithData<Rectangle<[f32; 2]>, BorderIndex>;

/// The envelopes of borders in a tree. Not kept: it takes as much memory as all that is worked out with it.
pub(super) struct Frames(RTree<Framed>);

impl Frames {
    pub(super) fn of(coverage: &Coverage, borders: impl Iterator<Item = BorderIndex>) -> Self {
        let framed = |border: BorderIndex| {
            let [west, south, east, north] = frame(coverage.line(border));
            GeomWithData::new(Rectangle::from_corners([west, south], [east, north]), border)
        };
        Self(RTree::bulk_load(borders.map(framed).collect()))
    }

    /// The borders whose envelope shares a point with another, each once, in no order; perhaps some that lie very near to it.
    pub(super) fn meeting<'a>(&'a self, envelope: &Envelope) -> impl Iterator<Item = BorderIndex> + use<'a> {
        let [west, south] = envelope.min.map(|side| (side as f32).next_down());
        let [east, north] = envelope.max.map(|side| (side as f32).next_up());
        let query = AABB::from_corners([west, south], [east, north]);
        self.0.locate_in_envelope_intersecting(query).map(|framed| framed.data)
    }
}
