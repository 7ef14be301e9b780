//! Workers, who serves where, and who stands in for whom.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::{County, GridId, Span};

/// The identity of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerId(pub Uuid);

/// What a worker is in a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 网格长
    Head,
    /// 专职网格员
    FullTime,
    /// 兼职网格员
    PartTime,
    /// 网格指导员
    Instructor,
    /// 流动网格员: reports, has no grid, is never the answer of a resolve.
    Reporter,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a role; roles are head, full_time, part_time, instructor, reporter")]
pub struct UnknownRole(pub String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Head, Self::FullTime, Self::PartTime, Self::Instructor, Self::Reporter];

    /// As stored and as spoken over HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::FullTime => "full_time",
            Self::PartTime => "part_time",
            Self::Instructor => "instructor",
            Self::Reporter => "reporter",
        }
    }

    /// Reads what [`Role::as_str`] writes.
    pub fn parse(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A grid worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Identity.
    pub id: WorkerId,
    /// The system that the worker comes from.
    pub source: String,
    /// The identity there.
    pub source_id: String,
    /// Full name; masked before it leaves the house.
    pub name: String,
    /// Telephone; masked before it leaves the house.
    pub phone: Option<String>,
    /// The organisation that employs the worker.
    pub organisation: Option<String>,
    /// What the worker is by profession; a `reporter` has no assignment.
    pub role: Role,
    /// True when invented sample data.
    pub invented: bool,
}

/// A worker serves a grid in a role during a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Identity.
    pub id: Uuid,
    /// Who.
    pub worker: WorkerId,
    /// Where.
    pub grid: GridId,
    /// Partition key of the grid.
    pub county: County,
    /// As what; never [`Role::Reporter`].
    pub role: Role,
    /// 1 is the primary, 2 and more are deputies.
    pub rank: u8,
    /// When.
    pub span: Span,
}

/// A worker is away during a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Identity.
    pub id: Uuid,
    /// Who is away.
    pub worker: WorkerId,
    /// Who stands in, if anybody.
    pub substitute: Option<WorkerId>,
    /// When.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_what_it_writes() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
        }
        assert_eq!(Role::parse("boss"), Err(UnknownRole("boss".into())));
    }
}
