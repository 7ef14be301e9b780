//! The atlas that requests take now.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Atlas;

/// Holds the current atlas; readers never wait, a new one replaces it in one step.
#[derive(Debug)]
pub struct CurrentAtlas(ArcSwap<Atlas>);

impl CurrentAtlas {
    /// Starts with an atlas.
    pub fn new(atlas: Atlas) -> Self {
        Self(ArcSwap::from_pointee(atlas))
    }

    /// The atlas of this moment; it stays what it is however long it is held.
    pub fn load(&self) -> Arc<Atlas> {
        self.0.load_full()
    }

    /// Puts a newer atlas in its place.
    pub fn replace(&self, atlas: Arc<Atlas>) {
        self.0.store(atlas);
    }
}
