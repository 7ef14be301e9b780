//! Both encodings, against each other; the forms follow the examples of the standard (OGC 21-065r2).

use super::*;

/// The same filter in both encodings.
const PAIRS: &[(&str, &str)] = &[
    ("name = 'Dali'", r#"{"op":"=","args":[{"property":"name"},"Dali"]}"#),
    ("name='it''s'", r#"{"op":"=","args":[{"property":"name"},"it's"]}"#),
    (r#""name" <> 'x'"#, r#"{"op":"<>","args":[{"property":"name"},"x"]}"#),
    ("eo:instrument LIKE 'OLI%'", r#"{"op":"like","args":[{"property":"eo:instrument"},"OLI%"]}"#),
    ("级别='街道'", r#"{"op":"=","args":[{"property":"级别"},"街道"]}"#),
    (r#""and" < 1.5e2"#, r#"{"op":"<","args":[{"property":"and"},150]}"#),
    (
        "floors>5 AND pool=true",
        r#"{"op":"and","args":[{"op":">","args":[{"property":"floors"},5]},{"op":"=","args":[{"property":"pool"},true]}]}"#,
    ),
    (
        "pool = TRUE and (floors >= 5 or name like 'brick%' OR name LIKE '%brick')",
        r#"{"op":"and","args":[{"op":"=","args":[{"property":"pool"},true]},{"op":"or","args":[
            {"op":">=","args":[{"property":"floors"},5]},
            {"op":"like","args":[{"property":"name"},"brick%"]},
            {"op":"like","args":[{"property":"name"},"%brick"]}]}]}"#,
    ),
    (
        "NOT (floors<5) OR pool=true",
        r#"{"op":"or","args":[{"op":"not","args":[{"op":"<","args":[{"property":"floors"},5]}]},{"op":"=","args":[{"property":"pool"},true]}]}"#,
    ),
    (
        "owner NOT LIKE '%Mike%'",
        r#"{"op":"not","args":[{"op":"like","args":[{"property":"owner"},"%Mike%"]}]}"#,
    ),
    (
        "NOT owner LIKE '%Mike%'",
        r#"{"op":"not","args":[{"op":"like","args":[{"property":"owner"},"%Mike%"]}]}"#,
    ),
    (
        "value BETWEEN 10 AND 20 AND floors = 3",
        r#"{"op":"and","args":[{"op":"between","args":[{"property":"value"},10,20]},{"op":"=","args":[{"property":"floors"},3]}]}"#,
    ),
    (
        "value NOT BETWEEN -10.5 and +20",
        r#"{"op":"not","args":[{"op":"between","args":[{"property":"value"},-10.5,20]}]}"#,
    ),
    ("value IN (1.0, 2.0, 3.0)", r#"{"op":"in","args":[{"property":"value"},[1,2,3]]}"#),
    ("name NOT IN ('a')", r#"{"op":"not","args":[{"op":"in","args":[{"property":"name"},["a"]]}]}"#),
    ("value IS NULL", r#"{"op":"isNull","args":[{"property":"value"}]}"#),
    ("geometry IS NOT NULL", r#"{"op":"not","args":[{"op":"isNull","args":[{"property":"geometry"}]}]}"#),
    (
        "CASEI(owner) IN (casei('Οδος'),CASEI('Straße'))",
        r#"{"op":"in","args":[{"op":"casei","args":[{"property":"owner"}]},[{"op":"casei","args":["Οδος"]},{"op":"casei","args":["Straße"]}]]}"#,
    ),
    (
        "CASEI(owner) LIKE CASEI('%calcutta%')",
        r#"{"op":"like","args":[{"op":"casei","args":[{"property":"owner"}]},{"op":"casei","args":["%calcutta%"]}]}"#,
    ),
    (
        "height > (floors-1)",
        r#"{"op":">","args":[{"property":"height"},{"op":"-","args":[{"property":"floors"},1]}]}"#,
    ),
    ("height-150.0 > 0", r#"{"op":">","args":[{"op":"-","args":[{"property":"height"},150]},0]}"#),
    (
        "value = - floors * 2.0 + height / 6.1234 - height ^ 2.0",
        r#"{"op":"=","args":[{"property":"value"},{"op":"-","args":[{"op":"+","args":[
            {"op":"*","args":[{"op":"*","args":[-1,{"property":"floors"}]},2]},
            {"op":"/","args":[{"property":"height"},6.1234]}]},
            {"op":"^","args":[{"property":"height"},2]}]}]}"#,
    ),
    ("1 = (floors div 2)", r#"{"op":"=","args":[1,{"op":"div","args":[{"property":"floors"},2]}]}"#),
    ("0 = floors % 2", r#"{"op":"=","args":[0,{"op":"%","args":[{"property":"floors"},2]}]}"#),
    (
        "T_BEFORE(built, DATE('2015-01-01'))",
        r#"{"op":"t_before","args":[{"property":"built"},{"date":"2015-01-01"}]}"#,
    ),
    (
        "updated >= TIMESTAMP('2012-08-10T05:30:00Z')",
        r#"{"op":">=","args":[{"property":"updated"},{"timestamp":"2012-08-10T05:30:00.000000Z"}]}"#,
    ),
    (
        "S_INTERSECTS(geometry,POINT(36.319836 32.288087))",
        r#"{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[36.319836,32.288087]}]}"#,
    ),
    (
        "S_WITHIN(geometry,BBOX(-118,33.8,-117.9,34))",
        r#"{"op":"s_within","args":[{"property":"geometry"},{"bbox":[-118,33.8,-117.9,34]}]}"#,
    ),
    (
        "S_WITHIN(geometry,BBOX(-118,33.8,0,-117.9,34,9))",
        r#"{"op":"s_within","args":[{"property":"geometry"},{"bbox":[-118,33.8,-117.9,34]}]}"#,
    ),
    (
        "s_contains(POLYGON Z((0 0 1, 4 0 1, 4 4 1, 0 0 1), (1 0.5 1, 2 0.5 1, 2 1 1, 1 0.5 1)), geometry)",
        r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]],[[1,0.5],[2,0.5],[2,1],[1,0.5]]]}]}"#,
    ),
    (
        "S_TOUCHES(geometry, MULTILINESTRING((-1.9 -0.9, 75.2 1.5), (0 0, 1 1)))",
        r#"{"op":"s_touches","args":[{"property":"geometry"},{"type":"MultiLineString","coordinates":[[[-1.9,-0.9],[75.2,1.5]],[[0,0],[1,1]]]}]}"#,
    ),
    (
        "S_EQUALS(MULTIPOINT((180.0 -0.5), (179.0 -47)), geometry)",
        r#"{"op":"s_equals","args":[{"type":"MultiPoint","coordinates":[[180,-0.5],[179,-47]]},{"property":"geometry"}]}"#,
    ),
    (
        "S_DISJOINT(geometry, MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((2 2,3 2,3 3,2 2))))",
        r#"{"op":"s_disjoint","args":[{"property":"geometry"},{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[2,2],[3,2],[3,3],[2,2]]]]}]}"#,
    ),
    (
        "S_CROSSES(geometry, LINESTRING(172.03086 1.5, 1.1 -90.0))",
        r#"{"op":"s_crosses","args":[{"property":"geometry"},{"type":"LineString","coordinates":[[172.03086,1.5],[1.1,-90]]}]}"#,
    ),
    ("TRUE", "true"),
    ("pool", r#"{"property":"pool"}"#),
    ("NOT NOT pool", r#"{"op":"not","args":[{"op":"not","args":[{"property":"pool"}]}]}"#),
];

#[test]
fn text_and_json_say_the_same() {
    for (written, encoded) in PAIRS {
        let (read, decoded) = (text(written), json(encoded));
        assert!(read.is_ok(), "{written}: {read:?}");
        assert_eq!(read, decoded, "{written}");
    }
}

#[test]
fn what_is_written_down_is_read_as_it_was() {
    for (written, _) in PAIRS {
        let read = text(written).unwrap();
        assert_eq!(text(&read.to_string()), Ok(read.clone()), "{written} as {read}");
    }
}

#[test]
fn the_same_condition_is_written_down_in_one_way() {
    for (one, other) in [
        ("floors>5 and pool", "(\"floors\" > 5.0) AND ((pool = TRUE))"),
        ("floors = 1 AND (floors = 2 AND floors = 3)", "(floors = 1 AND floors = 2) AND floors = 3"),
        ("value BETWEEN 1 AND 2", "value >= 1 AND value <= 2"),
        ("casei(name) = 'strasse'", "casei(name) = casei('STRASSE')"),
        ("built IN ('2026-03-01', '2026-03-02')", "built IN (DATE('2026-03-01'), DATE('2026-03-02'))"),
        ("'2026-03-01T08:00:00Z' < updated", "TIMESTAMP('2026-03-01T08:00:00Z') < updated"),
    ] {
        let written = |filter: &str| text(filter).map(|read| read.to_string());
        assert_eq!(written(one), written(other));
    }
}

#[test]
fn operators_bind_as_the_standard_says() {
    for (bare, bracketed) in [
        ("pool OR pool AND floors=1", "pool OR (pool AND floors=1)"),
        ("NOT pool AND floors=1", "(NOT pool) AND floors=1"),
        ("NOT value BETWEEN 10 AND 20 OR pool", "(NOT (value BETWEEN 10 AND 20)) OR pool"),
        ("value = 1 + 2 * 3 ^ 2", "value = 1 + (2 * (3 ^ 2))"),
        ("value = 10 - 4 - 3", "value = (10 - 4) - 3"),
        ("value + 1 IN (floors * 2, 3)", "(value + 1) IN ((floors * 2), 3)"),
    ] {
        assert_eq!(text(bare).unwrap(), text(bracketed).unwrap(), "{bare}");
    }
}

#[test]
fn properties_are_told_with_their_key() {
    let read =
        text("NOT (floors + height > 3 OR casei(name) LIKE 'a%') AND S_WITHIN(geometry, BBOX(0,0,1,1))")
            .unwrap();
    let told: Vec<_> = read.properties().into_iter().map(|p| (p.name.as_str(), p.key)).collect();
    assert_eq!(told, [("floors", 4), ("height", 5), ("name", 0), ("geometry", 10)]);
}
