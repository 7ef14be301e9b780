//! A hash map whose copies share everything that was not changed since.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use foldhash::fast::RandomState;

/// As many as keep a shard of a million entries near a thousand.
const SHARDS: usize = 1 << 10;

/// A persistent hash map: cloning costs one reference count a shard, a change copies one shard when it is shared.
#[derive(Debug, Clone)]
pub(super) struct Sharded<K, V> {
    shards: Vec<Arc<HashMap<K, V, RandomState>>>,
    hasher: RandomState,
    length: usize,
}

impl<K, V> Default for Sharded<K, V> {
    fn default() -> Self {
        let hasher = RandomState::default();
        let empty = Arc::new(HashMap::with_hasher(hasher.clone()));
        Self { shards: vec![empty; SHARDS], hasher, length: 0 }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Sharded<K, V> {
    /// An empty one with room for so many entries: most shards need no more while they come.
    pub(super) fn with_capacity(entries: usize) -> Self {
        let (hasher, each) = (RandomState::default(), entries / SHARDS * 5 / 4);
        let shard = || Arc::new(HashMap::with_capacity_and_hasher(each, hasher.clone()));
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), hasher: hasher.clone(), length: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.shards[self.shard(key)].get(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let shard = self.shard(&key);
        let old = Arc::make_mut(&mut self.shards[shard]).insert(key, value);
        self.length += usize::from(old.is_none());
        old
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let shard = self.shard(key);
        if !self.shards[shard].contains_key(key) {
            return None;
        }
        self.length -= 1;
        Arc::make_mut(&mut self.shards[shard]).remove(key)
    }

    /// The value for changing, made by `default` when there is none.
    pub(super) fn entry(&mut self, key: K, default: impl FnOnce() -> V) -> &mut V {
        let shard = self.shard(&key);
        let shard = Arc::make_mut(&mut self.shards[shard]);
        let length = &mut self.length;
        shard.entry(key).or_insert_with(|| {
            *length += 1;
            default()
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }

    /// The pieces that copies share, in no order of the keys.
    pub(super) fn shards(&self) -> &[Arc<HashMap<K, V, RandomState>>] {
        &self.shards
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // Bits from the middle: the maps inside use the lowest and the highest of the same hash.
        (self.hasher.hash_one(key) >> 32) as usize % SHARDS
    }
}

impl<K: Eq + Hash + Clone, V: Clone> FromIterator<(K, V)> for Sharded<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut all = Self::default();
        entries.into_iter().for_each(|(key, value)| drop(all.insert(key, value)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_to_a_copy_leaves_the_original_as_it_was() {
        let original: Sharded<u32, u32> = (0..5_000).map(|n| (n, n)).collect();
        let mut copy = original.clone();
        assert_eq!(copy.insert(7, 70), Some(7));
        assert_eq!(copy.remove(&8), Some(8));
        assert_eq!(copy.remove(&9_000), None);
        *copy.entry(9_001, || 1) += 1;
        assert_eq!((original.get(&7), original.get(&8), original.len()), (Some(&7), Some(&8), 5_000));
        assert_eq!(
            (copy.get(&7), copy.get(&8), copy.get(&9_001), copy.len()),
            (Some(&70), None, Some(&2), 5_000)
        );
        let shared = original.shards.iter().zip(&copy.shards).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert!(shared >= SHARDS - 3);
        assert_eq!(copy.iter().count(), copy.len());
    }
}
