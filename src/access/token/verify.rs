//! Is a token what it says? Its header picks a key, the key's own way of signing proves it, and then its claims are held against the settings.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::KeySet;
use crate::access::Refusal;
use crate::config::TokenAccess;

/// Claims without which no token is taken.
const REQUIRED: [&str; 4] = ["exp", "iss", "aud", "sub"];

/// What the header of a token says, as far as it is listened to: a key that it brings along or links to is not.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// Reads the header of a token.
pub(super) fn header(token: &str) -> Result<Header, Refusal> {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Malformed);
    };
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Refusal::Malformed)?;
    let header: Written = serde_json::from_slice(&header).map_err(|_| Refusal::Malformed)?;
    // RFC 7515, 4.1.11: whoever does not understand what is critical refuses it.
    if header.crit.is_some() {
        return Err(Refusal::Malformed);
    }
    let algorithm = match header.alg.as_str() {
        "RS256" => Algorithm::RS256,
        "ES256" => Algorithm::ES256,
        "EdDSA" => Algorithm::EdDSA,
        _ => return Err(Refusal::Algorithm),
    };
    Ok(Header { algorithm, key_id: header.kid })
}

/// The claims of a token that is signed by one of these keys and fits the settings.
pub(super) fn claims(
    token: &str,
    header: &Header,
    keys: &KeySet,
    access: &TokenAccess,
) -> Result<Map<String, Value>, Refusal> {
    let validation = validation(header.algorithm, access);
    let mut refusal = Refusal::UnknownKey;
    for key in keys.of(header) {
        match decode::<Map<String, Value>>(token, key, &validation) {
            Ok(token) => return Ok(token.claims),
            Err(error) => refusal = refused(&error),
        }
        // Signed by this key, and not taken: no other key makes it better.
        if refusal != Refusal::Signature {
            break;
        }
    }
    Err(refusal)
}

fn validation(algorithm: Algorithm, access: &TokenAccess) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = access.clock_skew.as_secs();
    validation.validate_nbf = true;
    validation.set_required_spec_claims(&REQUIRED);
    validation.set_issuer(&[&access.issuer]);
    validation.set_audience(&access.audiences);
    validation
}

fn refused(error: &Error) -> Refusal {
    match error.kind() {
        ErrorKind::ExpiredSignature => Refusal::Expired,
        ErrorKind::ImmatureSignature => Refusal::NotYet,
        ErrorKind::InvalidIssuer => Refusal::Issuer,
        ErrorKind::InvalidAudience => Refusal::Audience,
        ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
            Refusal::Claim(claim.clone())
        }
        ErrorKind::InvalidAlgorithm => Refusal::Algorithm,
        ErrorKind::Base64(_) | ErrorKind::Json(_) | ErrorKind::Utf8(_) | ErrorKind::InvalidToken => {
            Refusal::Malformed
        }
        _ => Refusal::Signature,
    }
}
