//! Texts that are to be kept from logs.

use serde::{Deserialize, Serialize, Serializer};

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub(super) String);

impl Secret {
    /// The text itself, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// An empty one is none: environment files often hold `NAME=`.
    pub(super) fn given(value: Option<Self>) -> Option<Self> {
        value.map(|secret| Self(secret.0.trim().to_owned())).filter(|secret| !secret.0.is_empty())
    }

    /// The URL with its password struck out, and without parameters, which can hold one too.
    pub(super) fn masked(&self) -> String {
        let url = self.0.split(['?', '#']).next().unwrap_or_default();
        let Some((scheme, rest)) = url.split_once("://") else { return "***".to_owned() };
        match rest.rsplit_once('@') {
            Some((user, host)) => {
                format!("{scheme}://{}:***@{host}", user.split(':').next().unwrap_or_default())
            }
            None => format!("{scheme}://{rest}"),
        }
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Settings are written down only to know their names.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}
