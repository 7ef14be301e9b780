//! How much is to be invented, and how it is called.

use chrono::{DateTime, TimeZone, Utc};

use crate::model::{Level, LevelName, LevelScheme};

/// Totals of an invented region. The same plan and inputs always give the same region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Where all chance comes from.
    pub seed: u64,
    /// Grids in all levels together, the given ones included.
    pub grids: usize,
    /// Households of the region; a base grid gets 300 to 500 of them.
    pub households: usize,
    /// Dedicated grids among the base grids.
    pub dedicated: usize,
    /// Workers in all.
    pub workers: usize,
    /// Those of them who only report and have no grid.
    pub reporters: usize,
    /// Buildings.
    pub buildings: usize,
    /// Facilities.
    pub facilities: usize,
    /// Residents.
    pub people: usize,
    /// Absences and assignments are dated relative to this instant.
    pub today: DateTime<Utc>,
}

impl Plan {
    /// The sample region of Dali.
    pub fn dali() -> Self {
        Self {
            seed: 5329,
            grids: 14_577,
            households: 1_100_000,
            dedicated: 48,
            workers: 25_884,
            reporters: 2_000,
            buildings: 120_000,
            facilities: 8_000,
            people: 200_000,
            today: reference_day(),
        }
    }

    /// The small invented region that takes its place where the registries cannot be reached.
    pub fn small() -> Self {
        Self {
            seed: 5329,
            grids: 300,
            households: 20_000,
            dedicated: 3,
            workers: 520,
            reporters: 40,
            buildings: 2_400,
            facilities: 300,
            people: 4_000,
            today: reference_day(),
        }
    }
}

fn reference_day() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, 0, 0, 0).single().unwrap_or_default()
}

/// What is being invented just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Boundaries of towns, villages and grids.
    Grids,
    /// Workers, assignments, absences.
    Staff,
    /// Buildings.
    Buildings,
    /// Facilities.
    Facilities,
    /// Residents.
    People,
}

/// The six levels of the sample region.
pub(super) fn level_scheme() -> LevelScheme {
    const LEVELS: [(&str, &str, u8); 6] = [
        ("州", "prefecture", 0),
        ("县市", "county", 5),
        ("乡镇街道", "town", 8),
        ("村社区", "village", 10),
        ("网格", "grid", 12),
        ("微网格", "micro-grid", 14),
    ];
    let entry = |(level, (name, english, min_zoom)): (Level, (&str, &str, u8))| LevelName {
        level,
        name: name.to_owned(),
        name_en: english.to_owned(),
        min_zoom,
        max_zoom: 22,
    };
    LevelScheme { levels: Level::all().zip(LEVELS).map(entry).collect() }
}
