//! Instants and intervals, held against Allen's relations as they are drawn in textbooks.

use super::answering::answer;

const ALL: [&str; 15] = [
    "T_AFTER",
    "T_BEFORE",
    "T_CONTAINS",
    "T_DISJOINT",
    "T_DURING",
    "T_EQUALS",
    "T_FINISHEDBY",
    "T_FINISHES",
    "T_INTERSECTS",
    "T_MEETS",
    "T_METBY",
    "T_OVERLAPPEDBY",
    "T_OVERLAPS",
    "T_STARTEDBY",
    "T_STARTS",
];

/// Two intervals of days of a month, and what is true of the first and the second.
const DRAWN: [([u32; 2], [u32; 2], &[&str]); 13] = [
    ([1, 3], [5, 7], &["T_BEFORE", "T_DISJOINT"]),
    ([5, 7], [1, 3], &["T_AFTER", "T_DISJOINT"]),
    ([1, 5], [5, 7], &["T_MEETS", "T_INTERSECTS"]),
    ([5, 7], [1, 5], &["T_METBY", "T_INTERSECTS"]),
    ([1, 5], [3, 7], &["T_OVERLAPS", "T_INTERSECTS"]),
    ([3, 7], [1, 5], &["T_OVERLAPPEDBY", "T_INTERSECTS"]),
    ([1, 3], [1, 7], &["T_STARTS", "T_INTERSECTS"]),
    ([1, 7], [1, 3], &["T_STARTEDBY", "T_INTERSECTS"]),
    ([3, 5], [1, 7], &["T_DURING", "T_INTERSECTS"]),
    ([1, 7], [3, 5], &["T_CONTAINS", "T_INTERSECTS"]),
    ([5, 7], [1, 7], &["T_FINISHES", "T_INTERSECTS"]),
    ([1, 7], [5, 7], &["T_FINISHEDBY", "T_INTERSECTS"]),
    ([1, 7], [1, 7], &["T_EQUALS", "T_INTERSECTS"]),
];

#[test]
fn every_pair_of_intervals_is_in_the_one_relation_of_allen_that_it_is_drawn_in() {
    let interval = |days: [u32; 2]| format!("INTERVAL('2026-03-0{}', DATE('2026-03-0{}'))", days[0], days[1]);
    for (one, other, expected) in DRAWN {
        for operator in ALL {
            let filter = format!("{operator}({}, {})", interval(one), interval(other));
            assert_eq!(answer(&filter), Some(expected.contains(&operator)), "{filter}");
        }
    }
}

#[test]
fn an_open_end_is_before_or_after_everything() {
    for (filter, expected) in [
        ("T_INTERSECTS(DATE('2026-03-01'), INTERVAL('..', '2026-03-02'))", true),
        ("T_INTERSECTS(DATE('2026-03-03'), INTERVAL('..', '2026-03-02'))", false),
        ("T_DURING(INTERVAL('2026-03-01', '2026-03-02'), INTERVAL('..', '..'))", true),
        ("T_AFTER(DATE('2026-03-01'), INTERVAL('2026-03-02', '..'))", false),
        ("T_STARTS(INTERVAL('..', '2026-03-02'), INTERVAL('..', '2026-03-03'))", true),
        ("T_DISJOINT(INTERVAL('2026-03-05', '..'), INTERVAL('..', '2026-03-02'))", true),
        ("T_INTERSECTS(TIMESTAMP('2026-03-01T08:00:00Z'), INTERVAL('2026-03-01T07:00:00Z', '..'))", true),
    ] {
        assert_eq!(answer(filter), Some(expected), "{filter}");
    }
}

#[test]
fn an_instant_is_an_interval_that_ends_as_it_begins() {
    let day = "DATE('2026-03-01')";
    for (filter, expected) in [
        (format!("T_EQUALS({day}, {day})"), true),
        (format!("T_DISJOINT({day}, DATE('2026-03-02'))"), true),
        (format!("T_EQUALS({day}, INTERVAL('2026-03-01', '2026-03-01'))"), true),
        (format!("T_DURING({day}, INTERVAL('2026-02-01', '2026-03-02'))"), true),
        (format!("T_STARTS({day}, INTERVAL('2026-03-01', '2026-03-02'))"), true),
    ] {
        assert_eq!(answer(&filter), Some(expected), "{filter}");
    }
}
