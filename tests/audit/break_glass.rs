//! Break-glass: a commander opens an area, on every server, for a time, and the auditors are told.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ledger::{read, run};
use crate::place::Server;
use crate::serve::made;
use crate::world::{Answer, World, agent};

/// How long another server may not know of it.
pub(crate) const SOON: Duration = Duration::from_secs(1);
/// Nothing of it is in the log itself.
const REASON: &str = "东岸洪水，转移一层住户 flood on the east bank";

fn post(server: &Server, key: &str, media: &str, body: &str) -> Answer {
    let request = agent()
        .post(format!("{}/v1/break-glass", server.origin))
        .header("authorization", format!("Bearer {key}"));
    Answer::read(request.header("content-type", media).send(body).unwrap())
}

pub(crate) fn open(server: &Server, key: &str, body: &Value) -> Answer {
    post(server, key, "application/json", &body.to_string())
}

/// Until a server says that the caller has these areas.
pub(crate) fn until_areas(server: &Server, key: &str, areas: &Value) -> Duration {
    let begun = Instant::now();
    loop {
        let seen = server.get("/v1/access", key).json();
        if seen["caller"]["areas"] == *areas {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{seen}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_commander_opens_an_area_on_every_server_and_it_closes_by_itself() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let [commander, other, auditor] =
        [("commander", "532901001"), ("commander", "532901001"), ("auditor", "all")]
            .map(|(role, area)| made(&url, role, area));
    let [one, two] = [(); 2].map(|()| Server::start(&url, &[("GEWU_API_KEYS", "true")], Stdio::null()));
    for server in [&one, &two] {
        for key in [&commander, &other, &auditor] {
            server.until("/v1/access", key, 200);
        }
    }
    let grid = |code: &str| one.get(&format!("/v1/grids/{code}"), &commander).json()["id"].clone();
    let (own, wanted) = (grid("532901001"), grid("532902"));
    let mut both = [own.as_str().unwrap(), wanted.as_str().unwrap()];
    both.sort_unstable();
    let (both, own) = (json!(both), json!([own]));

    let answer = open(&one, &commander, &json!({"reason": REASON, "minutes": 30, "area": "532902"}));
    let opened_at = Instant::now();
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let opened: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((&opened["code"], &opened["area"]), (&json!("532902"), &wanted));
    for server in [&one, &two] {
        until_areas(server, &commander, &both);
    }
    assert!(opened_at.elapsed() < SOON, "{:?}", opened_at.elapsed());
    let until = one.get("/v1/access", &commander).json()["caller"]["until"].clone();
    assert_eq!(until, opened["until"], "the caller is asked again when it closes");
    assert_eq!(one.get("/v1/access", &other).json()["caller"]["areas"], own, "to nobody else");
    let figures = two.get("/metrics", &auditor).text();
    assert!(figures.contains("\ngewu_break_glass 1\n"), "{figures}");

    // The auditor is told before anything else, on any server.
    let page = two.get("/v1/audit?entity=break_glass", &auditor).json();
    let notice = &page["break_glass"][0];
    assert_eq!(
        (&notice["reason"], &notice["open"], &notice["id"]),
        (&json!(REASON), &json!(true), &opened["id"])
    );
    let entry = &page["entries"][0];
    assert_eq!((&entry["ids"], &entry["area"]), (&json!([opened["id"]]), &json!([wanted])));
    assert_eq!((&entry["action"], &entry["subject"]), (&json!("break_glass"), &notice["subject"]));
    let (log, verdict) = place.wait(read(&place.database.store));
    assert!(verdict.is_ok() && !format!("{log:?}").contains("洪水"), "the reason is for the notice");

    // Time goes by.
    place.wait(async {
        let pool = place.database.pool().await;
        run(&pool, "alter table gewu.break_glass disable trigger break_glass_stays; \
             update gewu.break_glass set granted = granted - interval '1 hour', until = until - interval '1 hour'; \
             alter table gewu.break_glass enable trigger break_glass_stays; \
             update gewu.api_key_state set version = gen_random_uuid()").await;
        pool.close().await;
    });
    for server in [&one, &two] {
        let took = until_areas(server, &commander, &own);
        assert!(took < SOON, "{took:?}");
    }
    let page = one.get("/v1/audit?entity=break_glass", &auditor).json();
    assert_eq!(page["break_glass"][0]["open"], json!(false), "the auditors still see it");
    assert!(one.get("/metrics", &auditor).text().contains("\ngewu_break_glass 0\n"));
}

#[test]
fn who_is_no_commander_opens_nothing_and_what_cannot_be_is_said() {
    let place = World::start(Default::default());
    let url = place.database.url();
    let commander = made(&url, "commander", "532901001");
    let others = ["public", "integrator", "worker", "grid_office", "analyst", "auditor", "admin"]
        .map(|role| made(&url, role, "all"));
    let server = Server::start(&url, &[("GEWU_API_KEYS", "true")], Stdio::null());
    server.until("/v1/access", &commander, 200);
    let good = json!({"reason": REASON, "minutes": 30, "area": "532902"});
    for other in &others {
        assert!(open(&server, other, &good).problem(403)["detail"].as_str().unwrap().contains("commander"));
    }
    let with = |name: &str, value: Value| {
        let mut wish = good.clone();
        wish[name] = value;
        wish
    };
    for (wish, status, says) in [
        (with("reason", json!("urgent")), 400, "10 to 500"),
        (with("reason", json!(" ".repeat(40))), 400, "10 to 500"),
        (with("reason", json!("x".repeat(501))), 400, "10 to 500"),
        (with("reason", json!("a reason\u{0} and a half")), 400, "plain text"),
        (with("minutes", json!(0)), 400, "480"),
        (with("minutes", json!(481)), 400, "480"),
        (with("minutes", json!(-1)), 400, "minutes"),
        (with("minutes", json!("30")), 400, "minutes"),
        (with("area", json!("530000")), 404, "530000"),
        (with("area", json!("532901009")), 410, "532901009"),
        (with("area", json!("")), 404, "grid"),
        (with("subject", json!("somebody else")), 400, "subject"),
        (json!({"reason": REASON}), 400, "minutes"),
    ] {
        let problem = open(&server, &commander, &wish).problem(status);
        assert!(problem.to_string().contains(says), "{wish}: {problem}");
    }
    assert_eq!(post(&server, &commander, "text/plain", &good.to_string()).status, 415);
    assert_eq!(post(&server, &commander, "application/json", "{").status, 400);
    let log = place.wait(read(&place.database.store)).0;
    assert!(log.iter().all(|entry| entry.event.entity != "break_glass"));
}
