//! Finding by what is typed, over the wire.

use serde_json::{Value, json};

use crate::world::{NAMES, PHONES, World, world};

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}

fn names(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|hit| hit["name"].as_str().unwrap_or_default()).collect()
}

#[test]
fn a_grid_is_found_by_code_name_pinyin_and_first_letters_with_its_chain() {
    let world = world();
    for typed in ["下关", "xiaguan", "xg", "xiag", "下g", "532901001", "%20%E4%B8%8B-%E5%85%B3"] {
        let answer = world.get(&format!("/v1/search?q={typed}&collections=grids")).json();
        assert_eq!(names(&answer)[0], "下关", "{typed}: {answer}");
    }
    let code = world.get("/v1/search?q=532901").json();
    let codes: Vec<_> =
        code["results"].as_array().unwrap().iter().map(|hit| (&hit["code"], &hit["fit"])).collect();
    let expected = ["532901", "532901001", "532901002", "532901003"].map(|code| json!(code));
    assert_eq!(codes.iter().map(|(code, _)| *code).collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    assert_eq!((codes[0].1, codes[1].1), (&json!("exact"), &json!("start")));
    let hit = &world.get("/v1/search?q=erhai").json()["results"][0];
    let chain: Vec<_> = hit["chain"].as_array().unwrap().iter().map(|link| &link["code"]).collect();
    assert_eq!(chain, ["5329", "532901", "532901003"]);
    assert_eq!(
        (&hit["collection"], &hit["level"], &hit["class"]),
        (&json!("grids"), &json!(3), &Value::Null)
    );
    assert_eq!((&hit["field"], &hit["highlight"]), (&json!("name"), &json!([0, 2])));
    assert!((hit["at"]["lon"].as_f64().unwrap() - 100.275).abs() < 0.03);
}

#[test]
fn a_facility_is_found_with_its_class_its_place_and_the_grid_that_holds_it() {
    let world = world();
    let schools = world.get("/v1/search?q=school&limit=1").json();
    assert_eq!((&schools["total"], &schools["cut"]), (&json!(2), &json!(true)));
    let hit = &schools["results"][0];
    assert_eq!(
        (&hit["name"], &hit["class"], &hit["fit"]),
        (&json!("school 0"), &json!("school"), &json!("start"))
    );
    assert_eq!((&hit["code"], &hit["at"]["lon"]), (&json!("facilities-0"), &json!(100.27)));
    assert_eq!(hit["chain"][2]["code"], "532901003");
    assert_eq!(hit["highlight"], json!([0, 6]));
    let inside = world.get("/v1/search?q=school&within=532901001").json();
    assert_eq!(names(&inside), ["school 1"]);
    assert_eq!(
        names(&world.get("/v1/search?q=schol&collections=facilities").json()),
        ["school 0", "school 1"]
    );
    let placed = world.get("/v1/search?q=%E6%B4%B1%E6%B5%B7%20school").json();
    assert_eq!(
        (names(&placed)[0], &placed["results"][0]["fit"]),
        ("school 0", &json!("words")),
        "by the grid around"
    );
}

#[test]
fn nobody_is_found() {
    let world = world();
    for typed in NAMES.iter().chain(&PHONES).chain(&["某人", "people-1", "hr"]) {
        let answer = world.get(&format!("/v1/search?q={typed}&limit=100"));
        let results = answer.json()["results"].to_string();
        assert!(!results.contains(typed) && !results.contains("people"), "{typed}: {results}");
    }
    let refused = world.get("/v1/search?q=x&collections=people").problem(400);
    assert!(refused["detail"].as_str().unwrap().contains("grids, buildings, facilities"), "{refused}");
}

#[test]
fn a_question_that_cannot_be_searched_for_is_told_what_is_wrong_with_it() {
    let world = world();
    let long = "x".repeat(64);
    for (query, wrong) in [
        ("", "q"),
        ("q=%20-%20", "q"),
        (&format!("q={long}"), "q"),
        ("q=x&limit=0", "limit"),
        ("q=x&limit=101", "limit"),
        ("q=x&collections=trees", "collections"),
        ("q=x&crs=wgs84", "crs"),
    ] {
        assert_eq!(fields(&world.get(&format!("/v1/search?{query}")).problem(400)), [wrong], "{query}");
    }
    world.get("/v1/search?q=x&within=999").problem(404);
    world.get("/v1/search?q=x&within=532901009").problem(410);
    assert_eq!(world.get(&format!("/v1/search?q={}", "x".repeat(63))).json()["total"], 0);
}

#[test]
fn what_is_renamed_is_found_by_its_new_name_and_no_more_by_the_old_one() {
    let world = World::start(Default::default());
    let count = |typed: &str| world.get(&format!("/v1/search?q={typed}")).json()["total"].clone();
    assert_eq!((count("hydrant"), count("xiaohuoshuan")), (json!(1), json!(0)));
    world.edit("update gewu.facility set name = '消火栓', address = '人民路5号' where class = 'hydrant'");
    assert_eq!((count("hydrant"), count("xiaohuoshuan"), count("renminlu5")), (json!(0), json!(1), json!(1)));
    world.edit("delete from gewu.facility where class = 'hydrant'");
    assert_eq!(count("xiaohuoshuan"), json!(0));
    world.edit("update gewu.grid_version set name = '银桥' where code = '532901002'");
    assert_eq!((count("fengyi"), count("yinqiao")), (json!(0), json!(1)));
}
