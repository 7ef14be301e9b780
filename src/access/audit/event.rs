//! What is told to the log.

use uuid::Uuid;

use crate::access::{Areas, Principal, Role};
use crate::model::{AuditEvent, MOST_AUDITED_IDS};

/// Grids of an area that an entry names at most; who has more is known by its subject.
const MOST_GRIDS: usize = 1_000;
/// Characters of a purpose at most.
const LONGEST_PURPOSE: usize = 100;

/// What is done with personal data or rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// They are shown.
    Read,
    /// They are put in, changed or taken away.
    Write,
    /// They leave in bulk.
    Export,
    /// Rights are given or taken.
    Rights,
}

impl AuditAction {
    /// Its name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Export => "export",
            Self::Rights => "rights",
        }
    }
}

/// Personal data that are about to leave the house.
#[derive(Debug, Clone, Copy)]
pub struct AuditedRead<'a> {
    /// Of which kind: people, workers.
    pub entity: &'static str,
    /// Whose, as far as they are known one by one.
    pub ids: &'a [Uuid],
    /// Of how many.
    pub rows: usize,
    /// The area that it is read for.
    pub area: &'a Areas,
}

impl AuditedRead<'_> {
    /// What the log is told: in several entries where there are many identities, and in one where nobody was found, since that tells something too.
    pub fn events(&self, who: &Principal, origin: &str) -> Vec<AuditEvent> {
        self.of_action(AuditAction::Read, who, origin)
    }

    /// The same for something else that is done with them.
    pub fn of_action(&self, action: AuditAction, who: &Principal, origin: &str) -> Vec<AuditEvent> {
        let one = |ids: &[Uuid], rows: usize| AuditEvent {
            action: action.as_str().into(),
            entity: self.entity.into(),
            ids: ids.to_vec(),
            rows: i64::try_from(rows).unwrap_or(i64::MAX),
            area: grids(self.area),
            ..event_of(who, origin)
        };
        let (parts, last) = self.ids.as_chunks::<MOST_AUDITED_IDS>();
        let mut events: Vec<_> = parts.iter().map(|part| one(part, part.len())).collect();
        let left = self.rows.saturating_sub(parts.len() * MOST_AUDITED_IDS).max(last.len());
        if left > 0 || events.is_empty() {
            events.push(one(last, left));
        }
        events
    }
}

/// An event of a caller, without what was done.
pub fn event_of(who: &Principal, origin: &str) -> AuditEvent {
    AuditEvent {
        // The one character that the database does not keep, and that a provider may put into a subject.
        subject: who.subject().replace('\0', "\u{fffd}"),
        roles: who.roles().iter().map(Role::as_str).map(str::to_owned).collect(),
        purpose: who.purpose().map(|purpose| purpose.as_str().chars().take(LONGEST_PURPOSE).collect()),
        action: "".into(),
        entity: "".into(),
        ids: Vec::new(),
        rows: 0,
        area: None,
        origin: origin.to_owned(),
    }
}

fn grids(areas: &Areas) -> Option<Vec<Uuid>> {
    match areas {
        Areas::All => None,
        Areas::Below(grids) => Some(grids.iter().take(MOST_GRIDS).map(|grid| grid.0).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identity_is_in_the_log_however_many_there_are() {
        let who = Principal::open();
        for (known, rows, expected) in [
            (0, 0, vec![(0, 0)]),
            (3, 3, vec![(3, 3)]),
            (0, 70_000, vec![(0, 70_000)]),
            (1_000, 1_000, vec![(1_000, 1_000)]),
            (2_001, 2_001, vec![(1_000, 1_000), (1_000, 1_000), (1, 1)]),
            (1_000, 1_500, vec![(1_000, 1_000), (0, 500)]),
            (2, 1, vec![(2, 2)]),
        ] {
            let ids: Vec<_> = (0..known).map(Uuid::from_u128).collect();
            let read = AuditedRead { entity: "people", ids: &ids, rows, area: &Areas::All };
            let events = read.events(&who, "::1");
            let told: Vec<_> = events.iter().map(|event| (event.ids.len(), event.rows)).collect();
            assert_eq!(told, expected);
            assert_eq!(events.iter().flat_map(|event| event.ids.clone()).collect::<Vec<_>>(), ids);
            assert!(events.iter().all(|event| event.area.is_none() && event.subject == "open"));
        }
    }
}
