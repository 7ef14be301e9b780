//! What callers may see of people: one table of fields and roles, in one file that a person can read (`policy.toml`).

mod explain;
mod file;

use std::sync::LazyLock;

pub use explain::Explanation;
pub use file::PolicyError;

use super::{Areas, Identity, Purpose, Role, Roles};

/// How much of a personal field a caller sees, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// Not that it is there.
    Never,
    /// In counts that are large enough.
    Aggregate,
    /// With the middle struck out.
    Masked,
    /// As it is.
    Clear,
}

/// A field that tells of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PersonalField {
    /// The name of a worker.
    WorkerName,
    /// The telephone of a worker.
    WorkerPhone,
    /// Where a resident lives.
    PersonPosition,
    /// The household of a resident.
    PersonHousehold,
    /// The address of a resident.
    PersonAddress,
    /// The name of a resident.
    PersonName,
    /// The telephone of a resident.
    PersonPhone,
    /// The service tags of a resident.
    PersonTags,
}

/// Who may see what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    rules: [Rule; PersonalField::ALL.len()],
    source: String,
}

/// Who may see one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    everybody: Sight,
    by_role: [Option<Sight>; Role::ALL.len()],
    behind_glass: Sight,
    asks_purpose: bool,
}

/// What one caller sees of each field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sights {
    beyond: [Sight; PersonalField::ALL.len()],
    within: [Sight; PersonalField::ALL.len()],
    behind_glass: [Sight; PersonalField::ALL.len()],
    everywhere: bool,
}

static EMBEDDED: LazyLock<Policy> = LazyLock::new(|| {
    Policy::read("policy.toml", include_str!("../policy.toml")).expect("the policy of the program is one")
});

impl Sight {
    /// All of them, and what they are called in a policy.
    const NAMES: [(Self, &'static str); 4] = [
        (Self::Never, "never"),
        (Self::Aggregate, "aggregate"),
        (Self::Masked, "masked"),
        (Self::Clear, "visible"),
    ];

    /// What it is called in a policy.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    fn parse(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, own)| *own == name).map(|(sight, _)| sight)
    }
}

impl PersonalField {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::WorkerName,
        Self::WorkerPhone,
        Self::PersonPosition,
        Self::PersonHousehold,
        Self::PersonAddress,
        Self::PersonName,
        Self::PersonPhone,
        Self::PersonTags,
    ];

    /// Its collection and its name there, as a policy names it.
    pub fn path(self) -> (&'static str, &'static str) {
        match self {
            Self::WorkerName => ("workers", "name"),
            Self::WorkerPhone => ("workers", "phone"),
            Self::PersonPosition => ("people", "position"),
            Self::PersonHousehold => ("people", "household"),
            Self::PersonAddress => ("people", "address"),
            Self::PersonName => ("people", "name"),
            Self::PersonPhone => ("people", "phone"),
            Self::PersonTags => ("people", "tags"),
        }
    }

    /// The field of `collection.name`.
    pub fn parse(text: &str) -> Option<Self> {
        let (collection, name) = text.split_once('.')?;
        Self::ALL.into_iter().find(|field| field.path() == (collection, name))
    }

    /// Is it of residents?
    pub(super) fn is_of_residents(self) -> bool {
        self.path().0 == "people"
    }
}

impl Policy {
    /// The policy of the program.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// What a caller sees.
    pub(super) fn sights(&self, identity: &Identity, purpose: Option<&Purpose>) -> Sights {
        let all = |sight: fn(&Rule, Roles, bool) -> Sight| {
            self.rules.map(|rule| sight(&rule, identity.roles, purpose.is_some()))
        };
        let mut beyond = all(Rule::beyond);
        // Of residents nothing is seen beyond the areas, whatever the file says.
        for field in PersonalField::ALL.into_iter().filter(|field| field.is_of_residents()) {
            beyond[field as usize] = beyond[field as usize].min(Sight::Aggregate);
        }
        Sights {
            beyond,
            within: all(Rule::within),
            behind_glass: all(Rule::behind_glass),
            everywhere: identity.areas == Areas::All,
        }
    }
}

impl Rule {
    const NEVER: Self = Self {
        everybody: Sight::Never,
        by_role: [None; Role::ALL.len()],
        behind_glass: Sight::Never,
        asks_purpose: false,
    };

    fn beyond(&self, _: Roles, has_purpose: bool) -> Sight {
        if self.asks_purpose && !has_purpose { Sight::Never } else { self.everybody }
    }

    fn behind_glass(&self, _: Roles, has_purpose: bool) -> Sight {
        if self.asks_purpose && !has_purpose { Sight::Never } else { self.behind_glass }
    }

    fn within(&self, roles: Roles, has_purpose: bool) -> Sight {
        let given = roles.iter().filter_map(|role| self.by_role[role as usize]);
        given.fold(self.beyond(roles, has_purpose), |best, sight| match self.asks_purpose && !has_purpose {
            true => best,
            false => best.max(sight),
        })
    }
}

impl Sights {
    /// Are people counted to the caller? Everywhere alike or nowhere: were it a matter of areas, a count would follow from those of other areas.
    pub(super) fn counts_people(&self) -> bool {
        self.beyond[PersonalField::PersonPosition as usize] >= Sight::Aggregate
    }

    /// What is seen of a field in areas that a caller opened itself.
    pub(super) fn behind_glass(&self, field: PersonalField) -> Sight {
        self.behind_glass[field as usize]
    }

    /// What is seen of a field; `is_within`: does it concern a place in the caller's areas? Asked only where it matters.
    pub(super) fn of(&self, field: PersonalField, is_within: impl FnOnce() -> bool) -> Sight {
        let (beyond, within) = (self.beyond[field as usize], self.within[field as usize]);
        if beyond == within || !(self.everywhere || is_within()) { beyond } else { within }
    }
}

#[cfg(test)]
mod tests;
