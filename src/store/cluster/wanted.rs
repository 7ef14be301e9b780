//! Does anybody still wait for the work of a helper thread?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ClusterError;

/// Held by the helper thread, which asks now and then.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted(Arc<AtomicBool>);

/// Held by who waits; dropping it gives the work up.
#[derive(Debug)]
pub(super) struct Waiting(Wanted);

impl Wanted {
    /// Work that is wanted as long as the other half lives.
    pub(super) fn new() -> (Self, Waiting) {
        let wanted = Self::default();
        (wanted.clone(), Waiting(wanted))
    }

    /// [`ClusterError::GivenUp`] once nobody waits any more.
    pub(super) fn check(&self) -> Result<(), ClusterError> {
        if self.0.load(Ordering::Acquire) { Err(ClusterError::GivenUp) } else { Ok(()) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Release);
    }
}
