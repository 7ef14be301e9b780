use geo::{Contains, Intersects, Point};
use proptest::prelude::*;

use super::fixture::*;
use super::*;
use crate::model::{Role, Snapshot, Span};

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new(lon, lat).unwrap()
}

fn code(atlas: &Atlas, grid: GridIndex) -> &str {
    atlas.grids().code(grid).as_str()
}

#[test]
fn a_point_inside_one_leaf_is_inside_it() {
    let atlas = atlas_with(vec![], vec![]);
    let Cover::Inside(grid) = atlas.cover(at(WEST + 0.015, SOUTH + 0.005)) else { panic!("not inside") };
    assert_eq!(code(&atlas, grid), "530001002");
}

#[test]
fn a_point_on_a_shared_edge_goes_to_the_lowest_code_and_says_so() {
    let atlas = atlas_with(vec![], vec![]);
    let edge = atlas.grids().envelope(atlas.grids().find_code("530001001").unwrap()).max[0];
    let Cover::Border(grid) = atlas.cover(at(edge, SOUTH + 0.005)) else { panic!("not on the border") };
    assert_eq!(code(&atlas, grid), "530001001");
}

#[test]
fn a_point_in_a_gap_falls_to_the_parent_and_one_outside_to_nobody() {
    let atlas = atlas_with(vec![], vec![]);
    let Cover::ParentOnly(grid) = atlas.cover(at(WEST + 0.015, SOUTH + 0.015)) else {
        panic!("not the parent")
    };
    assert_eq!(code(&atlas, grid), "530001");
    assert_eq!(atlas.cover(at(WEST + 0.03, SOUTH)), Cover::Outside);
}

#[test]
fn the_nearest_leaf_is_found_however_far() {
    let atlas = atlas_with(vec![], vec![]);
    let nearest = atlas.nearest_leaf(at(-70.0, -30.0)).unwrap();
    assert!(nearest.distance_m > 10_000_000.0, "{nearest:?}");
    let near = atlas.nearest_leaf(at(WEST - 0.001, SOUTH + 0.005)).unwrap();
    assert_eq!(code(&atlas, near.grid), "530001001");
    assert!((near.distance_m - 100.9).abs() < 0.2, "{near:?}");
    assert_eq!(Atlas::build(Snapshot::default()).unwrap().nearest_leaf(at(0.0, 0.0)), None);
}

#[test]
fn the_tree_is_walked_both_ways() {
    let atlas = atlas_with(vec![], vec![]);
    let grids = atlas.grids();
    let top = grids.find_code("530001").unwrap();
    let codes: Vec<_> = grids.descendants(top).into_iter().map(|g| code(&atlas, g)).collect();
    assert_eq!(codes, ["530001001", "530001002", "530001003"]);
    let leaf = grids.find_code("530001003").unwrap();
    assert_eq!(grids.chain(leaf), [top, leaf]);
    assert!(grids.is_within(leaf, top) && !grids.is_within(top, leaf));
}

#[test]
fn a_substitute_takes_the_place_of_the_absent_also_down_a_chain() {
    let duty = |absences| {
        let atlas = atlas_with(vec![serves(101, 11, Role::FullTime, 1, Span::ALWAYS)], absences);
        let grid = atlas.grids().find_code("530001001").unwrap();
        let duties = atlas.staff().on_duty(atlas.grids().id(grid), noon(), &[]);
        let name = |w: WorkerIndex| atlas.staff().worker(w).source_id.clone();
        duties.iter().map(|d| (name(d.worker), d.acting_for.map(name))).collect::<Vec<_>>()
    };
    assert_eq!(duty(vec![]), [("101".into(), None)]);
    assert_eq!(duty(vec![away(101, Some(102))]), [("102".into(), Some("101".into()))]);
    assert_eq!(duty(vec![away(101, Some(102)), away(102, Some(103))]), [("103".into(), Some("101".into()))]);
    assert!(duty(vec![away(101, None)]).is_empty());
    assert!(duty(vec![away(101, Some(102)), away(102, Some(101))]).is_empty(), "a circle ends with nobody");
}

#[test]
fn nobody_is_listed_twice_and_the_primary_comes_first() {
    let assignments = vec![
        serves(102, 11, Role::PartTime, 2, Span::ALWAYS),
        serves(101, 11, Role::FullTime, 1, Span::ALWAYS),
    ];
    let atlas = atlas_with(assignments, vec![away(101, Some(102))]);
    let grid = atlas.grids().find_code("530001001").unwrap();
    let duties = atlas.staff().on_duty(atlas.grids().id(grid), noon(), &[]);
    assert_eq!(duties.len(), 1);
    assert_eq!((duties[0].rank, duties[0].role), (1, Role::FullTime));
}

#[test]
fn a_snapshot_with_a_missing_parent_or_a_code_twice_is_refused_by_name() {
    let mut orphan = snapshot();
    orphan.grids.retain(|version| version.grid.parent.is_some());
    assert!(matches!(Atlas::build(orphan), Err(BuildError::MissingParent(_))));
    let mut twice = snapshot();
    let mut copy = twice.grids[0].clone();
    copy.grid.id.0 = id(99);
    twice.grids.push(copy);
    assert_eq!(Atlas::build(twice).unwrap_err().to_string(), "two grids have the code 530001002");
}

proptest! {
    /// The oracle is a scan of all leaves with geo's own predicates.
    #[test]
    fn cover_agrees_with_a_naive_scan(x in 0u32..=24, y in 0u32..=24, dx in -1e-9..1e-9f64, snap: bool) {
        let atlas = atlas_with(vec![], vec![]);
        let nudge = if snap { 0.0 } else { dx };
        let point = at(WEST - 0.002 + f64::from(x) * 0.001 + nudge, SOUTH - 0.002 + f64::from(y) * 0.001);
        let p = Point::new(point.lon(), point.lat());
        let leaves: Vec<_> = atlas.grids().all().filter(|g| atlas.grids().is_leaf(*g)).collect();
        let covering = leaves.iter().find(|g| atlas.grids().geometry(**g).intersects(&p));
        let inside = leaves.iter().find(|g| atlas.grids().geometry(**g).contains(&p));
        match atlas.cover(point) {
            Cover::Inside(grid) => prop_assert_eq!(Some(&grid), inside),
            Cover::Border(grid) => prop_assert_eq!((Some(&grid), None), (covering, inside)),
            Cover::ParentOnly(_) | Cover::Outside => prop_assert_eq!(covering, None),
        }
    }
}
