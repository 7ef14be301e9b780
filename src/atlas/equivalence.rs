//! After any sequence of changes, the atlas that followed them is the one that is built from what is there in the end.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use geo::{Coord, LineString, MultiPolygon, Point, Polygon};
use proptest::prelude::*;
use uuid::Uuid;

use super::fixture::{id, noon, rows};
use super::*;
use crate::geom::{Tile, TileId, TileMatrixSet};
use crate::model::{
    Absence, Assignment, Building, Code, County, Delta, Facility, Grid, GridId, GridVersion, Level,
    LevelName, Person, ResourceId, Role, Snapshot, Worker, WorkerId,
};

/// One change: what, and numbers that say to whom and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edit {
    kind: u8,
    one: u8,
    other: u8,
    size: u8,
}

/// What the tables would hold.
#[derive(Debug, Clone, Default)]
struct Tables {
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
    fn snapshot(&self, revision: i64) -> Snapshot {
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
    fn edit(&mut self, edit: Edit, revision: i64) -> Delta {
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
                    class: format!("class{}", size % 2),
                    name: None,
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
                    class: format!("class{}", size % 2),
                    name: None,
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
                versions.push(GridVersion { grid, valid: Span { from: Some(from), until: None } });
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

/// Everything that an atlas can be asked, in an order that says nothing of how it came to be.
pub(super) fn portrait(atlas: &Atlas) -> Vec<String> {
    let grids = atlas.grids();
    let mut lines = vec![format!("{} {} {:?}", atlas.revision(), atlas.as_of(), atlas.window())];
    for grid in grids.all() {
        let children: Vec<_> = grids.children(grid).iter().map(|child| grids.id(*child)).collect();
        let duties: Vec<_> = atlas
            .staff()
            .on_duty(grids.id(grid), atlas.as_of(), &[])
            .iter()
            .map(|duty| {
                let worker = |index| atlas.staff().worker(index).clone();
                (worker(duty.worker), duty.role, duty.rank, duty.acting_for.map(worker))
            })
            .collect();
        lines.push(format!(
            "{:?} {:?} {:?} {children:?} {duties:?} {:?}",
            grids.version(grid),
            grids.label_point(grid),
            grids.envelope(grid),
            atlas.resources().counts(grid)
        ));
    }
    lines.push(format!("{:?} {}", atlas.resources().unassigned(), atlas.resources().people()));
    lines.push(format!("{:?}", grids.bounds()));
    for x in 0..40_u32 {
        for y in 0..40_u32 {
            let point = LonLat::new(99.995 + f64::from(x) * 0.0025, 24.995 + f64::from(y) * 0.0025).unwrap();
            let cover = atlas.cover(point);
            lines.push(
                format!("{cover:?}")
                    .replace(&format!("{:?}", cover.grid()), "")
                    .split('(')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            );
            lines.push(format!("{:?}", cover.grid().map(|grid| grids.id(grid))));
            if (x + y).is_multiple_of(3)
                && let Some(grid) = cover.grid()
            {
                let found = atlas.disagreements(grid, point).into_iter();
                let found = found.map(|(above, other)| (grids.id(above), other.map(|other| grids.id(other))));
                lines.push(format!("{:?}", found.collect::<Vec<_>>()));
            }
        }
    }
    for x in 0..6_u32 {
        let corner = 100.0 + f64::from(x) * 0.013;
        let envelope = Envelope { min: [corner, 25.003], max: [corner + 0.011, 25.043] };
        let mut near: Vec<_> = atlas.grids_in(&envelope).map(|grid| grids.id(grid)).collect();
        near.sort_unstable();
        let mut buildings: Vec<_> = atlas.resources().buildings_in(&envelope).map(|one| one.id).collect();
        buildings.sort_unstable();
        let mut facilities: Vec<_> = atlas.resources().facilities_in(&envelope).map(|one| one.id).collect();
        facilities.sort_unstable();
        lines.push(format!("{near:?} {buildings:?} {facilities:?}"));
        let nearest = atlas.nearest_leaf(LonLat::new(corner - 0.1, 24.9).unwrap());
        lines.push(format!("{:?}", nearest.map(|n| (grids.id(n.grid), n.distance_m))));
    }
    lines.extend(super::detail::tests::drawing(atlas));
    lines.extend(tiles(atlas));
    lines.extend(rows(&atlas.snapshot()));
    lines
}

/// Tiles of all kinds, byte for byte.
fn tiles(atlas: &Atlas) -> Vec<String> {
    let tilesets = crate::tiles::Tilesets::embedded().unwrap();
    let selection = tilesets.select("grids,buildings,facilities").unwrap();
    let places = [(3, 6, 3), (9, 398, 219), (11, 1593, 875), (13, 6374, 3500), (16, 50975, 27998)];
    let render = |(z, x, y)| {
        let tile = crate::geom::TileId::new(z, x, y).unwrap();
        format!("{tile} {:?}", selection.render(atlas, &crate::access::Principal::open(), tile))
    };
    places.map(render).into()
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
pub(super) fn any_edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec(any_edit(), 1..40)
}

/// The atlas that followed edits; those that cannot be are left out.
pub(super) fn state_after(edits: Vec<Edit>) -> Atlas {
    let mut tables = Tables { now: noon(), ..Tables::default() };
    let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
    for (number, edit) in edits.into_iter().enumerate() {
        let mut trial = tables.clone();
        if let Ok(applied) = atlas.apply(trial.edit(edit, number as i64)) {
            (tables, atlas) = (trial, applied);
        }
    }
    atlas
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn following_any_edits_gives_the_atlas_that_a_build_gives(edits in any_edits()) {
        let mut tables = Tables { now: noon(), ..Tables::default() };
        let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
        for (number, edit) in edits.into_iter().enumerate() {
            let mut trial = tables.clone();
            let delta = trial.edit(edit, number as i64);
            let built = Atlas::build(trial.snapshot(number as i64));
            let applied = atlas.apply(delta);
            prop_assert_eq!(built.is_ok(), applied.is_ok(), "{:?} {:?}", built.as_ref().err(), applied.as_ref().err());
            // What a build refuses is refused, and the tables stay as they were.
            let (Ok(built), Ok(applied)) = (built, applied) else { continue };
            prop_assert_eq!(portrait(&applied), portrait(&built));
            (tables, atlas) = (trial, applied);
        }
    }
}

/// Tiles from the world down to a few fields, and all tiles of zoom 14 where anything is; some in degrees, too.
fn watched_tiles() -> Vec<Tile> {
    let down = [
        (0, 0, 0),
        (3, 6, 3),
        (6, 49, 27),
        (9, 398, 219),
        (10, 796, 438),
        (11, 1593, 876),
        (12, 3186, 1753),
        (13, 6372, 3507),
        (15, 25_488, 14_029),
        (16, 50_976, 28_058),
    ];
    let all = (12_743..=12_747).flat_map(|x| (7_011..=7_016).map(move |y| (14, x, y)));
    let mercator = down.into_iter().chain(all).map(|(z, x, y)| TileId::new(z, x, y).unwrap().into());
    let geographic = [(0, 0.02, 0.02), (8, 0.02, 0.02), (11, 0.01, 0.03), (12, 0.02, 0.02), (13, 0.03, 0.01)];
    let at = |(z, east, north)| {
        let place = geo::Coord { x: 100.0 + east, y: 25.0 + north };
        TileMatrixSet::Cgcs2000Quad.tile_at(z, place).unwrap()
    };
    mercator.chain(geographic.map(at)).collect()
}

/// So many people everywhere that their counts are mostly shown.
fn inhabited() -> Tables {
    let people = (0..72_u8).map(|number| {
        let own = ResourceId(id(8_000 + u128::from(number)));
        (own, Person { id: own, position: Point::new(100.0, 25.0), leaf: Some(grid_id(number)) })
    });
    Tables { now: noon(), people: people.collect(), ..Tables::default() }
}

/// Each watched tile of each tileset: since which edition it is as it is, and its bytes.
fn watched(atlas: &Atlas) -> Vec<(String, u64, Vec<u8>)> {
    let tilesets = crate::tiles::Tilesets::embedded().unwrap();
    let mut found = Vec::new();
    for name in tilesets.names() {
        let selection = tilesets.select(name).unwrap();
        for tile in watched_tiles() {
            let bytes = selection.render(atlas, &crate::access::Principal::open(), tile).unwrap();
            found.push((format!("{name} {tile}"), selection.edition(atlas, tile), bytes));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_tile_that_is_not_marked_by_an_edit_is_byte_for_byte_the_same(edits in any_edits()) {
        let mut tables = inhabited();
        let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
        let mut before = watched(&atlas);
        for (number, edit) in edits.into_iter().enumerate() {
            let mut trial = tables.clone();
            let Ok(next) = atlas.apply(trial.edit(edit, number as i64)) else { continue };
            let after = watched(&next);
            for ((name, since, bytes), (_, still_since, now)) in before.iter().zip(&after) {
                prop_assert!(still_since >= since);
                if since == still_since {
                    prop_assert!(bytes == now, "{name} changed by {edit:?}, and nobody was told");
                }
            }
            (tables, atlas, before) = (trial, next, after);
        }
    }
}

/// The comparison above would show nothing if every edit marked every tile: most tiles outlive most edits.
#[test]
fn most_tiles_outlive_an_edit_elsewhere() {
    let mut tables = inhabited();
    let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
    let mut before = watched(&atlas);
    let (mut kept, mut renewed, mut changed) = (0, 0, 0);
    for number in 0..400_u32 {
        let [kind, one, other, size] = number.wrapping_mul(2_654_435_769).to_be_bytes();
        let mut trial = tables.clone();
        let Ok(next) = atlas.apply(trial.edit(Edit { kind, one, other, size }, 0)) else { continue };
        let after = watched(&next);
        for ((_, since, bytes), (_, still_since, now)) in before.iter().zip(&after) {
            kept += u32::from(since == still_since);
            renewed += u32::from(since != still_since);
            changed += u32::from(bytes != now);
        }
        (tables, atlas, before) = (trial, next, after);
    }
    assert!(kept > renewed && changed > 200, "{kept} kept, {renewed} marked, {changed} changed");
}

/// The comparison above would show nothing if edits were refused: most are not.
#[test]
fn most_edits_are_accepted_and_change_something() {
    let mut tables = Tables { now: noon(), ..Tables::default() };
    let mut atlas = Atlas::build(tables.snapshot(0)).unwrap();
    let (mut accepted, mut changed) = (0, 0);
    for number in 0..400_u32 {
        let [kind, one, other, size] = number.wrapping_mul(2_654_435_769).to_be_bytes();
        let mut trial = tables.clone();
        let delta = trial.edit(Edit { kind, one, other, size }, 0);
        let Ok(next) = atlas.apply(delta) else { continue };
        accepted += 1;
        changed += u32::from(portrait(&next)[1..] != portrait(&atlas)[1..]);
        (tables, atlas) = (trial, next);
    }
    assert!(accepted > 200 && changed > 100, "{accepted} accepted, {changed} changed");
    assert!(atlas.grids().len() > 3 && atlas.staff().len() > 2, "{} grids", atlas.grids().len());
}
