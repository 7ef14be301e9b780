//! Tables that a few edits change, one after the other, and what the feed would tell of each.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use geo::{Coord, LineString, MultiPolygon, Point, Polygon};
use proptest::prelude::*;
use uuid::Uuid;

use crate::atlas::Atlas;
use crate::atlas::fixture::{id, noon};
use crate::model::{
    Absence, Assignment, Building, Code, County, Delta, Facility, Grid, GridId, GridVersion, Level,
    LevelName, LevelScheme, Person, ResourceId, Role, Snapshot, Span, Worker, WorkerId,
};

/// One change: what, and numbers that say to whom and how.
#[derive(Debug, Clone, Copy)]
pub(in crate::atlas) struct Edit {
    pub(super) kind: u8,
    pub(super) one: u8,
    pub(super) other: u8,
    pub(super) size: u8,
}

/// What the tables would hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    now: DateTime<Utc>,
    grids: BTreeMap<GridId, Vec<GridVersion>>,
    workers: BTreeMap<WorkerId, Worker>,
    assignments: BTreeMap<Uuid, Assignment>,
    absences: BTreeMap<Uuid, Absence>,
    buildings: BTreeMap<ResourceId, Building>,
    facilities: BTreeMap<ResourceId, Facility>,
    people: BTreeMap<ResourceId, Person>,
}

/// A square with a vertex at every hundredth of a degree, so that neighbours may share borders in part; the vertices lie a little off,
/// so that borders are rough.
fn square(x: u8, y: u8, side: u8) -> MultiPolygon<f64> {
    let (x, y, side) = (i32::from(x % 6), i32::from(y % 6), i32::from(side % 3 + 1));
    let off = |x: i32, y: i32| f64::from((x * 7 + y * 13).rem_euclid(11)) * 2e-4;
    let at = |x: i32, y: i32| Coord {
        x: 100.0 + f64::from(x) / 100.0 + off(x, y),
        y: 25.0 + f64::from(y) / 100.0 + off(y, x),
    };
    let mut ring: Vec<Coord<f64>> = (0..side).map(|d| at(x + d, y)).collect();
    ring.extend((0..side).map(|d| at(x + side, y + d)));
    ring.extend((0..side).map(|d| at(x + side - d, y + side)));
    ring.extend((0..side).map(|d| at(x, y + side - d)));
    MultiPolygon(vec![Polygon::new(LineString(ring), Vec::new())])
}

/// The deepest level comes in at a deeper zoom, so that borders are drawn in several ways.
fn levels() -> LevelScheme {
    let level = |(number, min_zoom): (i64, u8)| LevelName {
        level: Level::new(number).unwrap(),
        name: String::new(),
        name_en: String::new(),
        min_zoom,
        max_zoom: 22,
    };
    LevelScheme { levels: [(1, 0), (2, 7), (3, 10)].map(level).into() }
}

fn grid_id(number: u8) -> GridId {
    GridId(id(1_000 + u128::from(number % 12)))
}

impl Tables {
    /// Nothing in them, at noon.
    pub(super) fn empty() -> Self {
        Self { now: noon(), ..Self::default() }
    }

    /// So many people everywhere that their counts are mostly shown.
    pub(super) fn inhabited() -> Self {
        let people = (0..72_u8).map(|number| {
            let own = ResourceId(id(8_000 + u128::from(number)));
            (own, Person { id: own, position: Point::new(100.0, 25.0), leaf: Some(grid_id(number)) })
        });
        Self { people: people.collect(), ..Self::empty() }
    }

    pub(super) fn snapshot(&self, revision: i64) -> Snapshot {
        Snapshot {
            revision,
            at: self.now,
            grids: self.grids.values().flatten().cloned().collect(),
            workers: self.workers.values().cloned().collect(),
            assignments: self.assignments.values().cloned().collect(),
            absences: self.absences.values().cloned().collect(),
            buildings: self.buildings.values().cloned().collect(),
            facilities: self.facilities.values().cloned().collect(),
            people: self.people.values().copied().collect(),
            levels: levels(),
        }
    }

    fn grid(&self, edit: Edit) -> Grid {
        let own = grid_id(edit.one);
        let number = edit.one % 12;
        // Levels by number, so that parents are often, but not always, above.
        let level = 1 + number / 4;
        let parent =
            (!edit.other.is_multiple_of(5) && level > 1).then(|| grid_id((edit.other % 4) + 4 * (level - 2)));
        let code = Code::parse(&format!(
            "53000{}",
            if edit.size.is_multiple_of(7) { edit.size % 12 } else { number }
        ))
        .unwrap();
        Grid {
            id: own,
            county: County::of(&code),
            code,
            scheme: "test".into(),
            level: Level::new(i64::from(level)).unwrap(),
            parent,
            kind: None,
            name: format!("网格{}", edit.size),
            households: Some(u32::from(edit.other)),
            invented: false,
            geometry: square(edit.other, edit.size, edit.one),
        }
    }

    /// Carries out an edit and says what it touched.
    pub(super) fn edit(&mut self, edit: Edit, revision: i64) -> Delta {
        self.now += Duration::seconds(i64::from(edit.size % 4) * 20);
        let mut delta = Delta { revision, at: self.now, ..Delta::default() };
        let Edit { kind, one, other, size } = edit;
        let span = Span {
            from: Some(self.now - Duration::seconds(i64::from(other))),
            until: (!size.is_multiple_of(3)).then(|| self.now + Duration::seconds(i64::from(size))),
        };
        match kind % 10 {
            0..=3 => self.edit_grid(edit, &mut delta),
            4 => {
                let own = WorkerId(id(2_000 + u128::from(one % 6)));
                let worker = Worker {
                    id: own,
                    source: "test".into(),
                    source_id: one.to_string(),
                    name: format!("张{size}"),
                    phone: None,
                    organisation: None,
                    role: Role::FullTime,
                    invented: false,
                };
                let row = (!other.is_multiple_of(4)).then_some(worker);
                set(&mut self.workers, own, row.clone());
                delta.workers.push((own, row));
            }
            5 => {
                let own = id(3_000 + u128::from(one % 8));
                let row = (!other.is_multiple_of(4)).then(|| Assignment {
                    id: own,
                    worker: WorkerId(id(2_000 + u128::from(size % 6))),
                    grid: grid_id(other),
                    county: County::none(),
                    role: Role::ALL[usize::from(size % 4)],
                    rank: 1 + one % 2,
                    span,
                });
                set(&mut self.assignments, own, row.clone());
                delta.assignments.push((own, row));
            }
            6 => {
                let own = id(4_000 + u128::from(one % 6));
                let row = (!other.is_multiple_of(4)).then(|| Absence {
                    id: own,
                    worker: WorkerId(id(2_000 + u128::from(size % 6))),
                    substitute: (!other.is_multiple_of(3))
                        .then(|| WorkerId(id(2_000 + u128::from(other % 6)))),
                    span,
                });
                set(&mut self.absences, own, row.clone());
                delta.absences.push((own, row));
            }
            7 => {
                let own = ResourceId(id(5_000 + u128::from(one % 8)));
                let row = (!other.is_multiple_of(4)).then(|| Building {
                    id: own,
                    number: (one % 8).into(),
                    class: format!("class{}", size % 2),
                    source_id: one.to_string(),
                    name: other.is_multiple_of(3).then(|| format!("楼{size}")),
                    address: other.is_multiple_of(5).then(|| format!("{size}号")),
                    height_m: None,
                    floors: None,
                    households: None,
                    footprint: square(other, size, one).0[0].clone(),
                    leaf: (!size.is_multiple_of(5)).then(|| grid_id(size)),
                });
                set(&mut self.buildings, own, row.clone());
                delta.buildings.push((own, row));
            }
            8 => {
                let own = ResourceId(id(6_000 + u128::from(one % 8)));
                let row = (!other.is_multiple_of(4)).then(|| Facility {
                    id: own,
                    number: (one % 8).into(),
                    class: format!("class{}", size % 2),
                    source_id: one.to_string(),
                    name: other.is_multiple_of(3).then(|| format!("楼{size}")),
                    address: other.is_multiple_of(5).then(|| format!("{size}号")),
                    position: Point::new(
                        100.0 + f64::from(other) / 4_000.0,
                        25.0 + f64::from(size) / 4_000.0,
                    ),
                    leaf: (!size.is_multiple_of(5)).then(|| grid_id(size)),
                });
                set(&mut self.facilities, own, row.clone());
                delta.facilities.push((own, row));
            }
            _ => {
                let own = ResourceId(id(7_000 + u128::from(one % 8)));
                let leaf = (!size.is_multiple_of(5)).then(|| grid_id(size));
                let row = (!other.is_multiple_of(4)).then(|| Person {
                    id: own,
                    position: Point::new(100.0, 25.0),
                    leaf,
                });
                set(&mut self.people, own, row);
                delta.people.push((own, row));
            }
        }
        delta
    }

    fn edit_grid(&mut self, edit: Edit, delta: &mut Delta) {
        let own = grid_id(edit.one);
        let grid = self.grid(edit);
        let now = self.now;
        let versions = self.grids.entry(own).or_default();
        match edit.kind % 4 {
            // Never was.
            0 if edit.size.is_multiple_of(3) => versions.clear(),
            // Retired now.
            0 => {
                versions.retain(|v| v.valid.from.is_none_or(|from| from < now));
                for version in versions.iter_mut().filter(|v| v.valid.contains(now)) {
                    version.valid.until = Some(now);
                }
            }
            // Another from now on, or from soon on.
            kind => {
                let from =
                    if kind == 3 { now + Duration::seconds(i64::from(edit.other % 5) * 10) } else { now };
                versions.retain(|v| v.valid.from.is_none_or(|start| start < from));
                for version in versions.iter_mut().filter(|v| v.valid.until.is_none_or(|until| until > from))
                {
                    version.valid.until = Some(from);
                }
                versions.push(GridVersion {
                    grid,
                    number: (edit.one % 12).into(),
                    valid: Span { from: Some(from), until: None },
                });
            }
        }
        if versions.is_empty() {
            self.grids.remove(&own);
        }
        delta.grids.push((own, self.grids.get(&own).cloned().unwrap_or_default()));
    }
}

fn set<K: Ord, V>(rows: &mut BTreeMap<K, V>, key: K, row: Option<V>) {
    match row {
        Some(row) => _ = rows.insert(key, row),
        None => _ = rows.remove(&key),
    }
}

fn any_edit() -> impl Strategy<Value = Edit> {
    (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(kind, one, other, size)| Edit {
        kind,
        one,
        other,
        size,
    })
}

/// A few edits, one after the other.
pub(in crate::atlas) fn any_edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec(any_edit(), 1..40)
}

/// The atlas that followed edits; those that cannot be are left out.
pub(in crate::atlas) fn state_after(edits: Vec<Edit>) -> Atlas {
    let mut tables = Tables::empty();
    let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
    for (number, edit) in edits.into_iter().enumerate() {
        let mut trial = tables.clone();
        if let Ok(applied) = atlas.apply(trial.edit(edit, number as i64)) {
            (tables, atlas) = (trial, applied);
        }
    }
    atlas
}
