//! Public keys that sign tokens: from a JSON Web Key Set (RFC 7517) or PEM.
//!
//! Each key has the one way of signing that it is taken for, by its own kind. What a token says of itself only picks among these: a token
//! that calls itself unsigned, or takes a public key for a shared secret, finds none.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use thiserror::Error;

use super::verify::Header;

/// Keys of one provider at most.
const MOST: usize = 64;
/// Bytes of an RSA modulus at least: 2,048 bits.
const LEAST_MODULUS: usize = 256;
/// Bytes of a coordinate on P-256, and of a key of Ed25519.
const COORDINATE: usize = 32;

/// The keys of a provider.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<SigningKey>);

#[derive(Debug)]
struct SigningKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
    /// What it was made from, to tell whether it is another one.
    written: String,
}

/// Why a text holds no keys that can be used.
#[derive(Debug, Error)]
pub(in crate::access) enum KeysError {
    #[error("this is no JSON Web Key Set: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a private key does not belong here: give the public one")]
    Private,
    #[error("a PEM block is no public key of RSA with 2,048 bits or more, of P-256 or of Ed25519")]
    Pem,
    #[error("there is no key for RS256, ES256 or EdDSA in it")]
    None,
    #[error("there are more than {MOST} keys in it")]
    Many,
}

/// A key as RFC 7517 writes it. Others may stand in the set, so nothing must be there.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Written {
    kty: String,
    crv: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    kid: Option<String>,
    n: String,
    e: String,
    x: String,
    y: String,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// Those of a JSON Web Key Set that can be used; an empty one where there is none.
    pub(super) fn of_set(text: &[u8]) -> Result<Self, KeysError> {
        let set: Set = serde_json::from_slice(text)?;
        if set.keys.len() > MOST {
            return Err(KeysError::Many);
        }
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(keys.filter_map(SigningKey::of).collect()))
    }

    /// Those of a file, JSON or PEM; at least one.
    pub(super) fn of_file(text: &[u8]) -> Result<Self, KeysError> {
        let text = String::from_utf8_lossy(text);
        let keys = match text.trim_start().starts_with('{') {
            true => Self::of_set(text.as_bytes())?,
            false => Self(pem_blocks(&text).map(SigningKey::of_pem).collect::<Result<_, _>>()?),
        };
        if keys.0.is_empty() { Err(KeysError::None) } else { Ok(keys) }
    }

    /// Those that may have signed a token with this header.
    pub(super) fn of(&self, header: &Header) -> impl Iterator<Item = &DecodingKey> {
        let named = |key: &&SigningKey| match (&header.key_id, &key.id) {
            // A file of PEM names no keys, and neither does every provider with one key.
            (Some(asked), Some(own)) => asked == own,
            (None, _) | (_, None) => true,
        };
        self.0.iter().filter(move |key| key.algorithm == header.algorithm).filter(named).map(|key| &key.key)
    }

    /// Is there one that may have signed it?
    pub(super) fn has(&self, header: &Header) -> bool {
        self.of(header).next().is_some()
    }

    /// Are these the same keys?
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, other)| one.written == other.written)
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl SigningKey {
    /// `None`: it is for something else, or of a kind that is not taken.
    fn of(key: Written) -> Option<Self> {
        let bytes = |text: &str| base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text).ok();
        let has = |text: &str, length: usize| bytes(text).is_some_and(|bytes| bytes.len() == length);
        let (name, algorithm, made) = match (key.kty.as_str(), key.crv.as_str()) {
            ("RSA", _) => {
                let modulus = bytes(&key.n)?;
                if modulus.len() < LEAST_MODULUS {
                    return None;
                }
                ("RS256", Algorithm::RS256, DecodingKey::from_rsa_components(&key.n, &key.e))
            }
            ("EC", "P-256") if has(&key.x, COORDINATE) && has(&key.y, COORDINATE) => {
                ("ES256", Algorithm::ES256, DecodingKey::from_ec_components(&key.x, &key.y))
            }
            ("OKP", "Ed25519") if has(&key.x, COORDINATE) => {
                ("EdDSA", Algorithm::EdDSA, DecodingKey::from_ed_components(&key.x))
            }
            _ => return None,
        };
        // RFC 9864 names EdDSA on this curve by the curve.
        let fits = |own: &String| own == name || (name == "EdDSA" && own == "Ed25519");
        if !key.alg.as_ref().is_none_or(fits) || key.used_for.as_ref().is_some_and(|used| used != "sig") {
            return None;
        }
        let written =
            [key.kid.as_deref().unwrap_or_default(), name, &key.n, &key.e, &key.x, &key.y].join(" ");
        Some(Self { id: key.kid, algorithm, key: made.ok()?, written })
    }

    fn of_pem(block: &str) -> Result<Self, KeysError> {
        if block.contains("PRIVATE KEY") {
            return Err(KeysError::Private);
        }
        let text = block.as_bytes();
        let fits = |key: &DecodingKey, least: usize, most: usize| {
            key.try_get_as_bytes().is_ok_and(|bytes| (least..=most).contains(&bytes.len()))
        };
        // In this order: PEM of RSA in PKCS 1 holds nothing by which the others would refuse it.
        let ed = DecodingKey::from_ed_pem(text).ok().filter(|key| fits(key, COORDINATE, COORDINATE));
        let point = 1 + 2 * COORDINATE;
        let ec = || DecodingKey::from_ec_pem(text).ok().filter(|key| fits(key, point, point));
        let rsa = || DecodingKey::from_rsa_pem(text).ok().filter(|key| fits(key, LEAST_MODULUS, usize::MAX));
        let found = ed.map(|key| (Algorithm::EdDSA, key)).or_else(|| ec().map(|key| (Algorithm::ES256, key)));
        let (algorithm, key) =
            found.or_else(|| rsa().map(|key| (Algorithm::RS256, key))).ok_or(KeysError::Pem)?;
        Ok(Self { id: None, algorithm, key, written: block.to_owned() })
    }
}

/// The blocks of a PEM file, each from its beginning to that of the next.
fn pem_blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut starts: Vec<_> = text.match_indices("-----BEGIN ").map(|(at, _)| at).take(MOST + 1).collect();
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect::<Vec<_>>().into_iter()
}
