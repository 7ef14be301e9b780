//! Answers for features, with what is absent.

use proptest::prelude::*;

use super::super::fold;
use super::*;

const TRUTHS: [Option<bool>; 3] = [Some(true), Some(false), None];

/// A condition that has a truth, of a row with floors and without a height.
fn saying(truth: Option<bool>) -> &'static str {
    match truth {
        Some(true) => "floors = 3",
        Some(false) => "floors = 4",
        None => "height = 3",
    }
}

fn row() -> Row {
    Row::default()
        .with("floors", Value::Number(3.0))
        .with("name", Value::Text("Straße 5".into()))
        .with("pool", Value::Truth(true))
}

pub(super) fn answer(filter: &str) -> Option<bool> {
    text(filter).unwrap().answer(&row())
}

/// The tables of SQL:2016, part 2, 6.39, written out.
#[test]
fn logic_has_three_values() {
    use std::ops::Not;
    for left in TRUTHS {
        assert_eq!(answer(&format!("NOT {}", saying(left))), left.map(Not::not));
        for right in TRUTHS {
            let both = match (left, right) {
                (Some(true), Some(true)) => Some(true),
                (Some(false), _) | (_, Some(false)) => Some(false),
                _ => None,
            };
            let either = match (left, right) {
                (Some(false), Some(false)) => Some(false),
                (Some(true), _) | (_, Some(true)) => Some(true),
                _ => None,
            };
            let (one, other) = (saying(left), saying(right));
            assert_eq!(answer(&format!("{one} AND {other}")), both, "{left:?} AND {right:?}");
            assert_eq!(answer(&format!("{one} OR {other}")), either, "{left:?} OR {right:?}");
        }
    }
}

#[test]
fn what_is_absent_makes_the_answer_unknown_and_only_is_null_sees_it() {
    for unknown in [
        "height = 1",
        "height <> 1",
        "height > 1",
        "1 < height",
        "height BETWEEN 1 AND 2",
        "height NOT IN (1, 2)",
        "owner LIKE '%'",
        "owner NOT LIKE 'a'",
        "height + 1 = 2",
        "casei(owner) = 'x'",
        "floors IN (4, height)",
        "floors NOT IN (4, height)",
        "S_INTERSECTS(geometry, POINT(1 1))",
        "NOT S_DISJOINT(geometry, POINT(1 1))",
        "floors = 3 / 0",
        "floors % 0 = 1",
        "0 ^ -1 > 5",
    ] {
        assert_eq!(answer(unknown), None, "{unknown}");
        assert!(!text(unknown).unwrap().holds(&row()), "{unknown}");
    }
    assert_eq!(answer("height IS NULL AND geometry IS NULL AND (height * 2) IS NULL"), Some(true));
    assert_eq!(answer("floors IS NULL"), Some(false));
    // 4 is in the list whatever the height is, and 3 lies above 2 whatever the upper bound is.
    assert_eq!(answer("floors IN (height, 3)"), Some(true));
    assert_eq!(answer("floors BETWEEN 4 AND height"), Some(false));
}

#[test]
fn values_are_compared_and_matched() {
    for (filter, expected) in [
        (
            "floors + 1 = 4 AND floors * 2 - 1 = 5 AND floors / 2 = 1.5 AND floors div 2 = 1 AND floors ^ 2 = 9",
            true,
        ),
        ("-7 % 3 = -1 AND -7 div 2 = -3", true),
        ("name = 'Straße 5' AND name > 'S' AND name <> 'straße 5'", true),
        ("CASEI(name) = CASEI('STRASSE 5') AND CASEI(name) LIKE CASEI('STRA%_5')", true),
        ("name LIKE 'Stra_e%' AND name LIKE '%5' AND name LIKE '%'", true),
        ("name LIKE 'Stra' OR name LIKE '_' OR name LIKE '' OR name LIKE 'stra%'", false),
        (r"name LIKE 'Straße\_5' OR name LIKE 'Stra\%'", false),
        ("pool AND pool = TRUE AND pool <> FALSE AND TRUE AND NOT FALSE", true),
        ("DATE('2020-01-02') > DATE('2020-01-01')", true),
        ("T_INTERSECTS(TIMESTAMP('2020-01-01T00:00:00Z'), TIMESTAMP('2020-01-01T00:00:00.0Z'))", true),
    ] {
        assert_eq!(answer(filter), Some(expected), "{filter}");
    }
}

#[test]
fn geometries_are_related_as_simple_features_says() {
    let square = text("S_EQUALS(geometry, POLYGON((0 0, 4 0, 4 4, 0 4, 0 0)))").unwrap();
    let Condition::Spatial(_, _, shape) = &square else { unreachable!("it was just written") };
    let row = Row { geometry: Some(shape.geometry().clone()), ..Row::default() };
    for (filter, expected) in [
        ("S_EQUALS(geometry, POLYGON((4 4, 0 4, 0 0, 2 0, 4 0, 4 4)))", true),
        ("S_INTERSECTS(geometry, POINT(4 4))", true),
        ("S_CONTAINS(geometry, POINT(4 4))", false),
        ("S_TOUCHES(geometry, POINT(4 4))", true),
        ("S_DISJOINT(geometry, POINT(4.000000001 4))", true),
        ("S_CONTAINS(geometry, BBOX(1, 1, 4, 4))", true),
        ("S_WITHIN(BBOX(1, 1, 4, 4), geometry)", true),
        ("S_WITHIN(geometry, BBOX(0, 0, 4, 5))", true),
        ("S_OVERLAPS(geometry, BBOX(3, 3, 5, 5))", true),
        ("S_OVERLAPS(geometry, BBOX(1, 1, 2, 2))", false),
        ("S_TOUCHES(geometry, BBOX(4, 0, 5, 1))", true),
        ("S_CROSSES(geometry, LINESTRING(-1 2, 5 2))", true),
        ("S_INTERSECTS(geometry, MULTIPOINT((9 9), (1 1)))", true),
    ] {
        assert_eq!(text(filter).unwrap().answer(&row), Some(expected), "{filter}");
    }
}

#[test]
fn a_folded_text_is_folded_for_good() {
    for c in char::MIN..=char::MAX {
        let folded = fold(&c.to_string());
        assert_eq!(fold(&folded), folded, "{c:?}");
        assert_eq!(fold(&c.to_uppercase().to_string()), folded, "{c:?}");
    }
}

/// Tries every way, which is right and slow.
fn matches_by_trial(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| matches_by_trial(&text[skipped..], rest)),
        ['_', rest @ ..] => !text.is_empty() && matches_by_trial(&text[1..], rest),
        ['\\', c, rest @ ..] | [c, rest @ ..] => {
            text.first() == Some(c) && matches_by_trial(&text[1..], rest)
        }
    }
}

proptest! {
    #[test]
    fn a_pattern_matches_what_trying_every_way_matches(text in "[ab%]{0,8}", pattern in r"([ab%_]|\\[ab%_]){0,6}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = matches_by_trial(&chars(&text), &chars(&pattern));
        prop_assert_eq!(super::super::like::matches(&text, &pattern), expected);
    }
}
