//! Whose assignment or absence begins or ends soon? Then other people are on duty without any edit.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::StaffTable;
use crate::model::{Span, WorkerId};

/// So far ahead is known; then everybody is looked at again.
const AHEAD: TimeDelta = TimeDelta::hours(24);

/// The instants of the next hours at which an assignment or an absence begins or ends. One that was changed since may still be
/// in it: an instant too many costs a look, one too few would be missed.
#[derive(Debug, Clone, Default)]
pub(super) struct Shifts {
    /// How far ahead is known; not at all in an atlas of another time.
    until: Option<DateTime<Utc>>,
    instants: Arc<BTreeMap<DateTime<Utc>, Vec<WorkerId>>>,
}

impl Shifts {
    /// O(assignments and absences).
    pub(super) fn of(staff: &StaffTable, now: DateTime<Utc>) -> Self {
        let until = now + AHEAD;
        Self { until: Some(until), instants: Arc::new(instants(staff, now, until)) }
    }

    /// Those of whom something began or ended after one instant and not after another.
    pub(super) fn between(
        &self,
        staff: &StaffTable,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Vec<WorkerId> {
        match self.until {
            _ if to <= from => Vec::new(),
            Some(until) if to <= until => within(&self.instants, from, to).flatten().copied().collect(),
            _ => instants(staff, from, to).into_values().flatten().collect(),
        }
    }

    /// What is known when it has become later and some spans came; `staff` holds them already.
    pub(super) fn updated(&self, staff: &StaffTable, now: DateTime<Utc>, came: &[(WorkerId, Span)]) -> Self {
        let Some(until) = self.until.filter(|until| now < *until) else { return Self::of(staff, now) };
        let mut next = self.clone();
        for (worker, span) in came {
            for at in edges(span).filter(|at| now < *at && *at <= until) {
                let known = Arc::make_mut(&mut next.instants).entry(at).or_default();
                if known.last() != Some(worker) {
                    known.push(*worker);
                }
            }
        }
        if next.instants.first_key_value().is_some_and(|(at, _)| *at <= now) {
            Arc::make_mut(&mut next.instants).retain(|at, _| *at > now);
        }
        next
    }
}

fn edges(span: &Span) -> impl Iterator<Item = DateTime<Utc>> {
    [span.from, span.until].into_iter().flatten()
}

fn within(
    instants: &BTreeMap<DateTime<Utc>, Vec<WorkerId>>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> impl Iterator<Item = &Vec<WorkerId>> {
    use std::ops::Bound::{Excluded, Included};
    instants.range((Excluded(from), Included(to))).map(|(_, workers)| workers)
}

fn instants(
    staff: &StaffTable,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> BTreeMap<DateTime<Utc>, Vec<WorkerId>> {
    let mut found: BTreeMap<DateTime<Utc>, Vec<WorkerId>> = BTreeMap::new();
    let assignments = staff.assignments().map(|one| (one.worker, one.span));
    let absences = staff.absences().map(|one| (one.worker, one.span));
    for (worker, span) in assignments.chain(absences) {
        for at in edges(&span).filter(|at| from < *at && *at <= to) {
            found.entry(at).or_default().push(worker);
        }
    }
    found
}
