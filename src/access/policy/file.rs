//! The file of a policy: read strictly, since a word that means nothing could have been meant to protect somebody.

use std::path::Path;

use thiserror::Error;

use super::{PersonalField, Policy, Rule, Sight};
use crate::access::Role;

/// Why a file is no policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {reason}")]
pub struct PolicyError {
    /// The file.
    place: String,
    /// What is wrong, and what would do.
    reason: String,
}

impl Policy {
    /// The policy of a file.
    pub fn load(file: &Path) -> Result<Self, PolicyError> {
        let place = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => Self::read(&place, &text),
            Err(error) => Err(PolicyError { place, reason: error.to_string() }),
        }
    }

    /// The policy of a text.
    pub(super) fn read(place: &str, text: &str) -> Result<Self, PolicyError> {
        let wrong = |reason: String| PolicyError { place: place.to_owned(), reason };
        let table: toml::Table = toml::from_str(text).map_err(|error| wrong(error.message().to_owned()))?;
        let mut rules = [Rule::NEVER; PersonalField::ALL.len()];
        for (collection, fields) in &table {
            let fields = fields.as_table().ok_or_else(|| wrong(format!("[{collection}] is no table")))?;
            for (name, rule) in fields {
                let path = format!("{collection}.{name}");
                let field = PersonalField::parse(&path).ok_or_else(|| wrong(unknown(&path)))?;
                rules[field as usize] =
                    read_rule(field, rule).map_err(|reason| wrong(format!("{path}: {reason}")))?;
            }
        }
        Ok(Self { rules, source: place.to_owned() })
    }
}

fn unknown(path: &str) -> String {
    let known: Vec<_> =
        PersonalField::ALL.iter().map(|field| format!("{}.{}", field.path().0, field.path().1)).collect();
    format!("there is no field {path}; there are: {}", known.join(", "))
}

fn read_rule(field: PersonalField, written: &toml::Value) -> Result<Rule, String> {
    let written = written.as_table().ok_or("write it as { role = \"sight\" }")?;
    let mut rule = Rule::NEVER;
    for (key, value) in written {
        if key == "purpose" {
            rule.asks_purpose = value.as_bool().ok_or("purpose is true or false")?;
            continue;
        }
        let sight = value.as_str().and_then(Sight::parse);
        let sight =
            sight.ok_or_else(|| format!("{key} = {value}: give never, aggregate, masked or visible"))?;
        match (key.as_str(), Role::parse(key)) {
            ("everybody", _) => rule.everybody = sight,
            ("break_glass", _) => rule.behind_glass = sight,
            (_, Some(role)) => rule.by_role[role as usize] = Some(sight),
            (_, None) => {
                let roles: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
                return Err(format!(
                    "there is no role {key:?}; there are everybody, break_glass, {}",
                    roles.join(", ")
                ));
            }
        }
    }
    let anybody = [Some(rule.everybody), rule.by_role[Role::Public as usize]];
    if field.is_of_residents() && anybody.into_iter().flatten().any(|sight| sight > Sight::Aggregate) {
        return Err("residents are shown to everybody in counts only: aggregate or never".to_owned());
    }
    Ok(rule)
}
