//! Why does a caller see a field, or not?

use std::fmt;

use super::{PersonalField, Policy, Sight};
use crate::access::{Areas, Identity, Purpose, Role};

/// What a caller sees of a field, and by which lines of which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    field: PersonalField,
    within: Sight,
    beyond: Sight,
    everybody: Sight,
    given: Vec<(Role, Option<Sight>)>,
    asks_purpose: bool,
    has_purpose: bool,
    areas: Areas,
    source: String,
}

impl Policy {
    /// Explains what a caller sees of a field.
    pub fn explain(
        &self,
        identity: &Identity,
        purpose: Option<&Purpose>,
        field: PersonalField,
    ) -> Explanation {
        let (rule, sights) = (self.rules[field as usize], self.sights(identity, purpose));
        Explanation {
            field,
            within: sights.within[field as usize],
            beyond: sights.beyond[field as usize],
            everybody: rule.everybody,
            given: identity.roles.iter().map(|role| (role, rule.by_role[role as usize])).collect(),
            asks_purpose: rule.asks_purpose,
            has_purpose: purpose.is_some(),
            areas: identity.areas.clone(),
            source: self.source.clone(),
        }
    }
}

impl Explanation {
    /// What the caller sees in its areas.
    pub fn within(&self) -> Sight {
        self.within
    }

    /// What it sees beyond them; the same where its areas are everywhere.
    pub fn beyond(&self) -> Sight {
        if self.areas == Areas::All { self.within } else { self.beyond }
    }

    /// The lines of the policy that decide, in one sentence, without the name of the file.
    pub fn reason(&self) -> String {
        let (named, others): (Vec<_>, Vec<_>) = self.given.iter().partition(|(_, sight)| sight.is_some());
        let mut said = vec![format!("everybody has {}", self.everybody.as_str())];
        said.extend(
            named
                .iter()
                .filter_map(|(role, sight)| Some(format!("{} has {}", role.as_str(), (*sight)?.as_str()))),
        );
        if !others.is_empty() {
            let roles: Vec<_> = others.iter().map(|(role, _)| role.as_str()).collect();
            said.push(format!("nothing more is given to {}", roles.join(", ")));
        }
        if self.asks_purpose && !self.has_purpose {
            said.push("a purpose is asked for and none is named".to_owned());
        }
        if self.field.is_of_residents() {
            said.push("of residents there are only counts beyond the areas of a caller".to_owned());
        }
        said.join("; ")
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (collection, name) = self.field.path();
        writeln!(f, "{collection}.{name}")?;
        match &self.areas {
            Areas::All => writeln!(f, "  everywhere: {}", self.within.as_str())?,
            Areas::Below(_) => {
                writeln!(f, "  in the areas of the caller: {}", self.within.as_str())?;
                writeln!(f, "  beyond them: {}", self.beyond.as_str())?;
            }
        }
        writeln!(f, "because {} says", self.source)?;
        writeln!(f, "  everybody: {}", self.everybody.as_str())?;
        for (role, sight) in &self.given {
            let sight = sight.map_or("is not named, so it has what everybody has", Sight::as_str);
            writeln!(f, "  {}: {sight}", role.as_str())?;
        }
        if self.asks_purpose {
            let named = if self.has_purpose { "one is named" } else { "none is named, so never" };
            writeln!(f, "  a purpose is asked for: {named}")?;
        }
        if self.field.is_of_residents() {
            writeln!(f, "  and of residents there are only counts beyond the areas of a caller")?;
        }
        Ok(())
    }
}
