//! What a caller prefers of a write (RFC 7240): whether the feature comes back, and how strictly it is read.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::{AppState, Problem};
use super::item::{as_geojson, of_table};
use super::items::put_crs;
use super::opened::Opened;
use crate::features::OutputCrs;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What the `Prefer` of a request says; what is not understood is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    /// Does the feature come back? By default it does not.
    representation: Option<bool>,
    /// Are fields left out that the collection does not have? By default they are refused.
    lenient: Option<bool>,
}

impl Preferences {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        let lists = headers.get_all(PREFER).into_iter().filter_map(|value| value.to_str().ok());
        for preference in lists.flat_map(|list| list.split(',')) {
            let (name, value) =
                preference.split(';').next().and_then(|one| one.split_once('=')).unwrap_or_default();
            let plain = |text: &str| text.trim().trim_matches('"').to_ascii_lowercase();
            // Of several with one name the first one counts.
            let (place, says) = match (plain(name).as_str(), plain(value).as_str()) {
                ("return", "representation") => (&mut found.representation, true),
                ("return", "minimal") => (&mut found.representation, false),
                ("handling", "lenient") => (&mut found.lenient, true),
                ("handling", "strict") => (&mut found.lenient, false),
                _ => continue,
            };
            place.get_or_insert(says);
        }
        found
    }

    /// Are fields left out that the collection does not have?
    pub(super) fn is_lenient(self) -> bool {
        self.lenient.unwrap_or(false)
    }

    /// What was heeded, as the answer says it.
    fn applied(self) -> Option<HeaderValue> {
        let handling =
            self.lenient.map(|lenient| if lenient { "handling=lenient" } else { "handling=strict" });
        let returned = self
            .representation
            .map(|is_whole| if is_whole { "return=representation" } else { "return=minimal" });
        let all: Vec<_> = handling.into_iter().chain(returned).collect();
        HeaderValue::try_from(all.join(", ")).ok().filter(|_| !all.is_empty())
    }
}

/// A feature that was written: its address, how its coordinates were written, and what is preferred.
pub(super) struct Written<'a> {
    pub(super) opened: &'a Opened,
    pub(super) name: &'a str,
    pub(super) origin: &'a str,
    pub(super) crs: OutputCrs,
    pub(super) preferences: Preferences,
}

impl Written<'_> {
    /// The answer: the feature in the reference system in which it was written, or nothing. `status`: that of an answer without it.
    pub(super) async fn answer(self, state: &AppState, status: StatusCode) -> Result<Response, Problem> {
        let own = format!("{}/collections/{}/items/{}", self.origin, self.opened.collection.id, self.name);
        let address = HeaderValue::try_from(own.as_str()).map_err(|error| Problem::internal(&error))?;
        let is_new = status == StatusCode::CREATED;
        let mut response = status.into_response();
        if self.preferences.representation == Some(true) {
            let feature = of_table(state, self.opened, self.name).await?;
            let shown = self.opened.shown(self.crs);
            let (body, tag) = as_geojson(self.opened, &shown, &feature, &own, self.origin)?;
            let media = HeaderValue::from_static("application/geo+json");
            let tag = HeaderValue::try_from(tag).map_err(|error| Problem::internal(&error))?;
            let status = if is_new { status } else { StatusCode::OK };
            let described = [
                (header::CONTENT_TYPE, media),
                (header::ETAG, tag),
                (header::CONTENT_LOCATION, address.clone()),
            ];
            response = (status, described, body).into_response();
            put_crs(&mut response, &shown.crs);
        }
        if is_new {
            response.headers_mut().insert(header::LOCATION, address);
        }
        if let Some(applied) = self.preferences.applied() {
            response.headers_mut().insert(PREFERENCE_APPLIED, applied);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_as_rfc_7240_writes_them_and_the_first_one_counts() {
        for (given, representation, lenient, applied) in [
            (&["return=representation"][..], Some(true), None, Some("return=representation")),
            (&["respond-async, Return = \"minimal\"; foo=bar"], Some(false), None, Some("return=minimal")),
            (
                &["handling=lenient", "return=minimal, return=representation"],
                Some(false),
                Some(true),
                Some("handling=lenient, return=minimal"),
            ),
            (&["handling=strict, handling=lenient"], None, Some(false), Some("handling=strict")),
            (&["return=everything, wait=10", ""], None, None, None),
            (&[], None, None, None),
        ] {
            let headers = given.iter().map(|value| (PREFER, HeaderValue::from_static(value))).collect();
            let found = Preferences::of(&headers);
            assert_eq!(found, Preferences { representation, lenient }, "{given:?}");
            assert_eq!(found.applied(), applied.map(HeaderValue::from_static), "{given:?}");
        }
    }
}
