//! Grids, their tree, and what is in them.

use serde_json::{Value, json};

use crate::world::{codes, world};

#[test]
fn a_grid_is_found_by_code_and_by_uuid_with_everything_that_is_known_of_it() {
    let world = world();
    let card = world.get("/v1/grids/532901003").json();
    assert_eq!(world.get(&format!("/v1/grids/{}", card["id"].as_str().unwrap())).json()["code"], "532901003");
    assert_eq!(
        (&card["name"], &card["level"], &card["parent"]),
        (&json!("洱海"), &json!(3), &json!("532901"))
    );
    assert_eq!((&card["households"], &card["invented"]), (&json!(321), &json!(true)));
    assert_eq!(card["bbox"], json!([100.25, 25.5, 100.3, 25.8]));
    assert_eq!(card["geometry"]["type"], "MultiPolygon");
    assert_eq!(card["geometry"]["coordinates"][0][0].as_array().unwrap().len(), 5);
    assert!(card["valid"]["from"].is_string() && card["valid"]["until"].is_null());
    assert_eq!(card["lineage"][0]["code"], "532901003");
    assert_eq!(card["lineage"][0]["revision"], 1);
    let label = &card["label_point"];
    assert!((100.25..100.3).contains(&label["lon"].as_f64().unwrap()));
}

#[test]
fn an_area_is_that_of_the_ellipsoid_as_postgis_measures_it() {
    let world = world();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let expected: f64 = runtime.block_on(async {
        let pool = world.database.pool().await;
        let sql = "select st_area(geom::geography) from gewu.grid_version where code = '532901003'";
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    });
    let area = world.get("/v1/grids/532901003").json()["area_m2"].as_f64().unwrap();
    assert!((area / expected - 1.0).abs() < 1e-6, "{area} {expected}");
}

#[test]
fn lists_narrow_by_level_subtree_name_and_code() {
    let world = world();
    let list = |query: &str| world.get(&format!("/v1/grids{query}")).json();
    let all = list("");
    assert_eq!(codes(&all["grids"]), ["5329", "532901", "532902", "532901001", "532901002", "532901003"]);
    assert_eq!((&all["number_matched"], &all["next"]), (&json!(6), &Value::Null));
    assert_eq!(codes(&list("?level=2")["grids"]), ["532901", "532902"]);
    assert_eq!(codes(&list("?within=532901")["grids"]), ["532901", "532901001", "532901002", "532901003"]);
    assert_eq!(codes(&list("?within=532901&level=3&q=532901002")["grids"]), ["532901002"]);
    assert_eq!(codes(&list("?q=大理")["grids"]), ["5329", "532901"]);
    assert_eq!(codes(&list("?q=DL")["grids"]), ["5329", "532901"]);
    assert_eq!(list("?q=nobody")["number_matched"], 0);
}

#[test]
fn pages_together_are_the_whole_list_once() {
    let world = world();
    let mut path = "/v1/grids?within=5329&limit=4".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = world.get(&path).json();
        seen.extend(codes(&page["grids"]).into_iter().map(str::to_owned));
        assert_eq!(page["number_matched"], 6);
        match page["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["5329", "532901", "532902", "532901001", "532901002", "532901003"]);
    world.get("/v1/grids?page=nonsense").problem(400);
    world.get("/v1/grids?limit=0").problem(400);
}

#[test]
fn the_tree_goes_down_up_and_sideways() {
    let world = world();
    let around = |code: &str, what: &str| world.get(&format!("/v1/grids/{code}/{what}")).json();
    assert_eq!(codes(&around("5329", "children")["grids"]), ["532901", "532902"]);
    assert_eq!(codes(&around("532901003", "ancestors")["grids"]), ["5329", "532901"]);
    assert_eq!(
        codes(&around("5329", "descendants")["grids"]),
        ["532901", "532901001", "532901002", "532901003", "532902"]
    );
    assert_eq!(codes(&around("5329", "descendants?level=3")["grids"]).len(), 3);
    assert_eq!(codes(&around("532901002", "neighbors")["grids"]), ["532901001", "532901003"]);
    assert_eq!(codes(&around("532901", "neighbors")["grids"]), ["532902"]);
    assert!(codes(&around("5329", "neighbors")["grids"]).is_empty());
    world.get("/v1/grids/5329/descendants?level=9").problem(400);
}

#[test]
fn staff_names_who_is_on_duty_and_whether_the_grid_is_vacant() {
    let world = world();
    let own = world.get("/v1/grids/532901003/staff").json();
    assert_eq!((&own["vacant"], own["staff"].as_array().unwrap().len()), (&json!(false), 2));
    let climbed = world.get("/v1/grids/532901002/staff").json();
    assert_eq!((&climbed["vacant"], &climbed["staff"][0]["grid_code"]), (&json!(true), &json!("532901")));
}

#[test]
fn an_overview_counts_what_is_there_and_what_is_missing() {
    let world = world();
    let overview = world.get("/v1/grids/532901/overview").json();
    let counts = &overview["counts"];
    assert_eq!(counts["buildings"], json!({"total": 1, "classes": {"residential": 1}}));
    assert_eq!(counts["facilities"], json!({"total": 2, "classes": {"school": 2}}));
    assert_eq!(overview["grids"], json!({"3": 3}));
    assert_eq!(overview["gaps"], json!({"leaves": 3, "vacant": 2}));
    assert_eq!(overview["vacant_codes"], json!(["532901001", "532901002"]));
    assert_eq!(codes(&overview["children"]), ["532901001", "532901002", "532901003"]);
    assert_eq!(overview["children"][2]["gaps"], json!({"leaves": 1, "vacant": 0}));
}

#[test]
fn a_small_count_of_people_is_withheld_and_cannot_be_worked_out() {
    let world = world();
    let people = |overview: &Value| {
        (overview["counts"]["people"]["count"].clone(), overview["counts"]["people"]["suppressed"].clone())
    };
    let county = world.get("/v1/grids/532901/overview").json();
    assert_eq!(people(&county), (json!(30), json!(false)));
    let children: Vec<_> = county["children"].as_array().unwrap().iter().map(people).collect();
    // 3 is small; 30 - 20 - 7 would give it away, so the 7 goes with it.
    assert_eq!(children, [(Value::Null, json!(true)), (Value::Null, json!(true)), (json!(20), json!(false))]);
    for (code, shown) in
        [("532901001", Value::Null), ("532901002", Value::Null), ("532902", json!(9)), ("5329", json!(39))]
    {
        let overview = world.get(&format!("/v1/grids/{code}/overview")).json();
        assert_eq!(people(&overview).0, shown, "{code}");
    }
}
