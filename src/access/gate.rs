//! Where callers are let in, or not.

use std::convert::Infallible;

use chrono::Utc;
use thiserror::Error;

use super::token::{Tokens, TokensError};
use super::{Glasses, KeyRing, KeySecret, Means, PREFIX, Policy, PolicyError, Principal, Purpose, Refusal};
use crate::config::Access;
use crate::model::GridId;

/// Finds the grid of a code or an identity, as tokens name areas.
pub type FindArea<'a> = &'a (dyn Fn(&str) -> Option<GridId> + Send + Sync);

/// Who is let in, and as whom.
#[derive(Debug)]
pub struct Gate {
    tokens: Option<Tokens>,
    keys: Option<KeyRing>,
    glasses: Glasses,
    purposes: Vec<String>,
    /// None: that of the program.
    policy: Option<Policy>,
}

/// Why a gate cannot be set up.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct GateError(#[from] Cause);

#[derive(Debug, Error)]
enum Cause {
    #[error(transparent)]
    Tokens(#[from] TokensError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Gate {
    /// A gate of these settings. Asks nobody yet.
    pub fn new(access: &Access) -> Result<Self, GateError> {
        let tokens = access.tokens.as_ref().map(Tokens::new).transpose().map_err(Cause::from)?;
        let keys = access.api_keys.then(KeyRing::default);
        let policy = access.policy.as_deref().map(Policy::load).transpose().map_err(Cause::from)?;
        Ok(Self { tokens, keys, glasses: Glasses::default(), purposes: access.purposes.clone(), policy })
    }

    /// Does it let in anybody, without asking who?
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.keys.is_none()
    }

    /// Who sends this token or key, where that can be told without waiting; `None`: ask [`Gate::caller`].
    pub fn known(&self, sent: &str) -> Option<Result<Principal, Refusal>> {
        let known = self.without_glass(sent)?;
        Some(known.map(|who| self.glasses.open_to(who)))
    }

    fn without_glass(&self, sent: &str) -> Option<Result<Principal, Refusal>> {
        match (&self.keys, &self.tokens) {
            (Some(keys), _) if sent.starts_with(PREFIX) => Some(match KeySecret::read(sent) {
                Some(key) => keys.caller(&key),
                None => Err(Refusal::UnknownApiKey),
            }),
            (None, _) if sent.starts_with(PREFIX) => Some(Err(Refusal::TokensOnly)),
            (_, Some(tokens)) => tokens.known(sent),
            (_, None) => Some(Err(Refusal::KeysOnly)),
        }
    }

    /// Who sends this token or key. A token that was not seen before is verified, for which the provider may be asked.
    pub async fn caller(&self, sent: &str, find: FindArea<'_>) -> Result<Principal, Refusal> {
        match (self.known(sent), &self.tokens) {
            (Some(known), _) => known,
            (None, Some(tokens)) => tokens.verify(sent, find).await.map(|who| self.glasses.open_to(who)),
            (None, None) => Err(Refusal::KeysOnly),
        }
    }

    /// The purpose that a caller names.
    pub fn purpose(&self, name: &str) -> Result<Purpose, Refusal> {
        Purpose::of(name, &self.purposes).ok_or_else(|| Refusal::Purpose(self.purposes.join(", ")))
    }

    /// What callers may see of people.
    pub fn policy(&self) -> &Policy {
        self.policy.as_ref().unwrap_or(Policy::embedded())
    }

    /// May somebody who was let in stay? For what takes long.
    pub fn holds(&self, who: &Principal) -> bool {
        let is_there = match (who.means(), &self.keys) {
            (Means::Key(id), Some(keys)) => keys.holds(id),
            (Means::Key(_), None) => false,
            (Means::Open | Means::Anonymous | Means::Token, _) => true,
        };
        is_there && self.glasses.hold(who) && who.until().is_none_or(|until| Utc::now() < until)
    }

    /// The API keys, where they are taken.
    pub fn keys(&self) -> Option<&KeyRing> {
        self.keys.as_ref()
    }

    /// The areas that are open for a time.
    pub fn glasses(&self) -> &Glasses {
        &self.glasses
    }

    /// Looks at the keys of the provider from time to time, for ever.
    pub async fn keep(&self) -> Infallible {
        match &self.tokens {
            Some(tokens) => tokens.keep().await,
            None => std::future::pending().await,
        }
    }
}
