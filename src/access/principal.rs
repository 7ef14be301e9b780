//! The caller of a request.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::policy::Sights;
use super::{Areas, Explanation, PersonalField, Policy, Purpose, Role, Roles, Sight};
use crate::model::{GridId, OpenGlass, WorkerId};

/// How a caller is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By having reached a server that authenticates nobody, which listens on loopback only.
    Open,
    /// Not at all: without token or key, on a route that needs none.
    Anonymous,
    /// By a token of the provider.
    Token,
    /// By an API key, with this identity.
    Key(Uuid),
}

/// Who a token or a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// An identifier, never a name.
    pub subject: String,
    /// How the caller is known.
    pub means: Means,
    /// What the caller is there for.
    pub roles: Roles,
    /// Where.
    pub areas: Areas,
    /// The worker that the caller is, when it is one.
    pub worker: Option<WorkerId>,
    /// When the token or key ends.
    pub until: Option<DateTime<Utc>>,
}

/// Who asks, and for what purpose. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    identity: Arc<Identity>,
    purpose: Option<Purpose>,
    /// The areas among those of the identity that it opened itself.
    glass: Arc<[GridId]>,
    sights: Sights,
}

/// Everything about a caller that decides what is in an answer which is kept for others: two with one class get the same, and two who get the same have one
/// class. Tiles show nobody, and people in counts alone; so that is whether the policy shows the caller counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PolicyClass {
    counts_people: bool,
}

static OPEN: LazyLock<Principal> = LazyLock::new(|| {
    // Whatever needs no duty in a grid.
    let roles = [Role::Public, Role::Integrator, Role::Analyst].into_iter().collect();
    let identity = Identity { subject: "open".to_owned(), means: Means::Open, roles, ..nobody() };
    Principal::of(Identity { areas: Areas::All, ..identity })
});
static ANONYMOUS: LazyLock<Principal> = LazyLock::new(|| Principal::of(nobody()));

fn nobody() -> Identity {
    Identity {
        subject: "anonymous".to_owned(),
        means: Means::Anonymous,
        roles: [Role::Public].into_iter().collect(),
        areas: Areas::none(),
        worker: None,
        until: None,
    }
}

impl Principal {
    /// Whoever reaches a server that listens on loopback without authentication: may read everything but personal
    /// data in the clear.
    pub fn open() -> Self {
        OPEN.clone()
    }

    /// Whoever asks without token or key for what needs none.
    pub fn anonymous() -> Self {
        ANONYMOUS.clone()
    }

    /// Whom a token or a key stands for, without a purpose, under the policy of the program.
    pub fn of(identity: Identity) -> Self {
        let sights = Policy::embedded().sights(&identity, None);
        Self { identity: Arc::new(identity), purpose: None, glass: Arc::default(), sights }
    }

    /// The same caller with areas that it opened beyond its own, until the first of them closes.
    pub(super) fn with_break_glass<'a>(self, open: impl Iterator<Item = &'a OpenGlass>) -> Self {
        let open: Vec<_> = open.collect();
        let Some(closes) = open.iter().map(|glass| glass.until).min() else { return self };
        let mut glass: Vec<_> = open.iter().map(|glass| glass.area).collect();
        glass.sort_unstable();
        glass.dedup();
        let areas = match self.areas() {
            Areas::All => Areas::All,
            Areas::Below(own) => Areas::below(own.iter().chain(&glass).copied()),
        };
        let until = self.until().map_or(closes, |until| until.min(closes));
        let identity = Identity { areas, until: Some(until), ..(*self.identity).clone() };
        let sights = Policy::embedded().sights(&identity, self.purpose.as_ref());
        Self { identity: Arc::new(identity), purpose: self.purpose, glass: glass.into(), sights }
    }

    /// The same caller with a purpose.
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        let sights = Policy::embedded().sights(&self.identity, Some(&purpose));
        Self { purpose: Some(purpose), sights, ..self }
    }

    /// The same caller under a policy.
    pub fn under(self, policy: &Policy) -> Self {
        // Every request comes by here, and whoever is made is under that of the program.
        if std::ptr::eq(policy, Policy::embedded()) {
            return self;
        }
        let sights = policy.sights(&self.identity, self.purpose.as_ref());
        Self { sights, ..self }
    }

    #[cfg(test)]
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Who, for the log: an identifier, never a name.
    pub fn subject(&self) -> &str {
        &self.identity.subject
    }

    /// How the caller is known.
    pub fn means(&self) -> Means {
        self.identity.means
    }

    /// What the caller is there for.
    pub fn roles(&self) -> Roles {
        self.identity.roles
    }

    /// Where: its own areas, and those that it opened.
    pub fn areas(&self) -> &Areas {
        &self.identity.areas
    }

    /// The areas that it opened itself, for a time and a reason that auditors read.
    pub fn break_glass(&self) -> &[GridId] {
        &self.glass
    }

    /// The worker that the caller is, when it is one.
    pub fn worker(&self) -> Option<WorkerId> {
        self.identity.worker
    }

    /// When the token or key ends, or an area that it opened closes.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.identity.until
    }

    /// What for, as the caller says.
    pub fn purpose(&self) -> Option<&Purpose> {
        self.purpose.as_ref()
    }

    /// What the caller sees of a personal field; `is_within`: does it concern a place in the areas of the caller? Asked only where it matters.
    pub fn sight(&self, field: PersonalField, is_within: impl FnOnce() -> bool) -> Sight {
        self.sights.of(field, is_within)
    }

    /// Why the caller sees a personal field, or not, under a policy.
    pub fn explain(&self, policy: &Policy, field: PersonalField) -> Explanation {
        policy.explain(&self.identity, self.purpose.as_ref(), field)
    }

    /// What the caller sees of a field of those who live in the areas that it opened itself.
    pub fn sight_behind_glass(&self, field: PersonalField) -> Sight {
        self.sights.behind_glass(field)
    }

    /// Where the policy shows the caller residents at all: what the database is told before it is asked for any, whatever a handler asks.
    pub fn areas_of_residents(&self) -> Areas {
        let residents = || PersonalField::ALL.into_iter().filter(|field| field.is_of_residents());
        if residents().any(|field| self.sight(field, || true) >= Sight::Masked) {
            return self.areas().clone();
        }
        match residents().any(|field| self.sight_behind_glass(field) >= Sight::Masked) {
            true => Areas::below(self.glass.iter().copied()),
            false => Areas::none(),
        }
    }

    /// May the caller put features in, change them and take them away? Of the open principal the loopback address is the guard.
    pub fn may_write_features(&self) -> bool {
        self.means() == Means::Open
            || self.roles().has_any(&[Role::Integrator, Role::GridOffice, Role::Admin])
    }

    /// Are answers to this caller the same as those to anybody who may reach this server, so that others may keep them?
    pub fn is_anybody(&self) -> bool {
        matches!(self.means(), Means::Open | Means::Anonymous)
    }

    /// The class of policy that decides what kept answers show this caller; part of every cache key.
    pub fn policy_class(&self) -> PolicyClass {
        PolicyClass { counts_people: self.sights.counts_people() }
    }
}

impl PolicyClass {
    /// Is the caller shown how many people live somewhere, where they are not few?
    pub fn counts_people(self) -> bool {
        self.counts_people
    }
}
