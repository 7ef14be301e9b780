//! What a backup, a reader of the tables and an attacker in the database find.

use crate::common::output;
use crate::marked::{EACH, MARKERS, Marked};
use crate::world::{NAMES, PHONES};

const ITEMS: &str = "/collections/people/items?limit=100";

#[test]
fn a_dump_has_no_name_no_phone_and_no_home_and_servers_show_all_of_them() {
    let marked = Marked::start();
    assert!(marked.found(&MARKERS).is_empty(), "{:?}", marked.found(&MARKERS));
    assert_eq!(marked.found(&NAMES), NAMES, "those of the place itself were there before");
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    let text = server.get(ITEMS, &worker).text();
    for shown in ["标记人0", "13999990000", "标记路0号", "户标记0", "标记人5"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("gewu1:") && !text.contains("标记人6"));
    // Changed names and what the feed tells of them are none the less sealed.
    marked.import_named("标记人改");
    assert!(server.get(ITEMS, &worker).text().contains("标记人改0"));
    assert!(marked.found(&MARKERS).is_empty());
}

#[test]
fn what_was_in_the_clear_stays_readable_until_it_is_sealed_and_nobody_is_told() {
    let marked = Marked::empty();
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "all");
    let before = server.get(ITEMS, &worker).text();
    let duty = marked.texts("select concat_ws('|', id, name, phone) from gewu_read.duty order by 1");
    let revision = marked
        .texts("select concat_ws('|', count(*), (select count(*) from gewu.change)) from gewu.revision");
    let count = marked
        .texts("select count(*)::text from (select from gewu.person union all select from gewu.worker) r")
        .remove(0);
    assert!(marked.run(&["data-key", "status"]).contains("worker.name\tnone\t7"));
    assert_eq!(marked.run(&["data-key", "rekey"]).trim(), count);
    assert_eq!(marked.found(&[&NAMES[..], &PHONES[..], &["某人"]].concat()), [""; 0]);
    assert_eq!(server.get(ITEMS, &worker).text(), before);
    assert_eq!(
        marked.texts("select concat_ws('|', id, name, phone) from gewu_read.duty order by 1"),
        duty,
        "masked as before"
    );
    assert_eq!(
        marked
            .texts("select concat_ws('|', count(*), (select count(*) from gewu.change)) from gewu.revision"),
        revision
    );
    assert_eq!(marked.run(&["data-key", "rekey"]).trim(), "0");
    assert!(!marked.run(&["data-key", "status"]).contains("none"));
    // A server that begins now reads those who serve.
    let resolved = marked.server_for(&worker).get("/v1/grids/532901/staff", &worker).text();
    assert!(resolved.contains(NAMES[0]) || resolved.contains("李**"), "{resolved}");
}

#[test]
fn an_import_of_the_same_file_writes_no_row() {
    let marked = Marked::start();
    let rows = "select md5(string_agg(concat(xmin, name, phone, address, household), ',' order by id)) from gewu.person where source_id like 'M%' \
                union all select md5(string_agg(concat(xmin, name, phone), ',')) from gewu.worker where source_id = 'w1'";
    let before = marked.texts(rows);
    marked.import();
    assert_eq!(marked.texts(rows), before);
    marked.import_named("标记人又");
    assert_ne!(marked.texts(rows)[0], before[0]);
}

#[test]
fn what_somebody_writes_by_hand_is_read_and_found() {
    let marked = Marked::start();
    let id = marked.identity("M0");
    marked.sql(&format!("update gewu.person set name = '手写人', phone = '139-0000-9999' where id = '{id}'"));
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    assert!(server.get(ITEMS, &worker).text().contains("手写人"));
    let export = marked.run(&["person", "export", "--phone", "139-0000-9999"]);
    assert!(export.contains(&id) && export.contains("手写人"));
    assert_eq!(marked.run(&["data-key", "rekey"]).trim(), (1 + 39 + 7).to_string());
    assert!(marked.found(&["手写人", "139-0000-9999"]).is_empty());
    assert!(marked.run(&["person", "export", "--phone", "13900009999"]).contains(&id));
}

#[test]
fn a_sealed_value_of_another_row_or_column_is_refused() {
    let marked = Marked::start();
    let (first, second) = (marked.identity("M0"), marked.identity("M1"));
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    for spoilt in [
        format!(
            "update gewu.person p set name = o.name from gewu.person o where p.id = '{first}' and o.id = '{second}'"
        ),
        format!("update gewu.person set name = phone where id = '{first}'"),
        format!(
            "update gewu.person set name = left(name, -1) || case right(name, 1) when 'A' then 'B' else 'A' end where id = '{first}'"
        ),
    ] {
        marked.sql(&spoilt);
        let answer = server.get(&format!("/collections/people/items/{first}"), &worker);
        let problem = answer.problem(500);
        assert!(MARKERS.iter().all(|marker| !problem.to_string().contains(marker)), "{problem}");
        let (code, _, error) = output(&mut marked.gewu(&["person", "export", &first]));
        assert_eq!(code, Some(1), "{error}");
        assert!(
            error.contains(&first) && error.contains("person.name") && error.contains("not as it was sealed"),
            "{error}"
        );
        assert_eq!(server.get(&format!("/collections/people/items/{second}"), &worker).status, 200);
    }
    marked.run(&["data-key", "new"]);
    let (code, _, error) = output(&mut marked.gewu(&["data-key", "rekey"]));
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains(&first) && !error.contains(&second), "{error}");
    // A spoilt name of somebody who serves keeps nobody else from being read.
    marked.sql("update gewu.worker set name = (select name from gewu.worker where source_id = 'w1') where source = 'hr' and source_id = '0'");
    let started = marked.server_for(&worker);
    assert_eq!(started.get("/v1/grids/532901/staff", &worker).status, 200);
    marked.import();
    marked.run(&["person", "export", &first]);
    assert_eq!(
        marked.texts("select count(*)::text from gewu.person where source_id like 'M%'"),
        [(2 * EACH).to_string()]
    );
}
