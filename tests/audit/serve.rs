//! The log over HTTP: for auditors, page by page, and nothing without it.

use std::process::Stdio;

use gewu::config::{DoorSettings, ServerSettings};
use serde_json::Value;

use crate::ledger::{event, read, run};
use crate::place::{Server, get, key, keys_only, token, world};
use crate::world::World;

/// Makes a key by the command line.
pub(crate) fn made(database: &str, role: &str, area: &str) -> String {
    let (code, out, error) = token(database, &["create", "--name", role, "--role", role, "--area", area]);
    assert_eq!(code, Some(0), "{error}");
    out.trim().to_owned()
}

/// The same entry as the database and the API show it.
fn numbers(page: &Value) -> Vec<i64> {
    page["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_i64().unwrap()).collect()
}

#[test]
fn an_auditor_reads_the_log_page_by_page_and_that_is_noted() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let auditor = made(&url, "auditor", "all");
    let others = ["public", "integrator", "worker", "grid_office", "analyst", "commander", "admin"]
        .map(|role| made(&url, role, "all"));
    let server = Server::start(&url, &[("GEWU_API_KEYS", "true")], Stdio::null());
    server.until("/v1/audit?limit=1", &auditor, 200);
    for other in &others {
        let answer = server.get("/v1/audit", other);
        assert!(answer.problem(403)["detail"].as_str().unwrap().contains("auditor"));
    }
    let before = place.wait(read(&place.database.store)).0;
    assert!(
        before.iter().filter(|entry| entry.event.entity == "api_key").count() == 8,
        "refusals are none of its matters"
    );

    let (mut path, mut seen) = ("/v1/audit?limit=5".to_owned(), Vec::new());
    loop {
        let page = server.get(&path, &auditor).json();
        seen.extend(page["entries"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert!(seen.len() > before.len() && seen.is_sorted_by_key(|entry| entry["id"].as_i64()));
    for (entry, seen) in before.iter().zip(&seen) {
        assert_eq!(
            (seen["id"].as_i64(), seen["subject"].as_str()),
            (Some(entry.id), Some(entry.event.subject.as_str()))
        );
        let hash: String = entry.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(seen["hash"], hash);
    }
    let id = gewu::access::KeySecret::read(&auditor).unwrap().id;
    let (log, verdict) = place.wait(read(&place.database.store));
    let reads: Vec<_> = log.iter().filter(|entry| entry.event.entity == "audit").collect();
    let last = &reads.last().unwrap().event;
    assert_eq!((last.subject.as_str(), last.origin.as_str()), (format!("key:{id}").as_str(), "127.0.0.1"));
    assert_eq!(
        (&*last.action, last.roles.as_slice(), &last.area),
        ("read", &["auditor".to_owned()][..], &None)
    );
    assert!(verdict.is_ok());

    let entity = server.get("/v1/audit?entity=api_key", &auditor);
    assert_eq!(numbers(&entity.json()).len(), 8);
    assert_eq!(
        (entity.header("cache-control"), entity.header("vary").contains("authorization")),
        ("no-store", true)
    );
    let subject = server.get(&format!("/v1/audit?subject=key:{id}&limit=1000"), &auditor).json();
    assert_eq!(numbers(&subject).len(), reads.len() + 1);
    assert!(numbers(&server.get("/v1/audit?subject='%20or%20true--", &auditor).json()).is_empty());
    for wrong in ["after=x", "after=-1", "limit=0", "limit=1001", "limit=", "who=me", "limit=1&limit=2"] {
        let status = server.get(&format!("/v1/audit?{wrong}"), &auditor).status;
        assert_eq!(status, if wrong == "limit=" { 200 } else { 400 }, "{wrong}");
    }
}

#[test]
fn what_cannot_be_noted_is_not_shown() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let auditor = made(&url, "auditor", "all");
    let server = Server::start(&url, &[("GEWU_API_KEYS", "true")], Stdio::null());
    server.until("/v1/audit", &auditor, 200);
    let by_hand = |statement: &str| {
        place.wait(async {
            let pool = place.database.pool().await;
            run(&pool, statement).await;
            pool.close().await;
        });
    };
    by_hand("alter function gewu.audit_append rename to away");
    let answer = server.get("/v1/audit", &auditor);
    let problem = answer.problem(503);
    assert!(problem["detail"].as_str().unwrap().contains("audit log"), "{problem}");
    assert!(answer.header("retry-after").parse::<u32>().is_ok() && !answer.text().contains("database:"));
    by_hand("alter function gewu.away rename to audit_append");
    assert_eq!(server.get("/v1/audit", &auditor).status, 200);
}

#[test]
fn the_log_has_the_address_that_a_proxy_of_ours_names_and_no_other() {
    for (proxies, origin) in [(Some("127.0.0.1"), "192.0.2.7"), (None, "127.0.0.1")] {
        let door = DoorSettings { trusted_proxies: proxies.map(str::to_owned), ..DoorSettings::default() };
        let world = World::start(ServerSettings { access: keys_only(), door, ..ServerSettings::default() });
        let (stored, key) = key(&["auditor"], None);
        world.state.gate().keys().unwrap().replace(vec![stored]);
        let headers = [
            ("authorization", format!("Bearer {key}")),
            ("x-forwarded-for", "203.0.113.9, 192.0.2.7".into()),
        ];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(world.get_with("/v1/audit", &headers).status, 200);
        let log = world.wait(read(&world.database.store)).0;
        assert_eq!(log.last().unwrap().event.origin, origin);
    }
}

#[test]
fn a_purpose_that_is_named_is_noted() {
    let world = world(keys_only());
    let (stored, text) = key(&["auditor"], None);
    world.state.gate().keys().unwrap().replace(vec![stored]);
    world.wait(world.database.store.append_audit(&[event(1)])).unwrap();
    let headers = [("authorization", format!("Bearer {text}")), ("gewu-purpose", "audit".into())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(world.get_with("/v1/audit", &headers).status, 200);
    assert_eq!(get(&world, "/v1/audit", &text).status, 200);
    let log = world.wait(read(&world.database.store)).0;
    let purposes: Vec<_> = log.iter().rev().take(2).map(|entry| entry.event.purpose.as_deref()).collect();
    assert_eq!(purposes, [None, Some("audit")]);
}
