//! The keys that a provider publishes: fetched, kept while it is away, and looked at again. The only file that asks another server.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::keys::{KeySet, KeysError};
use crate::config::{KeySource, TokenAccess, is_safe_address};

/// How long one answer of the provider may take, all of it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of one answer at most.
const LARGEST: usize = 1 << 18;
/// A token that names an unknown key has the keys fetched at once, but not sooner than this after the last time.
const PAUSE: Duration = Duration::from_secs(10);
/// Where a provider describes itself (OpenID Connect Discovery 1.0).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The keys of a provider.
#[derive(Debug)]
pub(super) struct Provider {
    client: Client,
    issuer: String,
    source: KeySource,
    refresh: Duration,
    keys: ArcSwapOption<KeySet>,
    /// When the keys were fetched last, or tried to be; held while they are, so that one fetch serves all who wait.
    asked: Mutex<Option<Instant>>,
}

/// Why the keys were not fetched.
#[derive(Debug, Error)]
pub(in crate::access) enum ProviderError {
    #[error("the provider of tokens is not reached: {}", causes(.0))]
    Request(#[from] reqwest::Error),
    #[error("{address} answers with the status {status}")]
    Status { address: String, status: u16 },
    #[error("{0} answers with more than {LARGEST} bytes")]
    Large(String),
    #[error("{address} is no discovery document: {reason}")]
    Discovery { address: String, reason: serde_json::Error },
    #[error("{address} is of the issuer {issuer:?}, which is not oidc_issuer")]
    Issuer { address: String, issuer: String },
    #[error(
        "the keys at {0:?} are not fetched: only https, or http on this machine, keeps them from being replaced"
    )]
    Unsafe(String),
    #[error("{address}: {reason}")]
    Keys { address: String, reason: KeysError },
    #[error("{0} has no key for RS256, ES256 or EdDSA")]
    None(String),
}

#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

impl Provider {
    /// Asks nobody yet.
    pub(super) fn new(access: &TokenAccess) -> Result<Self, ProviderError> {
        let client = Client::builder().user_agent(concat!("gewu/", env!("CARGO_PKG_VERSION")));
        // Whoever leads elsewhere is not who was asked.
        let client = client.timeout(PATIENCE).redirect(Policy::none()).pool_max_idle_per_host(1).build()?;
        Ok(Self {
            client,
            issuer: access.issuer.clone(),
            source: access.keys.clone(),
            refresh: access.refresh,
            keys: ArcSwapOption::empty(),
            asked: Mutex::new(None),
        })
    }

    /// The keys as they were last published; `None`: the provider could not be asked yet.
    pub(super) fn keys(&self) -> Option<Arc<KeySet>> {
        self.keys.load_full()
    }

    /// Are these the present ones?
    pub(super) fn has(&self, keys: &Arc<KeySet>) -> bool {
        self.keys.load().as_ref().is_some_and(|present| Arc::ptr_eq(present, keys))
    }

    /// Fetches the keys from time to time, for ever.
    pub(super) async fn keep(&self) -> Infallible {
        loop {
            self.look(Duration::ZERO).await;
            let wait = if self.keys.load().is_some() { self.refresh } else { self.pause() };
            tokio::time::sleep(wait).await;
        }
    }

    /// Somebody names a key that is not known: it may be a new one.
    pub(super) async fn look_for_another(&self) {
        self.look(self.pause()).await;
    }

    fn pause(&self) -> Duration {
        PAUSE.min(self.refresh)
    }

    /// Fetches the keys unless that was done or tried within this time, also while waiting for the turn.
    async fn look(&self, pause: Duration) {
        let waited_from = Instant::now();
        let mut asked = self.asked.lock().await;
        let is_recent = |at: Instant| at.elapsed() < pause || at > waited_from;
        if asked.is_some_and(is_recent) {
            return;
        }
        match self.fetch().await {
            Ok(keys) => self.replace(keys),
            // What was known goes on.
            Err(error) => tracing::warn!("the keys of the provider stay as they were: {error}"),
        }
        *asked = Some(Instant::now());
    }

    /// The same keys stay the same: what was verified by them holds.
    fn replace(&self, keys: KeySet) {
        if self.keys.load().as_ref().is_some_and(|present| present.is(&keys)) {
            return;
        }
        tracing::info!(keys = keys.len(), "the provider of tokens has these keys now");
        self.keys.store(Some(Arc::new(keys)));
    }

    async fn fetch(&self) -> Result<KeySet, ProviderError> {
        let address = match &self.source {
            KeySource::Url(address) => address.clone(),
            KeySource::Discovery | KeySource::File(_) => self.discover().await?,
        };
        let text = self.get(&address).await?;
        match KeySet::of_set(&text) {
            Ok(keys) if keys.len() > 0 => Ok(keys),
            Ok(_) => Err(ProviderError::None(address)),
            Err(reason) => Err(ProviderError::Keys { address, reason }),
        }
    }

    async fn discover(&self) -> Result<String, ProviderError> {
        let address = format!("{}{DISCOVERY}", self.issuer.trim_end_matches('/'));
        let text = self.get(&address).await?;
        let found: Discovered = serde_json::from_slice(&text)
            .map_err(|reason| ProviderError::Discovery { address: address.clone(), reason })?;
        if found.issuer != self.issuer {
            return Err(ProviderError::Issuer { address, issuer: found.issuer });
        }
        match is_safe_address(&found.jwks_uri) {
            true => Ok(found.jwks_uri),
            false => Err(ProviderError::Unsafe(found.jwks_uri)),
        }
    }

    async fn get(&self, address: &str) -> Result<Vec<u8>, ProviderError> {
        let response = self.client.get(address).header("accept", "application/json").send().await?;
        let status = response.status();
        if status != reqwest::StatusCode::OK {
            return Err(ProviderError::Status { address: address.to_owned(), status: status.as_u16() });
        }
        bounded(response, address).await
    }
}

async fn bounded(mut response: Response, address: &str) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > LARGEST {
            return Err(ProviderError::Large(address.to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The error and what is behind it: the first alone says only that something was not sent.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    text
}
