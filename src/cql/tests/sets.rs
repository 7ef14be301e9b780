//! Lists as sets, and geometries on both sides.

use geo::polygon;

use super::*;

fn row() -> Row {
    let texts = |texts: &[&'static str]| {
        Value::List(texts.iter().map(|text| Value::Text(Cow::Borrowed(*text))).collect())
    };
    let square = polygon![(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 4.0), (x: 0.0, y: 4.0)];
    let row = Row { geometry: Some(square.into()), ..Row::default() };
    row.with("tags", texts(&["a", "b", "b"]))
        .with("storeys", Value::List(vec![Value::Number(1.0), Value::Number(2.0)]))
}

fn answer(filter: &str) -> Option<bool> {
    text(filter).expect(filter).answer(&row())
}

/// What the operators say of the set of a and b, written out as clause 7.7 of the standard defines it.
#[test]
fn lists_are_sets_without_order_and_repetition() {
    for (list, contains, contained, equals, overlaps) in [
        ("()", true, false, false, false),
        ("('a')", true, false, false, true),
        ("('b', 'a')", true, true, true, true),
        ("('a', 'a', 'b')", true, true, true, true),
        ("('a', 'b', 'c')", false, true, false, true),
        ("('a', 'c')", false, false, false, true),
        ("('c', 'A')", false, false, false, false),
    ] {
        for (operator, turned, expected) in [
            ("A_CONTAINS", "A_CONTAINEDBY", contains),
            ("a_containedBy", "A_Contains", contained),
            ("A_EQUALS", "A_EQUALS", equals),
            ("A_OVERLAPS", "A_OVERLAPS", overlaps),
        ] {
            let filter = format!("{operator}(tags, {list})");
            assert_eq!(answer(&filter), Some(expected), "{filter}");
            assert_eq!(text(&format!("{turned}({list}, tags)")), text(&filter), "said from the other side");
            assert_eq!(
                answer(&format!("{operator}(('a', 'b'), {list})")),
                Some(expected),
                "{filter}, written out"
            );
        }
    }
    assert_eq!(answer("A_CONTAINS(storeys, (2.0, 1)) AND NOT A_OVERLAPS(storeys, (3, 4))"), Some(true));
    assert_eq!(answer("A_EQUALS(tags, tags) AND A_CONTAINS(tags, tags)"), Some(true));
}

#[test]
fn a_list_that_is_absent_is_in_no_relation() {
    for unknown in ["A_CONTAINS(aliases, ())", "A_OVERLAPS(aliases, tags)", "NOT A_EQUALS(tags, aliases)"] {
        assert_eq!(answer(unknown), None, "{unknown}");
    }
    assert_eq!(answer("aliases IS NULL AND tags IS NOT NULL"), Some(true));
}

#[test]
fn lists_say_the_same_in_text_and_in_json_and_are_written_down_as_they_are_read() {
    for (written, encoded) in [
        ("A_CONTAINS(tags, ('a'))", r#"{"op":"a_contains","args":[{"property":"tags"},["a"]]}"#),
        ("A_CONTAINEDBY((), tags)", r#"{"op":"a_containedBy","args":[[],{"property":"tags"}]}"#),
        (
            "A_OVERLAPS(tags, aliases)",
            r#"{"op":"a_overlaps","args":[{"property":"tags"},{"property":"aliases"}]}"#,
        ),
        (
            "S_CONTAINS(geometry, geometry)",
            r#"{"op":"s_contains","args":[{"property":"geometry"},{"property":"geometry"}]}"#,
        ),
    ] {
        let read = text(written).unwrap();
        assert_eq!(json(encoded).as_ref(), Ok(&read), "{written}");
        assert_eq!(text(&read.to_string()).as_ref(), Ok(&read), "{written} as {read}");
    }
}

#[test]
fn geometries_may_stand_on_both_sides() {
    for (filter, expected) in [
        ("S_EQUALS(geometry, geometry) AND S_WITHIN(geometry, geometry)", true),
        ("S_TOUCHES(geometry, geometry) OR S_DISJOINT(geometry, geometry)", false),
        ("S_CROSSES(LINESTRING(0 0, 2 2), BBOX(1, 1, 3, 3))", true),
        ("S_DISJOINT(POINT(0 0), GEOMETRYCOLLECTION(POINT(1 1), BBOX(2, 2, 3, 3)))", true),
    ] {
        let filter = filter.replace("BBOX(2, 2, 3, 3)", "POLYGON((2 2, 3 2, 3 3, 2 2))");
        assert_eq!(answer(&filter), Some(expected), "{filter}");
    }
    assert_eq!(text("S_EQUALS(geometry, geometry)").unwrap().answer(&Row::default()), None, "without one");
}

/// Of a collection each member is asked (`ST_Intersects` of PostGIS says the same of collections).
#[test]
fn a_collection_is_met_where_one_of_its_members_is() {
    for (members, expected) in [
        ("POINT(9 9), LINESTRING(5 0, 5 5)", false),
        ("POINT(9 9), LINESTRING(3 0, 5 5)", true),
        ("POINT(4 4)", true),
    ] {
        let collection = format!("GEOMETRYCOLLECTION({members})");
        assert_eq!(answer(&format!("S_INTERSECTS(geometry, {collection})")), Some(expected), "{members}");
        assert_eq!(answer(&format!("S_DISJOINT({collection}, geometry)")), Some(!expected), "{members}");
    }
}

#[test]
fn a_box_over_the_180th_meridian_is_two() {
    let at = |lon: f64| Row { geometry: Some(geo::Point::new(lon, 1.0).into()), ..Row::default() };
    let filter = text("S_INTERSECTS(geometry, BBOX(170, 0, -160, 2))").unwrap();
    for (lon, expected) in [
        (169.9, false),
        (170.0, true),
        (180.0, true),
        (-180.0, true),
        (-160.0, true),
        (-159.9, false),
        (0.0, false),
    ] {
        assert_eq!(filter.answer(&at(lon)), Some(expected), "at {lon}");
    }
    // Latitude first, as EPSG:4326 has it.
    let turned = |at: geo::Coord| Ok(geo::Coord { x: at.y, y: at.x });
    let other = "S_INTERSECTS(geometry, BBOX(0, 170, 2, -160))";
    assert_eq!(super::super::parse_in(other, Language::Text, &KNOWN, &turned).as_ref(), Ok(&filter));
    let projected = |at: geo::Coord| Ok(geo::Coord { x: at.x / 1e5, y: at.y / 1e5 });
    let refused = super::super::parse_in(
        "S_INTERSECTS(geometry, BBOX(2e5, 0, 1e5, 1e5))",
        Language::Text,
        &KNOWN,
        &projected,
    );
    assert!(refused.unwrap_err().to_string().contains("west below east"));
}
