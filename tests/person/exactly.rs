//! Residents are found by exactly one name or phone, by those who see it, where they serve.

use serde_json::Value;

use crate::marked::Marked;
use crate::place::Server;

const ITEMS: &str = "/collections/people/items?limit=100";

fn asked(server: &Server, key: &str, filter: &str) -> crate::world::Answer {
    let filter: String = url(filter);
    server.get(&format!("{ITEMS}&filter={filter}"), key)
}

fn url(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn names(answer: &Value) -> Vec<&str> {
    answer["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["properties"]["name"].as_str())
        .collect()
}

#[test]
fn a_phone_or_name_finds_its_resident_however_it_is_written() {
    let marked = Marked::start();
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    for filter in [
        "phone = '13999990003'",
        "phone = '+86 139-9999-0003'",
        "phone = '１３９ ９９９９ ０００３'",
        "name = '标记人3'",
        "name = ' 标记 人３'",
        "name = '标记人3' AND phone = '13999990003'",
    ] {
        assert_eq!(names(&asked(&server, &worker, filter).json()), ["标记人3"], "{filter}");
    }
    for filter in [
        "phone = '1399999000'",
        "name = '标记人'",
        "name = '标记人3' AND phone = '13999990002'",
        // Somebody who lives elsewhere.
        "phone = '13999990007'",
        "name = '标记人7'",
    ] {
        assert_eq!(names(&asked(&server, &worker, filter).json()), [""; 0], "{filter}");
    }
    let json = url(r#"{"op":"=","args":[{"property":"phone"},"13999990003"]}"#);
    let answer = server.get(&format!("{ITEMS}&filter-lang=cql2-json&filter={json}"), &worker).json();
    assert_eq!(names(&answer), ["标记人3"]);
    // In the log, the empty answers as well.
    let read = "select rows::text from gewu.audit where entity = 'people' and action = 'read' order by id";
    assert_eq!(marked.texts(read), ["1", "1", "1", "1", "1", "1", "0", "0", "0", "0", "0", "1"]);
}

#[test]
fn whatever_would_tell_more_than_one_is_refused_with_what_to_do() {
    let marked = Marked::start();
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    for filter in [
        "name LIKE '标记%'",
        "phone > '139'",
        "phone BETWEEN '1' AND '2'",
        "name IN ('标记人1', '标记人2')",
        "NOT name = 'x'",
    ] {
        let problem = asked(&server, &worker, filter).problem(400);
        assert!(
            problem["detail"].as_str().unwrap().contains("residents are found by name"),
            "{filter}: {problem}"
        );
    }
    let problem = asked(&server, &worker, "tags = 'lives_alone'").problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("name, phone"), "{problem}");
    let problem = server.get(&format!("{ITEMS}&sortby=name"), &worker).problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("sortby"), "{problem}");
}

#[test]
fn whoever_sees_masks_may_not_ask_by_what_is_behind_them() {
    let marked = Marked::start();
    let server = marked.server();
    let office = marked.api_key(&server, "grid_office", "532901001");
    assert!(names(&server.get(ITEMS, &office).json()).iter().all(|name| name.contains('*')));
    let problem = asked(&server, &office, "phone = '13999990003'").problem(403);
    assert!(problem["detail"].as_str().unwrap().contains("the phone"), "{problem}");
    let analyst = marked.api_key(&server, "analyst", "all");
    assert_eq!(asked(&server, &analyst, "phone = '13999990003'").status, 403);
}
