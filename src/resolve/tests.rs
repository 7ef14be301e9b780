//! Answers of other moments than now, to the microsecond.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use geo::{MultiPolygon, Rect};

use super::*;
use crate::access::Principal;
use crate::atlas::Atlas;
use crate::atlas::fixture::*;
use crate::model::{Absence, Code, Delta, GridId, GridVersion, LonLat, Role, Snapshot, Span, WorkerId};

const TICK: TimeDelta = TimeDelta::microseconds(1);

fn ask_at<T>(
    atlas: &Atlas,
    lon: f64,
    accuracy_m: f64,
    at: DateTime<Utc>,
    read: impl FnOnce(&Resolution<'_>) -> T,
) -> T {
    let point = LonLat::new(lon, SOUTH + 0.005).unwrap();
    let question = Question { point, accuracy_m, at, roles: Vec::new() };
    read(&resolve(&as_of(atlas, &question), &Principal::open(), &question))
}

/// In the middle of leaf 12.
fn ask<T>(atlas: &Atlas, at: DateTime<Utc>, read: impl FnOnce(&Resolution<'_>) -> T) -> T {
    ask_at(atlas, WEST + 0.015, 0.0, at, read)
}

fn on_duty(atlas: &Atlas, at: DateTime<Utc>) -> Vec<u128> {
    ask(atlas, at, |found| found.responsible.iter().map(|worker| worker.worker_id.as_u128()).collect())
}

fn code(atlas: &Atlas, at: DateTime<Utc>) -> String {
    ask(atlas, at, |found| found.grid.as_ref().map_or("", |grid| grid.code).to_owned())
}

#[test]
fn an_assignment_that_ends_at_midnight_holds_until_the_last_microsecond_of_the_day() {
    let midnight = noon() + Duration::hours(12);
    let today = Span { from: None, until: Some(midnight) };
    let tomorrow = Span { from: Some(midnight), until: None };
    let assignments =
        vec![serves(101, 12, Role::FullTime, 1, today), serves(102, 12, Role::FullTime, 1, tomorrow)];
    let atlas = atlas_with(assignments, vec![]);
    assert_eq!(on_duty(&atlas, midnight - TICK), [101]);
    assert_eq!(on_duty(&atlas, midnight), [102]);
}

#[test]
fn an_absence_that_a_later_revision_brings_counts_for_its_whole_span_and_not_a_microsecond_more() {
    let before = atlas_with(vec![serves(101, 12, Role::FullTime, 1, Span::ALWAYS)], vec![]);
    assert_eq!(on_duty(&before, noon()), [101]);
    let absence: Absence = away(101, Some(102));
    let delta =
        Delta { revision: 8, at: noon(), absences: vec![(absence.id, Some(absence))], ..Delta::default() };
    let after = before.apply(delta).unwrap();
    let (from, until) = (noon() - Duration::hours(1), noon() + Duration::hours(1));
    assert_eq!((on_duty(&after, from - TICK), on_duty(&after, from)), (vec![101], vec![102]));
    assert_eq!((on_duty(&after, until - TICK), on_duty(&after, until)), (vec![102], vec![101]));
    assert_eq!(ask(&after, from, |found| found.responsible[0].acting_for), Some(WorkerId(id(101)).0));
    assert_eq!(on_duty(&before, noon()), [101], "the older atlas stays what it was");
}

/// Leaf 12 is retired at an instant, and 14 takes its land.
fn succession(at: DateTime<Utc>) -> Snapshot {
    let mut snapshot = snapshot();
    let old = snapshot.grids.iter_mut().find(|version| version.grid.id == GridId(id(12))).unwrap();
    old.valid.until = Some(at);
    let mut new = old.grid.clone();
    new.id = GridId(id(14));
    new.code = Code::parse("530001004").unwrap();
    snapshot.grids.push(GridVersion { grid: new, number: 14, valid: Span { from: Some(at), until: None } });
    snapshot.assignments = vec![
        serves(101, 12, Role::FullTime, 1, Span::ALWAYS),
        serves(102, 14, Role::FullTime, 1, Span::ALWAYS),
    ];
    snapshot
}

#[test]
fn a_retired_grid_answers_until_the_last_microsecond_and_its_successor_from_then_on() {
    let change = noon() + Duration::hours(12);
    // Built before the change, at it, and after it: the same answers.
    for read_at in [noon(), change - TICK, change, change + Duration::days(3)] {
        let atlas = Atlas::build(Snapshot { at: read_at, ..succession(change) }).unwrap();
        let (before, after) = (code(&atlas, change - TICK), code(&atlas, change));
        assert_eq!((&*before, &*after), ("530001002", "530001004"), "read at {read_at}");
        assert_eq!((on_duty(&atlas, change - TICK), on_duty(&atlas, change)), (vec![101], vec![102]));
        let lie = |at| ask(&atlas, at, |found| (found.chain.len(), found.border_m, found.status));
        assert_eq!(lie(change - TICK), lie(change));
        assert!(matches!(lie(change), (2, Some(_), Status::Inside)));
    }
}

#[test]
fn when_its_time_comes_a_grid_is_in_force_without_any_edit() {
    let change = noon() + Duration::hours(12);
    let atlas = Atlas::build(succession(change)).unwrap();
    assert_eq!(atlas.window().until, Some(change));
    let later = atlas.apply(Delta { revision: 7, at: change, ..Delta::default() }).unwrap();
    assert_eq!((later.window().from, later.window().until), (Some(change), None));
    assert!(later.grids().find_code("530001004").is_some() && later.grids().find_code("530001002").is_none());
    assert_eq!(code(&later, change - TICK), "530001002");
}

#[test]
fn what_is_nearest_and_what_an_accuracy_circle_reaches_are_those_of_the_moment_too() {
    let change = noon() + Duration::hours(12);
    let atlas = Atlas::build(succession(change)).unwrap();
    for (at, code) in [(change - TICK, "530001002"), (change, "530001004")] {
        // Far to the east of everything, and just west of the border between leaf 11 and its neighbour.
        for lon in [WEST + 0.021, WEST + 0.5, WEST + 40.0] {
            ask_at(&atlas, lon, 0.0, at, |far| {
                let nearest = far.nearest.as_ref().map(|nearest| nearest.grid.code);
                assert_eq!((far.status, nearest), (Status::Outside, Some(code)));
            });
        }
        ask_at(&atlas, WEST + 0.0099, 50.0, at, |close| {
            assert_eq!(close.status, Status::Ambiguous);
            assert_eq!(close.candidates.iter().map(|c| c.grid.code).collect::<Vec<_>>(), [code]);
        });
    }
    let never = noon() - Duration::days(40_000);
    let status = ask_at(&atlas, WEST + 0.005, 0.0, never, |found| found.status);
    assert_eq!(status, Status::Inside, "the others hold since always");
}

#[test]
fn a_leaf_that_reaches_out_of_its_parent_keeps_its_chain_and_the_answer_says_where_the_boundaries_disagree() {
    let mut snapshot = snapshot();
    // Another top beside the first; leaf 12 belongs to the first and reaches a hundredth of a degree into the second.
    let mut beside = snapshot.grids.iter().find(|version| version.grid.id == GridId(id(1))).unwrap().clone();
    beside.grid.id = GridId(id(2));
    beside.grid.code = Code::parse("530002").unwrap();
    beside.grid.geometry = square(WEST + 0.02, SOUTH, 0.02);
    snapshot.grids.push(beside);
    let leaf = snapshot.grids.iter_mut().find(|version| version.grid.id == GridId(id(12))).unwrap();
    leaf.grid.geometry = square(WEST + 0.01, SOUTH, 0.02);
    let atlas = Atlas::build(snapshot).unwrap();
    let told = |lon: f64| {
        ask_at(&atlas, lon, 0.0, noon(), |found| {
            let chain: Vec<_> = found.chain.iter().map(|link| link.code.to_owned()).collect();
            let disagreements = found.disagreements.iter();
            let disagreements: Vec<_> = disagreements
                .map(|one| {
                    (
                        one.level,
                        one.chain_code.to_owned(),
                        one.covered_by.as_ref().map(|by| by.code.to_owned()),
                    )
                })
                .collect();
            (chain, disagreements)
        })
    };
    let chain = vec!["530001".to_owned(), "530001002".to_owned()];
    assert_eq!(told(WEST + 0.015), (chain.clone(), vec![]));
    assert_eq!(told(WEST + 0.025), (chain, vec![(1, "530001".to_owned(), Some("530002".to_owned()))]));
}

fn square(west: f64, south: f64, side: f64) -> MultiPolygon<f64> {
    MultiPolygon(vec![Rect::new((west, south), (west + side, south + side)).to_polygon()])
}
