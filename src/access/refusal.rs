//! Why a caller is not let in: said in full to the caller, since nothing in it is about anybody else.

use thiserror::Error;

/// Why a caller is not let in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is neither token nor key.
    #[error(
        "this needs a caller: send \"Authorization: Bearer\" with a token of the provider or an API key of this server"
    )]
    Missing,
    /// The header is none that is read here.
    #[error("the Authorization header is not read: send one, \"Bearer\" and then the token or key")]
    Scheme,
    /// It is longer than any token should be.
    #[error("the token has more than {0} bytes")]
    TooLong(usize),
    /// It is no JSON Web Token.
    #[error("this is neither a signed JSON Web Token nor an API key of this server")]
    Malformed,
    /// Tokens are not taken here.
    #[error("this server takes API keys only")]
    KeysOnly,
    /// Keys are not taken here.
    #[error("this server takes tokens only")]
    TokensOnly,
    /// It is signed in a way that is not taken.
    #[error("the token is signed in a way that is not taken: RS256, ES256 and EdDSA are")]
    Algorithm,
    /// The provider does not know the key that signed it.
    #[error("the token names a key that its provider does not publish, or not for this way of signing")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the token does not hold")]
    Signature,
    /// It has ended.
    #[error("the token has expired")]
    Expired,
    /// It has not begun.
    #[error("the token is not valid yet")]
    NotYet,
    /// It is of somebody else.
    #[error("the token is of another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Something must be in it and is not, or not so.
    #[error("the token has no claim {0:?} that can be read")]
    Claim(String),
    /// The key is unknown, wrong or revoked; which of these is not for the caller to know.
    #[error("this API key is not known, or was revoked")]
    UnknownApiKey,
    /// The key has ended.
    #[error("this API key has expired")]
    ExpiredApiKey,
    /// It cannot be told now.
    #[error("{0}; try again in a moment")]
    NotNow(&'static str),
    /// The purpose is none of the settings.
    #[error("the purpose in Gewu-Purpose is not known; known are {0}")]
    Purpose(String),
}
