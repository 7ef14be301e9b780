//! The caller of a request.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
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
    class: PolicyClass,
    sights: Sights,
}

/// A short key for everything that decides what a principal may see: two principals with the same one see the same. It is the same in
/// every process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PolicyClass(SmolStr);

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
        let class = PolicyClass::of(&identity, None, &[]);
        let sights = Policy::embedded().sights(&identity, None);
        Self { identity: Arc::new(identity), purpose: None, glass: Arc::default(), class, sights }
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
        let class = PolicyClass::of(&identity, self.purpose.as_ref(), &glass);
        let sights = Policy::embedded().sights(&identity, self.purpose.as_ref());
        Self { identity: Arc::new(identity), purpose: self.purpose, glass: glass.into(), class, sights }
    }

    /// The same caller with a purpose.
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        let class = PolicyClass::of(&self.identity, Some(&purpose), &self.glass);
        let sights = Policy::embedded().sights(&self.identity, Some(&purpose));
        Self { purpose: Some(purpose), class, sights, ..self }
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

    /// The class of policy that decides what this caller sees; part of every cache key.
    pub fn policy_class(&self) -> &PolicyClass {
        &self.class
    }
}

impl PolicyClass {
    fn of(identity: &Identity, purpose: Option<&Purpose>, glass: &[GridId]) -> Self {
        let Identity { subject: _, means, roles, areas, worker, until: _ } = identity;
        if purpose.is_none() {
            match means {
                Means::Open => return Self(SmolStr::new_static("open")),
                Means::Anonymous => return Self(SmolStr::new_static("public")),
                Means::Token | Means::Key(_) => {}
            }
        }
        let mut digest = Sha256::new();
        digest.update([u8::from(*means == Means::Open), roles.bits()]);
        match areas {
            Areas::All => digest.update([1]),
            Areas::Below(grids) => {
                digest.update([0]);
                digest.update((grids.len() as u64).to_be_bytes());
                grids.iter().for_each(|grid| digest.update(grid.0.as_bytes()));
            }
        }
        digest.update([u8::from(worker.is_some())]);
        digest.update(worker.map(|worker| worker.0).unwrap_or_default().as_bytes());
        digest.update((glass.len() as u64).to_be_bytes());
        glass.iter().for_each(|grid| digest.update(grid.0.as_bytes()));
        digest.update(purpose.map_or("", Purpose::as_str));
        // Half of it, in 22 characters: nobody chooses what is hashed but those who give rights.
        Self(URL_SAFE_NO_PAD.encode(&digest.finalize()[..16]).into())
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GridId;

    fn token(roles: &[Role], areas: Areas, worker: Option<u128>) -> Principal {
        let worker = worker.map(|id| WorkerId(Uuid::from_u128(id)));
        let roles = roles.iter().copied().collect();
        Principal::of(Identity {
            subject: "s".into(),
            means: Means::Token,
            roles,
            areas,
            worker,
            until: None,
        })
    }

    fn below(ids: &[u128]) -> Areas {
        Areas::below(ids.iter().map(|id| GridId(Uuid::from_u128(*id))))
    }

    #[test]
    fn the_class_depends_on_everything_that_decides_what_is_seen_and_on_nothing_else() {
        let purpose = |text: &str| Purpose::of(text, &["visit", "audit"].map(str::to_owned)).unwrap();
        let all = [
            Principal::open(),
            Principal::anonymous(),
            token(&[Role::Worker], below(&[1]), None),
            token(&[Role::Worker], below(&[2]), None),
            token(&[Role::Worker], below(&[1, 2]), None),
            token(&[Role::Worker], below(&[]), None),
            token(&[Role::Worker], Areas::All, None),
            token(&[Role::Worker], below(&[1]), Some(1)),
            token(&[Role::Worker], below(&[1]), Some(2)),
            token(&[Role::Worker, Role::Analyst], below(&[1]), None),
            token(&[Role::Worker], below(&[1]), None).with_purpose(purpose("visit")),
            token(&[Role::Worker], below(&[1]), None).with_purpose(purpose("audit")),
            Principal::open().with_purpose(purpose("visit")),
        ];
        let classes: std::collections::HashSet<_> = all.iter().map(Principal::policy_class).collect();
        assert_eq!(classes.len(), all.len());
        // The order of areas and how the caller is known decide nothing.
        let one = token(&[Role::Worker], below(&[2, 1, 2]), None);
        assert_eq!(one.policy_class(), all[4].policy_class());
        let key =
            Identity { subject: "other".into(), means: Means::Key(Uuid::nil()), ..(*one.identity).clone() };
        assert_eq!(Principal::of(key).policy_class(), one.policy_class());
        // The same in every process and version: it may stand in a shared cache.
        assert_eq!((all[0].policy_class().as_str(), all[1].policy_class().as_str()), ("open", "public"));
    }
}
