//! Boxes by place, with changes laid over a packed tree until there are enough of them to pack it again.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::Envelope;

/// So many changes are looked through one by one before the tree is packed anew.
const LAID_OVER: usize = 1_024;

type Boxed<K> = GeomWithData<Rectangle<[f64; 2]>, K>;

/// The keys of boxes; a key may have several boxes. Copies share the tree.
#[derive(Debug, Clone)]
pub(super) struct Spatial<K> {
    packed: Arc<RTree<Boxed<K>>>,
    /// Boxes that came after the tree was packed.
    added: Vec<Boxed<K>>,
    /// Keys whose boxes in the tree no longer count.
    gone: HashSet<K>,
}

impl<K: Copy + Eq + Hash + Send + Sync> Default for Spatial<K> {
    fn default() -> Self {
        Self { packed: Arc::new(RTree::new()), added: Vec::new(), gone: HashSet::new() }
    }
}

impl<K: Copy + Eq + Hash + Send + Sync> Spatial<K> {
    pub(super) fn build(boxes: impl Iterator<Item = (K, Envelope)>) -> Self {
        let packed = RTree::bulk_load(boxes.map(|(key, envelope)| boxed(key, &envelope)).collect());
        Self { packed: Arc::new(packed), ..Self::default() }
    }

    /// Replaces all boxes of a key.
    pub(super) fn set(&mut self, key: K, envelopes: impl Iterator<Item = Envelope>) {
        self.added.retain(|boxed| boxed.data != key);
        self.gone.insert(key);
        self.added.extend(envelopes.map(|envelope| boxed(key, &envelope)));
    }

    /// Packs the tree anew when enough changes lie over it. Once after all changes of a step: packing takes time by what there is.
    pub(super) fn settle(&mut self) {
        if self.added.len() + self.gone.len() > LAID_OVER {
            let kept = self.packed.iter().filter(|boxed| !self.gone.contains(&boxed.data)).copied();
            self.packed = Arc::new(RTree::bulk_load(kept.chain(self.added.iter().copied()).collect()));
            self.added.clear();
            self.gone.clear();
        }
    }

    /// The keys of the boxes that meet an envelope, a key once a box, in no order.
    pub(super) fn meeting(&self, envelope: &Envelope) -> impl Iterator<Item = K> + use<'_, K> {
        let query = AABB::from_corners(envelope.min, envelope.max);
        let packed = self.packed.locate_in_envelope_intersecting(query);
        let kept = packed.filter(|boxed| !self.gone.contains(&boxed.data));
        let envelope = *envelope;
        let added = self.added.iter().filter(move |boxed| {
            Envelope { min: boxed.geom().lower(), max: boxed.geom().upper() }.meets(&envelope)
        });
        kept.chain(added).map(|boxed| boxed.data)
    }
}

fn boxed<K>(key: K, envelope: &Envelope) -> Boxed<K> {
    GeomWithData::new(Rectangle::from_corners(envelope.min, envelope.max), key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(at: f64) -> Envelope {
        Envelope { min: [at, at], max: [at + 1.0, at + 1.0] }
    }

    #[test]
    fn changes_show_before_and_after_the_tree_is_packed_again_and_not_in_earlier_copies() {
        let original = Spatial::build((0..10_u32).map(|n| (n, square(f64::from(n) * 10.0))));
        let mut changed = original.clone();
        let found = |index: &Spatial<u32>, at: f64| {
            let mut keys: Vec<_> = index.meeting(&square(at)).collect();
            keys.sort_unstable();
            keys
        };
        changed.set(3, std::iter::once(square(50.5)));
        changed.set(4, std::iter::empty());
        assert_eq!(
            (found(&changed, 30.0), found(&changed, 40.0), found(&changed, 50.0)),
            (vec![], vec![], vec![3, 5])
        );
        (0..2_000).for_each(|n| changed.set(100 + n, std::iter::once(square(-50.0))));
        assert_eq!(found(&changed, -50.0).len(), 2_000);
        changed.settle();
        assert!(changed.added.is_empty() && changed.gone.is_empty(), "packed again");
        assert_eq!((found(&changed, 30.0), found(&changed, 50.0)), (vec![], vec![3, 5]));
        assert_eq!(found(&changed, -50.0).len(), 2_000);
        assert_eq!((found(&original, 30.0), found(&original, 50.0)), (vec![3], vec![5]));
    }
}
