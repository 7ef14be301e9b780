//! What SQL writes is what Rust checks, and whoever touches it is found out.

use std::collections::BTreeSet;
use std::time::Instant;

use gewu::model::AuditEvent;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::common::database;
use crate::ledger::{audit, event, read, run};

/// Any text that PostgreSQL keeps, and those that are likely to be taken for something else.
fn text(least: usize, most: usize) -> impl Strategy<Value = String> {
    let odd = "['\"\\\\,:\\[\\]{}0-9\u{1}-\u{1f}\u{7f}\u{85}\u{2028}网格é🏮\u{10ffff}-]";
    prop_oneof![
        proptest::string::string_regex(&format!("{odd}{{{least},{most}}}")).unwrap(),
        proptest::collection::vec(any::<char>().prop_filter("NUL", |c| *c != '\0'), least..=most)
            .prop_map(|characters| characters.into_iter().collect()),
    ]
}

fn ids() -> impl Strategy<Value = Vec<Uuid>> {
    proptest::collection::vec(any::<u128>().prop_map(Uuid::from_u128), 0..4)
}

fn events() -> impl Strategy<Value = AuditEvent> {
    let who = (text(1, 40), proptest::collection::vec(text(0, 12), 0..4), proptest::option::of(text(0, 30)));
    let what = (
        "[a-z_]{1,40}",
        "[a-z][a-z0-9_]{0,62}",
        ids(),
        0..=i64::MAX,
        proptest::option::of(ids()),
        text(1, 20),
    );
    (who, what).prop_map(|((subject, roles, purpose), (action, entity, ids, rows, area, origin))| {
        AuditEvent {
            subject,
            roles,
            purpose,
            action: action.into(),
            entity: entity.into(),
            ids,
            rows,
            area,
            origin,
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_an_entry_the_chain_that_sql_writes_is_the_one_that_rust_checks() {
    let database = database().await;
    let mut runner = TestRunner::deterministic();
    let given: Vec<_> = (0..500).map(|_| events().new_tree(&mut runner).unwrap().current()).collect();
    for few in given.chunks(7) {
        database.store.append_audit(few).await.unwrap();
    }
    let (log, verdict) = read(&database.store).await;
    assert_eq!(verdict.map(|head| head.id), Ok(500));
    assert_eq!(log.into_iter().map(|entry| entry.event).collect::<Vec<_>>(), given);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_does_not_take_leaves_no_gap() {
    let database = database().await;
    let too_many = AuditEvent { ids: (0..1_001).map(Uuid::from_u128).collect(), ..event(1) };
    for wrong in [
        too_many,
        AuditEvent { subject: String::new(), ..event(1) },
        AuditEvent { action: "Read it".into(), ..event(1) },
        AuditEvent { entity: "people; drop".into(), ..event(1) },
        AuditEvent { rows: -1, ..event(1) },
        AuditEvent { origin: "x".repeat(101), ..event(1) },
    ] {
        // All or none: the good one is not there either.
        assert!(database.store.append_audit(&[event(1), wrong.clone()]).await.is_err(), "{wrong:?}");
    }
    let pool = database.pool().await;
    run(
        &pool,
        "begin; select gewu.audit_append('s', '{}', null, 'read', 'people', '{}', 1, null, 'o'); rollback",
    )
    .await;
    assert_eq!(database.store.append_audit(&[event(1)]).await.unwrap(), 1);
    assert_eq!(read(&database.store).await.1.map(|head| head.id), Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_at_once_leave_no_gap_and_a_whole_chain() {
    const WRITERS: u128 = 50;
    const EACH: u128 = 20;
    let database = database().await;
    let begun = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let store = database.store.clone();
        tokio::spawn(async move {
            let mut numbers = Vec::new();
            for at in 0..EACH {
                numbers.push(store.append_audit(&[event(writer * EACH + at)]).await.unwrap());
            }
            numbers
        })
    });
    let mut numbers = BTreeSet::new();
    for writer in writers.collect::<Vec<_>>() {
        let own = writer.await.unwrap();
        assert!(own.is_sorted());
        numbers.extend(own);
    }
    let took = begun.elapsed();
    eprintln!("{} entries by {WRITERS} writers took {took:?}", numbers.len());
    assert_eq!(numbers, (1..=(WRITERS * EACH) as i64).collect());
    let (log, verdict) = read(&database.store).await;
    assert_eq!(verdict.map(|head| head.id), Ok((WRITERS * EACH) as i64));
    assert!(log.is_sorted_by_key(|entry| entry.at));
    let subjects: BTreeSet<_> = log.iter().map(|entry| &entry.event.subject).collect();
    assert_eq!(subjects.len(), (WRITERS * EACH) as usize);
}

/// Someone who owns the database, and knows how the chain is made.
const ANEW: &str = "do $$ declare e gewu.audit; before bytea := decode(repeat('00', 32), 'hex'); begin \
     for e in select * from gewu.audit order by id loop \
       before := sha256(before || convert_to(gewu.audit_text(e), 'UTF8')); \
       update gewu.audit set hash = before where id = e.id; end loop; end $$;";

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_removed_changed_or_moved_is_told_and_a_cut_end_by_the_head() {
    let database = database().await;
    let (url, pool) = (database.url(), database.pool().await);
    let (code, out, _) = audit(&url, &["verify"]);
    assert_eq!(
        (code, out.trim()),
        (Some(0), format!("0:{}", "0".repeat(64)).as_str()),
        "an empty log is whole"
    );
    let events: Vec<_> = (1..=9).map(event).collect();
    database.store.append_audit(&events).await.unwrap();
    let (code, head, error) = audit(&url, &["verify"]);
    assert_eq!(code, Some(0), "{error}");
    let head = head.trim().to_owned();
    assert!(head.starts_with("9:") && head.len() == 66, "{head}");
    run(&pool, "alter table gewu.audit disable trigger user; create table kept as select * from gewu.audit")
        .await;

    let changed = "update gewu.audit set subject = 'nobody' where id = 7;";
    let anew = format!("{changed} {ANEW}");
    let up = (5..=9)
        .map(|id| format!("update gewu.audit set id = {} where id = {id};", id - 1))
        .collect::<String>();
    let closed = format!("delete from gewu.audit where id = 4; {up} {ANEW}");
    for (statement, alone, with_head) in [
        ("", None, None),
        ("delete from gewu.audit where id = 4", Some("row 4 was removed"), Some("row 4 was removed")),
        ("delete from gewu.audit where id < 3", Some("rows 1 to 2 were removed"), Some("rows 1 to 2")),
        (changed, Some("row 7 is not"), Some("row 7 is not")),
        ("update gewu.audit set at = at + interval '1 microsecond' where id = 1", Some("row 1 is not"), Some("row 1")),
        ("update gewu.audit set entity_ids = '{}' where id = 9", Some("row 9 is not"), Some("row 9")),
        ("update gewu.audit set id = 100 where id = 5; update gewu.audit set id = 5 where id = 6;
          update gewu.audit set id = 6 where id = 100", Some("row 5 is not"), Some("row 5")),
        ("insert into gewu.audit select 10, at, subject, roles, purpose, action, entity, entity_ids, rows, area, origin, hash
          from gewu.audit where id = 9", Some("row 10 is not"), Some("row 10")),
        // Only a head from before can tell of these.
        ("delete from gewu.audit where id > 6", None, Some("ends with row 6, but it had a row 9")),
        ("delete from gewu.audit", None, Some("ends with row 0, but it had a row 9")),
        (anew.as_str(), None, Some("row 9 is not the one that the head names")),
        (closed.as_str(), None, Some("ends with row 8, but it had a row 9")),
    ] {
        run(&pool, &format!("truncate gewu.audit; insert into gewu.audit select * from kept; {statement}")).await;
        for (arguments, expected) in [(&["verify"][..], alone), (&["verify", "--head", &head], with_head)] {
            let (code, out, error) = audit(&url, arguments);
            match expected {
                None => assert!(code == Some(0) && out.lines().count() == 1, "{statement} {arguments:?}: {error}"),
                Some(says) => {
                    assert_eq!((code, out.as_str()), (Some(1), ""), "{statement} {arguments:?}");
                    assert!(error.contains(says), "{statement} {arguments:?}: {error}");
                }
            }
        }
    }
    // An older head holds for a log that went on.
    run(&pool, "truncate gewu.audit; insert into gewu.audit select * from kept; alter table gewu.audit enable trigger user").await;
    database.store.append_audit(&[event(10)]).await.unwrap();
    assert_eq!(audit(&url, &["verify", "--head", &head]).0, Some(0));
    assert_eq!(audit(&url, &["verify", "--head", "9:abc"]).0, Some(2));
}
