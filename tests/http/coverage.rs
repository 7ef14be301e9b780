//! The service circle, over the wire.

use serde_json::{Value, json};

use crate::world::world;

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[test]
fn what_is_outside_the_circle_is_told_grid_by_grid_and_adds_up() {
    let world = world();
    let found = world.get("/v1/coverage?class=school&minutes=15&speed=4.5").json();
    assert_eq!(
        (&found["radius_m"], &found["services"], &found["mode"]),
        (&json!(1125.0), &json!(2), &json!("straight"))
    );
    let none = json!({"total": 0, "outside": 0, "share": null});
    let house = json!({"total": 1, "outside": 0, "share": 0.0});
    let withheld = json!({"total": null, "outside": null, "share": null, "suppressed": true});
    let people = |total: u32, outside: u32, share: f64| json!({"total": total, "outside": outside, "share": share, "suppressed": false});
    let rows: Vec<_> = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["grid"]["code"], &row["buildings"], &row["people"]))
        .collect();
    assert_eq!(
        rows,
        [
            (&json!("532902"), &none, &people(9, 9, 1.0)),
            // 3 people at a school and 7 at five kilometres: their counts are withheld, as /v1/stats does.
            (&json!("532901001"), &none, &withheld),
            (&json!("532901002"), &none, &withheld),
            (&json!("532901003"), &house, &people(20, 0, 0.0)),
            (&Value::Null, &none, &withheld),
        ]
    );
    let counties = world.get("/v1/coverage?class=school&level=2").json();
    let rows: Vec<_> = counties["rows"].as_array().unwrap().iter().map(|row| &row["people"]).collect();
    // Together they are two groups of five, of both of which the mean is outside: the seven of one leaf are not told.
    assert_eq!(rows[..2], [&people(30, 10, 0.3333), &people(9, 9, 1.0)]);
    assert_eq!(counties["total"]["people"], people(39, 19, 0.4872));
    let leaf = world.get("/v1/coverage?class=school&within=532901003&minutes=0.001").json();
    assert_eq!(leaf["total"]["people"], people(20, 0, 0.0));
    assert_eq!(
        leaf["total"]["buildings"],
        json!({"total": 1, "outside": 0, "share": 0.0}),
        "the school is at its corner"
    );
}

#[test]
fn the_same_comes_as_csv_and_a_limit_keeps_the_worst() {
    let world = world();
    let text = "code,name,level,buildings,buildings_outside,households,households_outside,people,people_outside,suppressed\n\
                532902,漾濞县,2,0,0,0,0,9,9,false\n532901,大理市,2,1,0,0,0,30,10,false\n,,,0,0,0,0,0,0,false\n";
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let csv = world.get("/v1/coverage?class=school&level=2&f=csv");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(sorted(&csv.text()), sorted(text));
    let accepted = world.get_with("/v1/coverage?class=school&level=2", &[("accept", "text/csv")]);
    assert_eq!(accepted.text(), csv.text());
    let one = world.get("/v1/coverage?class=school&level=3&limit=1").json();
    assert_eq!(
        (one["rows"].as_array().unwrap().len(), &one["rows_cut"], &one["rows_total"]),
        (2, &json!(true), &json!(4))
    );
    // A class that is anywhere near counts: the nine of the other county have a hydrant.
    let either = world.get("/v1/coverage?class=school,hydrant&level=2").json();
    assert_eq!(either["total"]["people"]["outside"], 10);
}

#[test]
fn a_circle_that_cannot_be_drawn_is_told_why() {
    let world = world();
    for (query, wrong) in [
        ("", "class"),
        ("class=school&minutes=0", "minutes"),
        ("class=school&minutes=241", "minutes"),
        ("class=school&speed=0", "speed"),
        ("class=school&speed=121", "speed"),
        ("class=school&minutes=60&speed=30", "minutes"),
        ("class=school&level=9", "level"),
        ("class=school&limit=0", "limit"),
        ("class=school&f=xml", "f"),
    ] {
        assert_eq!(fields(&world.get(&format!("/v1/coverage?{query}")).problem(400)), [wrong], "{query}");
    }
    let unknown = world.get("/v1/coverage?class=school,clinic").problem(422);
    assert!(
        unknown["detail"].as_str().unwrap().contains("\"clinic\"; there are: hydrant, school"),
        "{unknown}"
    );
    world.get("/v1/coverage?class=school&within=999").problem(404);
    world.get("/v1/coverage?class=school&within=532901009").problem(410);
}
