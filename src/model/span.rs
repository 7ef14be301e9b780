//! A span of time during which something holds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// From an instant (included) until another (excluded), or for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first instant at which it holds; `None`: since always.
    pub from: Option<DateTime<Utc>>,
    /// The first instant at which it holds no longer; `None`: open.
    pub until: Option<DateTime<Utc>>,
}

impl Span {
    /// Since always, for ever.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// Does it hold at this instant?
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeZone};

    #[test]
    fn a_span_holds_at_its_start_and_no_longer_at_its_end() {
        let midnight = Utc.with_ymd_and_hms(2026, 3, 1, 0, 0, 0).unwrap();
        let span = Span { from: Some(midnight), until: Some(midnight + Duration::days(1)) };
        let tick = Duration::microseconds(1);
        assert!(!span.contains(midnight - tick));
        assert!(span.contains(midnight));
        assert!(span.contains(midnight + Duration::days(1) - tick));
        assert!(!span.contains(midnight + Duration::days(1)));
    }
}
