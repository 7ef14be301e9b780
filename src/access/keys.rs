//! API keys in memory: every server holds all of them and looks for changes (`store::KeyWatch`), so that a request asks nobody.

use std::collections::HashMap;

use arc_swap::ArcSwapOption;
use chrono::Utc;
use uuid::Uuid;

use super::{Areas, Identity, KeySecret, Means, Principal, Refusal, Role};
use crate::model::{ApiKey, KeyHash};

/// Until the database was asked, nobody can tell whether a key holds.
const NOT_YET: Refusal = Refusal::NotNow("the API keys are not loaded yet");

/// All keys that hold or have run out; those that were revoked are not there.
#[derive(Debug, Default)]
pub struct KeyRing(ArcSwapOption<HashMap<Uuid, Held>>);

#[derive(Debug)]
struct Held {
    hash: KeyHash,
    principal: Principal,
}

impl KeyRing {
    /// Puts these in the place of what was known.
    pub fn replace(&self, keys: Vec<ApiKey>) {
        let held = keys.into_iter().filter(|key| key.revoked.is_none()).map(|key| (key.id, Held::of(key)));
        self.0.store(Some(held.collect::<HashMap<_, _>>().into()));
    }

    /// Who holds this key.
    pub(super) fn caller(&self, key: &KeySecret) -> Result<Principal, Refusal> {
        let keys = self.0.load();
        let held = keys.as_ref().ok_or(NOT_YET)?.get(&key.id).filter(|held| key.fits(&held.hash));
        let principal = &held.ok_or(Refusal::UnknownApiKey)?.principal;
        match principal.until() {
            Some(until) if until <= Utc::now() => Err(Refusal::ExpiredApiKey),
            _ => Ok(principal.clone()),
        }
    }

    /// Is there still a key of this identity?
    pub(super) fn holds(&self, id: Uuid) -> bool {
        self.0.load().as_ref().is_some_and(|keys| keys.contains_key(&id))
    }
}

impl Held {
    fn of(key: ApiKey) -> Self {
        let identity = Identity {
            subject: format!("key:{}", key.id),
            means: Means::Key(key.id),
            // A role that this version does not know opens nothing.
            roles: key.roles.iter().filter_map(|role| Role::parse(role)).collect(),
            areas: key.areas.map_or(Areas::All, Areas::below),
            worker: None,
            until: Some(key.expires),
        };
        Self { hash: key.hash, principal: Principal::of(identity) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn stored(secret: &KeySecret, days: i64) -> ApiKey {
        ApiKey {
            id: secret.id,
            hash: secret.hash(),
            name: "hotline".into(),
            roles: vec!["integrator".into(), "unheard_of".into()],
            areas: None,
            created: Utc::now(),
            expires: Utc::now() + TimeDelta::days(days),
            revoked: None,
        }
    }

    #[test]
    fn a_key_opens_while_it_is_there_and_has_not_run_out() {
        let (ring, secret, old) = (KeyRing::default(), KeySecret::new(), KeySecret::new());
        assert_eq!(ring.caller(&secret), Err(NOT_YET));
        ring.replace(vec![stored(&secret, 1), stored(&old, -1)]);
        let caller = ring.caller(&secret).unwrap();
        assert_eq!(caller.roles().iter().collect::<Vec<_>>(), [Role::Integrator]);
        assert_eq!((caller.areas(), caller.means()), (&Areas::All, Means::Key(secret.id)));
        assert_eq!(ring.caller(&old), Err(Refusal::ExpiredApiKey));
        let mut guessed = KeySecret::new();
        guessed.id = secret.id;
        assert_eq!(ring.caller(&guessed), Err(Refusal::UnknownApiKey));
        // Of one that has run out it is not told to whom guesses.
        guessed.id = old.id;
        assert_eq!(ring.caller(&guessed), Err(Refusal::UnknownApiKey));
        ring.replace(vec![ApiKey { revoked: Some(Utc::now()), ..stored(&secret, 1) }]);
        assert_eq!(ring.caller(&secret), Err(Refusal::UnknownApiKey));
        assert!(!ring.holds(secret.id));
    }
}
