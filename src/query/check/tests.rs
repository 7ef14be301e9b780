//! Each rule on a small place, and what it must not say.

use chrono::Duration;
use geo::{Geometry, MultiPolygon, Polygon, Rect};

use super::*;
use crate::atlas::fixture::{SOUTH, WEST, away, noon, serves, snapshot};
use crate::geom::area_m2;
use crate::model::{Assignment, Code, GridKind, GridVersion, Level, Role, Snapshot, Span};

fn rect(west: f64, south: f64, east: f64, north: f64) -> Polygon<f64> {
    Rect::new((WEST + west, SOUTH + south), (WEST + east, SOUTH + north)).to_polygon()
}

fn report_of(snapshot: Snapshot) -> Report {
    let atlas = Atlas::build(snapshot).unwrap();
    check(&atlas, &Principal::open(), &Settings::at(noon()), &|| {})
}

/// The report on the fixture after a change, about one rule: kinds of findings with the codes of their grids.
fn of_rule(rule: Rule, change: impl FnOnce(&mut Snapshot)) -> Vec<(&'static str, Vec<String>, What)> {
    let mut snapshot = snapshot();
    change(&mut snapshot);
    let atlas = Atlas::build(snapshot).unwrap();
    let report = check(&atlas, &Principal::open(), &Settings::at(noon()), &|| {});
    let told = |finding: Finding| {
        let codes = finding.grids.iter().map(|grid| atlas.grids().code(*grid).to_string()).collect();
        (finding.what.kind(), codes, finding.what)
    };
    report.findings.into_iter().filter(|finding| finding.rule == rule).map(told).collect()
}

fn kinds(rule: Rule, change: impl FnOnce(&mut Snapshot)) -> Vec<&'static str> {
    of_rule(rule, change).into_iter().map(|(kind, ..)| kind).collect()
}

fn grid<'a>(snapshot: &'a mut Snapshot, code: &str) -> &'a mut GridVersion {
    snapshot.grids.iter_mut().find(|version| version.grid.code.as_str() == code).unwrap()
}

fn redraw(snapshot: &mut Snapshot, code: &str, territory: Vec<Polygon<f64>>) {
    grid(snapshot, code).grid.geometry = MultiPolygon(territory);
}

/// Fills the gap of the fixture, with borders that the neighbours have too.
fn fill(snapshot: &mut Snapshot) {
    let mut fourth = grid(snapshot, "530001003").clone();
    fourth.grid.id = crate::model::GridId(crate::atlas::fixture::id(14));
    fourth.grid.code = Code::parse("530001004").unwrap();
    fourth.grid.geometry = MultiPolygon(vec![rect(0.01, 0.01, 0.02, 0.02)]);
    snapshot.grids.push(fourth);
    let around =
        [(0., 0.), (0.01, 0.), (0.02, 0.), (0.02, 0.01), (0.02, 0.02), (0.01, 0.02), (0., 0.02), (0., 0.01)];
    let around = around.map(|(x, y)| (WEST + x, SOUTH + y)).to_vec();
    redraw(snapshot, "530001", vec![Polygon::new(around.into(), vec![])]);
}

#[test]
fn a_gap_is_found_with_its_area_and_its_land() {
    let gap = area_m2(&MultiPolygon(vec![rect(0.01, 0.01, 0.02, 0.02)]));
    let report = report_of(snapshot());
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule == Rule::Seamless).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    let What::Gap { area_m2: area } = found[0].what else { panic!("{found:?}") };
    assert!((area / gap - 1.0).abs() < 1e-6, "{area} is not {gap}");
    let Some(Geometry::MultiPolygon(land)) = &found[0].geometry else { panic!("{found:?}") };
    assert!((area_m2(land) / gap - 1.0).abs() < 1e-6);
    assert_eq!((found[0].severity, report.all_proven()), (Severity::Error, false));
}

#[test]
fn a_place_that_is_whole_is_proven_so_and_has_no_finding_about_land() {
    let mut whole = snapshot();
    fill(&mut whole);
    let report = report_of(whole);
    let land = |finding: &&Finding| matches!(finding.rule, Rule::Seamless | Rule::Nested | Rule::ClearBounds);
    assert_eq!(report.findings.iter().find(land), None);
    assert!(report.all_proven());
    assert_eq!((report.levels.len(), report.levels[0].grids, report.slivers.count), (1, 4, 0));
}

#[test]
fn the_same_land_with_other_vertices_is_no_finding_either() {
    let mut whole = snapshot();
    fill(&mut whole);
    redraw(&mut whole, "530001", vec![rect(0., 0., 0.02, 0.02)]);
    let report = report_of(whole);
    assert!(!report.all_proven());
    assert!(!report.findings.iter().any(|finding| matches!(finding.rule, Rule::Seamless | Rule::Nested)));
}

#[test]
fn an_overlap_names_both_and_a_child_outside_its_parent_says_how_much() {
    let wider = |snapshot: &mut Snapshot| {
        fill(snapshot);
        redraw(snapshot, "530001001", vec![rect(0., 0., 0.012, 0.01)]);
    };
    let found = of_rule(Rule::Seamless, wider);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].0, found[0].1.as_slice()),
        ("overlap", &["530001001".to_owned(), "530001002".to_owned()][..])
    );
    let twice = area_m2(&MultiPolygon(vec![rect(0.01, 0., 0.012, 0.01)]));
    assert!(matches!(found[0].2, What::Overlap { area_m2 } if (area_m2 / twice - 1.0).abs() < 1e-6));

    let beyond = |snapshot: &mut Snapshot| {
        fill(snapshot);
        redraw(snapshot, "530001001", vec![rect(-0.01, 0., 0.01, 0.01)]);
    };
    let found = of_rule(Rule::Nested, beyond);
    assert_eq!((found.len(), found[0].1.as_slice()), (1, &["530001001".to_owned(), "530001".to_owned()][..]));
    assert!(matches!(found[0].2, What::Outside { share, .. } if (share - 0.5).abs() < 1e-6));
}

#[test]
fn three_on_the_same_land_overlap_in_pairs() {
    let same = |snapshot: &mut Snapshot| {
        let whole = rect(0., 0., 0.02, 0.02);
        for code in ["530001001", "530001002", "530001003"] {
            redraw(snapshot, code, vec![whole.clone()]);
        }
    };
    assert_eq!(kinds(Rule::Seamless, same), ["overlap", "overlap", "overlap"]);
}

#[test]
fn gaps_below_the_tolerance_are_counted_and_not_listed() {
    let mut nearly = snapshot();
    fill(&mut nearly);
    // Five millimetres over a kilometre: five square metres, but narrower than a centimetre.
    redraw(&mut nearly, "530001001", vec![rect(0., 0., 0.01 - 5e-8, 0.01)]);
    let report = report_of(nearly);
    assert!(!report.findings.iter().any(|finding| finding.rule == Rule::Seamless), "{:?}", report.findings);
    assert_eq!(report.slivers.count, 1);
    assert!((4.0..7.0).contains(&report.slivers.area_m2), "{:?}", report.slivers);
}

#[test]
fn crossed_rings_slivers_and_several_parts_are_found() {
    let at = |x: f64, y: f64| (WEST + x, SOUTH + y);
    let tie = vec![at(0., 0.), at(0.01, 0.01), at(0.01, 0.002), at(0., 0.01)];
    let tie = |s: &mut Snapshot| redraw(s, "530001001", vec![Polygon::new(tie.into(), vec![])]);
    assert_eq!(kinds(Rule::ClearBounds, tie), ["invalid"]);
    let thin = |s: &mut Snapshot| redraw(s, "530001001", vec![rect(0., 0., 0.01, 1e-6)]);
    assert_eq!(kinds(Rule::ClearBounds, thin), ["sliver"]);
    let parts = vec![rect(0., 0., 0.004, 0.01), rect(0.006, 0., 0.01, 0.01)];
    assert_eq!(kinds(Rule::ClearBounds, |s| redraw(s, "530001001", parts)), ["parts"]);
    assert!(kinds(Rule::ClearBounds, |_| ()).is_empty());
}

#[test]
fn a_code_has_the_form_of_its_scheme_and_begins_as_its_parents() {
    let scheme = |s: &mut Snapshot, code: &str, scheme: &str| grid(s, code).grid.scheme = scheme.to_owned();
    assert!(kinds(Rule::OneCode, |_| ()).is_empty(), "of an unknown scheme nothing is said");
    assert_eq!(kinds(Rule::OneCode, |s| scheme(s, "530001002", "grid15")), ["code_form"]);
    let other = |s: &mut Snapshot| {
        scheme(s, "530001", "division");
        scheme(s, "530001003", "division");
        grid(s, "530001003").grid.code = Code::parse("530002003").unwrap();
    };
    let found = of_rule(Rule::OneCode, other);
    assert_eq!((found.len(), found[0].0, found[0].1[0].as_str()), (1, "code_prefix", "530002003"));
}

#[test]
fn the_number_of_households_is_judged_by_kind() {
    let with = |kind: GridKind, count: u32| {
        kinds(Rule::ModerateSize, |s| {
            let version = grid(s, "530001001");
            (version.grid.kind, version.grid.households) = (Some(kind), Some(count));
        })
    };
    assert!(with(GridKind::Base, 300).is_empty() && with(GridKind::Base, 500).is_empty());
    assert_eq!(with(GridKind::Base, 299), ["households"]);
    assert_eq!(with(GridKind::Base, 501), ["households"]);
    assert_eq!(with(GridKind::Micro, 81), ["households"]);
    assert!(with(GridKind::Micro, 80).is_empty() && with(GridKind::Dedicated, 2).is_empty());
}

/// What is said of leaf 11 with these assignments, when 12 and 13 are well served.
fn owners(mut assignments: Vec<Assignment>, absences: Vec<crate::model::Absence>) -> Vec<What> {
    for (worker, leaf) in [(104, 12), (105, 13)] {
        assignments.push(serves(worker, leaf, Role::FullTime, 1, Span::ALWAYS));
    }
    let change = |s: &mut Snapshot| (s.assignments, s.absences) = (assignments, absences);
    of_rule(Rule::OneOwner, change).into_iter().map(|(.., what)| what).collect()
}

#[test]
fn a_leaf_has_one_primary_and_somebody_full_time() {
    let full = |worker, rank| serves(worker, 11, Role::FullTime, rank, Span::ALWAYS);
    let part = |worker, rank| serves(worker, 11, Role::PartTime, rank, Span::ALWAYS);
    assert_eq!(owners(vec![full(101, 1), part(102, 2)], vec![]), []);
    assert_eq!(owners(vec![], vec![]), [What::Nobody]);
    assert_eq!(owners(vec![full(101, 2)], vec![]), [What::NoPrimary]);
    assert_eq!(owners(vec![full(101, 1), part(102, 1)], vec![]), [What::Primaries { count: 2 }]);
    assert_eq!(owners(vec![part(101, 1)], vec![]), [What::NoFullTime]);
    assert_eq!(owners(vec![full(101, 1)], vec![away(101, None)]), [What::Nobody]);
    assert_eq!(owners(vec![full(101, 1)], vec![away(101, Some(102))]), []);
}

#[test]
fn who_will_be_missing_within_the_days_ahead_is_said_with_the_date() {
    let ends = |days: i64| {
        let span = Span { from: None, until: Some(noon() + Duration::days(days)) };
        owners(vec![serves(101, 11, Role::FullTime, 1, span)], vec![])
    };
    assert_eq!(ends(3), [What::WillLackPrimary { from: noon() + Duration::days(3) }]);
    assert_eq!(ends(31), []);
    let leaves = |substitute| {
        let span = Span { from: Some(noon() + Duration::days(2)), until: Some(noon() + Duration::days(9)) };
        let absence = crate::model::Absence { span, ..away(101, substitute) };
        owners(vec![serves(101, 11, Role::FullTime, 1, Span::ALWAYS)], vec![absence])
    };
    assert_eq!(leaves(None), [What::WillLackPrimary { from: noon() + Duration::days(2) }]);
    assert_eq!(leaves(Some(102)), []);
}

#[test]
fn a_level_narrows_to_its_grids_and_to_their_children_where_they_must_cover_them() {
    let atlas = Atlas::build(snapshot()).unwrap();
    let told = |level: i64| {
        let settings = Settings { level: Some(Level::new(level).unwrap()), ..Settings::at(noon()) };
        let report = check(&atlas, &Principal::open(), &settings, &|| {});
        let kinds: Vec<_> = report.findings.iter().map(|finding| finding.what.kind()).collect();
        (report.grids, kinds)
    };
    assert_eq!(told(1), (1, vec!["gap"]));
    assert_eq!(told(2), (3, vec!["nobody"; 3]));
    assert_eq!(told(3), (0, vec![]));
}
