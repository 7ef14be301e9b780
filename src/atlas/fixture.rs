//! A small region for unit tests: one parent, 2 by 2 leaves of 0.01 degrees, one corner of the parent left uncovered.

use chrono::{DateTime, Duration, TimeZone, Utc};
use geo::{MultiPolygon, Rect, coord};
use uuid::Uuid;

use super::Atlas;
use crate::model::{
    Absence, Assignment, Code, County, Grid, GridId, GridKind, GridVersion, Level, LevelName, LevelScheme,
    Role, Snapshot, Span, Worker, WorkerId,
};

pub(crate) const WEST: f64 = 100.0;
pub(crate) const SOUTH: f64 = 25.0;

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 3, 12, 0, 0).unwrap()
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn grid(
    number: u128,
    code: &str,
    level: i64,
    parent: Option<u128>,
    west_south_east_north: [f64; 4],
) -> GridVersion {
    let [w, s, e, n] = west_south_east_north;
    let code = Code::parse(code).unwrap();
    let own = u64::try_from(number).unwrap();
    let grid = Grid {
        id: GridId(id(number)),
        county: County::of(&code),
        code,
        scheme: "test".into(),
        level: Level::new(level).unwrap(),
        parent: parent.map(|p| GridId(id(p))),
        kind: (level > 1).then_some(GridKind::Base),
        name: format!("网格{number}"),
        households: Some(400),
        invented: true,
        geometry: MultiPolygon(vec![Rect::new(coord! { x: w, y: s }, coord! { x: e, y: n }).to_polygon()]),
    };
    GridVersion::lasting(own, grid)
}

fn worker(number: u128) -> Worker {
    Worker {
        id: WorkerId(id(number)),
        source: "test".into(),
        source_id: number.to_string(),
        name: format!("张{number}"),
        phone: Some(format!("1380000{number:04}")),
        organisation: None,
        role: Role::FullTime,
        invented: true,
    }
}

pub(crate) fn serves(worker: u128, grid: u128, role: Role, rank: u8, span: Span) -> Assignment {
    Assignment {
        id: id(1_000_000 + worker * 1_000 + grid),
        worker: WorkerId(id(worker)),
        grid: GridId(id(grid)),
        county: County::none(),
        role,
        rank,
        span,
    }
}

pub(crate) fn away(worker: u128, substitute: Option<u128>) -> Absence {
    let span = Span { from: Some(noon() - Duration::hours(1)), until: Some(noon() + Duration::hours(1)) };
    Absence {
        id: id(2_000_000 + worker),
        worker: WorkerId(id(worker)),
        substitute: substitute.map(|s| WorkerId(id(s))),
        span,
    }
}

/// Parent 1 over leaves 11 (south-west), 12 (south-east), 13 (north-west); the north-east corner is a gap.
/// Workers 101 to 105; nobody is assigned yet.
pub(crate) fn snapshot() -> Snapshot {
    let (w, s) = (WEST, SOUTH);
    Snapshot {
        revision: 7,
        at: noon(),
        levels: LevelScheme {
            levels: Level::all()
                .map(|level| LevelName {
                    level,
                    name: format!("{level}级"),
                    name_en: format!("level {level}"),
                    min_zoom: 0,
                    max_zoom: 22,
                })
                .collect(),
        },
        grids: vec![
            grid(12, "530001002", 2, Some(1), [w + 0.01, s, w + 0.02, s + 0.01]),
            grid(1, "530001", 1, None, [w, s, w + 0.02, s + 0.02]),
            grid(13, "530001003", 2, Some(1), [w, s + 0.01, w + 0.01, s + 0.02]),
            grid(11, "530001001", 2, Some(1), [w, s, w + 0.01, s + 0.01]),
        ],
        workers: (101..=105).map(worker).collect(),
        ..Snapshot::default()
    }
}

pub(crate) fn atlas_with(assignments: Vec<Assignment>, absences: Vec<Absence>) -> Atlas {
    Atlas::build(Snapshot { assignments, absences, ..snapshot() }).unwrap()
}

/// Every row as text, in an order of its own; Debug of a double tells every bit but those of NaN.
pub(crate) fn rows(snapshot: &Snapshot) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    rows.extend(snapshot.grids.iter().map(|row| format!("{row:?}")));
    rows.extend(snapshot.workers.iter().map(|row| format!("{row:?}")));
    rows.extend(snapshot.assignments.iter().map(|row| format!("{row:?}")));
    rows.extend(snapshot.absences.iter().map(|row| format!("{row:?}")));
    rows.extend(snapshot.buildings.iter().map(|row| format!("{row:?}")));
    rows.extend(snapshot.facilities.iter().map(|row| format!("{row:?}")));
    rows.extend(snapshot.people.iter().map(|row| format!("{row:?}")));
    rows.sort_unstable();
    rows.push(format!("{} {} {:?}", snapshot.revision, snapshot.at, snapshot.levels));
    rows
}
