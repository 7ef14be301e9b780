//! A grid: one polygon of the hierarchy and what is said of it.

use geo::MultiPolygon;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Code, County, Level, Span};

/// The identity of a grid: it stays when the code, the name or the boundary changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GridId(pub Uuid);

/// The kind of a grid below the administrative divisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridKind {
    /// 基础网格 (综合网格): 300 to 500 resident households.
    Base,
    /// 专属网格: a park, market, office tower, school or farm.
    Dedicated,
    /// 微网格: 50 to 80 households.
    Micro,
}

impl GridKind {
    /// As stored and as spoken over HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Dedicated => "dedicated",
            Self::Micro => "micro",
        }
    }

    /// Reads what [`GridKind::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "base" => Some(Self::Base),
            "dedicated" => Some(Self::Dedicated),
            "micro" => Some(Self::Micro),
            _ => None,
        }
    }
}

/// One version of a grid: what holds of it during a span of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Identity.
    pub id: GridId,
    /// Partition key; see [`County`].
    pub county: County,
    /// Label, unique among grids of its scheme.
    pub code: Code,
    /// The scheme that the code follows, such as `division`, `grid15`, `micro`.
    pub scheme: String,
    /// Level in the hierarchy.
    pub level: Level,
    /// The grid one or more levels above that holds it; `None` at the top.
    pub parent: Option<GridId>,
    /// Kind; `None` for an administrative division.
    pub kind: Option<GridKind>,
    /// Name in Chinese.
    pub name: String,
    /// Resident households, where known.
    pub households: Option<u32>,
    /// True when boundary or name is invented sample data.
    pub invented: bool,
    /// Territory in EPSG:4490, longitude and latitude in degrees.
    pub geometry: MultiPolygon<f64>,
}

/// A grid as it is, was or will be during a span. Of one identity, no two versions hold at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct GridVersion {
    /// What holds.
    pub grid: Grid,
    /// The number that the store gave the identity once: the id of its features in tiles.
    pub number: u64,
    /// When it holds.
    pub valid: Span,
}

impl GridVersion {
    /// A version since always and for ever.
    pub fn lasting(number: u64, grid: Grid) -> Self {
        Self { grid, number, valid: Span::ALWAYS }
    }
}
