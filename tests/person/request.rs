//! A person asks what is held of them, or wants to be gone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::output;
use crate::marked::{MARKERS, Marked};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

fn audited(marked: &Marked) -> Vec<String> {
    marked.texts("select concat_ws(' ', action, entity, rows, entity_ids::text) from gewu.audit where action in ('export', 'erase') order by id")
}

#[test]
fn an_export_is_all_that_is_held_and_it_is_noted() {
    let marked = Marked::start();
    let id = marked.identity("M2");
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    assert_eq!(server.get(&format!("/collections/people/items/{id}"), &worker).status, 200);
    marked.import_named("标记人改");
    let person: Value = serde_json::from_str(&marked.run(&["person", "export", &id])).unwrap();
    for (field, value) in [
        ("kind", "resident"),
        ("name", "标记人改2"),
        ("phone", "13999990002"),
        ("address", "标记路2号"),
        ("household", "户标记2"),
        ("source", "people"),
        ("source_id", "M2"),
        ("grid", "532901001"),
        ("id", &id),
    ] {
        assert_eq!(person[field], value, "{field}");
    }
    assert_eq!(
        (&person["longitude"], &person["latitude"], &person["tags"][0]),
        (&100.1.into(), &25.61.into(), &"lives_alone".into())
    );
    let columns = marked.texts("select attname::text from pg_attribute where attrelid = 'gewu.person'::regclass and attnum > 0 and not attisdropped");
    for column in columns.iter().filter(|column| !matches!(column.as_str(), "geom" | "leaf_id")) {
        assert!(person.get(column).is_some(), "{column} is held and not in the export");
    }
    let what: Vec<_> =
        person["changes"].as_array().unwrap().iter().map(|change| change["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["insert", "update"]);
    assert_eq!(person["audit"].as_array().unwrap().len(), 1);
    assert_eq!(person["audit"][0]["action"], "read");
    let again: Value =
        serde_json::from_str(&marked.run(&["person", "export", "--phone", "139 9999 0002"])).unwrap();
    assert_eq!(again["audit"].as_array().unwrap().len(), 2, "the export before is in it");
    assert_eq!(audited(&marked), vec![format!("export people 1 {{{id}}}"); 2]);

    let file = marked.folder.path().join("export.json");
    marked.run(&["person", "export", "--name", "标记人改2", "--out", file.to_str().unwrap()]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&file).unwrap().contains("标记路2号"));
    for (arguments, code) in [
        (vec!["person", "export", NOBODY], 1),
        (vec!["person", "export", "--phone", "1"], 1),
        (vec!["person", "export", "no-identity"], 2),
        (vec!["person", "export"], 2),
        (vec!["person", "export", "--name", "标记人改2", "--out", file.to_str().unwrap()], 3),
    ] {
        let (found, out, error) = output(&mut marked.gewu(&arguments));
        assert_eq!((found, out.as_str()), (Some(code), ""), "{arguments:?}: {error}");
    }
}

#[test]
fn who_is_erased_is_in_no_table_and_servers_forget_within_a_second() {
    let marked = Marked::start();
    let (id, other) = (marked.identity("M2"), marked.identity("M3"));
    let server = marked.server();
    let worker = marked.api_key(&server, "worker", "532901001");
    let path = format!("/collections/people/items/{id}");
    assert_eq!(server.get(&path, &worker).status, 200);
    let counted = |server: &crate::place::Server| {
        let stats = server.get("/v1/stats?collection=people&level=3&within=532901001&f=csv", &worker).text();
        stats.contains("532901001,下关,9,")
    };
    assert!(counted(&server), "3 and 6");
    let (code, _, error) = output(&mut marked.gewu(&["person", "erase", &id]));
    assert_eq!(code, Some(2), "nobody is asked through a pipe");
    assert!(error.contains("--yes"), "{error}");
    assert_eq!(server.get(&path, &worker).status, 200);

    let begun = Instant::now();
    let (code, out, error) = output(&mut marked.gewu(&["person", "erase", &id, "--yes"]));
    assert_eq!((code, out.trim()), (Some(0), "1"), "{error}");
    assert!(
        error.contains("people") && error.contains("M2"),
        "where an import could bring them back from: {error}"
    );
    assert_eq!(server.get(&path, &worker).status, 404);
    while counted(&server) {
        assert!(begun.elapsed() < Duration::from_secs(5), "the atlas still counts them");
        std::thread::sleep(Duration::from_millis(20));
    }
    let dump = marked.dump();
    // Whole columns: a sealed value may end with any two characters.
    let columns = || dump.lines().flat_map(|line| line.split('\t'));
    assert!(columns().all(|column| column != "M2"));
    assert!(columns().any(|column| column == "M3"));
    // The identity alone is left: in the log, in the list, and in the line of the feed that says that it went.
    let left: Vec<_> = dump.lines().filter(|line| line.contains(&id)).collect();
    assert_eq!(left.iter().filter(|line| line.contains("\tdelete")).count(), 1, "{left:#?}");
    assert!(
        left.iter()
            .all(|line| MARKERS.iter().all(|marker| !line.contains(marker)) && !line.contains("gewu1:"))
    );
    assert_eq!(marked.texts(&format!("select action from gewu.change where entity_id = '{id}'")), ["delete"]);
    assert_eq!(audited(&marked), [format!("erase people 1 {{{id}}}")]);
    assert_eq!(server.get(&format!("/collections/people/items/{other}"), &worker).status, 200);
    let (code, _, error) = output(&mut marked.gewu(&["person", "erase", &id, "--yes"]));
    assert_eq!(code, Some(1));
    assert!(error.contains(&id) && error.contains("nobody has the identity"), "{error}");
}

#[test]
fn after_a_backup_was_restored_the_same_are_erased_again() {
    let marked = Marked::start();
    let (id, worker) = (
        marked.identity("M4"),
        marked.texts("select id::text from gewu.worker where source_id = 'w1'").remove(0),
    );
    // As a backup has them.
    marked.sql("create table public.backup as select * from gewu.person where source_id = 'M4'");
    marked.sql("create table public.staff as select * from gewu.worker where source_id = 'w1'");
    assert_eq!(marked.run(&["person", "erase", "--yes", &id, &worker]).trim(), "2");
    let list = marked.run(&["person", "erased"]);
    assert_eq!(list.lines().count(), 2);
    assert!(list.contains(&id) && list.contains(&worker) && !list.contains("标记"));
    let file = marked.folder.path().join("erased.txt");
    fs::write(&file, &list).unwrap();
    marked.sql("insert into gewu.person select * from public.backup; delete from gewu.erased; \
                update gewu.worker w set name = s.name, phone = s.phone, source = s.source, source_id = s.source_id from public.staff s where s.id = w.id");
    assert_eq!(marked.identity("M4"), id);
    assert_eq!(marked.run(&["person", "erase", "--again", file.to_str().unwrap(), "--yes"]).trim(), "2");
    assert!(marked.texts("select id::text from gewu.person where source_id = 'M4'").is_empty());
    assert_eq!(marked.run(&["person", "erased"]).lines().count(), 2);
    let again = output(&mut marked.gewu(&["person", "erase", "--again", file.to_str().unwrap(), "--yes"]));
    assert_eq!(again.0, Some(0), "whoever is not there need not be erased: {}", again.2);
    fs::write(&file, "not an identity\n").unwrap();
    let (code, _, error) =
        output(&mut marked.gewu(&["person", "erase", "--again", file.to_str().unwrap(), "--yes"]));
    assert_eq!(code, Some(2));
    assert!(error.contains("line 1"), "{error}");
}

#[test]
fn of_somebody_who_served_the_duty_stays_without_a_name() {
    let marked = Marked::empty();
    marked.run(&["data-key", "rekey"]);
    let worker = marked.world.workers[0].id.0.to_string();
    let export: Value = serde_json::from_str(&marked.run(&["person", "export", &worker])).unwrap();
    assert_eq!(
        (&export["kind"], &export["name"], &export["phone"]),
        (&"worker".into(), &"李建国".into(), &"13800001111".into())
    );
    assert_eq!(export["assignments"][0]["grid"], "532901");
    let (code, _, error) = output(&mut marked.gewu(&["person", "erase", "--yes", &worker]));
    assert_eq!(code, Some(1));
    assert!(error.contains("serves in 1 grids"), "{error}");
    marked.sql(&format!(
        "update gewu.assignment set valid = tstzrange('2020-01-01', now()) where worker_id = '{worker}'"
    ));
    assert_eq!(marked.run(&["person", "erase", "--yes", &worker]).trim(), "1");
    let export: Value = serde_json::from_str(&marked.run(&["person", "export", &worker])).unwrap();
    assert_eq!(
        (&export["name"], &export["phone"], &export["organisation"]),
        (&"已删除".into(), &Value::Null, &Value::Null)
    );
    assert_eq!(
        export["assignments"].as_array().unwrap().len(),
        1,
        "who answered for it then is still one person"
    );
    assert_eq!(audited(&marked).len(), 3);
}
