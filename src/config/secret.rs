//! Texts that are to be kept from logs.

/// A text that no log and no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(super) String);

impl Secret {
    /// The text itself, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
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

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}
