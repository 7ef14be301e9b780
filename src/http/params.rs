//! Query parameters into typed values; everything that is wrong is listed at once.

use std::borrow::Cow;
use std::fmt::Display;

use super::endpoint::{Endpoint, Place};
use super::{FieldError, Problem};

/// The parameters of one request, and what was found wrong with them so far.
pub(super) struct Query<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    errors: Vec<FieldError>,
}

impl<'a> Query<'a> {
    /// Takes a query string apart and refuses what the endpoint does not know or knows only once.
    pub(super) fn read(raw: Option<&'a str>, endpoint: &Endpoint) -> Self {
        Self::read_with(raw, endpoint, &[])
    }

    /// The same where more is known than the endpoint says.
    pub(super) fn read_with(raw: Option<&'a str>, endpoint: &Endpoint, more: &[&str]) -> Self {
        let pairs: Vec<_> = form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).collect();
        let mut query = Self { pairs, errors: Vec::new() };
        query.refuse_unknown(endpoint, more);
        query
    }

    fn refuse_unknown(&mut self, endpoint: &Endpoint, more: &[&str]) {
        let known = || {
            let own = endpoint.params.iter().filter(|p| p.place == Place::Query).map(|p| p.name);
            own.chain(more.iter().copied())
        };
        for at in 0..self.pairs.len() {
            let name = self.pairs[at].0.clone();
            if !known().any(|k| k == name) {
                let known = match known().collect::<Vec<_>>().join(", ") {
                    none if none.is_empty() => "there are none".to_owned(),
                    some => format!("known are {some}"),
                };
                self.wrong(&name, format!("unknown parameter {:?}; {known}", cut(&name)));
            } else if self.pairs[..at].iter().any(|(earlier, _)| *earlier == name) {
                self.wrong(&name, format!("{name} is given more than once"));
            }
        }
    }

    /// The query string again, with these parameters instead of those of the same names.
    pub(super) fn with(&self, others: &[(&str, Option<&str>)]) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let kept = self.pairs.iter().filter(|(name, _)| others.iter().all(|(other, _)| other != name));
        pairs.extend_pairs(kept);
        pairs.extend_pairs(others.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
        match pairs.finish() {
            none if none.is_empty() => none,
            some => format!("?{some}"),
        }
    }

    /// The text of a parameter; empty counts as not given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Notes that a parameter is wrong.
    pub(super) fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(FieldError { field: cut(name), detail: detail.into() });
    }

    /// A parameter through its reader; `None` when it is not given or wrong, which is noted.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(self.text(name)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(name, error.to_string());
                None
            }
        }
    }

    /// A parameter that must be there, through its reader; `None` when it is missing or wrong, which is noted.
    pub(super) fn required<T, E: Display>(
        &mut self,
        name: &str,
        why: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.text(name).is_none() {
            self.wrong(name, format!("{name} is required: {why}"));
            return None;
        }
        self.optional(name, read)
    }

    /// Is nothing wrong? Otherwise everything that is, as one problem.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::fields(std::mem::take(&mut self.errors))) }
    }

    /// A value that is there unless something was noted: all that is wrong, or the value.
    pub(super) fn settle<T>(&mut self, value: Option<T>) -> Result<T, Problem> {
        self.finish()?;
        value.ok_or_else(|| Problem::internal(&"a value is missing and nothing was noted"))
    }
}

/// Reads a finite number.
pub(super) fn number(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number.filter(|n| n.is_finite()).ok_or_else(|| format!("{:?} is not a number", cut(text)))
}

/// Reads a number within bounds.
pub(super) fn number_within(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number = number(text)?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{number} is not within {least} to {most}"))
    }
}

/// Reads a count within bounds.
pub(super) fn count_within(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let count: Option<usize> = text.parse().ok();
    count
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| format!("{:?} is not a whole number from {least} to {most}", cut(text)))
}

/// What callers sent is quoted in messages, but not at any length.
pub(super) fn cut(text: &str) -> String {
    const LONGEST: usize = 64;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Is nothing asked of an operation that takes no parameters?
pub(super) fn none(raw: Option<&str>, endpoint: &Endpoint) -> Result<(), Problem> {
    Query::read(raw, endpoint).finish()
}
