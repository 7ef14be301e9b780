//! What is written by the command line and by hand is in the log, and nobody's name or phone.

use std::collections::BTreeMap;

use gewu::model::AuditEntry;

use crate::common::{database, gewu, output};
use crate::ledger::{audit, read, run};
use crate::place::token;
use crate::world::{NAMES, PHONES, World};

/// Action, entity and rows of each entry.
fn told(log: &[AuditEntry]) -> Vec<(&str, &str, i64)> {
    log.iter().map(|entry| (&*entry.event.action, &*entry.event.entity, entry.event.rows)).collect()
}

#[test]
fn every_import_of_personal_data_is_one_entry_a_kind_and_one_that_fails_is_none() {
    let world = World::start(Default::default());
    let (log, verdict) = world.wait(read(&world.database.store));
    // The place itself was imported at once: its workers, who serves where, who is away, and residents.
    let rows: BTreeMap<_, _> =
        told(&log).into_iter().map(|(action, entity, rows)| (entity, (action, rows))).collect();
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), ["absences", "assignments", "people", "workers"]);
    assert_eq!((rows["workers"], rows["people"], log.len()), (("write", 7), ("write", 39), 4));
    assert!(verdict.is_ok());
    for entry in &log {
        assert!(entry.event.subject.starts_with("database:") && entry.event.ids.is_empty(), "{entry:?}");
    }

    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("data.key");
    gewu::seal::Keyring::add_key(&key).unwrap();
    let import = |what: &str, text: &str| {
        let file = directory.path().join("rows.csv");
        std::fs::write(&file, text).unwrap();
        let mut command = gewu(&["import", what, file.to_str().unwrap()]);
        output(command.env("GEWU_DATABASE_URL", world.database.url()).env("GEWU_DATA_KEY_FILE", &key))
    };
    let (code, _, error) = import(
        "workers",
        "source_id,name,role,phone\nn1,钱小明,full_time,13899990001\nn2,冯大山,head,13899990002\n",
    );
    assert_eq!(code, Some(0), "{error}");
    // Nothing of it is new.
    assert_eq!(import("workers", "source_id,name,role,phone\nn1,钱小明,full_time,13899990001\n").0, Some(0));
    assert_eq!(import("assignments", "worker,grid,role\nn1,532901001,full_time\n").0, Some(0));
    assert_eq!(import("workers", "source_id,name,role\nn3,,head\n").0, Some(1), "it is rejected");
    let (log, verdict) = world.wait(read(&world.database.store));
    assert_eq!(told(&log)[4..], [("write", "workers", 2), ("write", "assignments", 1)]);
    assert!(verdict.is_ok());

    let text = format!("{log:?}");
    let listed = audit(&world.database.url(), &["list"]);
    assert_eq!((listed.0, listed.1.lines().count()), (Some(0), 7), "{}", listed.2);
    for marker in NAMES.iter().chain(&PHONES).chain(&["钱小明", "冯大山", "13899990001", "13899990002", "n1"])
    {
        assert!(!text.contains(marker) && !listed.1.contains(marker), "{marker} is in the log");
    }
    let (log, _) = world.wait(read(&world.database.store));
    assert_eq!(told(&log).last(), Some(&("read", "audit", 6)), "that it was listed is noted");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_or_takes_rights_it_is_in_the_log() {
    let database = database().await;
    let (url, pool) = (database.url(), database.pool().await);
    let (code, key, error) =
        token(&url, &["create", "--name", "热线 hotline", "--role", "worker", "--area", "all"]);
    assert_eq!(code, Some(0), "{error}");
    let id = gewu::access::KeySecret::read(key.trim()).unwrap().id;
    assert_eq!(token(&url, &["revoke", &id.to_string()]).0, Some(0));
    assert_eq!(token(&url, &["revoke", "00000000-0000-0000-0000-000000000000"]).0, Some(1));
    run(&pool, "update gewu.api_key set roles = '{admin}', everywhere = false, area = array[id]").await;
    run(&pool, "delete from gewu.api_key").await;
    run(&pool, "truncate gewu.api_key").await;
    let (log, verdict) = read(&database.store).await;
    let of_key = ("rights", "api_key", 1);
    assert_eq!(told(&log), [of_key, of_key, of_key, of_key, ("rights", "api_key", 0)]);
    for entry in &log[..4] {
        assert_eq!(entry.event.ids, [id]);
    }
    assert_eq!((&log[0].event.area, &log[2].event.area), (&None, &Some(vec![id])));
    assert!(verdict.is_ok() && !format!("{log:?}").contains("hotline"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_one_line_an_entry_whatever_a_subject_holds() {
    let database = database().await;
    let mut event = crate::ledger::event(1);
    event.subject = "a\n2\tb\u{1b}[2J网".into();
    database.store.append_audit(&[event.clone(), crate::ledger::event(2)]).await.unwrap();
    let (code, out, error) = audit(&database.url(), &["list", "--limit", "1"]);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!((code, lines.len()), (Some(0), 2), "{error}");
    assert_eq!(lines[1].split('\t').nth(2), Some("a\\n2\\tb\\u{1b}[2J网"));
    let only =
        |arguments: &[&str]| audit(&database.url(), &[&["list"], arguments].concat()).1.lines().count() - 1;
    assert_eq!(only(&["--subject", "subject 2"]), 1);
    assert_eq!(only(&["--entity", "people", "--after", "1"]), 1);
    assert_eq!(only(&["--entity", "api_key"]), 0);
}
