//! What a token says of its holder: roles, areas, worker.

use chrono::{DateTime, TimeDelta};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::access::{Areas, FindArea, Identity, Means, Refusal, Role};
use crate::config::TokenAccess;
use crate::model::WorkerId;

/// Bytes of a subject at most.
const LONGEST_SUBJECT: usize = 255;
/// Entries of one claim that are read.
const MOST: usize = 512;
/// The area that is everywhere.
const EVERYWHERE: &str = "*";

/// Who the holder is. A role or an area that is not known here opens nothing; without a claim of areas there is none.
pub(super) fn identity(
    claims: &Map<String, Value>,
    access: &TokenAccess,
    find: FindArea<'_>,
) -> Result<Identity, Refusal> {
    let wrong = |claim: &str| Refusal::Claim(claim.to_owned());
    let subject = claims.get("sub").and_then(Value::as_str);
    let subject =
        subject.filter(|sub| (1..=LONGEST_SUBJECT).contains(&sub.len())).ok_or_else(|| wrong("sub"))?;
    let expires =
        claims.get("exp").and_then(Value::as_f64).and_then(|exp| DateTime::from_timestamp(exp as i64, 0));
    let skew = TimeDelta::seconds(i64::try_from(access.clock_skew.as_secs()).unwrap_or(0));
    let until = expires.and_then(|exp| exp.checked_add_signed(skew)).ok_or_else(|| wrong("exp"))?;
    let roles = entries(find_claim(claims, &access.roles_claim)).filter_map(Role::parse);
    let worker = find_claim(claims, &access.worker_claim)
        .map(|id| id.as_str().and_then(|id| Uuid::try_parse(id).ok()));
    Ok(Identity {
        subject: subject.to_owned(),
        means: Means::Token,
        roles: roles.chain([Role::Public]).collect(),
        areas: areas(find_claim(claims, &access.areas_claim), find),
        worker: worker.map(|id| id.map(WorkerId).ok_or_else(|| wrong(&access.worker_claim))).transpose()?,
        until: Some(until),
    })
}

fn areas(claim: Option<&Value>, find: FindArea<'_>) -> Areas {
    let names: Vec<_> = entries(claim).collect();
    if names.contains(&EVERYWHERE) {
        return Areas::All;
    }
    let areas = Areas::below(names.iter().filter_map(|name| find(name)));
    if let Areas::Below(known) = &areas
        && known.len() < names.len()
    {
        tracing::info!(
            named = names.len(),
            known = known.len(),
            "a token names areas that are no grids here"
        );
    }
    areas
}

/// The claim of a name; where there is none, the name is a path, as in `realm_access.roles`.
fn find_claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    find_claim(claims.get(first)?.as_object()?, rest)
}

/// The texts of a list, or the words of one text.
fn entries(claim: Option<&Value>) -> impl Iterator<Item = &str> {
    let (list, text) = match claim {
        Some(Value::Array(list)) => (list.as_slice(), ""),
        Some(Value::String(text)) => (&[][..], text.as_str()),
        _ => (&[][..], ""),
    };
    let words = text.split([' ', ',']).filter(|word| !word.is_empty());
    list.iter().filter_map(Value::as_str).chain(words).take(MOST)
}
