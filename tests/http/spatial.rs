//! What lies around a point and in a drawn area, and how much in each grid, over the wire.

use serde_json::{Value, json};

use crate::world::{NAMES, PHONES, world};

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}

/// A rectangle that holds the school in the east and a part of the house beside it, and cuts two leaves.
fn area() -> Value {
    json!({"type": "Polygon", "coordinates": [[
        [100.24, 25.59], [100.2701, 25.59], [100.2701, 25.61], [100.24, 25.61], [100.24, 25.59]
    ]]})
}

#[test]
fn around_a_point_are_the_house_and_the_school_beside_it_and_who_answers_for_the_leaves() {
    let world = world();
    let near = world.get("/v1/nearby?lon=100.2701&lat=25.6&crs=cgcs2000&radius=5000&rings=100,1000").json();
    let found: Vec<_> = near["resources"].as_array().unwrap().iter().map(|r| &r["collection"]).collect();
    assert_eq!(found, ["buildings", "facilities"], "the house holds the point, the school is 10 m away");
    assert_eq!(near["resources"][0]["distance_m"], 0.0);
    assert_eq!(near["resources"][0]["grid_code"], "532901003");
    let metres = near["resources"][1]["distance_m"].as_f64().unwrap();
    assert!((metres - 10.04).abs() < 0.05, "{metres}");
    let rings: Vec<_> =
        near["rings"].as_array().unwrap().iter().map(|ring| (&ring["to_m"], &ring["count"])).collect();
    assert_eq!(rings, [(&json!(100.0), &json!(2)), (&json!(1000.0), &json!(0)), (&json!(5000.0), &json!(0))]);
    let codes: Vec<_> = near["grids"].as_array().unwrap().iter().map(|grid| &grid["code"]).collect();
    assert_eq!(codes, ["532901003", "532901002", "532902"]);
    assert_eq!(
        near["grids"][1]["responsible"][0]["name"], "李**",
        "the county answers where nobody is on duty"
    );
    let text = near.to_string();
    assert!(PHONES.iter().chain(&NAMES).all(|secret| !text.contains(secret)), "names and phones are masked");
}

#[test]
fn only_what_was_asked_for_is_listed_and_what_was_cut_off_is_told() {
    let world = world();
    let near = "/v1/nearby?lon=100.2701&lat=25.6&crs=cgcs2000";
    let schools = world.get(&format!("{near}&radius=20000&classes=school")).json();
    assert_eq!((&schools["total"], &schools["resources_cut"]), (&json!(2), &json!(false)));
    let first = world.get(&format!("{near}&radius=20000&classes=school&limit=1")).json();
    assert_eq!((&first["total"], &first["resources_cut"]), (&json!(2), &json!(true)));
    assert_eq!(first["resources"].as_array().unwrap().len(), 1);
    let houses = world.get(&format!("{near}&collections=buildings")).json();
    assert_eq!((&houses["total"], &houses["radius_m"]), (&json!(1), &json!(3000.0)));
}

#[test]
fn a_question_that_cannot_be_answered_is_told_what_is_wrong_with_it() {
    let world = world();
    let near = "/v1/nearby?lon=100.27&lat=25.6";
    assert_eq!(fields(&world.get(near).problem(400)), ["crs"], "nothing is guessed");
    for (more, field) in [
        ("&radius=20001", "radius"),
        ("&radius=-1", "radius"),
        ("&rings=1000,500", "rings"),
        ("&rings=0,500", "rings"),
        ("&radius=300&rings=500", "rings"),
        ("&collections=people", "collections"),
        ("&limit=1001", "limit"),
    ] {
        let problem = world.get(&format!("{near}&crs=wgs84{more}")).problem(400);
        assert_eq!(fields(&problem), [field], "{more}");
    }
    let collections = world.get(&format!("{near}&crs=wgs84&collections=people")).problem(400);
    assert!(collections["detail"].as_str().unwrap().contains("buildings, facilities"));
}

#[test]
fn in_a_drawn_area_are_what_it_covers_and_the_grids_that_it_cuts_with_their_shares() {
    let world = world();
    for body in [area(), json!({"type": "Feature", "properties": null, "geometry": area()})] {
        let within = world.post("/v1/within", &body).json();
        assert_eq!(within["classes"], json!({"buildings": {"residential": 1}, "facilities": {"school": 1}}));
        let grids = within["grids"].as_array().unwrap();
        let shares: Vec<_> =
            grids.iter().map(|grid| (&grid["code"], grid["share"].as_f64().unwrap())).collect();
        assert_eq!(shares.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["532901003", "532901002"]);
        // 0.0201 of 0.05 degrees by 0.02 of 0.3, and 0.01 of 0.05 by the same: areas shrink with latitude by little.
        assert!(
            (shares[0].1 - 0.402 / 15.0).abs() < 1e-4 && (shares[1].1 - 0.2 / 15.0).abs() < 1e-4,
            "{shares:?}"
        );
        assert_eq!(within["nobodys_m2"], 0.0);
    }
    let beyond = json!({"type": "Polygon", "coordinates": [[
        [100.45, 25.79], [100.47, 25.79], [100.47, 25.9], [100.45, 25.9], [100.45, 25.79]
    ]]});
    let within = world.post("/v1/within", &beyond).json();
    assert_eq!((&within["total"], &within["grids_total"]), (&json!(0), &json!(0)));
    assert_eq!(within["nobodys_m2"], within["area_m2"], "no leaf is there");
}

#[test]
fn an_area_that_is_none_is_refused_with_what_to_send() {
    let world = world();
    let text = |body: &str, media: &str| {
        world.send("POST", "/v1/within", &[("content-type", media)], body.as_bytes().to_vec())
    };
    text("<gml/>", "application/gml+xml").problem(415);
    text("{", "application/json").problem(400);
    text("\u{fffd}", "application/geo+json").problem(400);
    for wrong in [
        json!({"type": "Point", "coordinates": [100.2, 25.6]}),
        json!({"type": "FeatureCollection", "features": []}),
        json!({"type": "Feature", "properties": null, "geometry": null}),
    ] {
        let problem = world.post("/v1/within", &wrong).problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("Polygon"), "{problem}");
    }
    let bow = json!({"type": "Polygon", "coordinates": [[
        [100.0, 25.5], [100.2, 25.7], [100.2, 25.5], [100.0, 25.7], [100.0, 25.5]
    ]]});
    assert!(world.post("/v1/within", &bow).problem(422)["detail"].as_str().unwrap().contains("not valid"));
    let round = |n: u32| f64::from(n) / 10_001.0 * std::f64::consts::TAU;
    let ring: Vec<_> =
        (0..=10_001).map(|n| [100.0 + round(n).cos() * 0.1, 25.6 + round(n).sin() * 0.1]).collect();
    let many = json!({"type": "Polygon", "coordinates": [ring]});
    assert!(world.post("/v1/within", &many).problem(413)["detail"].as_str().unwrap().contains("10000"));
}

#[test]
fn counts_by_grid_add_up_with_a_row_for_what_lies_in_none_as_json_and_as_csv() {
    let world = world();
    let stats = world.get("/v1/stats?collection=facilities&level=3&group=class").json();
    let rows = stats["rows"].as_array().unwrap();
    let told: Vec<_> = rows.iter().map(|row| (&row["grid"]["code"], &row["classes"])).collect();
    let none = json!({});
    assert_eq!(
        told,
        [
            (&json!("532901001"), &json!({"school": 1})),
            (&json!("532901002"), &none),
            (&json!("532901003"), &json!({"school": 1})),
            (&Value::Null, &json!({"hydrant": 1})),
        ]
    );
    assert_eq!(stats["total"]["count"], 3);
    let csv = world.get("/v1/stats?collection=facilities&level=2&f=csv");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        csv.text(),
        "code,name,count,suppressed\n532901,大理市,2,false\n532902,漾濞县,1,false\n,,0,false\n"
    );
    let inside = world.get("/v1/stats?collection=facilities&level=3&within=532901").json();
    assert_eq!((&inside["total"]["count"], &inside["total"]["grid"]["code"]), (&json!(2), &json!("532901")));
    world.get("/v1/stats?collection=facilities&level=3&within=999").problem(404);
    assert_eq!(
        fields(&world.get("/v1/stats?collection=trees&level=9").problem(400)),
        ["collection", "level"]
    );
    assert_eq!(fields(&world.get("/v1/stats?collection=people&level=3&group=class").problem(400)), ["group"]);
}

#[test]
fn small_counts_of_people_are_withheld_and_cannot_be_found_by_subtraction() {
    let stats = world().get("/v1/stats?collection=people&level=3").json();
    let rows: Vec<_> =
        stats["rows"].as_array().unwrap().iter().map(|row| (&row["count"], &row["suppressed"])).collect();
    // 3, 7 and 20 in the leaves of one county: 3 is small, and 7 would give it away.
    let withheld = (&Value::Null, &json!(true));
    assert_eq!(rows, [withheld, withheld, (&json!(20), &json!(false)), withheld]);
}

#[test]
fn figures_of_the_children_of_a_grid_are_in_the_order_asked_for_and_keep_small_counts_back() {
    let world = world();
    let told =
        world.get("/v1/figures?figures=grids,leaves,vacant,facilities.school,people&parent=532901").json();
    assert_eq!((&told["whole"]["code"], &told["whole"]["values"][0]), (&json!("532901"), &json!(3)));
    let rows: Vec<_> = told["rows"].as_array().unwrap().iter().map(|r| (&r["code"], &r["values"])).collect();
    assert_eq!(rows[0], (&json!("532901001"), &json!([0, 1, rows[0].1[2], 1, null])));
    assert_eq!(rows[2], (&json!("532901003"), &json!([0, 1, rows[2].1[2], 1, 20])));
    assert_eq!(rows[1].1[2], 1, "nobody is on duty in 532901002");
    assert_eq!(told["rows"][0]["parent"], "532901");
    assert_eq!((&told["rows"][0]["leaf"], &told["size_rule"]["base"]), (&json!(true), &json!([300, 500])));
}

#[test]
fn figures_of_a_level_say_the_same_as_stats_and_overview() {
    let world = world();
    let told = world.get("/v1/figures?figures=facilities,people,vacant&level=3&within=532901").json();
    let stats = world.get("/v1/stats?collection=people&level=3&within=532901").json();
    for (row, other) in told["rows"].as_array().unwrap().iter().zip(stats["rows"].as_array().unwrap()) {
        assert_eq!((&row["code"], &row["values"][1]), (&other["grid"]["code"], &other["count"]));
    }
    let overview = world.get("/v1/grids/532901/overview").json();
    assert_eq!(told["whole"]["values"][2], overview["gaps"]["vacant"]);
    let tops = world.get("/v1/figures?figures=grids").json();
    assert_eq!((&tops["rows"][0]["code"], &tops["whole"]), (&json!("5329"), &Value::Null));
}

#[test]
fn figures_that_there_are_not_are_named_with_those_that_there_are() {
    let world = world();
    let told = |query: &str| world.get(&format!("/v1/figures?{query}")).problem(400);
    assert_eq!(fields(&told("level=3")), ["figures"]);
    assert!(told("figures=happiness").to_string().contains("households"));
    assert!(told("figures=facilities.castle").to_string().contains("school"));
    assert_eq!(fields(&told("figures=grids&parent=5329&level=3")), ["parent"]);
    assert_eq!(fields(&told("figures=grids&within=5329")), ["within"]);
    let then = "at=2026-03-03T04:00:00Z";
    assert!(told(&format!("figures=people&{then}")).to_string().contains("this moment only"));
    world.get(&format!("/v1/figures?figures=workers,vacant&level=3&{then}")).json();
    world.get("/v1/figures?figures=grids&parent=999").problem(404);
}
