//! What to look for in space: the parameters that `nearby` and `within` share.

use std::collections::BTreeSet;

use super::endpoint::Param;
use super::params::{Query, count_within, cut};
use super::position;
use crate::query::{Collection, Looking};

/// How many resources are listed when nothing is said, and at most.
const LISTED: usize = 100;
const MOST_LISTED: usize = 1_000;
/// The most classes to look for.
const MOST_CLASSES: usize = 50;

/// Collections.
pub(super) const COLLECTIONS: Param = Param::optional(
    "collections",
    "string",
    "What to look for: buildings, facilities; by default both.",
    "facilities",
);
/// Classes.
pub(super) const CLASSES: Param =
    Param::optional("classes", "string", "Only these classes, separated by commas.", "");
/// How many to list.
pub(super) const LIMIT: Param =
    Param::optional("limit", "integer", "How many resources to list, 0 to 1000; 100 by default.", "20");

/// What to look for, by the parameters that the calls share: in all collections when none are named, of any class.
pub(super) fn looking(query: &mut Query<'_>) -> Looking {
    let collections =
        |text: &str| text.split(',').map(|name| Collection::parse(cut(name.trim()).as_str())).collect();
    Looking {
        collections: query.optional("collections", collections).unwrap_or_else(|| Collection::ALL.into()),
        classes: query.optional("classes", read_classes).unwrap_or_default(),
        limit: query.optional("limit", |text| count_within(text, 0, MOST_LISTED)).unwrap_or(LISTED),
        at: position::at(query),
        roles: position::roles(query),
    }
}

pub(super) fn read_classes(text: &str) -> Result<BTreeSet<String>, String> {
    let classes: BTreeSet<String> =
        text.split(',').map(|class| class.trim().to_owned()).filter(|class| !class.is_empty()).collect();
    match classes.len() <= MOST_CLASSES {
        true => Ok(classes),
        false => Err(format!("{} classes are more than {MOST_CLASSES}", classes.len())),
    }
}
