//! Tokens of an OpenID Connect provider: JSON Web Tokens (RFC 7519) signed by RS256, ES256 or EdDSA.
//!
//! A token is verified once (`verify.rs`) with the keys that the provider publishes (`provider.rs`) or that stand in a file (`keys.rs`), read
//! (`claims.rs`), and then known by its hash until it ends.

mod claims;
mod keys;
mod provider;
mod verify;

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use foldhash::fast::RandomState;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use thiserror::Error;

use self::keys::{KeySet, KeysError};
use self::provider::{Provider, ProviderError};
use super::gate::FindArea;
use super::{Principal, Refusal};
use crate::config::{KeySource, TokenAccess};

/// No provider needs longer ones, and headers of a proxy often take no more.
const LONGEST: usize = 8_192;
/// Tokens that are known at a time, each for its hash and its principal: some megabytes.
const KNOWN: u64 = 16_384;
/// A token is read again after this time: a grid that it names may have come meanwhile.
const KNOWN_FOR: Duration = Duration::from_secs(600);

/// Verifies tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    access: TokenAccess,
    keys: Keys,
    known: Cache<[u8; 32], Arc<Known>, RandomState>,
}

/// Where the keys of the provider come from.
#[derive(Debug)]
enum Keys {
    File(Arc<KeySet>),
    Provider(Box<Provider>),
}

/// A token that was verified.
#[derive(Debug)]
struct Known {
    principal: Principal,
    /// Seconds since 1970 until which it is taken: its end, and what clocks may differ.
    until: i64,
    /// The keys by which it was verified: with others it must be verified again.
    keys: Arc<KeySet>,
}

/// Why tokens cannot be verified.
#[derive(Debug, Error)]
pub(super) enum TokensError {
    #[error("oidc_key_file = {file:?}: {reason}")]
    Unreadable { file: PathBuf, reason: std::io::Error },
    #[error("oidc_key_file = {file:?}: {reason}")]
    Keys { file: PathBuf, reason: KeysError },
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl Tokens {
    pub(super) fn new(access: &TokenAccess) -> Result<Self, TokensError> {
        let keys = match &access.keys {
            KeySource::File(file) => Keys::File(Arc::new(key_file(file)?)),
            KeySource::Url(_) | KeySource::Discovery => Keys::Provider(Box::new(Provider::new(access)?)),
        };
        let known = Cache::builder().max_capacity(KNOWN).time_to_live(KNOWN_FOR);
        Ok(Self { access: access.clone(), keys, known: known.build_with_hasher(RandomState::default()) })
    }

    /// Who sends a token, if it was verified before.
    pub(super) fn known(&self, token: &str) -> Option<Result<Principal, Refusal>> {
        if token.len() > LONGEST {
            return Some(Err(Refusal::TooLong(LONGEST)));
        }
        let known = self.known.get(&hash(token))?;
        if !self.keys.are(&known.keys) {
            return None;
        }
        match Utc::now().timestamp() < known.until {
            true => Some(Ok(known.principal.clone())),
            false => Some(Err(Refusal::Expired)),
        }
    }

    /// Who sends a token that is not known.
    pub(super) async fn verify(&self, token: &str, find: FindArea<'_>) -> Result<Principal, Refusal> {
        let header = verify::header(token)?;
        let mut keys = self.keys.present();
        if !keys.as_ref().is_some_and(|keys| keys.has(&header))
            && let Keys::Provider(provider) = &self.keys
        {
            provider.look_for_another().await;
            keys = self.keys.present();
        }
        let keys = keys.ok_or(Refusal::NotNow("the provider of tokens cannot be reached"))?;
        let claims = verify::claims(token, &header, &keys, &self.access)?;
        let identity = claims::identity(&claims, &self.access, find)?;
        let until = identity.until.map_or(0, |until| until.timestamp());
        let principal = Principal::of(identity);
        self.known.insert(hash(token), Arc::new(Known { principal: principal.clone(), until, keys }));
        Ok(principal)
    }

    /// Looks at the keys of the provider from time to time, for ever.
    pub(super) async fn keep(&self) -> Infallible {
        match &self.keys {
            Keys::File(_) => std::future::pending().await,
            Keys::Provider(provider) => provider.keep().await,
        }
    }
}

impl Keys {
    /// `None`: the provider could not be asked yet.
    fn present(&self) -> Option<Arc<KeySet>> {
        match self {
            Self::File(keys) => Some(Arc::clone(keys)),
            Self::Provider(provider) => provider.keys(),
        }
    }

    /// Are these the present ones?
    fn are(&self, keys: &Arc<KeySet>) -> bool {
        match self {
            Self::File(_) => true,
            Self::Provider(provider) => provider.has(keys),
        }
    }
}

fn key_file(file: &std::path::Path) -> Result<KeySet, TokensError> {
    let text =
        std::fs::read(file).map_err(|reason| TokensError::Unreadable { file: file.to_owned(), reason })?;
    KeySet::of_file(&text).map_err(|reason| TokensError::Keys { file: file.to_owned(), reason })
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests;
