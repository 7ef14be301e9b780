//! Resolve and check-in.

use serde_json::{Value, json};

use crate::world::{NAMES, PHONES, REVISION, codes, world};

fn resolve(query: &str) -> Value {
    world().get(&format!("/v1/resolve?{query}")).json()
}

#[test]
fn the_same_place_in_every_reference_system_names_the_same_grid_and_worker() {
    let world = world();
    // EPSG:4542 by PROJ, through PostGIS.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (x, y): (f64, f64) = runtime.block_on(async {
        let pool = world.database.pool().await;
        let point = "st_transform(st_setsrid(st_makepoint(100.2676, 25.6065), 4490), 4542)";
        let sql = sqlx::AssertSqlSafe(format!("select st_x({point}), st_y({point})"));
        sqlx::query_as(sql).fetch_one(&pool).await.unwrap()
    });
    let projected = format!("lon={x}&lat={y}&crs=EPSG:4542");
    for query in [
        "lon=100.2676&lat=25.6065&crs=wgs84",
        "lon=100.2676&lat=25.6065&crs=CGCS2000",
        "lon=100.2676&lat=25.6065&crs=EPSG:4490",
        "lon=100.26869828&lat=25.60346639&crs=gcj02",
        "lon=100.27528202&lat=25.60920001&crs=bd09",
        &projected,
    ] {
        let answer = resolve(query);
        assert_eq!(answer["status"], "inside", "{query}");
        assert_eq!(answer["grid"]["code"], "532901003", "{query}");
        assert_eq!(codes(&answer["chain"]), ["5329", "532901", "532901003"]);
        assert_eq!(answer["responsible"][0]["name"], "欧**", "{query}");
        assert!((answer["point"]["lon"].as_f64().unwrap() - 100.2676).abs() < 2e-8, "{query}");
        assert_eq!(answer["revision"], REVISION);
    }
}

#[test]
fn each_way_a_point_can_lie_has_its_status() {
    let border = resolve("lon=100.25&lat=25.6&crs=wgs84");
    assert_eq!((&border["status"], &border["grid"]["code"]), (&json!("border"), &json!("532901002")));
    assert_eq!(border["border_m"], 0.0);
    assert_eq!(codes(&border["candidates"]), ["532901003"]);

    let parent = resolve("lon=100.45&lat=25.6&crs=wgs84");
    assert_eq!((&parent["status"], &parent["grid"]["code"]), (&json!("parent_only"), &json!("5329")));

    let outside = resolve("lon=101&lat=25.6&crs=wgs84");
    assert_eq!((&outside["status"], &outside["grid"]), (&json!("outside"), &Value::Null));
    assert_eq!(outside["nearest"]["code"], "532902");
    let metres = outside["nearest"]["distance_m"].as_f64().unwrap();
    // 0.6 degrees of longitude at 25.6 degrees north.
    assert!((metres - 60_270.0).abs() < 100.0, "{metres}");
    assert!(outside["responsible"].as_array().unwrap().is_empty());
}

#[test]
fn an_accuracy_circle_that_reaches_across_a_border_names_the_candidates_nearest_first() {
    // 100.2499 is 10 m west of the border between ..002 and ..003.
    let sharp = resolve("lon=100.2499&lat=25.6&crs=wgs84");
    assert_eq!(sharp["status"], "inside");
    assert!(sharp["candidates"].as_array().unwrap().is_empty());
    let blurred = resolve("lon=100.2499&lat=25.6&crs=wgs84&accuracy=25");
    assert_eq!((&blurred["status"], &blurred["grid"]["code"]), (&json!("ambiguous"), &json!("532901002")));
    let wide = resolve("lon=100.2499&lat=25.6&crs=wgs84&accuracy=6000");
    assert_eq!(codes(&wide["candidates"]), ["532901003", "532901001", "532902"]);
    let distances: Vec<_> =
        wide["candidates"].as_array().unwrap().iter().map(|c| c["distance_m"].as_f64().unwrap()).collect();
    assert!(distances.is_sorted() && (distances[0] - 10.04).abs() < 0.1, "{distances:?}");
    assert!((sharp["border_m"].as_f64().unwrap() - distances[0]).abs() < 1e-9);
}

#[test]
fn a_substitute_of_a_substitute_is_on_duty_for_the_absent_worker() {
    let world = world();
    let answer = resolve("lon=100.2676&lat=25.6065&crs=wgs84");
    let people = answer["responsible"].as_array().unwrap();
    assert_eq!(people.len(), 2);
    assert_eq!(people[0]["worker_id"], json!(world.workers[3].id.0));
    assert_eq!(people[0]["acting_for"], json!(world.workers[1].id.0));
    assert_eq!((&people[0]["role"], &people[0]["rank"]), (&json!("full_time"), &json!(1)));
    assert_eq!((&people[1]["name"], &people[1]["acting_for"]), (&json!("赵*"), &Value::Null));
}

#[test]
fn where_nobody_is_on_duty_the_nearest_ancestor_answers() {
    for lon in [100.1, 100.22] {
        let answer = resolve(&format!("lon={lon}&lat=25.6&crs=wgs84"));
        let people = answer["responsible"].as_array().unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!((&people[0]["grid_code"], &people[0]["role"]), (&json!("532901"), &json!("head")));
    }
    assert!(resolve("lon=100.35&lat=25.6&crs=wgs84")["responsible"].as_array().unwrap().is_empty());
}

#[test]
fn roles_narrow_who_counts_as_responsible() {
    let part = resolve("lon=100.2676&lat=25.6065&crs=wgs84&roles=part_time");
    assert_eq!(part["responsible"][0]["name"], "赵*");
    let head = resolve("lon=100.2676&lat=25.6065&crs=wgs84&roles=head,instructor");
    assert_eq!(head["responsible"][0]["grid_code"], "532901");
}

#[test]
fn no_answer_holds_a_name_or_a_telephone_number_in_the_clear() {
    let world = world();
    let worker = world.workers[1].id.0;
    for path in [
        "/v1/resolve?lon=100.2676&lat=25.6065&crs=wgs84".to_owned(),
        "/v1/grids/532901003/staff".to_owned(),
        "/v1/grids/532901/overview".to_owned(),
        format!("/v1/workers/{worker}"),
        "/openapi.json".to_owned(),
        "/docs".to_owned(),
    ] {
        let text = world.get(&path).text();
        assert!(NAMES.iter().chain(&PHONES).all(|secret| !text.contains(secret)), "{path}: {text}");
    }
    let card = world.get(&format!("/v1/workers/{worker}")).json();
    assert_eq!((&card["name"], &card["phone"]), (&json!("张*"), &json!("138****1234")));
    assert_eq!((&card["absent"], &card["substitute"]), (&json!(true), &json!(world.workers[2].id.0)));
    assert_eq!((codes(&card["grids"]), &card["grids"][0]["rank"]), (vec!["532901003"], &json!(1)));
}

#[test]
fn a_batch_gives_what_single_calls_give_in_the_order_of_its_points() {
    let world = world();
    let points = [[100.2676, 25.6065], [100.25, 25.6], [100.45, 25.6], [101.0, 25.6], [100.1, 25.7]];
    let body = json!({"crs": "wgs84", "points": points});
    let rows = world.post("/v1/resolve?fields=code,codes,chain,responsible,border_m", &body).json();
    assert_eq!(rows["results"].as_array().unwrap().len(), points.len());
    for (row, [lon, lat]) in rows["results"].as_array().unwrap().iter().zip(points) {
        let single = resolve(&format!("lon={lon}&lat={lat}&crs=wgs84"));
        assert_eq!(row["status"], single["status"]);
        assert_eq!(row["code"], single["grid"]["code"]);
        assert_eq!(
            codes(&single["chain"]),
            row["codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect::<Vec<_>>()
        );
        for field in ["chain", "responsible", "border_m"] {
            assert_eq!(row[field], single[field], "{field} at {lon}, {lat}");
        }
    }
    let short = world.post("/v1/resolve", &body).json();
    let fields: Vec<_> = short["results"][0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["code", "codes", "status"]);
}

#[test]
fn a_bad_row_of_a_batch_gives_an_error_in_its_place() {
    let points = json!([[100.1, 25.6], [25.6, 100.1], ["x", 1], [1], [100.1, 25.6]]);
    let rows = world().post("/v1/resolve", &json!({"crs": "wgs84", "points": points})).json();
    let rows = rows["results"].as_array().unwrap().clone();
    let code = |at: usize| rows[at]["code"].as_str();
    assert_eq!((code(0), code(4)), (Some("532901001"), Some("532901001")));
    for bad in &rows[1..4] {
        assert!(bad["error"].is_string() && bad["code"].is_null(), "{bad}");
    }
    assert!(rows[1]["error"].as_str().unwrap().contains("swapped"), "{}", rows[1]);
}

#[test]
fn a_check_in_says_inside_outside_or_uncertain_with_the_distance() {
    let world = world();
    let check = |lon: f64, accuracy: u32| {
        let query = format!("/v1/check-in?lon={lon}&lat=25.65&crs=wgs84&grid=532901002&accuracy={accuracy}");
        let answer = world.get(&query).json();
        (answer["presence"].as_str().unwrap().to_owned(), answer["distance_m"].as_f64().unwrap())
    };
    assert_eq!(check(100.225, 25).0, "inside");
    assert_eq!(check(100.1, 25).0, "outside");
    let (verdict, metres) = check(100.2502, 25);
    assert_eq!(verdict, "uncertain");
    assert!((metres - 20.08).abs() < 0.1, "{metres}");
}

#[test]
fn an_operator_can_switch_the_inverse_of_gcj02_off() {
    let settings = gewu::config::ServerSettings { gcj_inverse: Some(false), ..Default::default() };
    let world = crate::world::World::start(settings);
    for crs in ["gcj02", "bd09"] {
        let problem = world.get(&format!("/v1/resolve?lon=100.2&lat=25.6&crs={crs}")).problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("not offered"), "{problem}");
    }
    assert_eq!(world.get("/v1/resolve?lon=100.1&lat=25.6&crs=wgs84").json()["status"], "inside");
}

#[test]
fn a_position_with_its_numbers_swapped_is_refused_with_a_guess_at_what_happened() {
    let problem = world().get("/v1/resolve?lon=25.6&lat=100.1&crs=wgs84").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("swapped"), "{problem}");
}

#[test]
fn a_batch_that_travels_compressed_comes_to_its_end() {
    let world = world();
    let headers = [("content-type", "text/csv"), ("accept-encoding", "gzip")];
    let body = b"id,lon,lat\n1,100.27,25.6\n".to_vec();
    let answer = world.send("POST", "/v1/resolve?crs=wgs84", &headers, body);
    assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*answer.body), &mut text).unwrap();
    assert!(text.contains("532901003"), "{text}");
}
