//! How old is what is answered? Fresh while the database confirms the revision, stale from then on.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// When the atlas was last known to be what the database holds.
#[derive(Debug)]
pub struct Freshness {
    confirmed_ms: AtomicI64,
    lapsed: AtomicBool,
}

impl Default for Freshness {
    fn default() -> Self {
        Self { confirmed_ms: AtomicI64::new(Utc::now().timestamp_millis()), lapsed: AtomicBool::new(false) }
    }
}

impl Freshness {
    /// The database answered and the atlas shows its latest revision.
    pub fn confirm(&self) {
        self.confirmed_ms.store(Utc::now().timestamp_millis(), Ordering::Relaxed);
        self.lapsed.store(false, Ordering::Relaxed);
    }

    /// The database is away, or its latest revision cannot be shown.
    pub fn lapse(&self) {
        self.lapsed.store(true, Ordering::Relaxed);
    }

    /// What is answered was confirmed at this instant, and not since.
    pub fn lapsed_since(&self, confirmed: DateTime<Utc>) {
        self.confirmed_ms.store(confirmed.timestamp_millis(), Ordering::Relaxed);
        self.lapse();
    }

    /// When the database last confirmed what is answered.
    pub fn confirmed(&self) -> DateTime<Utc> {
        let confirmed_ms = self.confirmed_ms.load(Ordering::Relaxed);
        DateTime::from_timestamp_millis(confirmed_ms).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Seconds since the last confirmation, while stale; `None` while fresh.
    pub fn stale_seconds(&self) -> Option<u64> {
        let age = || Utc::now().timestamp_millis() - self.confirmed_ms.load(Ordering::Relaxed);
        self.lapsed.load(Ordering::Relaxed).then(|| u64::try_from(age() / 1_000).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_stale_from_a_lapse_until_the_next_confirmation() {
        let freshness = Freshness::default();
        assert_eq!(freshness.stale_seconds(), None);
        freshness.lapse();
        assert_eq!(freshness.stale_seconds(), Some(0));
        freshness.confirmed_ms.fetch_sub(7_500, Ordering::Relaxed);
        assert_eq!(freshness.stale_seconds(), Some(7));
        freshness.confirm();
        assert_eq!(freshness.stale_seconds(), None);
    }
}
