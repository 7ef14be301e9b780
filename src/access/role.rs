//! What a caller is there for, as the provider of its token or the maker of its key says.

use std::fmt;

/// A role of a caller. What a worker is in a grid is another thing: [`crate::model::Role`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Anybody.
    Public,
    /// A system that resolves coordinates or joins on grids.
    Integrator,
    /// A grid worker.
    Worker,
    /// A grid office, which keeps grids and what lies in them.
    GridOffice,
    /// An analyst.
    Analyst,
    /// A commander of an incident.
    Commander,
    /// An auditor.
    Auditor,
    /// An administrator.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Public,
        Self::Integrator,
        Self::Worker,
        Self::GridOffice,
        Self::Analyst,
        Self::Commander,
        Self::Auditor,
        Self::Admin,
    ];

    /// Its name in tokens, keys and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Integrator => "integrator",
            Self::Worker => "worker",
            Self::GridOffice => "grid_office",
            Self::Analyst => "analyst",
            Self::Commander => "commander",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// The role of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles(u8);

impl Roles {
    /// Is this role among them?
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// Is any of these among them?
    pub fn has_any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// Is there none?
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | (1 << role as u8)))
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_and_nothing_else() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            let one: Roles = [role].into_iter().collect();
            assert_eq!(one.iter().collect::<Vec<_>>(), [role]);
            assert!(Role::ALL.iter().all(|other| one.has(*other) == (*other == role)));
        }
        let all: Roles = Role::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), 8);
        assert!(Roles::default().is_empty() && Role::parse("root").is_none());
    }
}
