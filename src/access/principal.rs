//! The caller of a request.

/// How much of a personal field the caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// As it is.
    Clear,
    /// With the middle struck out.
    Masked,
}

/// Who asks. There is one way to make one without authentication: [`Principal::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    subject: String,
}

impl Principal {
    /// Whoever reaches a server that listens on loopback without authentication: may read everything but personal
    /// data in the clear.
    pub fn open() -> Self {
        Self { subject: "open".to_owned() }
    }

    /// Who, for the log: an identifier, never a name.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// How the names and phones of workers are shown to this caller.
    pub fn sight_of_staff(&self) -> Sight {
        Sight::Masked
    }

    /// The class of policy that decides what this caller sees; part of every cache key.
    pub fn policy_class(&self) -> &'static str {
        "open"
    }
}
