//! Break-glass in memory: which areas are open to whom beyond their own. Every server holds all of them and looks for changes
//! (`store::KeyWatch`).

use std::collections::HashMap;

use arc_swap::ArcSwap;
use chrono::Utc;

use super::{Principal, Role};
use crate::model::OpenGlass;

/// What is open, by subject.
#[derive(Debug, Default)]
pub struct Glasses(ArcSwap<HashMap<String, Vec<OpenGlass>>>);

impl Glasses {
    /// Puts these in the place of what was known.
    pub fn replace(&self, open: Vec<OpenGlass>) {
        let mut of_subject: HashMap<String, Vec<OpenGlass>> = HashMap::new();
        for glass in open {
            of_subject.entry(glass.subject.clone()).or_default().push(glass);
        }
        self.0.store(of_subject.into());
    }

    /// How many are open now.
    pub fn count(&self) -> usize {
        let now = Utc::now();
        self.0.load().values().flatten().filter(|glass| now < glass.until).count()
    }

    /// Is all still open that a caller opened itself?
    pub(super) fn hold(&self, who: &Principal) -> bool {
        let (all, now) = (self.0.load(), Utc::now());
        let open = || all.get(who.subject()).into_iter().flatten().filter(|glass| now < glass.until);
        who.break_glass().iter().all(|area| open().any(|glass| glass.area == *area))
    }

    /// A caller, with what is open to it. Only a commander keeps what a commander opened.
    pub(super) fn open_to(&self, who: Principal) -> Principal {
        let all = self.0.load();
        if all.is_empty() || !who.roles().has(Role::Commander) {
            return who;
        }
        let now = Utc::now();
        let open = all.get(who.subject()).into_iter().flatten().filter(|glass| now < glass.until);
        who.with_break_glass(open)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::access::{Areas, Identity, Means};
    use crate::model::GridId;

    fn caller(subject: &str, role: Role) -> Principal {
        Principal::of(Identity {
            subject: subject.into(),
            means: Means::Token,
            roles: [role].into_iter().collect(),
            areas: Areas::below([GridId(Uuid::from_u128(1))]),
            worker: None,
            until: Some(Utc::now() + TimeDelta::hours(1)),
        })
    }

    fn glass(subject: &str, area: u128, minutes: i64) -> OpenGlass {
        let now = Utc::now();
        OpenGlass {
            id: Uuid::now_v7(),
            subject: subject.into(),
            area: GridId(Uuid::from_u128(area)),
            granted: now,
            until: now + TimeDelta::minutes(minutes),
        }
    }

    #[test]
    fn what_is_open_is_open_to_its_commander_until_it_closes() {
        let glasses = Glasses::default();
        let commander = caller("c", Role::Commander);
        assert_eq!(glasses.open_to(commander.clone()), commander);
        let open = vec![glass("c", 2, 30), glass("c", 3, 10), glass("c", 4, -1), glass("d", 5, 30)];
        let closes = open[1].until;
        glasses.replace(open);
        assert_eq!(glasses.count(), 3);
        let seen = glasses.open_to(commander.clone());
        let grid = |id: u128| GridId(Uuid::from_u128(id));
        assert_eq!(seen.areas(), &Areas::below([grid(1), grid(2), grid(3)]));
        assert_eq!(seen.break_glass(), [grid(2), grid(3)]);
        assert_eq!(
            (seen.until(), seen.means()),
            (Some(closes), Means::Token),
            "asked again when the first closes"
        );
        // Not as if it were the caller's own area.
        assert_eq!(seen.areas_of_residents(), Areas::below([grid(2), grid(3)]));
        let own = Areas::below([grid(1), grid(2), grid(3)]);
        let own = Principal::of(Identity { areas: own, ..seen.identity().clone() });
        assert_eq!(own.areas_of_residents(), Areas::none());
        // Nobody else, and no commander who is none any more.
        for other in [caller("e", Role::Commander), caller("c", Role::Worker)] {
            assert_eq!(glasses.open_to(other.clone()), other);
        }
        assert!(glasses.hold(&seen) && glasses.hold(&commander));
        glasses.replace(vec![glass("c", 2, 30)]);
        assert!(!glasses.hold(&seen), "one of two was given back");
        glasses.replace(Vec::new());
        assert!(!glasses.hold(&seen) && glasses.hold(&commander));
        assert_eq!((glasses.count(), glasses.open_to(commander.clone())), (0, commander));
    }
}
