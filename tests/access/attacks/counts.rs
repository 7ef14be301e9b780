//! Differencing: counts that are shown, taken from one another, must not give one that is withheld.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Scene, Tried, statuses, tried};

/// Four people, and seven beside them (`tests/access/matrix/expectations.toml`).
const WITHHELD: [&str; 2] = ["532901001", "532901002"];
const GRIDS: [&str; 6] = ["5329", "532901", "532901001", "532901002", "532901003", "532902"];

pub(super) fn tried_with(scene: &Scene) -> Vec<Tried> {
    let analyst = scene.token("analyst", &json!("*"));
    vec![
        tried(
            "a withheld count by siblings, levels, grids above, tables and tiles",
            everywhere(scene, &analyst),
        ),
        tried(
            "a withheld count by filters of tiles (`people < 5`, `NOT people > 3`, `people = 4`)",
            filters(scene, &analyst),
        ),
        tried("people in a drawn area or a circle, shifted by a metre", drawn(scene, &analyst)),
        tried("people by class, at another time", dimensions(scene, &analyst)),
        tried("people outside the service circle, its radius shifted by a metre", radii(scene, &analyst)),
        tried("how many residents match (`numberMatched`, `limit=0`)", matched(scene)),
    ]
}

type Shown = BTreeMap<String, BTreeSet<u64>>;

/// Notes each count of people of a document, by the code beside it.
fn note(shown: &mut Shown, document: &Value, count: &dyn Fn(&Value) -> Option<u64>) {
    match document {
        Value::Array(all) => all.iter().for_each(|one| note(shown, one, count)),
        Value::Object(own) => {
            let code = own.get("code").or_else(|| document.pointer("/grid/code")).and_then(Value::as_str);
            if let (Some(code), Some(count)) = (code, count(document)) {
                shown.entry(code.to_owned()).or_default().insert(count);
            }
            own.values().for_each(|one| note(shown, one, count));
        }
        _ => {}
    }
}

fn everywhere(scene: &Scene, analyst: &str) -> String {
    let mut shown = Shown::new();
    let within = GRIDS.map(|code| format!("&within={code}")).into_iter().chain([String::new()]);
    for within in within {
        for level in 1..=3 {
            let stats =
                scene.get(&format!("/v1/stats?collection=people&level={level}{within}"), analyst).json();
            note(&mut shown, &stats, &|one| one["count"].as_u64());
            let table = scene
                .get(&format!("/v1/stats?collection=people&level={level}{within}&f=csv"), analyst)
                .text();
            for code in WITHHELD {
                let line = table.lines().find(|line| line.starts_with(&format!("{code},")));
                assert!(line.is_none_or(|line| line.ends_with(",,true")), "{line:?}");
            }
            for minutes in [1, 15, 240] {
                let path = format!("/v1/coverage?class=school&minutes={minutes}&level={level}{within}");
                note(&mut shown, &scene.get(&path, analyst).json(), &|one| one["people"]["total"].as_u64());
            }
        }
    }
    for rows in ["level=1", "level=2", "level=3", "parent=532901", "parent=5329"] {
        let figures = scene.get(&format!("/v1/figures?figures=people&{rows}"), analyst).json();
        note(&mut shown, &figures, &|one| one["values"][0].as_u64());
    }
    for code in GRIDS {
        let overview = scene.get(&format!("/v1/grids/{code}/overview"), analyst).json();
        note(&mut shown, &overview, &|one| one["counts"]["people"]["count"].as_u64());
        let then = scene.get(&format!("/v1/grids/{code}/overview?at=2027-01-01T00:00:00Z"), analyst);
        if then.status == 200 {
            note(&mut shown, &then.json(), &|one| one["counts"]["people"]["count"].as_u64());
        }
    }
    for (z, x, y) in [(6, 49, 27), (8, 199, 109), (10, 797, 436), (10, 796, 436), (12, 3188, 1746)] {
        for (code, people) in tile(scene, analyst, &format!("/tiles/overview/{z}/{x}/{y}")) {
            shown.entry(code).or_default().extend(people);
        }
    }
    for code in WITHHELD {
        assert!(shown.get(code).is_none_or(BTreeSet::is_empty), "{code}: {:?}", shown[code]);
    }
    // What is shown is shown alike, large, and leaves two and more unknown that add up to nine and more.
    for (code, counts) in shown.iter().filter(|(code, _)| !WITHHELD.contains(&code.as_str())) {
        assert!(counts.len() == 1 && counts.iter().all(|count| *count >= 5), "{code}: {counts:?}");
    }
    let one = |code: &str| *shown[code].first().unwrap();
    assert!(one("532901") - one("532901003") >= 9);
    "withheld everywhere alike; two and more, nine and more together".to_owned()
}

/// Codes and counts of people of the features of a tile.
fn tile(scene: &Scene, token: &str, path: &str) -> Vec<(String, Option<u64>)> {
    let answer = scene.get(path, token);
    assert!([200, 204].contains(&answer.status), "{path}: {}", answer.text());
    if answer.body.is_empty() {
        return Vec::new();
    }
    let reader = mvt_reader::Reader::new(answer.body).unwrap();
    let layers = reader.get_layer_metadata().unwrap();
    let features = layers.iter().flat_map(|layer| reader.get_features_as::<i32>(layer.layer_index).unwrap());
    let number = |value: &mvt_reader::feature::Value| match value {
        mvt_reader::feature::Value::UInt(number) => Some(*number),
        mvt_reader::feature::Value::Int(number) | mvt_reader::feature::Value::SInt(number) => {
            u64::try_from(*number).ok()
        }
        _ => None,
    };
    features
        .filter_map(|feature| {
            let properties = feature.properties?;
            let mvt_reader::feature::Value::String(code) = properties.get("code")? else { return None };
            Some((code.clone(), properties.get("people").and_then(number)))
        })
        .collect()
}

fn filters(scene: &Scene, analyst: &str) -> String {
    let filters = [
        "people < 5",
        "people >= 0",
        "people = 4",
        "people <> 7",
        "NOT people > 3",
        "NOT (people = 3)",
        "people BETWEEN 0 AND 4",
        "people IN (4, 7)",
        "people + 1 > 0",
        "people > 3 OR people <= 3",
        "people = people",
    ];
    let mut seen = 0;
    for filter in filters {
        let asked: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        for tileset in ["overview", "grids"] {
            let path = format!("/tiles/{tileset}/10/797/436?filter={asked}");
            let answer = scene.get(&path, analyst);
            if answer.status == 400 {
                continue;
            }
            let found = tile(scene, analyst, &path);
            seen += found.len();
            assert!(found.iter().all(|(code, _)| !WITHHELD.contains(&code.as_str())), "{path}: {found:?}");
        }
    }
    assert!(seen > 0, "a test of something");
    "never among what is found".to_owned()
}

fn drawn(scene: &Scene, analyst: &str) -> String {
    let mut got = Vec::new();
    for step in 0..5 {
        let lon = 100.1 + f64::from(step) * 1e-5;
        got.push(
            scene
                .get(
                    &format!(
                        "/v1/nearby?lon={lon}&lat=25.6&crs=wgs84&radius=100&rings=100&collections=people"
                    ),
                    analyst,
                )
                .status,
        );
        let area = json!({"type": "Polygon", "coordinates": [[[lon, 25.6], [lon + 0.01, 25.6], [lon + 0.01, 25.61], [lon, 25.6]]]});
        let headers = [("content-type", "application/geo+json")];
        got.push(
            scene.send("POST", "/v1/within?collections=people", analyst, &headers, &area.to_string()).status,
        );
        let all = scene.send("POST", "/v1/within", analyst, &headers, &area.to_string());
        assert!(all.json().pointer("/counts/people").is_none());
    }
    statuses(got)
}

fn dimensions(scene: &Scene, analyst: &str) -> String {
    let asks = [
        "group=class",
        "at=2020-01-01T00:00:00Z",
        "class=person",
        "filter=tags",
        "bbox=100,25,101,26",
        "datetime=2026-01-01",
    ];
    statuses(asks.map(|ask| scene.get(&format!("/v1/stats?collection=people&level=3&{ask}"), analyst).status))
}

/// By how many two answers differ, at most by nobody or by five and more.
fn radii(scene: &Scene, analyst: &str) -> String {
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    let mut changes = 0;
    for step in 0..120 {
        // A metre and a bit each, far enough for all to change.
        let minutes = 1.0 + f64::from(step) * if step % 2 == 0 { 2.0 } else { 0.014 };
        let answer =
            scene.get(&format!("/v1/coverage?class=school&minutes={minutes}&level=3"), analyst).json();
        let mut outside = BTreeMap::new();
        for row in answer["rows"].as_array().unwrap().iter().chain([&answer["total"]]) {
            let code = row.pointer("/grid/code").and_then(Value::as_str).unwrap_or("all").to_owned();
            if let Some(count) = row["people"]["outside"].as_u64() {
                outside.insert(code, count);
            }
        }
        assert!(WITHHELD.iter().all(|code| !outside.contains_key(*code)));
        for (code, count) in &outside {
            let before = *last.get(code).unwrap_or(count);
            assert!(before == *count || before.abs_diff(*count) >= 5, "{code}: {before}, then {count}");
            changes += u32::from(before != *count);
        }
        last = outside;
    }
    assert!(changes > 0, "a test of something");
    "the same, or five and more fewer".to_owned()
}

fn matched(scene: &Scene) -> String {
    let worker = scene.worker();
    let document = scene.get("/collections/people/items?limit=1", &worker).json();
    assert!(document.get("numberMatched").is_none());
    let got = ["limit=0", "count=true", "resulttype=hits"]
        .map(|ask| scene.get(&format!("/collections/people/items?{ask}"), &worker).status);
    format!("not told; {}", statuses(got))
}
