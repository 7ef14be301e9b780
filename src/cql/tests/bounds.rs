//! What is refused, and that nothing ends in anything but a clear answer.

use proptest::prelude::*;

use super::super::{DEEPEST, LONGEST, MOST_GEOMETRIES, MOST_NODES, MOST_VERTICES};
use super::*;

fn refusal(filter: &str) -> String {
    text(filter).expect_err(filter).to_string()
}

#[test]
fn a_fault_is_told_with_its_place_and_what_would_fit() {
    for (filter, told) in [
        ("", "at character 1: expected a value, found the end"),
        ("name = ", "at character 8: expected a value, found the end"),
        ("name == 'a'", "at character 7: expected a value, found \"=\""),
        ("name = 'a", "at character 10: expected ' at the end of what began at character 8, found the end"),
        ("名 = '啊' AND", "at character 12: expected a value, found the end"),
        ("name = 'a' name", "at character 12: expected an operator or the end, found \"name\""),
        ("name NOT 'a'", "at character 10: expected LIKE, BETWEEN or IN, found the text \"a\""),
        ("name IS 3", "at character 9: expected NULL, found the number 3.0"),
        ("(floors = 1", "at character 12: expected \")\", found the end"),
        ("floors = 1; DROP TABLE grid", "at character 11: expected CQL2, found \";\""),
        ("floors = 1 -- ", "at character 15: expected a value, found the end"),
        ("floors = 1.2.3", "at character 10: expected a number, found \"1.2.3\""),
        ("floors = 1e999", "at character 10: expected a number, found \"1e999\""),
        (
            "and = 1",
            "at character 1: expected a value (a name that is a word of CQL2 stands in double quotes), found \"and\"",
        ),
        ("S_WITHIN(geometry, POINT(1))", "at character 27: expected longitude and latitude, found \")\""),
        ("S_WITHIN(geometry, POINT(1 a))", "at character 28: expected a coordinate, found \"a\""),
    ] {
        assert_eq!(refusal(filter), told, "{filter}");
    }
}

#[test]
fn what_cannot_be_asked_is_told_with_what_can() {
    for (filter, told) in [
        ("colour = 'red'", "there is no property \"colour\"; there are: name, owner,"),
        ("casei(colour) = 'red'", "there is no property \"colour\""),
        ("avg(floors) > 3", "\"avg\" is not supported; supported are and, or, not,"),
        ("ACCENTI(name) = 'a'", "\"accenti\" is not supported"),
        ("A_CONTAINS(name, ('a', 'b'))", "a_contains takes lists, and \"name\" is a text"),
        ("A_CONTAINS(tags, ('a', 2))", "\"tags\" is a list of texts, which cannot be held against a number"),
        (
            "A_EQUALS(storeys, tags)",
            "\"storeys\" is a list of numbers, which cannot be held against a list of texts",
        ),
        ("A_OVERLAPS(tags, (name, owner))", "a list holds values, not \"name\""),
        ("A_OVERLAPS(tags)", "\"a_overlaps\" takes 2 operands, not 1"),
        ("A_STARTS(tags, ('a', 'b'))", "\"a_starts\" is not supported"),
        ("tags = 'a'", "\"tags\" is a list of texts; ask of it with a_contains"),
        ("tags LIKE 'a'", "\"tags\" is a list of texts; ask of it with a_contains"),
        ("name IN ()", "expected a value"),
        ("name = ()", "a list is no single value"),
        ("T_SOMETIMES(built, built)", "\"t_sometimes\" is not supported"),
        ("T_DURING(built, INTERVAL('2020-01-01'))", "\"interval\" takes 2 operands, not 1"),
        ("T_DURING(built, INTERVAL('2020', '2021-01-01'))", "date"),
        ("T_DURING(built, INTERVAL('2020-01-01T00:00:00Z', '..'))", "write both as"),
        ("T_BEFORE('..', built)", "t_before takes instants and intervals, not the text"),
        ("T_AFTER(floors, DATE('2020-01-01'))", "t_after takes instants and intervals, not \"floors\""),
        ("floors = 'a'", "a number cannot be compared with a text"),
        ("built = TIMESTAMP('2020-01-01T00:00:00Z')", "write both as DATE or both as TIMESTAMP"),
        ("built = 'soon'", "\"soon\" is no date; write 2026-12-31"),
        ("built = DATE('2020-02-30')", "\"2020-02-30\" is no date; write 2026-12-31"),
        ("updated = TIMESTAMP('2020-02-03')", "\"2020-02-03\" is no timestamp"),
        ("floors IN (1, 'a')", "a number cannot be compared with a text"),
        ("pool > FALSE", "true and false have no order for >"),
        ("floors LIKE 'a'", "like takes a text, and \"floors\" is a number"),
        ("name LIKE owner", "the pattern of like is a text"),
        ("name + 1 = 2", "+ takes a number, and \"name\" is a text"),
        ("(floors = 1) = TRUE", "the result of \"=\" is no value"),
        ("floors AND pool", "\"floors\" is a number, and no condition by itself"),
        ("'a'", "the text \"a\" is no condition"),
        ("geometry = 1", "\"geometry\" is a geometry; ask of it with s_intersects"),
        ("S_WITHIN(name, POINT(1 1))", "\"name\" is a text, not a geometry"),
        ("S_WITHIN(geometry, 3)", "s_within takes two geometries, not the number 3.0"),
        ("S_WITHIN(geometry, Buffer(geometry, 10, 'm'))", "\"Buffer\" is not supported"),
        ("S_WITHIN(geometry)", "\"s_within\" takes 2 operands, not 1"),
        ("S_WITHIN(geometry, POINT(25 100))", "(25 100) is not on the earth; longitude comes first"),
        ("S_WITHIN(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "the geometry cannot be used: "),
        (
            "S_WITHIN(geometry, POLYGON((0 0, 1 1, 1 0)))",
            "a ring has four positions or more, the last one as the first",
        ),
        ("S_WITHIN(geometry, POLYGON EMPTY)", "it is empty"),
        ("S_WITHIN(geometry, BBOX(10, 1, 20, 0))", "and south below north"),
        ("S_WITHIN(geometry, BBOX(10, 1, -20, 0))", "and south below north"),
        ("S_WITHIN(geometry, BBOX(10, 0, 10, 1))", "west below east"),
        (
            "S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 1 1)))",
            "a collection can be asked for with s_intersects and s_disjoint only; give s_within its members one by one",
        ),
        (
            "S_WITHIN(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 1))))",
            "expected a geometry that is no collection",
        ),
    ] {
        assert!(refusal(filter).contains(told), "{filter}: {}", refusal(filter));
    }
}

#[test]
fn json_that_is_no_cql2_is_told_so() {
    for (filter, told) in [
        ("", "EOF"),
        ("{", "EOF"),
        ("null", "null is no value; ask with isNull"),
        ("{}", "an object has op and args"),
        (r#"{"op":"="}"#, "an operator has args"),
        (r#"{"op":3,"args":[]}"#, "\"3\" should be a text"),
        (r#"{"op":"=","args":[{"property":["name"]},"a"]}"#, "should be a text"),
        (r#"{"op":"and","args":[]}"#, "and and or take conditions"),
        (r#"{"op":"in","args":[{"property":"name"},[]]}"#, "the list of in is empty"),
        (r#"{"op":"=","args":[{"function":"x"},"a"]}"#, "\"function\" is not known"),
        (
            r#"{"op":"like","args":[{"property":"name"},{"property":"owner"}]}"#,
            "the pattern of like is a text",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[1]}]}"#,
            "a position has longitude and latitude",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":[[[1,2]]]}]}"#,
            "not nested as its type asks",
        ),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Circle","coordinates":[1,2]}]}"#,
            "there is no such type",
        ),
    ] {
        let refusal = json(filter).expect_err(filter).to_string();
        assert!(refusal.contains(told), "{filter}: {refusal}");
    }
}

#[test]
fn filters_are_bounded_in_every_direction() {
    let or = |parts: usize| vec!["floors = 1"; parts].join(" OR ");
    assert!(text(&or(MOST_NODES / 3 - 1)).is_ok());
    assert_eq!(text(&or(MOST_NODES / 3 + 1)), Err(CqlError::TooManyNodes));
    assert_eq!(text(&format!("name = '{}'", "a".repeat(LONGEST))), Err(CqlError::TooLong));
    let nested = |deep: usize| format!("{}pool{}", "(".repeat(deep), ")".repeat(deep));
    assert!(text(&nested(DEEPEST)).is_ok());
    for deep in [
        nested(DEEPEST + 1),
        "(".repeat(LONGEST),
        format!("{}pool", "NOT ".repeat(LONGEST / 5)),
        format!("floors = {}1", "-".repeat(LONGEST / 2)),
        format!("floors = 1{}", "+1".repeat(400)),
        format!("floors = {}", "f(".repeat(LONGEST / 3)),
        format!("S_WITHIN(geometry, POLYGON{}", "(".repeat(LONGEST / 2)),
    ] {
        assert_eq!(text(&deep), Err(CqlError::TooDeep), "{}", &deep[..40]);
    }
    let line =
        |vertices: usize| format!("S_WITHIN(geometry, LINESTRING({}))", vec!["1 2"; vertices].join(","));
    assert_eq!(text(&line(MOST_VERTICES + 1)), Err(CqlError::TooManyVertices));
    let shapes = |count: usize| vec!["S_WITHIN(geometry, BBOX(0, 0, 1, 1))"; count].join(" OR ");
    assert!(text(&shapes(MOST_GEOMETRIES)).is_ok());
    assert_eq!(text(&shapes(MOST_GEOMETRIES + 1)), Err(CqlError::TooManyGeometries));
    let members = vec!["POINT(1 1)"; MOST_GEOMETRIES].join(", ");
    let collection = format!("S_INTERSECTS(geometry, GEOMETRYCOLLECTION({members}))");
    assert_eq!(text(&collection), Err(CqlError::TooManyGeometries));
    let deep = |deep: usize| format!("{}true{}", r#"{"op":"not","args":["#.repeat(deep), "]}".repeat(deep));
    assert!(json(&deep(DEEPEST)).is_ok());
    assert_eq!(json(&deep(DEEPEST + 1)), Err(CqlError::TooDeep));
    assert!(matches!(json(&deep(LONGEST / 22)), Err(CqlError::Json(_))));
}

#[test]
fn what_a_caller_wrote_is_quoted_but_not_at_any_length() {
    let refusal = refusal(&format!("{} = 1", "x".repeat(5_000)));
    assert!(refusal.len() < 300, "{refusal}");
}

/// Words, signs and values of CQL2 in any order.
fn salad() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "name",
        "floors",
        "pool",
        "geometry",
        "\"and\"",
        "级别",
        "AND",
        "OR",
        "NOT",
        "LIKE",
        "BETWEEN",
        "IN",
        "IS",
        "NULL",
        "TRUE",
        "div",
        "(",
        ")",
        ",",
        "=",
        "<>",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "^",
        "1",
        "2.5",
        "1e3",
        "'a'",
        "'%'",
        "casei(",
        "DATE('2020-01-01')",
        "S_WITHIN(",
        "POINT(",
        "POLYGON((",
        "BBOX(1,2,3,4)",
        "0 0",
        "EMPTY",
        "Z",
        "\"",
        "'",
        "\\",
    ]);
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

/// A condition of any shape, with property and value of one kind.
fn sound() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (-1e6..1e6_f64).prop_map(|n| format!("{n:?}")),
        Just("floors".to_owned()),
        Just("height".to_owned()),
    ];
    let sum = (number.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%", "div", "^"]), number)
        .prop_map(|(left, operator, right)| format!("({left} {operator} {right})"));
    let written = "[a'\"%_\\\\ 街]{0,6}".prop_map(|text: String| format!("'{}'", text.replace('\'', "''")));
    let compare = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        (sum.clone(), compare, sum.clone())
            .prop_map(|(left, comparison, right)| format!("{left} {comparison} {right}")),
        (sum.clone(), sum.clone(), sum.clone())
            .prop_map(|(value, low, high)| format!("{value} NOT BETWEEN {low} AND {high}")),
        (prop::collection::vec(sum, 1..4)).prop_map(|list| format!("value IN ({})", list.join(", "))),
        written.clone().prop_map(|text| format!("CASEI(name) LIKE CASEI({text})")),
        written.prop_map(|text| format!("owner < {text}")),
        Just("height IS NOT NULL".to_owned()),
        Just("pool".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| format!("NOT ({part})")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" AND "))),
            prop::collection::vec(inner, 2..4).prop_map(|parts| format!("({})", parts.join(" OR "))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn nothing_that_is_sent_does_harm(anything in any::<String>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = String::from_utf8_lossy(&bytes);
        let _ = (text(&anything), json(&anything), text(&bytes), json(&bytes));
    }

    #[test]
    fn words_in_any_order_are_read_or_refused(filter in salad()) {
        if let Ok(read) = text(&filter) {
            prop_assert_eq!(text(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn a_sound_condition_is_read_and_written_down_and_read_again(filter in sound()) {
        let read = text(&filter);
        prop_assert!(read.is_ok(), "{filter}: {read:?}");
        let read = read.unwrap();
        prop_assert_eq!(text(&read.to_string()), Ok(read));
    }
}
