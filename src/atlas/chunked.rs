//! A vector whose copies share everything that was not changed since.

use std::ops::Index;
use std::sync::Arc;

/// Elements a chunk: changing one element copies this many, copying the vector one pointer for this many.
pub(super) const CHUNK: usize = 512;

/// A persistent vector: cloning costs one reference count per 512 elements, changing an element copies its chunk when it is
/// shared.
#[derive(Debug, Clone)]
pub(super) struct Chunked<T> {
    chunks: Vec<Arc<Vec<T>>>,
    length: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), length: 0 }
    }
}

impl<T: Clone> Chunked<T> {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The pieces that copies share, in order: [`CHUNK`] elements each, the last one fewer.
    pub(super) fn chunks(&self) -> &[Arc<Vec<T>>] {
        &self.chunks
    }

    pub(super) fn push(&mut self, value: T) {
        if self.length.is_multiple_of(CHUNK) {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        self.length += 1;
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).push(value);
        }
    }

    /// The element for changing; its chunk is copied first when another vector shares it.
    pub(super) fn get_mut(&mut self, at: usize) -> &mut T {
        &mut Arc::make_mut(&mut self.chunks[at / CHUNK])[at % CHUNK]
    }
}

impl<T: Clone> FromIterator<T> for Chunked<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut all = Self::default();
        values.into_iter().for_each(|value| all.push(value));
        all
    }
}

impl<T> Index<usize> for Chunked<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        &self.chunks[at / CHUNK][at % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_to_a_copy_leaves_the_original_as_it_was() {
        let original: Chunked<usize> = (0..2_000).collect();
        let mut copy = original.clone();
        *copy.get_mut(700) = 7;
        copy.push(2_000);
        assert_eq!((original[700], original.len()), (700, 2_000));
        assert_eq!((copy[700], copy[1_999], copy[2_000], copy.len()), (7, 1_999, 2_000, 2_001));
        let shared = original.chunks.iter().zip(&copy.chunks).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert_eq!(shared, 2, "of four chunks, the changed one and the grown one were copied");
        assert!(original.iter().copied().eq(0..2_000));
    }
}
